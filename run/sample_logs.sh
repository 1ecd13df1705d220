#!/bin/sh
# Writes the shipped logs/, logs_base_model/ and logs_full_trajectory/: a few sample problems
# through curation and inference, with the models that the quickstart has trained.
set -eu
. "$(dirname "$0")/python.sh"

WORK=${WORK:-quickstart}
# Rows of the quickstart's data: one problem of each family on the highest level.
RANGE=${RANGE:-20:25}
PORT=${PORT:-8321}

for model in RFT SPRINT; do
    if [ ! -f "$WORK/models/$model/recipe.txt" ]; then
        echo "Error: no model $WORK/models/$model: run 'sh run/quickstart.sh' first." >&2
        exit 2
    fi
done

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
export LOGS_DIR DATA_HUB_PATH TEST_HUB_PATH TOKENIZER RANGE ORCHESTRATION_RANGE SERVER_DIR \
    SERVER_URL PLANNER_SERVER_URL MAX_MODEL_LEN TEMPERATURE PORT PYTHON

rm -rf "$ASIDE"
sh run/run_component_separation.sh
sh run/run_dag_creation.sh
sh run/run_finetuning_data_preparation.sh

MODEL=$WORK/models/RFT sh run/run_server.sh
trap 'sh run/run_server.sh stop' EXIT
trap 'exit 130' INT TERM
MODEL=$WORK/models/RFT MAX_TOKENS=2560 sh run/run_base_model_evaluation.sh
sh run/run_server.sh stop
MODEL=$WORK/models/SPRINT sh run/run_server.sh
PLANNER_MODEL=$WORK/models/SPRINT PLAN_TOKENS=1024 EXECUTION_TOKENS=1024 \
    sh run/run_agent_orchestration.sh
trap - EXIT INT TERM
sh run/run_server.sh stop

for folder in logs logs_base_model logs_full_trajectory; do
    rm -rf "$folder"
    mv "$ASIDE/$folder" "$folder"
done
