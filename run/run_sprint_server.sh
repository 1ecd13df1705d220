#!/bin/sh
# Starts an OpenAI-compatible server that answers with a planner and executors on vLLM.
set -eu
. "$(dirname "$0")/python.sh"

# Empty variables use the command's defaults (see --help). Set the key for clients as
# SPRINT_API_KEY, in the environment or .env.
SERIAL_MODEL=${SERIAL_MODEL:-}
SERIAL_SERVER_URL=${SERIAL_SERVER_URL:-}
SPRINT_HOST=${SPRINT_HOST:-}
SPRINT_PORT=${SPRINT_PORT:-}
SERVED_MODEL_NAME=${SERVED_MODEL_NAME:-}
MAX_RUNNING=${MAX_RUNNING:-}
MAX_QUEUE=${MAX_QUEUE:-}
REQUEST_DEADLINE=${REQUEST_DEADLINE:-}
DRAIN_TIMEOUT=${DRAIN_TIMEOUT:-}
TEMPERATURE=${TEMPERATURE:-}
# Maximum tokens of a serial reply.
SERIAL_TOKENS=${SERIAL_TOKENS:-}
# Seconds without text from a model server before a call fails.
SERVER_TIMEOUT=${SERVER_TIMEOUT:-}
TOKENIZER=${TOKENIZER:-}
. run/planner.sh

exec "$PYTHON" -m sprint.serving \
    ${SERIAL_MODEL:+--serial_model "$SERIAL_MODEL"} \
    ${SERIAL_SERVER_URL:+--serial_server_url "$SERIAL_SERVER_URL"} \
    ${SPRINT_HOST:+--host "$SPRINT_HOST"} \
    ${SPRINT_PORT:+--port "$SPRINT_PORT"} \
    ${SERVED_MODEL_NAME:+--served_model_name "$SERVED_MODEL_NAME"} \
    ${MAX_RUNNING:+--max_running "$MAX_RUNNING"} \
    ${MAX_QUEUE:+--max_queue "$MAX_QUEUE"} \
    ${REQUEST_DEADLINE:+--request_deadline "$REQUEST_DEADLINE"} \
    ${DRAIN_TIMEOUT:+--drain_timeout "$DRAIN_TIMEOUT"} \
    ${TEMPERATURE:+--temperature "$TEMPERATURE"} \
    ${SERIAL_TOKENS:+--serial_tokens "$SERIAL_TOKENS"} \
    ${SERVER_TIMEOUT:+--timeout "$SERVER_TIMEOUT"} \
    ${TOKENIZER:+--tokenizer "$TOKENIZER"} \
    "$@"
