#!/bin/sh
# Stage 5, reinforcement: starts a server that takes new weights, and trains a SPRINT model on its own
# rollouts to be right and fast. If you run it again, it continues. Flags are those of
# `sprint reinforce`, such as --steps 50 or --no-gradient_checkpointing for a small model.
set -eu
. "$(dirname "$0")/python.sh"
. run/stages.sh
. run/tuning_inputs.sh

# Folder for all output; remove it to start again.
REINFORCEMENT_DIR=${REINFORCEMENT_DIR:-reinforcement}
LEARNING_RATE=${LEARNING_RATE:-}
# Problems in flight.
NUM_WORKERS=${NUM_WORKERS:-}

mkdir -p "$REINFORCEMENT_DIR"
if [ -n "$PLANNER_MODEL" ]; then
    for needed in "$DATA_HUB_PATH" "$PRICES" "$TEST_HUB_PATH"; do
        [ -n "$needed" ] || fail "PLANNER_MODEL is set: also set DATA_HUB_PATH, PRICES and" \
            "TEST_HUB_PATH to what belongs to that model."
    done
else
    PLANNER_MODEL=quickstart/models/SPRINT
    [ -d "$PLANNER_MODEL" ] || fail "no folder $PLANNER_MODEL: run 'sh run/quickstart.sh' first, or" \
        "set PLANNER_MODEL to your own."
    DATA_HUB_PATH=${DATA_HUB_PATH:-quickstart/data/train.jsonl}
    if [ -z "$PRICES" ]; then
        PRICES=$REINFORCEMENT_DIR/prices.json
        quickstart_prices "$PRICES"
    fi
    if [ -z "$TEST_HUB_PATH" ]; then
        TEST_HUB_PATH=$REINFORCEMENT_DIR/data/test.jsonl
        other_problems "$REINFORCEMENT_DIR/data"
    fi
fi
[ -d "$PLANNER_MODEL" ] || fail "PLANNER_MODEL is $PLANNER_MODEL: expected the folder of a model."

# The interface for new weights executes any method of the server: on this machine alone.
SERVER_DIR=$REINFORCEMENT_DIR/servers
extension="--worker-extension-cls sprint.model_server.weight_loading.WeightLoading"
SERVER_OPTIONS="${SERVER_OPTIONS:+$SERVER_OPTIONS }$extension"
HOST=127.0.0.1
export SERVER_DIR SERVER_OPTIONS HOST PORT MAX_MODEL_LEN PYTHON
export VLLM_SERVER_DEV_MODE=1

serve "$PLANNER_MODEL"
stage "$PYTHON" -m sprint.latency_tuning.reinforcement \
    --model "$PLANNER_MODEL" \
    --server_url "http://127.0.0.1:$PORT/v1" \
    --data_hub_path "$DATA_HUB_PATH" \
    --held_out "$TEST_HUB_PATH" \
    --prices "$PRICES" \
    --output "$REINFORCEMENT_DIR/run" \
    --plan_tokens "$PLAN_TOKENS" \
    --execution_tokens "$EXECUTION_TOKENS" \
    ${LEARNING_RATE:+--learning_rate "$LEARNING_RATE"} \
    ${NUM_WORKERS:+--num_workers "$NUM_WORKERS"} \
    "$@"
stop_server
