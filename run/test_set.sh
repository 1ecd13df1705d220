# Sourced by the scripts that solve test problems: puts the flags of their common variables first in
# "$@".

# A benchmark by name (math500, gsm8k, gpqa_diamond, aime2024, aime2025, countdown,
# countdown-generated, sample_world); TEST_HUB_PATH is then only needed for a copy of it.
BENCHMARK=${BENCHMARK:-}
if [ -z "$BENCHMARK" ]; then
    TEST_HUB_PATH=${TEST_HUB_PATH:-HuggingFaceH4/MATH-500}
fi
TEST_SUBSET=${TEST_SUBSET:-}
# "default" for datasets without splits, and for a benchmark's usual subset and split.
ORCHESTRATION_SPLIT=${ORCHESTRATION_SPLIT:-}
# Rows FIRST:LAST; ":" = all.
ORCHESTRATION_RANGE=${ORCHESTRATION_RANGE:-}
NUM_WORKERS=${NUM_WORKERS:-}
TOKENIZER=${TOKENIZER:-}
CLIENT_PROCESSES=${CLIENT_PROCESSES:-}
# Seconds without text before a call to a server fails.
SERVER_TIMEOUT=${SERVER_TIMEOUT:-}

set -- \
    ${TEST_HUB_PATH:+--test_hub_path "$TEST_HUB_PATH"} \
    ${BENCHMARK:+--benchmark "$BENCHMARK"} \
    ${TEST_SUBSET:+--subset "$TEST_SUBSET"} \
    ${ORCHESTRATION_SPLIT:+--split "$ORCHESTRATION_SPLIT"} \
    ${ORCHESTRATION_RANGE:+--range "$ORCHESTRATION_RANGE"} \
    ${NUM_WORKERS:+--num_workers "$NUM_WORKERS"} \
    ${TOKENIZER:+--tokenizer "$TOKENIZER"} \
    ${CLIENT_PROCESSES:+--client_processes "$CLIENT_PROCESSES"} \
    ${SERVER_TIMEOUT:+--timeout "$SERVER_TIMEOUT"} \
    "$@"
