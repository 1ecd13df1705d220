#!/bin/sh
# A problem solved with planner and executors beside the serial answer, both live, by the tiny models
# that the repository ships. Sets up, starts vLLM, and serves a page until Ctrl-C.
#   sh run/demo.sh                                   the page
#   sh run/demo.sh --no_browser                      in the terminal
#   sh run/demo.sh --no_browser --question "..."     one problem in the terminal
# Other flags are those of `sprint demo`.
set -eu
cd "$(dirname "$0")/.."

# The model that plans and executes.
DEMO_MODEL=${DEMO_MODEL:-models/sample_sprint}
# The model of the serial answer, on a server of its own unless it is the same.
DEMO_SERIAL_MODEL=${DEMO_SERIAL_MODEL:-models/sample_base}
# Port of the page.
DEMO_PORT=${DEMO_PORT:-}
# Ports of vLLM with the two models; empty: free ones.
DEMO_SERVER_PORT=${DEMO_SERVER_PORT:-}
DEMO_SERIAL_PORT=${DEMO_SERIAL_PORT:-}
MAX_MODEL_LEN=${MAX_MODEL_LEN:-4096}
# The contexts of one problem need less than a GiB.
VLLM_CPU_KVCACHE_SPACE=${VLLM_CPU_KVCACHE_SPACE:-1}

# The one that everything is installed for.
PYTHON=${VENV:-.venv}/bin/python
. run/variables.sh
use_only MAX_MODEL_LEN VLLM_CPU_KVCACHE_SPACE PYTHON

started=$(date +%s)
say() {
    echo "== $(($(date +%s) - started)) s: $*"
}

free_port() {
    "$PYTHON" -c 'import socket
with socket.create_server(("127.0.0.1", 0)) as free:
    print(free.getsockname()[1])'
}

# start MODEL PORT: a server that is ours to stop, beside those before it.
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

say "Starting vLLM"
port=${DEMO_SERVER_PORT:-$(free_port)}
start "$DEMO_MODEL" "$port"
serial_port=$port
if [ "$DEMO_SERIAL_MODEL" != "$DEMO_MODEL" ]; then
    serial_port=${DEMO_SERIAL_PORT:-$(free_port)}
    start "$DEMO_SERIAL_MODEL" "$serial_port"
fi

say "Starting the demo"
# A stage runs in the background, where a shell lets it read nothing: the terminal is 3 there.
exec 3<&0
# shellcheck disable=SC2016  # "$@" is of the inner shell
stage sh -c 'exec "$@" <&3' demo "$PYTHON" -m sprint.serving.demo \
    --planner_model "$DEMO_MODEL" --planner_server_url "http://127.0.0.1:$port/v1" \
    --serial_model "$DEMO_SERIAL_MODEL" --serial_server_url "http://127.0.0.1:$serial_port/v1" \
    ${DEMO_PORT:+--port "$DEMO_PORT"} --temperature 0 \
    --plan_tokens 1024 --execution_tokens 1024 --serial_tokens 2560 "$@"
