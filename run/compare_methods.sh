#!/bin/sh
# Compares SPRINT with RFT, self-consistency and both kinds of Skeleton-of-Thought in one table, on
# the sample problems and with the models of the quickstart.
set -eu
. "$(dirname "$0")/python.sh"
. run/stages.sh
. run/quickstart_folder.sh
. run/tiny_models.sh

# Rows of the quickstart's test problems.
ORCHESTRATION_RANGE=${ORCHESTRATION_RANGE:-}
# Problems in flight, the same for all methods, so that wall clocks are comparable.
NUM_WORKERS=${NUM_WORKERS:-4}

require_models

LOGS_DIR=$WORK/methods/logs
# The tiny models have no chat template.
API=completions
MAX_MODEL_LEN=$TINY_CONTEXT
MAX_TOKENS=$TINY_REPLY
PLAN_TOKENS=$TINY_CALL
EXECUTION_TOKENS=$TINY_CALL
. run/variables.sh
use_only LOGS_DIR TEST_HUB_PATH ORCHESTRATION_RANGE SERVER_DIR SERVER_URL \
    PLANNER_SERVER_URL MAX_MODEL_LEN MAX_TOKENS PLAN_TOKENS EXECUTION_TOKENS NUM_WORKERS PORT \
    PYTHON API

# Greedy decoding unless the paper gives a temperature for the method.
serve "$WORK/models/RFT"
for method in RFT self-consistency SoT-chat SoT-reasoning; do
    temperature=
    [ "$method" != RFT ] || temperature=0
    stage env MODEL="$WORK/models/RFT" METHOD="$method" TEMPERATURE="$temperature" \
        sh run/run_base_model_evaluation.sh
done
stop_server
serve "$WORK/models/SPRINT"
stage env PLANNER_MODEL="$WORK/models/SPRINT" TEMPERATURE=0 sh run/run_agent_orchestration.sh
stop_server

baseline=$WORK/methods/logs_base_model/base_model_output_RFT
stage "$PYTHON" -m sprint.analysis.compare "$baseline/test_default" \
    "${baseline}_self-consistency/test_default" "${baseline}_SoT-chat/test_default" \
    "${baseline}_SoT-reasoning/test_default" \
    "$WORK/methods/logs_full_trajectory/SPRINT/test_default" --output "$WORK/methods/comparison.md"
