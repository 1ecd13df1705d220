#!/bin/sh
# Stage 5, self-training: rounds that sample trajectories of the training problems, fine-tune on the
# fastest right one of each, and go on while the model gets faster and not less accurate. If you run
# it again, it continues. Flags are those of `sprint finetune`, such as --no-gradient_checkpointing
# for a small model.
set -eu
. "$(dirname "$0")/python.sh"
. run/stages.sh
. run/finetune_once.sh
. run/tuning_inputs.sh

# Folder for all output; remove it to start again.
TUNING_DIR=${TUNING_DIR:-latency_tuning}
# The fine-tuning data that the model was trained on.
FINETUNING_DATA=${FINETUNING_DATA:-}
# Which rows of the training problems are sampled.
SUBSET=${SUBSET:-}
SPLIT=${SPLIT:-}
RANGE=${RANGE:-:300}
# Held-out problems by name, instead of TEST_HUB_PATH.
BENCHMARK=${BENCHMARK:-}
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
SECOND_PLANS=${SECOND_PLANS:-}
PRESENTATION=${PRESENTATION:-trie}
LEARNING_RATE=${LEARNING_RATE:-5e-4}
BATCH_SIZE=${BATCH_SIZE:-2}
GRADIENT_ACCUMULATION=${GRADIENT_ACCUMULATION:-1}
MAX_LENGTH=${MAX_LENGTH:-3072}
EVAL_STEPS=${EVAL_STEPS:-0}
SAVE_STEPS=${SAVE_STEPS:-50}

test_set=$TEST_HUB_PATH$BENCHMARK
if [ -n "$PLANNER_MODEL" ]; then
    for needed in "$FINETUNING_DATA" "$DATA_HUB_PATH" "$PRICES" "$test_set"; do
        [ -n "$needed" ] || fail "PLANNER_MODEL is set: also set FINETUNING_DATA, DATA_HUB_PATH," \
            "PRICES, and TEST_HUB_PATH or BENCHMARK, to what belongs to that model."
    done
else
    PLANNER_MODEL=quickstart/models/SPRINT
    FINETUNING_DATA=${FINETUNING_DATA:-quickstart/logs/finetuning_data/train_default}
    DATA_HUB_PATH=${DATA_HUB_PATH:-quickstart/data/train.jsonl}
fi
for needed in "$PLANNER_MODEL" "$FINETUNING_DATA"; do
    [ -d "$needed" ] || fail "no folder $needed: run 'sh run/quickstart.sh' first, or set" \
        "PLANNER_MODEL and FINETUNING_DATA to your own."
done

SERVER_DIR=$TUNING_DIR/servers
PLANNER_SERVER_URL=http://127.0.0.1:$PORT/v1
# Of other runs.
unset EXECUTOR_MODEL EXECUTOR_SERVER_URL TOKENIZER STRUCTURE SERIAL_OPENING PROMPT_ORDER TAG_TOKENS \
    METHOD PUSH_TO_HUB HOST SHARD MAX_PHASES
export SERVER_DIR PLANNER_SERVER_URL PORT MAX_MODEL_LEN PLAN_TOKENS EXECUTION_TOKENS NUM_WORKERS \
    PYTHON

# Results of other settings in the same folder would be mixed with those of this run.
settings="$PLANNER_MODEL $FINETUNING_DATA $DATA_HUB_PATH $SUBSET $SPLIT $RANGE $PRICES $TEST_HUB_PATH \
$BENCHMARK ${TEST_SUBSET:-} ${ORCHESTRATION_SPLIT:-} ${ORCHESTRATION_RANGE:-} $SAMPLES \
$SAMPLING_TEMPERATURE $TUNING_STEPS $SECOND_PLANS $PRESENTATION $LEARNING_RATE $BATCH_SIZE \
$GRADIENT_ACCUMULATION $MAX_LENGTH $EVAL_STEPS ${WARMUP:-} ${WEIGHT_DECAY:-} ${SPECIAL_TOKENS:-} \
$MAX_MODEL_LEN $PLAN_TOKENS $EXECUTION_TOKENS $*"
mkdir -p "$TUNING_DIR"
[ -f "$TUNING_DIR/settings.txt" ] || echo "$settings" >"$TUNING_DIR/settings.txt"
[ "$(cat "$TUNING_DIR/settings.txt")" = "$settings" ] || fail "$TUNING_DIR has a run with other" \
    "settings ($TUNING_DIR/settings.txt): use another TUNING_DIR, or remove the folder."

