#!/bin/sh
# Stage 5, self-training: rounds that sample trajectories of the training problems, fine-tune on the
# fastest right one of each, and go on while the model gets faster and not less accurate. By default
# on the model and the problems of the quickstart. If you run it again, it continues. Flags are those
# of `sprint finetune`, such as --no-gradient_checkpointing for a small model.
set -eu
. "$(dirname "$0")/python.sh"
. run/stages.sh
. run/finetune_once.sh
. run/tiny_models.sh

# Folder for all output; remove it to start again.
TUNING_DIR=${TUNING_DIR:-latency_tuning}
# The SPRINT model to start from, a folder, and the fine-tuning data it was trained on.
PLANNER_MODEL=${PLANNER_MODEL:-quickstart/models/SPRINT}
FINETUNING_DATA=${FINETUNING_DATA:-quickstart/logs/finetuning_data/train_default}
# The problems of that data, and which rows of them are sampled.
DATA_HUB_PATH=${DATA_HUB_PATH:-quickstart/data/train.jsonl}
RANGE=${RANGE:-:300}
# Held-out problems that decide whether a round is accepted. Default: 100 sample problems.
TEST_HUB_PATH=${TEST_HUB_PATH:-}
# Price list in seconds. Default: fitted to the quickstart's run.
PRICES=${PRICES:-}
ROUNDS=${ROUNDS:-2}
# Samples per problem.
SAMPLES=${SAMPLES:-}
SAMPLING_TEMPERATURE=${SAMPLING_TEMPERATURE:-1}
# Accuracy that a round may lose, as a fraction.
MAX_LOSS=${MAX_LOSS:-}
# Problems in flight.
NUM_WORKERS=${NUM_WORKERS:-8}
# Fine-tuning in each round, from the model of the round before.
TUNING_STEPS=${TUNING_STEPS:-150}
PRESENTATION=${PRESENTATION:-trie}
LEARNING_RATE=${LEARNING_RATE:-5e-4}
BATCH_SIZE=${BATCH_SIZE:-2}
GRADIENT_ACCUMULATION=${GRADIENT_ACCUMULATION:-1}
MAX_LENGTH=${MAX_LENGTH:-3072}
EVAL_STEPS=${EVAL_STEPS:-0}
SAVE_STEPS=${SAVE_STEPS:-50}
# The server and the limits of a call.
PORT=${PORT:-8321}
MAX_MODEL_LEN=${MAX_MODEL_LEN:-$TINY_CONTEXT}
PLAN_TOKENS=${PLAN_TOKENS:-$TINY_CALL}
EXECUTION_TOKENS=${EXECUTION_TOKENS:-$TINY_CALL}

for needed in "$PLANNER_MODEL" "$FINETUNING_DATA"; do
    if [ ! -d "$needed" ]; then
        echo "Error: no folder $needed: run 'sh run/quickstart.sh' first, or set PLANNER_MODEL," \
            "FINETUNING_DATA and DATA_HUB_PATH to your own." >&2
        exit 2
    fi
done
SERVER_DIR=$TUNING_DIR/servers
PLANNER_SERVER_URL=http://127.0.0.1:$PORT/v1
unset EXECUTOR_MODEL EXECUTOR_SERVER_URL BENCHMARK SUBSET SPLIT TEST_SUBSET ORCHESTRATION_SPLIT \
    ORCHESTRATION_RANGE TOKENIZER STRUCTURE SERIAL_OPENING SECOND_PLANS PROMPT_ORDER TAG_TOKENS \
    METHOD PUSH_TO_HUB HOST
export SERVER_DIR PLANNER_SERVER_URL PORT MAX_MODEL_LEN PLAN_TOKENS EXECUTION_TOKENS NUM_WORKERS \
    PYTHON
mkdir -p "$TUNING_DIR"

# solve NAME DATASET TEMPERATURE: with the current model, into the round's folder.
solve() {
    stage env LOGS_DIR="$folder/$1" TEST_HUB_PATH="$2" TEMPERATURE="$3" PLANNER_MODEL="$current" \
        sh run/run_agent_orchestration.sh
}

# results FOLDER: the only result folder below it.
results() {
    set -- "$1"_full_trajectory/*/*/
    echo "$1"
}

if [ -z "$PRICES" ]; then
    PRICES=$TUNING_DIR/prices.json
    [ -f "$PRICES" ] || stage "$PYTHON" -m sprint.analysis.price_fit \
        quickstart/logs_full_trajectory/SPRINT/test_default --output "$PRICES"
fi
if [ -z "$TEST_HUB_PATH" ]; then
    # Another seed than the quickstart's: its test problems measure the final model.
    TEST_HUB_PATH=$TUNING_DIR/data/test.jsonl
    [ -f "$TEST_HUB_PATH" ] || stage "$PYTHON" -m sprint.sample_world --output "$TUNING_DIR/data" \
        --train 1 --seed 7
fi

current=$PLANNER_MODEL
best=
round=0
while :; do
    folder=$TUNING_DIR/round_$round
    mkdir -p "$folder"
    serve "$current"
    solve evaluation "$TEST_HUB_PATH" 0
    if [ -n "$best" ]; then
        echo "== Round $round"
        stage "$PYTHON" -m sprint.latency_tuning.verdict "$(results "$best/evaluation")" \
            "$(results "$folder/evaluation")" --prices "$PRICES" --tokenizer "$current" \
            ${MAX_LOSS:+--max_loss "$MAX_LOSS"} --output "$folder/verdict.json"
        grep -q '"accepted": true' "$folder/verdict.json" || break
    fi
    best=$folder
    accepted=$current
    [ "$round" -lt "$ROUNDS" ] || break
    stage "$PYTHON" -m sprint.latency_tuning.samples --data_hub_path "$DATA_HUB_PATH" \
        --range "$RANGE" ${SAMPLES:+--samples "$SAMPLES"} --output "$folder/problems.jsonl"
    solve samples "$folder/problems.jsonl" "$SAMPLING_TEMPERATURE"
    stop_server
    stage "$PYTHON" -m sprint.latency_tuning.selection "$(results "$folder/samples")" \
        --data "$FINETUNING_DATA" --prices "$PRICES" --tokenizer "$current" \
        --output "$folder/selected.jsonl"
    stage env LOGS_DIR="$folder/logs" DATA_HUB_PATH="$folder/selected.jsonl" RANGE=: PRICES= \
        MAX_LENGTH= TRAJECTORY_COLUMN=trajectory sh run/run_finetuning_data_preparation.sh
    FINETUNING_DATA=$folder/logs/finetuning_data/selected_default
    round=$((round + 1))
    model=$TUNING_DIR/round_$round/model
    finetune "$model" "$PRESENTATION $TUNING_STEPS $LEARNING_RATE $BATCH_SIZE $MAX_LENGTH $(cat \
        "$folder/selected.jsonl" "$current"/*.safetensors | cksum)" BASE_MODEL="$current" \
        FINETUNING_DATA="$FINETUNING_DATA" PRESENTATION="$PRESENTATION" \
        LEARNING_RATE="$LEARNING_RATE" BATCH_SIZE="$BATCH_SIZE" MAX_LENGTH="$MAX_LENGTH" \
        GRADIENT_ACCUMULATION="$GRADIENT_ACCUMULATION" EVAL_STEPS="$EVAL_STEPS" \
        SAVE_STEPS="$SAVE_STEPS" sh run/run_finetune.sh --max_steps "$TUNING_STEPS" "$@"
    current=$TUNING_DIR/round_$round/model
done
stop_server
echo "The model: $accepted"
