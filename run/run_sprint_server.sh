#!/bin/sh
# An OpenAI-compatible server that answers with planner and executors, in front of vLLM.
set -eu
. "$(dirname "$0")/python.sh"

# What is empty is left to the command: --help shows its defaults. A key for clients is
# SPRINT_API_KEY, in the environment or .env.
PLANNER_MODEL=${PLANNER_MODEL:?set PLANNER_MODEL to the name that the server knows the model by}
EXECUTOR_MODEL=${EXECUTOR_MODEL:-}
PLANNER_SERVER_URL=${PLANNER_SERVER_URL:-http://127.0.0.1:8000/v1}
EXECUTOR_SERVER_URL=${EXECUTOR_SERVER_URL:-}
SERIAL_MODEL=${SERIAL_MODEL:-}
SERIAL_SERVER_URL=${SERIAL_SERVER_URL:-}
SPRINT_HOST=${SPRINT_HOST:-}
SPRINT_PORT=${SPRINT_PORT:-}
SERVED_MODEL_NAME=${SERVED_MODEL_NAME:-}
MAX_RUNNING=${MAX_RUNNING:-}
MAX_QUEUE=${MAX_QUEUE:-}
REQUEST_DEADLINE=${REQUEST_DEADLINE:-}
DRAIN_TIMEOUT=${DRAIN_TIMEOUT:-}
MAX_PHASES=${MAX_PHASES:-}
TEMPERATURE=${TEMPERATURE:-}
# Tokens that a plan, an execution, and a serial reply may have.
PLAN_TOKENS=${PLAN_TOKENS:-}
EXECUTION_TOKENS=${EXECUTION_TOKENS:-}
SERIAL_TOKENS=${SERIAL_TOKENS:-}
# Seconds of a model server's silence.
SERVER_TIMEOUT=${SERVER_TIMEOUT:-}
TOKENIZER=${TOKENIZER:-}

exec "$PYTHON" -m sprint.serving \
    --planner_model "$PLANNER_MODEL" \
    --planner_server_url "$PLANNER_SERVER_URL" \
    ${EXECUTOR_MODEL:+--executor_model "$EXECUTOR_MODEL"} \
    ${EXECUTOR_SERVER_URL:+--executor_server_url "$EXECUTOR_SERVER_URL"} \
    ${SERIAL_MODEL:+--serial_model "$SERIAL_MODEL"} \
    ${SERIAL_SERVER_URL:+--serial_server_url "$SERIAL_SERVER_URL"} \
    ${SPRINT_HOST:+--host "$SPRINT_HOST"} \
    ${SPRINT_PORT:+--port "$SPRINT_PORT"} \
    ${SERVED_MODEL_NAME:+--served_model_name "$SERVED_MODEL_NAME"} \
    ${MAX_RUNNING:+--max_running "$MAX_RUNNING"} \
    ${MAX_QUEUE:+--max_queue "$MAX_QUEUE"} \
    ${REQUEST_DEADLINE:+--request_deadline "$REQUEST_DEADLINE"} \
    ${DRAIN_TIMEOUT:+--drain_timeout "$DRAIN_TIMEOUT"} \
    ${MAX_PHASES:+--max_phases "$MAX_PHASES"} \
    ${TEMPERATURE:+--temperature "$TEMPERATURE"} \
    ${PLAN_TOKENS:+--plan_tokens "$PLAN_TOKENS"} \
    ${EXECUTION_TOKENS:+--execution_tokens "$EXECUTION_TOKENS"} \
    ${SERIAL_TOKENS:+--serial_tokens "$SERIAL_TOKENS"} \
    ${SERVER_TIMEOUT:+--timeout "$SERVER_TIMEOUT"} \
    ${TOKENIZER:+--tokenizer "$TOKENIZER"} \
    "$@"
