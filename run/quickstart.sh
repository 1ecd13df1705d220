#!/bin/sh
# A small version of the complete pipeline, without a GPU or a key: from raw thoughts to a table
# that compares SPRINT with serial reasoning (RFT). Takes about 15 minutes on 2 cores, plus the
# installation. Every step uses the same script as a 7B model, with other variables.
set -eu
cd "$(dirname "$0")/.."
. run/quickstart_folder.sh
. run/tiny_models.sh

BASE_MODEL=${BASE_MODEL:-models/sample_base}
# Kind of sample problems: "words" for language models, as in run/real_model.sh.
SAMPLE_WORLD=${SAMPLE_WORLD:-}
TRAIN_PROBLEMS=${TRAIN_PROBLEMS:-1200}
TEST_PROBLEMS=${TEST_PROBLEMS:-60}
# Order of a plan's prompts in the training data: original or longest_first.
PROMPT_ORDER=${PROMPT_ORDER:-}
# Structure of the training data: "fastest" or "mixed" by the price list PRICES, and two ways to
# teach when to write another plan.
STRUCTURE=${STRUCTURE:-}
PRICES=${PRICES:-}
SECOND_PLANS=${SECOND_PLANS:-}
SERIAL_OPENING=${SERIAL_OPENING:-}
# Fine-tuning: the tiny model needs other settings than the defaults for 7B.
# `trie` is `per_call` (same loss, same gradients) from a fraction of the tokens.
SPRINT_PRESENTATION=${SPRINT_PRESENTATION:-trie}
SPRINT_STEPS=${SPRINT_STEPS:-560}
# on: tags cost one token each instead of several.
SPRINT_TAG_TOKENS=${SPRINT_TAG_TOKENS:-on}
RFT_STEPS=${RFT_STEPS:-40}
LEARNING_RATE=${LEARNING_RATE:-1.5e-3}
# The base model already writes serial thoughts: a high learning rate would make it worse.
RFT_LEARNING_RATE=${RFT_LEARNING_RATE:-2e-4}
BATCH_SIZE=${BATCH_SIZE:-2}
# Batches of one length train faster; batches of one level are no fair share of the problems.
SAMPLING=${SAMPLING:-by_length}
MAX_LENGTH=${MAX_LENGTH:-3072}
# Steps between checkpoints: an interrupted training continues from the last one. 0: none, the tiny
# model is trained in minutes.
SAVE_STEPS=${SAVE_STEPS:-0}
# Inference: both methods use the same server settings, with one problem in flight.
MAX_MODEL_LEN=${MAX_MODEL_LEN:-$TINY_CONTEXT}
MAX_TOKENS=${MAX_TOKENS:-$TINY_REPLY}
PLAN_TOKENS=${PLAN_TOKENS:-$TINY_CALL}
EXECUTION_TOKENS=${EXECUTION_TOKENS:-$TINY_CALL}
TEMPERATURE=${TEMPERATURE:-0}
# on: servers compile the model, on a CPU. The tiny model would become slower.
SERVER_COMPILE=${SERVER_COMPILE:-}

LOGS_DIR=$WORK/logs
FINETUNING_DATA=$LOGS_DIR/finetuning_data/train_default
NUM_WORKERS=1
GRADIENT_ACCUMULATION=1
EVAL_STEPS=0
# The Python that everything is installed for.
PYTHON=${VENV:-.venv}/bin/python
. run/variables.sh
use_only BASE_MODEL LEARNING_RATE BATCH_SIZE MAX_LENGTH PORT MAX_MODEL_LEN MAX_TOKENS PLAN_TOKENS \
    EXECUTION_TOKENS TEMPERATURE LOGS_DIR DATA_HUB_PATH TEST_HUB_PATH FINETUNING_DATA SERVER_DIR \
    SERVER_URL PLANNER_SERVER_URL PROMPT_ORDER STRUCTURE PRICES SECOND_PLANS \
    SERIAL_OPENING SERVER_COMPILE NUM_WORKERS GRADIENT_ACCUMULATION EVAL_STEPS SAVE_STEPS PYTHON

started=$(date +%s)
say() {
    echo "== $(($(date +%s) - started)) s: $*"
}

# Nothing if none is set: models that were trained before these variables keep their recipe.
structures=${STRUCTURE:+ $STRUCTURE $PRICES}${SECOND_PLANS:+ $SECOND_PLANS}
structures=$structures${SERIAL_OPENING:+ $SERIAL_OPENING}

# train PRESENTATION STEPS NAME LEARNING_RATE TAG_TOKENS: keeps an existing model with the same inputs
# and settings.
train() {
    recipe="$1 $2 $4 $5 $BATCH_SIZE $MAX_LENGTH $SAMPLING $PROMPT_ORDER $(cat "$DATA_HUB_PATH" \
        "$BASE_MODEL"/*.safetensors | cksum)$structures"
    finetune "$WORK/models/$3" "$recipe" PRESENTATION="$1" LEARNING_RATE="$4" TAG_TOKENS="$5" \
        sh run/run_finetune.sh --max_steps "$2" --no-gradient_checkpointing --sampling "$SAMPLING"
}

say "Setting up"
sh run/setup.sh
. run/stages.sh
. run/finetune_once.sh

say "Sample problems with thoughts"
stage "$PYTHON" -m sprint.sample_world --output "$WORK/data" \
    ${SAMPLE_WORLD:+--world "$SAMPLE_WORLD"} \
    --train "$TRAIN_PROBLEMS" --test "$TEST_PROBLEMS"

say "Curation: thoughts to trajectories"
stage sh run/run_component_separation.sh
stage sh run/run_dag_creation.sh --max_pictures 5
stage env TOKENIZER="$BASE_MODEL" sh run/run_finetuning_data_preparation.sh

say "Fine-tuning SPRINT"
train "$SPRINT_PRESENTATION" "$SPRINT_STEPS" SPRINT "$LEARNING_RATE" "$SPRINT_TAG_TOKENS"
say "Fine-tuning RFT on the same problems' serial thoughts"
train serial "$RFT_STEPS" RFT "$RFT_LEARNING_RATE" ""

say "RFT on held-out problems"
serve "$WORK/models/RFT"
stage env MODEL="$WORK/models/RFT" sh run/run_base_model_evaluation.sh
stop_server

say "SPRINT on held-out problems"
serve "$WORK/models/SPRINT"
stage env PLANNER_MODEL="$WORK/models/SPRINT" sh run/run_agent_orchestration.sh
stop_server

say "Comparison"
stage "$PYTHON" -m sprint.analysis.compare "$WORK/logs_base_model/base_model_output_RFT/test_default" \
    "$WORK/logs_full_trajectory/SPRINT/test_default" --output "$WORK/comparison.md"
say "Done"
