#!/bin/sh
# Sets up and runs the tests, in a random order; the last line shows its seed. Arguments are passed
# to pytest, such as -m "not vllm" to skip the tests on a real vLLM server, or --randomly-seed=N to
# repeat an order.
set -eu
cd "$(dirname "$0")/.."
sh run/setup.sh dev

# Keeps compiled modules: else each of the hundreds of processes that tests start compiles them again.
unset PYTHONDONTWRITEBYTECODE

# Test files run in parallel, each process with one thread: more would wait for each other.
TEST_PROCESSES=${TEST_PROCESSES:-2}
export OMP_NUM_THREADS="${OMP_NUM_THREADS:-1}"
exec "${VENV:-.venv}/bin/python" -m pytest --numprocesses "$TEST_PROCESSES" "$@"
