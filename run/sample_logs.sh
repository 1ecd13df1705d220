#!/bin/sh
# Writes the shipped logs/, logs_base_model/ and logs_full_trajectory/: a few sample problems
# through curation and inference, with the models trained by the quickstart.
set -eu
. "$(dirname "$0")/python.sh"
. run/stages.sh

WORK=${WORK:-quickstart}
# Rows of the quickstart's data: one problem per family, on the highest level.
RANGE=${RANGE:-20:25}
PORT=${QUICKSTART_PORT:-8321}

require_models

ASIDE=$WORK/sample_logs
LOGS_DIR=$ASIDE/logs
DATA_HUB_PATH=$WORK/data/train.jsonl
TEST_HUB_PATH=$WORK/data/test.jsonl
TOKENIZER=models/sample_base
ORCHESTRATION_RANGE=$RANGE
SERVER_DIR=$WORK/servers
SERVER_URL=http://127.0.0.1:$PORT/v1
PLANNER_SERVER_URL=$SERVER_URL
MAX_MODEL_LEN=4096
TEMPERATURE=0
. run/variables.sh
use_only LOGS_DIR DATA_HUB_PATH TEST_HUB_PATH TOKENIZER RANGE ORCHESTRATION_RANGE SERVER_DIR \
    SERVER_URL PLANNER_SERVER_URL MAX_MODEL_LEN TEMPERATURE PORT PYTHON

rm -rf "$ASIDE"
stage sh run/run_component_separation.sh
stage sh run/run_dag_creation.sh
stage sh run/run_finetuning_data_preparation.sh

serve "$WORK/models/RFT"
stage env MODEL="$WORK/models/RFT" MAX_TOKENS=2560 sh run/run_base_model_evaluation.sh
stop_server
serve "$WORK/models/SPRINT"
stage env PLANNER_MODEL="$WORK/models/SPRINT" PLAN_TOKENS=1024 EXECUTION_TOKENS=1024 \
    sh run/run_agent_orchestration.sh
stop_server

for folder in logs logs_base_model logs_full_trajectory; do
    rm -rf "$folder"
    mv "$ASIDE/$folder" "$folder"
done