# solve NAME TEMPERATURE VARIABLE=VALUE...: with the current model, into the round's folder.
solve() {
    name=$1
    temperature=$2
    shift 2
    stage env LOGS_DIR="$folder/$name" TEMPERATURE="$temperature" PLANNER_MODEL="$current" "$@" \
        sh run/run_agent_orchestration.sh
}

# results FOLDER: the only result folder below it.
results() {
    set -- "$1"_full_trajectory/*/*/
    [ $# -eq 1 ] || fail "expected one result folder, not $*: use another TUNING_DIR."
    echo "$1"
}

if [ -z "$PRICES" ]; then
    PRICES=$TUNING_DIR/prices.json
    quickstart_prices "$PRICES"
fi
if [ -z "$test_set" ]; then
    TEST_HUB_PATH=$TUNING_DIR/data/test.jsonl
    other_problems "$TUNING_DIR/data"
fi

current=$PLANNER_MODEL
best=
round=0
while :; do
    folder=$TUNING_DIR/round_$round
    mkdir -p "$folder"
    serve "$current"
    solve evaluation 0 TEST_HUB_PATH="$TEST_HUB_PATH" BENCHMARK="$BENCHMARK"
    if [ -n "$best" ]; then
        echo "== Round $round"
        before=$(results "$best/evaluation")
        after=$(results "$folder/evaluation")
        stage "$PYTHON" -m sprint.latency_tuning.verdict "$before" "$after" --prices "$PRICES" \
            --tokenizer "$current" ${MAX_LOSS:+--max_loss "$MAX_LOSS"} \
            --output "$folder/verdict.json"
        grep -q '"accepted": true' "$folder/verdict.json" || break
    fi
    best=$folder
    accepted=$current
    [ "$round" -lt "$ROUNDS" ] || break
    stage "$PYTHON" -m sprint.latency_tuning.samples --data_hub_path "$DATA_HUB_PATH" \
        ${SUBSET:+--subset "$SUBSET"} ${SPLIT:+--split "$SPLIT"} --range "$RANGE" \
        ${SAMPLES:+--samples "$SAMPLES"} --output "$folder/problems.jsonl"
    solve samples "$SAMPLING_TEMPERATURE" TEST_HUB_PATH="$folder/problems.jsonl" BENCHMARK= \
        TEST_SUBSET= ORCHESTRATION_SPLIT= ORCHESTRATION_RANGE=
    stop_server
    samples=$(results "$folder/samples")
    stage "$PYTHON" -m sprint.latency_tuning.selection "$samples" --data "$FINETUNING_DATA" \
        --prices "$PRICES" --tokenizer "$current" --output "$folder/selected.jsonl"
    # Inference takes plans of up to 16 prompts.
    stage env LOGS_DIR="$folder/logs" DATA_HUB_PATH="$folder/selected.jsonl" SUBSET= SPLIT= RANGE= \
        PRICES= MAX_LENGTH= SECOND_PLANS="$SECOND_PLANS" TRAJECTORY_COLUMN=trajectory \
        sh run/run_finetuning_data_preparation.sh --max_prompts 16
    FINETUNING_DATA=$folder/logs/finetuning_data/selected_default
    round=$((round + 1))
    next=$TUNING_DIR/round_$round/model
    inputs=$(cat "$folder/selected.jsonl" "$current"/*.safetensors | cksum)
    finetune "$next" "$settings $inputs" BASE_MODEL="$current" FINETUNING_DATA="$FINETUNING_DATA" \
        PRESENTATION="$PRESENTATION" LEARNING_RATE="$LEARNING_RATE" BATCH_SIZE="$BATCH_SIZE" \
        MAX_LENGTH="$MAX_LENGTH" GRADIENT_ACCUMULATION="$GRADIENT_ACCUMULATION" \
        EVAL_STEPS="$EVAL_STEPS" SAVE_STEPS="$SAVE_STEPS" \
        sh run/run_finetune.sh --max_steps "$TUNING_STEPS" "$@"
    current=$next
done
stop_server
echo "The model: $accepted"
