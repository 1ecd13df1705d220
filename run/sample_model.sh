#!/bin/sh
# Makes the shipped models/sample_sprint, which answers with a plan and without one: the quickstart's
# SPRINT model, with some steps on serial thoughts. Then measures both ways on the quickstart's
# problems.
set -eu
. "$(dirname "$0")/python.sh"
. run/stages.sh

WORK=${WORK:-quickstart}
# Where the model goes.
SAMPLE_MODEL=${SAMPLE_MODEL:-models/sample_sprint}
# Steps on serial thoughts, of two samples each, and their learning rate: those of the quickstart's
# RFT model.
SERIAL_STEPS=${SERIAL_STEPS:-40}
SERIAL_LEARNING_RATE=${SERIAL_LEARNING_RATE:-2e-4}
# Problems in flight.
NUM_WORKERS=${NUM_WORKERS:-4}
PORT=${QUICKSTART_PORT:-8321}

if [ ! -f "$WORK/models/SPRINT/recipe.txt" ]; then
    echo "Error: no model $WORK/models/SPRINT: run 'sh run/quickstart.sh' first." >&2
    exit 2
fi

ASIDE=$WORK/sample_model
LOGS_DIR=$ASIDE/logs
TEST_HUB_PATH=$WORK/data/test.jsonl
FINETUNING_DATA=$WORK/logs/finetuning_data/train_default
BASE_MODEL=$WORK/models/SPRINT
OUTPUT_MODEL=$ASIDE/sample_sprint
TOKENIZER=$BASE_MODEL
SERVER_DIR=$WORK/servers
SERVER_URL=http://127.0.0.1:$PORT/v1
PLANNER_SERVER_URL=$SERVER_URL
MAX_MODEL_LEN=4096
MAX_LENGTH=3072
TEMPERATURE=0
. run/variables.sh
use_only LOGS_DIR TEST_HUB_PATH FINETUNING_DATA BASE_MODEL OUTPUT_MODEL TOKENIZER SERVER_DIR \
    SERVER_URL PLANNER_SERVER_URL MAX_MODEL_LEN MAX_LENGTH TEMPERATURE NUM_WORKERS PORT PYTHON

rm -rf "$ASIDE"
stage env PRESENTATION=serial LEARNING_RATE="$SERIAL_LEARNING_RATE" BATCH_SIZE=2 \
    GRADIENT_ACCUMULATION=1 EVAL_STEPS=0 sh run/run_finetune.sh --max_steps "$SERIAL_STEPS" \
    --no-gradient_checkpointing --sampling by_length

serve "$OUTPUT_MODEL"
stage env MODEL="$OUTPUT_MODEL" MAX_TOKENS=2560 sh run/run_base_model_evaluation.sh
stage env PLANNER_MODEL="$OUTPUT_MODEL" PLAN_TOKENS=1024 EXECUTION_TOKENS=1024 \
    sh run/run_agent_orchestration.sh
stop_server
stage "$PYTHON" -m sprint.analysis.compare \
    "$ASIDE/logs_base_model/base_model_output_sample_sprint/test_default" \
    "$ASIDE/logs_full_trajectory/sample_sprint/test_default" --output "$ASIDE/comparison.md"

# What makes the model; its README.md is written by hand.
mkdir -p "$SAMPLE_MODEL"
for name in config.json generation_config.json model.safetensors tokenizer.json \
    tokenizer_config.json; do
    cp "$OUTPUT_MODEL/$name" "$SAMPLE_MODEL/$name"
done
