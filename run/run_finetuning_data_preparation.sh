#!/bin/sh
# Stage 3: packs components into phases, filters, and writes the fine-tuning data.
set -eu
. "$(dirname "$0")/python.sh"

COMPONENT_SEPARATION_MODEL=${COMPONENT_SEPARATION_MODEL:-rules}
DAG_CREATION_MODEL=${DAG_CREATION_MODEL:-rules}
DATA_HUB_PATH=${DATA_HUB_PATH:?set DATA_HUB_PATH to the dataset that stages 1 and 2 were given}
SUBSET=${SUBSET:-default}
SPLIT=${SPLIT:-default}
RANGE=${RANGE:-:}
MAX_PHASES=${MAX_PHASES:-12}
PARALLELIZATION_THRESHOLD=${PARALLELIZATION_THRESHOLD:-1.5}
# Where MAX_LENGTH is set, rows that are longer by the TOKENIZER's count are dropped and counted.
MAX_LENGTH=${MAX_LENGTH:-}
TOKENIZER=${TOKENIZER:-}

exec "$PYTHON" -m sprint.finetuning_data_preparation \
    --component_separation_model "$COMPONENT_SEPARATION_MODEL" \
    --dag_creation_model "$DAG_CREATION_MODEL" \
    --data_hub_path "$DATA_HUB_PATH" --subset "$SUBSET" --split "$SPLIT" --range "$RANGE" \
    --max_phases "$MAX_PHASES" --parallelization_threshold "$PARALLELIZATION_THRESHOLD" \
    ${MAX_LENGTH:+--max_length "$MAX_LENGTH" --tokenizer "$TOKENIZER"} "$@"
