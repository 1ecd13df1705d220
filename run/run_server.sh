#!/bin/sh
# Starts a vLLM server in the background, waits until it is ready, and returns.
#   MODEL=... sh run/run_server.sh          start
#   PORT=8000 sh run/run_server.sh stop     stop the one this script started on that port
set -eu
. "$(dirname "$0")/python.sh"

MODEL=${MODEL:-${PLANNER_MODEL:-}}
PORT=${PORT:-8000}
HOST=${HOST:-127.0.0.1}
MAX_MODEL_LEN=${MAX_MODEL_LEN:-}
# Memory for the KV cache on a CPU, in GiB.
VLLM_CPU_KVCACHE_SPACE=${VLLM_CPU_KVCACHE_SPACE:-2}
# Seconds until a server that is not ready is given up.
TIMEOUT=${TIMEOUT:-600}
# The process id and the log of the server lie here.
SERVER_DIR=${SERVER_DIR:-${TMPDIR:-/tmp}/sprint_servers}
# More options of vLLM, such as "--tensor-parallel-size 2".
SERVER_OPTIONS=${SERVER_OPTIONS:-}

PID_FILE=$SERVER_DIR/$PORT.pid
LOG_FILE=$SERVER_DIR/$PORT.log

# Whether the process that we started still lives; another one may have its id by now.
alive() {
    [ -f "$PID_FILE" ] || return 1
    tr '\0' ' ' 2>/dev/null <"/proc/$(cat "$PID_FILE")/cmdline" |
        grep -q "vllm.entrypoints.*--port $PORT "
}

stop() {
    if ! alive; then
        rm -f "$PID_FILE"
        echo "No server of this script runs on port $PORT."
        return 0
    fi
    pid=$(cat "$PID_FILE")
    kill -TERM "$pid"
    waited=0
    while alive; do
        if [ "$waited" -eq 30 ]; then
            kill -KILL "$pid"
        fi
        sleep 1
        waited=$((waited + 1))
    done
    rm -f "$PID_FILE"
    echo "The server on port $PORT has stopped."
}

ready() {
    "$PYTHON" - "http://$HOST:$PORT/health" 2>/dev/null <<'PYTHON_END'
import sys, urllib.request
urllib.request.urlopen(sys.argv[1], timeout=5)
PYTHON_END
}

if [ "${1:-start}" = stop ]; then
    stop
    exit 0
fi

if [ -z "$MODEL" ]; then
    echo "Error: set MODEL to a model name on the hub or a local folder." >&2
    exit 2
fi
mkdir -p "$SERVER_DIR"
if alive; then
    echo "Error: a server runs on port $PORT already: stop it with" \
        "'PORT=$PORT sh run/run_server.sh stop', or set another PORT." >&2
    exit 2
fi
if ready; then
    echo "Error: another program answers on port $PORT: set another PORT." >&2
    exit 2
fi

if nvidia-smi >/dev/null 2>&1; then
    PLATFORM_OPTIONS=""
else
    # Small blocks, since short contexts would fill no block of the default size.
    PLATFORM_OPTIONS="--dtype bfloat16 --block-size 32 --enforce-eager"
    export VLLM_CPU_KVCACHE_SPACE
fi

echo "Starting vLLM with $MODEL on port $PORT (log: $LOG_FILE)"
# shellcheck disable=SC2086  # the options are several words on purpose
nohup "$PYTHON" -m vllm.entrypoints.openai.api_server --model "$MODEL" \
    --host "$HOST" --port "$PORT" --generation-config vllm --enable-prompt-tokens-details \
    ${MAX_MODEL_LEN:+--max-model-len "$MAX_MODEL_LEN"} $PLATFORM_OPTIONS $SERVER_OPTIONS \
    >"$LOG_FILE" 2>&1 </dev/null &
echo $! >"$PID_FILE"
# Interrupted while waiting: do not leave the server behind.
trap 'stop; exit 130' INT TERM

waited=0
until ready; do
    if ! alive; then
        rm -f "$PID_FILE"
        tail -n 20 "$LOG_FILE" >&2
        echo "Error: the server ended before it was ready; the end of $LOG_FILE stands above." >&2
        exit 2
    fi
    if [ "$waited" -ge "$TIMEOUT" ]; then
        stop
        echo "Error: the server was not ready after $TIMEOUT s; see $LOG_FILE." >&2
        exit 2
    fi
    sleep 1
    waited=$((waited + 1))
done
echo "Ready after about $waited s: http://$HOST:$PORT/v1"
