#!/bin/sh
# SPRINT inference on the test problems: a planner and parallel executors.
set -eu
. "$(dirname "$0")/python.sh"

# Empty variables use the command's defaults: see --help.
PLANNER_MODEL=${PLANNER_MODEL:?set PLANNER_MODEL to the name that the server knows the model by}
EXECUTOR_MODEL=${EXECUTOR_MODEL:-}
PLANNER_SERVER_URL=${PLANNER_SERVER_URL:-http://127.0.0.1:8000/v1}
EXECUTOR_SERVER_URL=${EXECUTOR_SERVER_URL:-}
MAX_PHASES=${MAX_PHASES:-}
TEMPERATURE=${TEMPERATURE:-}
# Maximum tokens of a plan and of an execution.
PLAN_TOKENS=${PLAN_TOKENS:-}
EXECUTION_TOKENS=${EXECUTION_TOKENS:-}
EXECUTOR_CONTEXT=${EXECUTOR_CONTEXT:-}
# "chat" for servers without a completions API.
PLANNER_API=${PLANNER_API:-}
EXECUTOR_API=${EXECUTOR_API:-}
# Seconds: a call, an execution, a problem; 0 = no limit.
CALL_DEADLINE=${CALL_DEADLINE:-}
EXECUTOR_DEADLINE=${EXECUTOR_DEADLINE:-}
PROBLEM_DEADLINE=${PROBLEM_DEADLINE:-}
. run/test_set.sh

exec "$PYTHON" -m sprint.agent_orchestration \
    --planner_model "$PLANNER_MODEL" \
    --planner_server_url "$PLANNER_SERVER_URL" \
    ${EXECUTOR_MODEL:+--executor_model "$EXECUTOR_MODEL"} \
    ${EXECUTOR_SERVER_URL:+--executor_server_url "$EXECUTOR_SERVER_URL"} \
    ${MAX_PHASES:+--max_phases "$MAX_PHASES"} \
    ${TEMPERATURE:+--temperature "$TEMPERATURE"} \
    ${PLAN_TOKENS:+--plan_tokens "$PLAN_TOKENS"} \
    ${EXECUTION_TOKENS:+--execution_tokens "$EXECUTION_TOKENS"} \
    ${EXECUTOR_CONTEXT:+--executor_context "$EXECUTOR_CONTEXT"} \
    ${PLANNER_API:+--planner_api "$PLANNER_API"} \
    ${EXECUTOR_API:+--executor_api "$EXECUTOR_API"} \
    ${CALL_DEADLINE:+--call_deadline "$CALL_DEADLINE"} \
    ${EXECUTOR_DEADLINE:+--executor_deadline "$EXECUTOR_DEADLINE"} \
    ${PROBLEM_DEADLINE:+--problem_deadline "$PROBLEM_DEADLINE"} \
    "$@"
