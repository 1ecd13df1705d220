#!/bin/sh
# SPRINT inference on the test problems: a planner and parallel executors.
set -eu
. "$(dirname "$0")/python.sh"

PLANNER_MODEL=${PLANNER_MODEL:?set PLANNER_MODEL to the name that the server knows the model by}
EXECUTOR_MODEL=${EXECUTOR_MODEL:-$PLANNER_MODEL}
PLANNER_SERVER_URL=${PLANNER_SERVER_URL:-http://127.0.0.1:8000/v1}
EXECUTOR_SERVER_URL=${EXECUTOR_SERVER_URL:-$PLANNER_SERVER_URL}
# A benchmark by its name (math500, gsm8k, gpqa_diamond, aime2024, aime2025, countdown,
# countdown-generated, sample_world); TEST_HUB_PATH is then needed for a copy of it alone.
BENCHMARK=${BENCHMARK:-}
if [ -z "$BENCHMARK" ]; then
    TEST_HUB_PATH=${TEST_HUB_PATH:-HuggingFaceH4/MATH-500}
fi
TEST_SUBSET=${TEST_SUBSET:-default}
# "default" for datasets without splits, and for the usual ones of a benchmark.
ORCHESTRATION_SPLIT=${ORCHESTRATION_SPLIT:-default}
# Rows FIRST:LAST; ":" = all.
ORCHESTRATION_RANGE=${ORCHESTRATION_RANGE:-:}
NUM_WORKERS=${NUM_WORKERS:-1}
MAX_PHASES=${MAX_PHASES:-12}
TEMPERATURE=${TEMPERATURE:-0.6}
# Tokens that a plan, and an execution, may have.
PLAN_TOKENS=${PLAN_TOKENS:-8000}
EXECUTION_TOKENS=${EXECUTION_TOKENS:-8000}
EXECUTOR_CONTEXT=${EXECUTOR_CONTEXT:-prefix}
# "chat" for servers that have nothing else.
PLANNER_API=${PLANNER_API:-completions}
EXECUTOR_API=${EXECUTOR_API:-$PLANNER_API}
CLIENT_PROCESSES=${CLIENT_PROCESSES:-1}
# Seconds: silence of a server, a call, an execution, a problem; 0 = no limit.
SERVER_TIMEOUT=${SERVER_TIMEOUT:-600}
CALL_DEADLINE=${CALL_DEADLINE:-0}
EXECUTOR_DEADLINE=${EXECUTOR_DEADLINE:-0}
PROBLEM_DEADLINE=${PROBLEM_DEADLINE:-0}
TOKENIZER=${TOKENIZER:-}

exec "$PYTHON" -m sprint.agent_orchestration \
    --planner_model "$PLANNER_MODEL" --executor_model "$EXECUTOR_MODEL" \
    --planner_server_url "$PLANNER_SERVER_URL" --executor_server_url "$EXECUTOR_SERVER_URL" \
    ${TEST_HUB_PATH:+--test_hub_path "$TEST_HUB_PATH"} ${BENCHMARK:+--benchmark "$BENCHMARK"} \
    --subset "$TEST_SUBSET" --split "$ORCHESTRATION_SPLIT" \
    --range "$ORCHESTRATION_RANGE" --num_workers "$NUM_WORKERS" --max_phases "$MAX_PHASES" \
    --temperature "$TEMPERATURE" --plan_tokens "$PLAN_TOKENS" \
    --execution_tokens "$EXECUTION_TOKENS" --executor_context "$EXECUTOR_CONTEXT" \
    --planner_api "$PLANNER_API" --executor_api "$EXECUTOR_API" \
    --client_processes "$CLIENT_PROCESSES" --timeout "$SERVER_TIMEOUT" \
    --call_deadline "$CALL_DEADLINE" --executor_deadline "$EXECUTOR_DEADLINE" \
    --problem_deadline "$PROBLEM_DEADLINE" \
    ${TOKENIZER:+--tokenizer "$TOKENIZER"} "$@"
