#!/bin/sh
# Stage 3: packs components into phases, filters, and writes the fine-tuning data.
set -eu
. "$(dirname "$0")/python.sh"

COMPONENT_SEPARATION_MODEL=${COMPONENT_SEPARATION_MODEL:-rules}
DAG_CREATION_MODEL=${DAG_CREATION_MODEL:-rules}
# With the flags for columns (--thought_column NAME, ...) that stages 1 and 2 were given.
DATA_HUB_PATH=${DATA_HUB_PATH:?set DATA_HUB_PATH to the dataset that stages 1 and 2 were given}
SUBSET=${SUBSET:-default}
SPLIT=${SPLIT:-default}
RANGE=${RANGE:-:}
MAX_PHASES=${MAX_PHASES:-12}
PARALLELIZATION_THRESHOLD=${PARALLELIZATION_THRESHOLD:-1.5}
# Where MAX_LENGTH is set, rows that are longer by the TOKENIZER's count are dropped and counted.
# The report tells lengths in tokens of the TOKENIZER, or in words without one.
MAX_LENGTH=${MAX_LENGTH:-}
TOKENIZER=${TOKENIZER:-}
# Processes for what needs no model server (default: all cores), and for runs on many machines the
# share of the rows: "3/16" is the third of sixteen. The flag --merge joins all shares at the end.
NUM_PROCESSES=${NUM_PROCESSES:-}
SHARD=${SHARD:-}
# A name on the hub, such as me/my-data; needs HF_TOKEN.
PUSH_TO_HUB=${PUSH_TO_HUB:-}

exec "$PYTHON" -m sprint.finetuning_data_preparation \
    --component_separation_model "$COMPONENT_SEPARATION_MODEL" \
    --dag_creation_model "$DAG_CREATION_MODEL" \
    --data_hub_path "$DATA_HUB_PATH" --subset "$SUBSET" --split "$SPLIT" --range "$RANGE" \
    --max_phases "$MAX_PHASES" --parallelization_threshold "$PARALLELIZATION_THRESHOLD" \
    ${MAX_LENGTH:+--max_length "$MAX_LENGTH"} ${TOKENIZER:+--tokenizer "$TOKENIZER"} \
    ${PUSH_TO_HUB:+--push_to_hub "$PUSH_TO_HUB"} \
    ${NUM_PROCESSES:+--num_processes "$NUM_PROCESSES"} ${SHARD:+--shard "$SHARD"} "$@"
