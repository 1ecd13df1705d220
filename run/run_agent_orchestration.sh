#!/bin/sh
# SPRINT inference on the test problems: a planner and parallel executors.
set -eu
. "$(dirname "$0")/python.sh"

# Empty variables use the command's defaults: see --help.
# SPRINT (a model trained for it) or SPRINT-prompted (any instruct model, by few-shot prompts).
METHOD=${METHOD:-}
TEMPERATURE=${TEMPERATURE:-}
EXECUTOR_CONTEXT=${EXECUTOR_CONTEXT:-}
# "chat" for servers without a completions API.
PLANNER_API=${PLANNER_API:-}
EXECUTOR_API=${EXECUTOR_API:-}
# Seconds: a call, an execution, a problem; 0 = no limit.
CALL_DEADLINE=${CALL_DEADLINE:-}
EXECUTOR_DEADLINE=${EXECUTOR_DEADLINE:-}
PROBLEM_DEADLINE=${PROBLEM_DEADLINE:-}
. run/test_set.sh
. run/planner.sh

exec "$PYTHON" -m sprint.agent_orchestration \
    ${METHOD:+--method "$METHOD"} \
    ${TEMPERATURE:+--temperature "$TEMPERATURE"} \
    ${EXECUTOR_CONTEXT:+--executor_context "$EXECUTOR_CONTEXT"} \
    ${PLANNER_API:+--planner_api "$PLANNER_API"} \
    ${EXECUTOR_API:+--executor_api "$EXECUTOR_API"} \
    ${CALL_DEADLINE:+--call_deadline "$CALL_DEADLINE"} \
    ${EXECUTOR_DEADLINE:+--executor_deadline "$EXECUTOR_DEADLINE"} \
    ${PROBLEM_DEADLINE:+--problem_deadline "$PROBLEM_DEADLINE"} \
    "$@"
