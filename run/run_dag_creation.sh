#!/bin/sh
# Stage 2: finds out which components of a thought depend on which.
set -eu
. "$(dirname "$0")/python.sh"

COMPONENT_SEPARATION_MODEL=${COMPONENT_SEPARATION_MODEL:-rules}
DAG_CREATION_MODEL=${DAG_CREATION_MODEL:-rules}
DAG_CREATION_SERVER_URL=${DAG_CREATION_SERVER_URL:-}
DATA_HUB_PATH=${DATA_HUB_PATH:?set DATA_HUB_PATH to the dataset that stage 1 was given}
SUBSET=${SUBSET:-default}
SPLIT=${SPLIT:-default}
RANGE=${RANGE:-:}
NUM_WORKERS=${NUM_WORKERS:-8}
# Processes for what needs no model server (default: all cores), and for runs on many machines the
# share of the rows: "3/16" is the third of sixteen.
NUM_PROCESSES=${NUM_PROCESSES:-}
SHARD=${SHARD:-}

exec "$PYTHON" -m sprint.dag_creation \
    --component_separation_model "$COMPONENT_SEPARATION_MODEL" \
    --dag_creation_model "$DAG_CREATION_MODEL" \
    ${DAG_CREATION_SERVER_URL:+--dag_creation_server_url "$DAG_CREATION_SERVER_URL"} \
    --data_hub_path "$DATA_HUB_PATH" --subset "$SUBSET" --split "$SPLIT" --range "$RANGE" \
    --num_workers "$NUM_WORKERS" \
    ${NUM_PROCESSES:+--num_processes "$NUM_PROCESSES"} ${SHARD:+--shard "$SHARD"} "$@"
