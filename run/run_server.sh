#!/bin/sh
# Starts a vLLM server in the background, waits until it is ready, and returns.
#   MODEL=... sh run/run_server.sh          start
#   PORT=8000 sh run/run_server.sh stop     stop the server that this script started on that port
#                                           (needs the same SERVER_DIR), with all its processes
#   PORT=8000 sh run/run_server.sh status   show what runs there, and what an earlier one left;
#                                           exit code 0: ready, 1: not ready, 3: none
set -eu
. "$(dirname "$0")/python.sh"

MODEL=${MODEL:-${PLANNER_MODEL:-}}
PORT=${PORT:-8000}
HOST=${HOST:-127.0.0.1}
MAX_MODEL_LEN=${MAX_MODEL_LEN:-}
# Memory for the KV cache on a CPU, in GiB.
VLLM_CPU_KVCACHE_SPACE=${VLLM_CPU_KVCACHE_SPACE:-2}
# Seconds to wait until the server is ready.
TIMEOUT=${TIMEOUT:-600}
# Seconds to wait for a server to exit before it is killed.
STOP_TIMEOUT=${STOP_TIMEOUT:-30}
# Process id of a script; the server stops when it ends. Empty: none.
SERVER_OWNER=${SERVER_OWNER:-}
# Folder for the server's process id, its log and the previous log.
SERVER_DIR=${SERVER_DIR:-.servers}
# More vLLM options, such as "--tensor-parallel-size 2".
SERVER_OPTIONS=${SERVER_OPTIONS:-}

fail() {
    echo "Error: $*" >&2
    exit 2
}

# server ACTION OPTION...: replaces this shell.
server() {
    exec "$PYTHON" -m sprint.model_server --folder "$SERVER_DIR" --host "$HOST" \
        --port "$PORT" --grace "$STOP_TIMEOUT" --owner "$SERVER_OWNER" "$@"
}

case ${1:-start} in
start) ;;
stop | status) server "$1" ;;
*) fail "expected nothing, 'stop' or 'status', not '$1'." ;;
esac

[ -n "$MODEL" ] || fail "set MODEL to a model name on the hub or a local folder."
if nvidia-smi >/dev/null 2>&1; then
    PLATFORM_OPTIONS=""
else
    # Small blocks, because short contexts would not fill a block of the default size.
    PLATFORM_OPTIONS="--dtype bfloat16 --block-size 32 --enforce-eager"
    export VLLM_CPU_KVCACHE_SPACE
fi

echo "Starting vLLM with $MODEL on port $PORT (log: $SERVER_DIR/$PORT.log)"
# shellcheck disable=SC2086  # the options are several words on purpose
server start --timeout "$TIMEOUT" -- \
    "$PYTHON" -m vllm.entrypoints.openai.api_server --model "$MODEL" \
    --host "$HOST" --port "$PORT" --generation-config vllm --enable-prompt-tokens-details \
    --scheduling-policy priority \
    ${MAX_MODEL_LEN:+--max-model-len "$MAX_MODEL_LEN"} $PLATFORM_OPTIONS $SERVER_OPTIONS
