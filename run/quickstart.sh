#!/bin/sh
# The whole pipeline in small, on a machine without a GPU or a key: from raw thoughts to a table
# that compares SPRINT with serial reasoning (RFT). At most 15 minutes on 2 cores, installation
# included. Every step is the script that a 7B model takes, with other variables.
set -eu
cd "$(dirname "$0")/.."

# Everything that this run makes lies here; remove it to begin anew.
WORK=${WORK:-quickstart}
TRAIN_PROBLEMS=${TRAIN_PROBLEMS:-500}
TEST_PROBLEMS=${TEST_PROBLEMS:-100}
# Steps of fine-tuning.
SPRINT_STEPS=${SPRINT_STEPS:-400}
RFT_STEPS=${RFT_STEPS:-60}
PORT=${PORT:-8321}
BASE_MODEL=${BASE_MODEL:-models/sample_base}

started=$(date +%s)
say() {
    echo "== $(($(date +%s) - started)) s: $*"
}

say "Setting up"
sh run/setup.sh
PYTHON=${PYTHON:-.venv/bin/python}
export PYTHON PORT

LOGS_DIR=$WORK/logs
DATA_HUB_PATH=$WORK/data/train.jsonl
TEST_HUB_PATH=$WORK/data/test.jsonl
TOKENIZER=$BASE_MODEL
export LOGS_DIR DATA_HUB_PATH TEST_HUB_PATH TOKENIZER

say "Sample problems with thoughts"
"$PYTHON" -m sprint.sample_world --output "$WORK/data" \
    --train "$TRAIN_PROBLEMS" --test "$TEST_PROBLEMS"

say "Curation: thoughts to trajectories"
sh run/run_component_separation.sh
sh run/run_dag_creation.sh --max_pictures 5
MAX_LENGTH=2048 sh run/run_finetuning_data_preparation.sh

# finetune PRESENTATION STEPS NAME: what the tiny model needs differs from the 7B defaults.
finetune() {
    if [ -f "$WORK/models/$3/model.safetensors" ]; then
        echo "$WORK/models/$3 is there already."
        return
    fi
    PRESENTATION=$1 OUTPUT_MODEL=$WORK/models/$3 FINETUNING_DATA=$LOGS_DIR/finetuning_data/train_default \
        BASE_MODEL=$BASE_MODEL LEARNING_RATE=1e-3 BATCH_SIZE=8 GRADIENT_ACCUMULATION=1 EVAL_STEPS=0 \
        MAX_LENGTH=2048 sh run/run_finetune.sh --max_steps "$2" --no-gradient_checkpointing
}
say "Fine-tuning SPRINT"
finetune per_call "$SPRINT_STEPS" SPRINT
say "Fine-tuning RFT on the same problems' serial thoughts"
finetune serial "$RFT_STEPS" RFT

# Both methods meet the same server settings, with one problem in flight.
serve() {
    MODEL=$WORK/models/$1 MAX_MODEL_LEN=4096 sh run/run_server.sh
}
stop_server() {
    sh run/run_server.sh stop
}
trap 'stop_server >/dev/null' EXIT
trap 'exit 130' INT TERM
SERVER_URL=http://127.0.0.1:$PORT/v1
TEMPERATURE=0
export SERVER_URL TEMPERATURE

say "RFT on held-out problems"
serve RFT
MODEL=$WORK/models/RFT MAX_TOKENS=2048 sh run/run_base_model_evaluation.sh
stop_server

say "SPRINT on held-out problems"
serve SPRINT
PLANNER_MODEL=$WORK/models/SPRINT PLANNER_SERVER_URL=$SERVER_URL PLAN_TOKENS=1024 \
    EXECUTION_TOKENS=1024 sh run/run_agent_orchestration.sh
stop_server

say "Comparison"
"$PYTHON" -m sprint.utils.compare "$WORK/logs_base_model/base_model_output_RFT/test_default" \
    "$WORK/logs_full_trajectory/SPRINT/test_default" --output "$WORK/comparison.md"
say "Done"
