#!/bin/sh
# Writes the shipped logs/, logs_base_model/ and logs_full_trajectory/: a few sample problems
# through curation and inference, with the models trained by the quickstart.
set -eu
. "$(dirname "$0")/python.sh"
. run/stages.sh
. run/quickstart_folder.sh
. run/tiny_models.sh

# Rows of the quickstart's data: one problem per family, on the highest level.
RANGE=${RANGE:-20:25}

require_models

ASIDE=$WORK/sample_logs
LOGS_DIR=$ASIDE/logs
TOKENIZER=models/sample_base
ORCHESTRATION_RANGE=$RANGE
MAX_MODEL_LEN=$TINY_CONTEXT
MAX_TOKENS=$TINY_REPLY
PLAN_TOKENS=$TINY_CALL
EXECUTION_TOKENS=$TINY_CALL
TEMPERATURE=0
. run/variables.sh
use_only LOGS_DIR DATA_HUB_PATH TEST_HUB_PATH TOKENIZER RANGE ORCHESTRATION_RANGE SERVER_DIR \
    SERVER_URL PLANNER_SERVER_URL MAX_MODEL_LEN MAX_TOKENS PLAN_TOKENS EXECUTION_TOKENS TEMPERATURE \
    PORT PYTHON

rm -rf "$ASIDE"
stage sh run/run_component_separation.sh
stage sh run/run_dag_creation.sh
stage sh run/run_finetuning_data_preparation.sh

serve "$WORK/models/RFT"
stage env MODEL="$WORK/models/RFT" sh run/run_base_model_evaluation.sh
stop_server
serve "$WORK/models/SPRINT"
stage env PLANNER_MODEL="$WORK/models/SPRINT" sh run/run_agent_orchestration.sh
stop_server

for folder in logs logs_base_model logs_full_trajectory; do
    rm -rf "$folder"
    mv "$ASIDE/$folder" "$folder"
done
