#!/bin/sh
# Starts a vLLM server in the background, waits until it is ready, and returns.
#   MODEL=... sh run/run_server.sh          start
#   PORT=8000 sh run/run_server.sh stop     stop the one this script started on that port (with the
#                                           SERVER_DIR it was started with)
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
SERVER_DIR=${SERVER_DIR:-.servers}
# More options of vLLM, such as "--tensor-parallel-size 2".
SERVER_OPTIONS=${SERVER_OPTIONS:-}

PID_FILE=$SERVER_DIR/$PORT.pid
LOG_FILE=$SERVER_DIR/$PORT.log

fail() {
    echo "Error: $*" >&2
    exit 2
}

# Whether the process that we started still lives; another one may have its id by now.
alive() {
    [ -f "$PID_FILE" ] || return 1
    tr '\0' ' ' 2>/dev/null <"/proc/$(cat "$PID_FILE")/cmdline" |
        grep -q "vllm.entrypoints.*--port $PORT "
}

# end PID COMMAND...: asks a process to end, after 30 s ends it, and waits while COMMAND succeeds.
end() {
    pid=$1
    shift
    kill -TERM "$pid" 2>/dev/null || true
    waited=0
    while "$@" 2>/dev/null; do
        if [ "$waited" -eq 30 ]; then
            kill -KILL "$pid" 2>/dev/null || true
        fi
        sleep 1
        waited=$((waited + 1))
    done
}

stop() {
    if ! alive; then
        rm -f "$PID_FILE"
        echo "No server of this script runs on port $PORT."
        return 0
    fi
    end "$(cat "$PID_FILE")" alive
    rm -f "$PID_FILE"
    echo "The server on port $PORT has stopped."
}

# Interrupted while waiting: do not leave the server behind. It is this shell's child, which may
# not have its own command line yet, nor its file.
abandon() {
    trap '' HUP INT TERM
    [ -n "${!-}" ] || exit "$1"
    end "$!" kill -0 "$!"
    rm -f "$PID_FILE"
    echo "Interrupted: the server on port $PORT has stopped." >&2
    exit "$1"
}

ready() {
    "$PYTHON" - "http://$HOST:$PORT/health" 2>/dev/null <<'PYTHON_END'
import sys, urllib.request
# Without a proxy, which would ask itself for what runs here.
direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
direct.open(sys.argv[1], timeout=5)
PYTHON_END
}

case ${1:-start} in
start) ;;
stop)
    stop
    exit 0
    ;;
*) fail "expected nothing or 'stop', not '$1'." ;;
esac

[ -n "$MODEL" ] || fail "set MODEL to a model name on the hub or a local folder."
mkdir -p "$SERVER_DIR" 2>/dev/null || fail "cannot write $SERVER_DIR: set SERVER_DIR."
if alive; then
    fail "a server runs on port $PORT already: stop it with" \
        "'SERVER_DIR=$SERVER_DIR PORT=$PORT sh run/run_server.sh stop', or set another PORT."
fi
if ready; then
    fail "another program answers on port $PORT: set another PORT."
fi

if nvidia-smi >/dev/null 2>&1; then
    PLATFORM_OPTIONS=""
else
    # Small blocks, since short contexts would fill no block of the default size.
    PLATFORM_OPTIONS="--dtype bfloat16 --block-size 32 --enforce-eager"
    export VLLM_CPU_KVCACHE_SPACE
fi

echo "Starting vLLM with $MODEL on port $PORT (log: $LOG_FILE)"
begun=$(date +%s)
trap 'abandon 129' HUP
trap 'abandon 130' INT
trap 'abandon 143' TERM
# shellcheck disable=SC2086  # the options are several words on purpose
nohup "$PYTHON" -m vllm.entrypoints.openai.api_server --model "$MODEL" \
    --host "$HOST" --port "$PORT" --generation-config vllm --enable-prompt-tokens-details \
    --scheduling-policy priority \
    ${MAX_MODEL_LEN:+--max-model-len "$MAX_MODEL_LEN"} $PLATFORM_OPTIONS $SERVER_OPTIONS \
    >"$LOG_FILE" 2>&1 </dev/null &
echo $! >"$PID_FILE"

# The child is this shell's until it execs the server's command line.
until alive || ! kill -0 "$(cat "$PID_FILE")" 2>/dev/null; do
    sleep 1
done
until ready; do
    if ! alive; then
        rm -f "$PID_FILE"
        reason=$(grep -E 'Error|error:' "$LOG_FILE" | tail -n 1 | cut -c 1-300)
        fail "the server ended before it was ready; see $LOG_FILE. It says: $reason"
    fi
    if [ $(($(date +%s) - begun)) -ge "$TIMEOUT" ]; then
        stop
        fail "the server was not ready after $TIMEOUT s; see $LOG_FILE."
    fi
    sleep 1
done
echo "Ready after $(($(date +%s) - begun)) s: http://$HOST:$PORT/v1"
