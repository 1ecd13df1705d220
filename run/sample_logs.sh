#!/bin/sh
# Writes the shipped logs/, logs_base_model/ and logs_full_trajectory/: a few sample problems
# through curation and inference, with the models that the quickstart has trained.
set -eu
. "$(dirname "$0")/python.sh"

WORK=${WORK:-quickstart}
COUNT=${COUNT:-5}
PORT=${PORT:-8321}

LOGS_DIR=logs
DATA_HUB_PATH=$WORK/data/train.jsonl
TEST_HUB_PATH=$WORK/data/test.jsonl
TOKENIZER=models/sample_base
RANGE=20:$((20 + COUNT)) # level 5
ORCHESTRATION_RANGE=$RANGE
SERVER_URL=http://127.0.0.1:$PORT/v1
TEMPERATURE=0
export LOGS_DIR DATA_HUB_PATH TEST_HUB_PATH TOKENIZER RANGE ORCHESTRATION_RANGE SERVER_URL \
    TEMPERATURE PORT

rm -rf logs logs_base_model logs_full_trajectory
sh run/run_component_separation.sh
sh run/run_dag_creation.sh
sh run/run_finetuning_data_preparation.sh

trap 'sh run/run_server.sh stop >/dev/null' EXIT
trap 'exit 130' INT TERM
MODEL=$WORK/models/RFT MAX_MODEL_LEN=4096 sh run/run_server.sh
MODEL=$WORK/models/RFT MAX_TOKENS=2048 sh run/run_base_model_evaluation.sh
sh run/run_server.sh stop
MODEL=$WORK/models/SPRINT MAX_MODEL_LEN=4096 sh run/run_server.sh
PLANNER_MODEL=$WORK/models/SPRINT PLANNER_SERVER_URL=$SERVER_URL PLAN_TOKENS=1024 \
    EXECUTION_TOKENS=1024 sh run/run_agent_orchestration.sh
