#!/bin/sh
# A problem solved with planner and executors beside the serial answer, both live, by a tiny model
# that the repository ships. Sets up, starts vLLM, and serves a page until Ctrl-C.
#   sh run/demo.sh                                   the page
#   sh run/demo.sh --no_browser                      in the terminal
#   sh run/demo.sh --no_browser --question "..."     one problem in the terminal
# Other flags are those of `sprint demo`.
set -eu
cd "$(dirname "$0")/.."

# A model that answers with and without a plan, as the shipped one does.
DEMO_MODEL=${DEMO_MODEL:-models/sample_sprint}
# Port of the page.
DEMO_PORT=${DEMO_PORT:-8080}
# Port of vLLM; empty: a free one.
DEMO_SERVER_PORT=${DEMO_SERVER_PORT:-}
MAX_MODEL_LEN=${MAX_MODEL_LEN:-4096}

# The one that everything is installed for.
PYTHON=${VENV:-.venv}/bin/python
. run/variables.sh
use_only MAX_MODEL_LEN PYTHON

started=$(date +%s)
say() {
    echo "== $(($(date +%s) - started)) s: $*"
}

say "Setting up"
sh run/setup.sh
. run/stages.sh

say "Starting vLLM"
PORT=${DEMO_SERVER_PORT:-$("$PYTHON" -c 'import socket
with socket.create_server(("127.0.0.1", 0)) as free:
    print(free.getsockname()[1])')}
export PORT
serve "$DEMO_MODEL"

say "Starting the demo"
# A stage runs in the background, where a shell lets it read nothing: the terminal is 3 there.
exec 3<&0
# shellcheck disable=SC2016  # "$@" is of the inner shell
stage sh -c 'exec "$@" <&3' demo "$PYTHON" -m sprint.serving.demo \
    --planner_model "$DEMO_MODEL" --planner_server_url "http://127.0.0.1:$PORT/v1" \
    --port "$DEMO_PORT" --temperature 0 \
    --plan_tokens 1024 --execution_tokens 1024 --serial_tokens 2560 "$@"
