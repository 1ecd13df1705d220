#!/bin/sh
# Stage 2: finds which components of a thought depend on which.
set -eu
. "$(dirname "$0")/python.sh"

# Empty variables use the command's defaults: see --help.
COMPONENT_SEPARATION_MODEL=${COMPONENT_SEPARATION_MODEL:-}
DAG_CREATION_MODEL=${DAG_CREATION_MODEL:-}
DAG_CREATION_SERVER_URL=${DAG_CREATION_SERVER_URL:-}
# Variable with the server's key; empty: OPENAI_API_KEY or, for other servers, SERVER_API_KEY.
DAG_CREATION_KEY_VARIABLE=${DAG_CREATION_KEY_VARIABLE:-}
# Needs the same column flags (--thought_column NAME, ...) as stage 1.
DATA_HUB_PATH=${DATA_HUB_PATH:?set DATA_HUB_PATH to the dataset that stage 1 was given}
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
exec "$PYTHON" -m sprint.dag_creation \
    --data_hub_path "$DATA_HUB_PATH" \
    ${COMPONENT_SEPARATION_MODEL:+--component_separation_model "$COMPONENT_SEPARATION_MODEL"} \
    ${DAG_CREATION_MODEL:+--dag_creation_model "$DAG_CREATION_MODEL"} \
    ${DAG_CREATION_SERVER_URL:+--dag_creation_server_url "$DAG_CREATION_SERVER_URL"} \
    ${DAG_CREATION_KEY_VARIABLE:+--dag_creation_key_variable "$DAG_CREATION_KEY_VARIABLE"} \
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
