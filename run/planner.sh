# Sourced by the scripts that plan and execute: puts the flags of their common variables first in
# "$@".
. run/local_server.sh
PLANNER_MODEL=${PLANNER_MODEL:?set PLANNER_MODEL to the name under which the server serves the model}
EXECUTOR_MODEL=${EXECUTOR_MODEL:-}
PLANNER_SERVER_URL=${PLANNER_SERVER_URL:-$LOCAL_SERVER_URL}
EXECUTOR_SERVER_URL=${EXECUTOR_SERVER_URL:-}
MAX_PHASES=${MAX_PHASES:-}
# Maximum tokens of a plan and of an execution.
PLAN_TOKENS=${PLAN_TOKENS:-}
EXECUTION_TOKENS=${EXECUTION_TOKENS:-}

set -- \
    --planner_model "$PLANNER_MODEL" \
    --planner_server_url "$PLANNER_SERVER_URL" \
    ${EXECUTOR_MODEL:+--executor_model "$EXECUTOR_MODEL"} \
    ${EXECUTOR_SERVER_URL:+--executor_server_url "$EXECUTOR_SERVER_URL"} \
    ${MAX_PHASES:+--max_phases "$MAX_PHASES"} \
    ${PLAN_TOKENS:+--plan_tokens "$PLAN_TOKENS"} \
    ${EXECUTION_TOKENS:+--execution_tokens "$EXECUTION_TOKENS"} \
    "$@"
