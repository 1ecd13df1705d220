#!/bin/sh
# Stage 1: splits each raw thought into components (plan, prompt, execution, comment).
set -eu
. "$(dirname "$0")/python.sh"

# Empty variables use the command's defaults: see --help.
# "rules" needs no key and no server; any other name is a model of the OpenAI API or of the server.
COMPONENT_SEPARATION_MODEL=${COMPONENT_SEPARATION_MODEL:-}
COMPONENT_SEPARATION_SERVER_URL=${COMPONENT_SEPARATION_SERVER_URL:-}
# Variable with the server's key; empty: OPENAI_API_KEY or, for other servers, SERVER_API_KEY.
COMPONENT_SEPARATION_KEY_VARIABLE=${COMPONENT_SEPARATION_KEY_VARIABLE:-}
# Flags after the script's name are passed to the stage: --thought_column NAME, --generation 0, ...
DATA_HUB_PATH=${DATA_HUB_PATH:?set DATA_HUB_PATH to a dataset of thoughts: hub name, folder or file}
SUBSET=${SUBSET:-}
SPLIT=${SPLIT:-}
RANGE=${RANGE:-}
NUM_WORKERS=${NUM_WORKERS:-}
# 1: use the Batch API, at half the price.
BATCH=${BATCH:-}
# US dollars; empty: no limit. Prices are per million tokens, for models not in the price table.
MAX_COST=${MAX_COST:-}
PRICE_IN=${PRICE_IN:-}
PRICE_OUT=${PRICE_OUT:-}
# Processes for tasks that need no model server (default: all cores), and for runs on many machines
# the share of the rows: "3/16" is the third of sixteen.
NUM_PROCESSES=${NUM_PROCESSES:-}
SHARD=${SHARD:-}

case $BATCH in
    "" | 0) batch= ;;
    1) batch=--batch ;;
    *) echo "Error: BATCH is '$BATCH': set it to 1 for the Batch API, or leave it empty." >&2; exit 2 ;;
esac
exec "$PYTHON" -m sprint.component_separation \
    --data_hub_path "$DATA_HUB_PATH" \
    ${COMPONENT_SEPARATION_MODEL:+--component_separation_model "$COMPONENT_SEPARATION_MODEL"} \
    ${COMPONENT_SEPARATION_SERVER_URL:+--component_separation_server_url "$COMPONENT_SEPARATION_SERVER_URL"} \
    ${COMPONENT_SEPARATION_KEY_VARIABLE:+--component_separation_key_variable "$COMPONENT_SEPARATION_KEY_VARIABLE"} \
    $batch \
    ${MAX_COST:+--max_cost "$MAX_COST"} \
    ${PRICE_IN:+--price_in "$PRICE_IN"} \
    ${PRICE_OUT:+--price_out "$PRICE_OUT"} \
    ${SUBSET:+--subset "$SUBSET"} \
    ${SPLIT:+--split "$SPLIT"} \
    ${RANGE:+--range "$RANGE"} \
    ${NUM_WORKERS:+--num_workers "$NUM_WORKERS"} \
    ${NUM_PROCESSES:+--num_processes "$NUM_PROCESSES"} \
    ${SHARD:+--shard "$SHARD"} \
    "$@"
