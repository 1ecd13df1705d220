#!/bin/sh
# Stage 3: packs components into phases, filters, and writes the fine-tuning data.
set -eu
. "$(dirname "$0")/python.sh"

# Empty variables use the command's defaults: see --help.
DAG_CREATION_MODEL=${DAG_CREATION_MODEL:-}
# Needs the same column flags (--thought_column NAME, ...) as stages 1 and 2.
DATA_HUB_PATH=${DATA_HUB_PATH:?set DATA_HUB_PATH to the dataset that stages 1 and 2 were given, or one of finished trajectories}
# Column of DATA_HUB_PATH with finished trajectories, which need no stages 1 and 2.
TRAJECTORY_COLUMN=${TRAJECTORY_COLUMN:-}
MAX_PHASES=${MAX_PHASES:-}
PARALLELIZATION_THRESHOLD=${PARALLELIZATION_THRESHOLD:-}
# "longest_first" puts the longest work of each plan first, as far as dependencies allow.
PROMPT_ORDER=${PROMPT_ORDER:-}
# "fastest" keeps the cheapest structure of each row by the price list PRICES (a file from
# "sprint prices", or "h100_7b"), "mixed" all of them. Both need a TOKENIZER.
STRUCTURE=${STRUCTURE:-}
PRICES=${PRICES:-}
# First line of serial answers.
SERIAL_OPENING=${SERIAL_OPENING:-}
# Repeats rows with several plans: the least share of another plan after a round, such as 0.3.
SECOND_PLANS=${SECOND_PLANS:-}
# If MAX_LENGTH is set, rows with more tokens of the TOKENIZER are dropped and counted. The report
# gives lengths in tokens of the TOKENIZER, or in words without one.
MAX_LENGTH=${MAX_LENGTH:-}
TOKENIZER=${TOKENIZER:-}
# Hub repository, such as me/my-data; needs HF_TOKEN.
PUSH_TO_HUB=${PUSH_TO_HUB:-}
# The flag --merge joins all shards at the end.
. run/curation.sh

exec "$PYTHON" -m sprint.finetuning_data_preparation \
    ${DAG_CREATION_MODEL:+--dag_creation_model "$DAG_CREATION_MODEL"} \
    ${TRAJECTORY_COLUMN:+--trajectory_column "$TRAJECTORY_COLUMN"} \
    ${MAX_PHASES:+--max_phases "$MAX_PHASES"} \
    ${PARALLELIZATION_THRESHOLD:+--parallelization_threshold "$PARALLELIZATION_THRESHOLD"} \
    ${PROMPT_ORDER:+--prompt_order "$PROMPT_ORDER"} \
    ${STRUCTURE:+--structure "$STRUCTURE"} \
    ${PRICES:+--prices "$PRICES"} \
    ${SERIAL_OPENING:+--serial_opening "$SERIAL_OPENING"} \
    ${SECOND_PLANS:+--second_plans "$SECOND_PLANS"} \
    ${MAX_LENGTH:+--max_length "$MAX_LENGTH"} \
    ${TOKENIZER:+--tokenizer "$TOKENIZER"} \
    ${PUSH_TO_HUB:+--push_to_hub "$PUSH_TO_HUB"} \
    "$@"
