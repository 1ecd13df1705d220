#!/bin/sh
# SPRINT inference on the test problems: a planner and parallel executors.
set -eu
. "$(dirname "$0")/python.sh"

# Empty variables use the command's defaults: see --help.
PLANNER_MODEL=${PLANNER_MODEL:?set PLANNER_MODEL to the name that the server knows the model by}
EXECUTOR_MODEL=${EXECUTOR_MODEL:-}
PLANNER_SERVER_URL=${PLANNER_SERVER_URL:-http://127.0.0.1:8000/v1}
EXECUTOR_SERVER_URL=${EXECUTOR_SERVER_URL:-}
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
MAX_PHASES=${MAX_PHASES:-}
TEMPERATURE=${TEMPERATURE:-}
# Maximum tokens of a plan and of an execution.
PLAN_TOKENS=${PLAN_TOKENS:-}
EXECUTION_TOKENS=${EXECUTION_TOKENS:-}
EXECUTOR_CONTEXT=${EXECUTOR_CONTEXT:-}
# "chat" for servers without a completions API.
PLANNER_API=${PLANNER_API:-}
EXECUTOR_API=${EXECUTOR_API:-}
CLIENT_PROCESSES=${CLIENT_PROCESSES:-}
# Seconds: silence of a server, a call, an execution, a problem; 0 = no limit.
SERVER_TIMEOUT=${SERVER_TIMEOUT:-}
CALL_DEADLINE=${CALL_DEADLINE:-}
EXECUTOR_DEADLINE=${EXECUTOR_DEADLINE:-}
PROBLEM_DEADLINE=${PROBLEM_DEADLINE:-}
TOKENIZER=${TOKENIZER:-}

exec "$PYTHON" -m sprint.agent_orchestration \
    --planner_model "$PLANNER_MODEL" \
    --planner_server_url "$PLANNER_SERVER_URL" \
    ${EXECUTOR_MODEL:+--executor_model "$EXECUTOR_MODEL"} \
    ${EXECUTOR_SERVER_URL:+--executor_server_url "$EXECUTOR_SERVER_URL"} \
    ${TEST_HUB_PATH:+--test_hub_path "$TEST_HUB_PATH"} \
    ${BENCHMARK:+--benchmark "$BENCHMARK"} \
    ${TEST_SUBSET:+--subset "$TEST_SUBSET"} \
    ${ORCHESTRATION_SPLIT:+--split "$ORCHESTRATION_SPLIT"} \
    ${ORCHESTRATION_RANGE:+--range "$ORCHESTRATION_RANGE"} \
    ${NUM_WORKERS:+--num_workers "$NUM_WORKERS"} \
    ${MAX_PHASES:+--max_phases "$MAX_PHASES"} \
    ${TEMPERATURE:+--temperature "$TEMPERATURE"} \
    ${PLAN_TOKENS:+--plan_tokens "$PLAN_TOKENS"} \
    ${EXECUTION_TOKENS:+--execution_tokens "$EXECUTION_TOKENS"} \
    ${EXECUTOR_CONTEXT:+--executor_context "$EXECUTOR_CONTEXT"} \
    ${PLANNER_API:+--planner_api "$PLANNER_API"} \
    ${EXECUTOR_API:+--executor_api "$EXECUTOR_API"} \
    ${CLIENT_PROCESSES:+--client_processes "$CLIENT_PROCESSES"} \
    ${SERVER_TIMEOUT:+--timeout "$SERVER_TIMEOUT"} \
    ${CALL_DEADLINE:+--call_deadline "$CALL_DEADLINE"} \
    ${EXECUTOR_DEADLINE:+--executor_deadline "$EXECUTOR_DEADLINE"} \
    ${PROBLEM_DEADLINE:+--problem_deadline "$PROBLEM_DEADLINE"} \
    ${TOKENIZER:+--tokenizer "$TOKENIZER"} \
    "$@"
