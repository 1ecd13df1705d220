#!/bin/sh
# Sets up and runs the tests; arguments go to pytest, such as -m "not vllm" to leave out the
# end-to-end test on a real vLLM server.
set -eu
cd "$(dirname "$0")/.."
sh run/setup.sh dev
exec "${VENV:-.venv}/bin/python" -m pytest "$@"
