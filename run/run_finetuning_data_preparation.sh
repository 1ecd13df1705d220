#!/bin/sh
# Stage 3: packs components into phases, filters, and writes the fine-tuning data.
set -eu
. "$(dirname "$0")/python.sh"

# What is empty is left to the command: --help shows its defaults.
DAG_CREATION_MODEL=${DAG_CREATION_MODEL:-}
# With the flags for columns (--thought_column NAME, ...) that stages 1 and 2 were given.
DATA_HUB_PATH=${DATA_HUB_PATH:?set DATA_HUB_PATH to the dataset that stages 1 and 2 were given}
MAX_PHASES=${MAX_PHASES:-}
PARALLELIZATION_THRESHOLD=${PARALLELIZATION_THRESHOLD:-}
# Where MAX_LENGTH is set, rows that are longer by the TOKENIZER's count are dropped and counted.
# The report tells lengths in tokens of the TOKENIZER, or in words without one.
MAX_LENGTH=${MAX_LENGTH:-}
TOKENIZER=${TOKENIZER:-}
# A name on the hub, such as me/my-data; needs HF_TOKEN.
PUSH_TO_HUB=${PUSH_TO_HUB:-}
# The flag --merge joins all shards at the end.
. run/curation.sh

exec "$PYTHON" -m sprint.finetuning_data_preparation \
    ${DAG_CREATION_MODEL:+--dag_creation_model "$DAG_CREATION_MODEL"} \
    ${MAX_PHASES:+--max_phases "$MAX_PHASES"} \
    ${PARALLELIZATION_THRESHOLD:+--parallelization_threshold "$PARALLELIZATION_THRESHOLD"} \
    ${MAX_LENGTH:+--max_length "$MAX_LENGTH"} \
    ${TOKENIZER:+--tokenizer "$TOKENIZER"} \
    ${PUSH_TO_HUB:+--push_to_hub "$PUSH_TO_HUB"} \
    "$@"
