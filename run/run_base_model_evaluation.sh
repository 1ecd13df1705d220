#!/bin/sh
# A baseline on the test problems: serial reasoning, self-consistency or Skeleton-of-Thought.
set -eu
. "$(dirname "$0")/python.sh"
. run/local_server.sh

# Empty variables use the command's defaults: see --help.
MODEL=${MODEL:?set MODEL to the name that the server knows the model by}
SERVER_URL=${SERVER_URL:-$LOCAL_SERVER_URL}
# RFT or base (serial reasoning), self-consistency, SoT-chat, SoT-reasoning.
METHOD=${METHOD:-}
# Empty: as the paper has it for the method.
TEMPERATURE=${TEMPERATURE:-}
MAX_TOKENS=${MAX_TOKENS:-}
# Answers sampled per problem; only for self-consistency.
SAMPLES=${SAMPLES:-}
# "chat" for chat models: the server applies the model's chat template.
API=${API:-}
. run/test_set.sh

exec "$PYTHON" -m sprint.base_model_evaluation \
    --model "$MODEL" \
    --server_url "$SERVER_URL" \
    ${METHOD:+--method "$METHOD"} \
    ${TEMPERATURE:+--temperature "$TEMPERATURE"} \
    ${MAX_TOKENS:+--max_tokens "$MAX_TOKENS"} \
    ${SAMPLES:+--samples "$SAMPLES"} \
    ${API:+--api "$API"} \
    "$@"
