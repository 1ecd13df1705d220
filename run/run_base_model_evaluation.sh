#!/bin/sh
# A baseline on the test problems: serial reasoning, self-consistency or Skeleton-of-Thought.
set -eu
. "$(dirname "$0")/python.sh"

# Empty variables use the command's defaults: see --help.
MODEL=${MODEL:?set MODEL to the name that the server knows the model by}
SERVER_URL=${SERVER_URL:-http://127.0.0.1:8000/v1}
# RFT or base (serial reasoning), self-consistency, SoT-chat, SoT-reasoning.
METHOD=${METHOD:-}
# A benchmark by name (math500, gsm8k, gpqa_diamond, aime2024, aime2025, countdown,
# countdown-generated, sample_world); TEST_HUB_PATH is then only needed for a copy of it.
BENCHMARK=${BENCHMARK:-}
if [ -z "$BENCHMARK" ]; then
    TEST_HUB_PATH=${TEST_HUB_PATH:-HuggingFaceH4/MATH-500}
fi
TEST_SUBSET=${TEST_SUBSET:-}
# "default" for datasets without splits, and for a benchmark's usual subset and split.
ORCHESTRATION_SPLIT=${ORCHESTRATION_SPLIT:-}
ORCHESTRATION_RANGE=${ORCHESTRATION_RANGE:-}
NUM_WORKERS=${NUM_WORKERS:-}
# Empty, here and below: the paper's value for the method.
TEMPERATURE=${TEMPERATURE:-}
MAX_TOKENS=${MAX_TOKENS:-}
# Answers sampled per problem; only for self-consistency.
SAMPLES=${SAMPLES:-}
TOKENIZER=${TOKENIZER:-}
# "chat" for chat models: the server applies the model's chat template.
API=${API:-}
CLIENT_PROCESSES=${CLIENT_PROCESSES:-}
# Seconds of silence after which a server counts as not answering.
SERVER_TIMEOUT=${SERVER_TIMEOUT:-}

exec "$PYTHON" -m sprint.base_model_evaluation \
    --model "$MODEL" \
    --server_url "$SERVER_URL" \
    ${METHOD:+--method "$METHOD"} \
    ${TEST_HUB_PATH:+--test_hub_path "$TEST_HUB_PATH"} \
    ${BENCHMARK:+--benchmark "$BENCHMARK"} \
    ${TEST_SUBSET:+--subset "$TEST_SUBSET"} \
    ${ORCHESTRATION_SPLIT:+--split "$ORCHESTRATION_SPLIT"} \
    ${ORCHESTRATION_RANGE:+--range "$ORCHESTRATION_RANGE"} \
    ${NUM_WORKERS:+--num_workers "$NUM_WORKERS"} \
    ${TEMPERATURE:+--temperature "$TEMPERATURE"} \
    ${MAX_TOKENS:+--max_tokens "$MAX_TOKENS"} \
    ${SAMPLES:+--samples "$SAMPLES"} \
    ${API:+--api "$API"} \
    ${CLIENT_PROCESSES:+--client_processes "$CLIENT_PROCESSES"} \
    ${SERVER_TIMEOUT:+--timeout "$SERVER_TIMEOUT"} \
    ${TOKENIZER:+--tokenizer "$TOKENIZER"} \
    "$@"
