#!/bin/sh
# Sets up and runs the tests, in a random order whose seed the last line tells; arguments go to
# pytest, such as -m "not vllm" to leave out the tests on a real vLLM server, or --randomly-seed=N
# for the same order again.
set -eu
cd "$(dirname "$0")/.."
sh run/setup.sh dev

# Files of tests run side by side, each process with a thread: more would wait for each other.
TEST_PROCESSES=${TEST_PROCESSES:-2}
export OMP_NUM_THREADS="${OMP_NUM_THREADS:-1}"
exec "${VENV:-.venv}/bin/python" -m pytest --numprocesses "$TEST_PROCESSES" "$@"
