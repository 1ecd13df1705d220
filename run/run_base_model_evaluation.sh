#!/bin/sh
# A baseline on the test problems: serial reasoning, self-consistency or Skeleton-of-Thought.
set -eu
. "$(dirname "$0")/python.sh"

MODEL=${MODEL:?set MODEL to the name that the server knows the model by}
SERVER_URL=${SERVER_URL:-http://127.0.0.1:8000/v1}
# RFT or base (serial reasoning), self-consistency, SoT-chat, SoT-reasoning.
METHOD=${METHOD:-RFT}
# A benchmark by its name (math500, gsm8k, gpqa_diamond, aime2024, aime2025, countdown,
# countdown-generated, sample_world); TEST_HUB_PATH is then needed for a copy of it alone.
BENCHMARK=${BENCHMARK:-}
if [ -z "$BENCHMARK" ]; then
    TEST_HUB_PATH=${TEST_HUB_PATH:-HuggingFaceH4/MATH-500}
fi
TEST_SUBSET=${TEST_SUBSET:-default}
# "default" for datasets without splits, and for the usual ones of a benchmark.
ORCHESTRATION_SPLIT=${ORCHESTRATION_SPLIT:-default}
ORCHESTRATION_RANGE=${ORCHESTRATION_RANGE:-:}
NUM_WORKERS=${NUM_WORKERS:-1}
# Empty, here and below: as the paper has it for the method.
TEMPERATURE=${TEMPERATURE:-}
MAX_TOKENS=${MAX_TOKENS:-}
# Answers to one problem; for self-consistency alone.
SAMPLES=${SAMPLES:-}
TOKENIZER=${TOKENIZER:-}
# "chat" for chat models: the server puts the problem into the model's chat template.
API=${API:-}
CLIENT_PROCESSES=${CLIENT_PROCESSES:-1}
# Seconds of silence after which a server counts as not answering.
SERVER_TIMEOUT=${SERVER_TIMEOUT:-600}

exec "$PYTHON" -m sprint.base_model_evaluation \
    --model "$MODEL" --server_url "$SERVER_URL" --method "$METHOD" \
    ${TEST_HUB_PATH:+--test_hub_path "$TEST_HUB_PATH"} ${BENCHMARK:+--benchmark "$BENCHMARK"} \
    --subset "$TEST_SUBSET" --split "$ORCHESTRATION_SPLIT" \
    --range "$ORCHESTRATION_RANGE" --num_workers "$NUM_WORKERS" \
    ${TEMPERATURE:+--temperature "$TEMPERATURE"} ${MAX_TOKENS:+--max_tokens "$MAX_TOKENS"} \
    ${SAMPLES:+--samples "$SAMPLES"} \
    ${API:+--api "$API"} --client_processes "$CLIENT_PROCESSES" --timeout "$SERVER_TIMEOUT" \
    ${TOKENIZER:+--tokenizer "$TOKENIZER"} "$@"
