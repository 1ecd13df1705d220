#!/bin/sh
# Starts a vLLM server in the background, waits until it is ready, and returns.
#   MODEL=... sh run/run_server.sh          start
#   PORT=8000 sh run/run_server.sh stop     stop the server that this script started on that port
#                                           (needs the same SERVER_DIR), with all its processes
#   PORT=8000 sh run/run_server.sh status   show what runs there, and what an earlier one left;
#                                           exit code 0: ready, 1: not ready, 3: none
set -eu
. "$(dirname "$0")/python.sh"
. run/compiler.sh

MODEL=${MODEL:-${PLANNER_MODEL:-}}
# Where the server listens. Empty variables use the defaults of src/model_server/config.py.
PORT=${PORT:-}
HOST=${HOST:-}
MAX_MODEL_LEN=${MAX_MODEL_LEN:-}
# Memory for the KV cache on a CPU, in GiB.
VLLM_CPU_KVCACHE_SPACE=${VLLM_CPU_KVCACHE_SPACE:-2}
# on: compile the model, on a CPU. Language models then decode 1.7 times as fast, tiny ones more slowly;
# the server starts one to three minutes later. Needs a C++ compiler and Python's headers.
SERVER_COMPILE=${SERVER_COMPILE:-off}
# Seconds to wait until the server is ready.
TIMEOUT=${TIMEOUT:-}
# Seconds to wait for a server to exit before it is killed.
STOP_TIMEOUT=${STOP_TIMEOUT:-}
# Process id of a script; the server stops when it ends. Empty: none.
SERVER_OWNER=${SERVER_OWNER:-}
# Folder for the server's process id, its log and the previous log.
SERVER_DIR=${SERVER_DIR:-}
# More vLLM options, such as "--tensor-parallel-size 2".
SERVER_OPTIONS=${SERVER_OPTIONS:-}

fail() {
    echo "Error: $*" >&2
    exit 2
}

# server ACTION OPTION...: replaces this shell.
server() {
    exec "$PYTHON" -m sprint.model_server \
        ${SERVER_DIR:+--folder "$SERVER_DIR"} \
        ${HOST:+--host "$HOST"} \
        ${PORT:+--port "$PORT"} \
        ${TIMEOUT:+--timeout "$TIMEOUT"} \
        ${STOP_TIMEOUT:+--grace "$STOP_TIMEOUT"} \
        ${SERVER_OWNER:+--owner "$SERVER_OWNER"} \
        "$@"
}

case ${1:-start} in
start) ;;
stop | status) server "$1" ;;
*) fail "expected nothing, 'stop' or 'status', not '$1'." ;;
esac

[ -n "$MODEL" ] || fail "set MODEL to a model name on the hub or a local folder."
check_compile "$SERVER_COMPILE"
if has_gpu; then
    PLATFORM_OPTIONS=""
else
    # Small blocks, because short contexts would not fill a block of the default size.
    PLATFORM_OPTIONS="--dtype bfloat16 --block-size 32"
    if [ "$SERVER_COMPILE" = on ]; then
        # vLLM keeps a core free for its scheduler: half of a machine with two.
        cores=$("$PYTHON" -c 'import os; print(len(os.sched_getaffinity(0)))')
        if [ "$cores" -le 2 ]; then
            export VLLM_CPU_NUM_OF_RESERVED_CPU="${VLLM_CPU_NUM_OF_RESERVED_CPU:-0}"
        fi
    else
        PLATFORM_OPTIONS="$PLATFORM_OPTIONS --enforce-eager"
    fi
    export VLLM_CPU_KVCACHE_SPACE
fi

echo "Starting vLLM with $MODEL"
# {host} and {port} are filled in. The options are several words on purpose.
# shellcheck disable=SC2086
server start -- \
    "$PYTHON" -m vllm.entrypoints.openai.api_server --model "$MODEL" \
    --host "{host}" --port "{port}" --generation-config vllm --enable-prompt-tokens-details \
    --scheduling-policy priority \
    ${MAX_MODEL_LEN:+--max-model-len "$MAX_MODEL_LEN"} $PLATFORM_OPTIONS $SERVER_OPTIONS
