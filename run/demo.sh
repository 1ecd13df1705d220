#!/bin/sh
# Solves problems with planner and executors, next to the serial answer, both live, with the tiny
# models that the repository ships. Installs the packages, starts vLLM, and serves a page until Ctrl-C.
#   sh run/demo.sh                                   the page
#   sh run/demo.sh --no_browser                      in the terminal
#   sh run/demo.sh --no_browser --question "..."     one problem in the terminal
# Other flags are those of `sprint demo`.
set -eu
cd "$(dirname "$0")/.."
. run/tiny_models.sh

# The model that plans and executes.
DEMO_MODEL=${DEMO_MODEL:-models/sample_sprint}
# The model of the serial answer, on a separate server unless it is the same model.
DEMO_SERIAL_MODEL=${DEMO_SERIAL_MODEL:-models/sample_base}
# Port of the page.
DEMO_PORT=${DEMO_PORT:-}
# Ports of vLLM with the two models; empty: free ports.
DEMO_SERVER_PORT=${DEMO_SERVER_PORT:-}
DEMO_SERIAL_PORT=${DEMO_SERIAL_PORT:-}
MAX_MODEL_LEN=${MAX_MODEL_LEN:-$TINY_CONTEXT}
# GiB. The contexts of one problem need less.
VLLM_CPU_KVCACHE_SPACE=${VLLM_CPU_KVCACHE_SPACE:-1}

# The Python that everything is installed for.
PYTHON=${VENV:-.venv}/bin/python
. run/variables.sh
use_only MAX_MODEL_LEN VLLM_CPU_KVCACHE_SPACE PYTHON

started=$(date +%s)
say() {
    echo "== $(($(date +%s) - started)) s: $*"
}

free_port() {
    "$PYTHON" -c 'from sprint.model_server.ports import free_port
print(free_port())'
}

# start MODEL PORT: starts another server, which this script must stop.
ports=
start() {
    export PORT="$2"
    ports="$ports $PORT"
    serve "$1"
}

say "Setting up"
sh run/setup.sh
. run/stages.sh

stop_server() {
    for PORT in $ports; do
        SERVER_OWNER=$$ sh run/run_server.sh stop
    done
    serving=
}

page_port=${DEMO_PORT:-8080}
case " $* " in
*" --no_browser "* | *" --port "*) ;;
*)
    if ! "$PYTHON" -c 'import socket, sys
socket.create_server(("127.0.0.1", int(sys.argv[1]))).close()' "$page_port" 2>/dev/null; then
        echo "Error: port $page_port is in use. Set DEMO_PORT to another one." >&2
        exit 2
    fi
    ;;
esac

say "Starting vLLM"
port=${DEMO_SERVER_PORT:-$(free_port)}
start "$DEMO_MODEL" "$port"
serial_port=$port
if [ "$DEMO_SERIAL_MODEL" != "$DEMO_MODEL" ]; then
    serial_port=${DEMO_SERIAL_PORT:-$(free_port)}
    start "$DEMO_SERIAL_MODEL" "$serial_port"
fi

say "Starting the demo"
# The shell gives a background stage no standard input: pass the terminal as descriptor 3.
exec 3<&0
# shellcheck disable=SC2016  # "$@" belongs to the inner shell
stage sh -c 'exec "$@" <&3' demo "$PYTHON" -m sprint.serving.demo \
    --planner_model "$DEMO_MODEL" --planner_server_url "http://127.0.0.1:$port/v1" \
    --serial_model "$DEMO_SERIAL_MODEL" --serial_server_url "http://127.0.0.1:$serial_port/v1" \
    ${DEMO_PORT:+--port "$DEMO_PORT"} --temperature 0 \
    --plan_tokens "$TINY_CALL" --execution_tokens "$TINY_CALL" --serial_tokens "$TINY_REPLY" "$@"
