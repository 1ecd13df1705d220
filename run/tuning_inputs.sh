# Sourced after stages.sh by the scripts of stage 5: the variables that they share, and what they need
# for the quickstart's model.
. run/tiny_models.sh

# The folder of the SPRINT model to start from. With your own, also set what belongs to it. Default:
# the quickstart's, with its data, prices fitted to its run, and 100 other sample problems.
PLANNER_MODEL=${PLANNER_MODEL:-}
# Training problems: those of the data that the model was trained on.
DATA_HUB_PATH=${DATA_HUB_PATH:-}
# Price list in seconds.
PRICES=${PRICES:-}
# Held-out problems, which decide whether the model got worse.
TEST_HUB_PATH=${TEST_HUB_PATH:-}
# The server and the limits of a call.
PORT=${PORT:-8321}
MAX_MODEL_LEN=${MAX_MODEL_LEN:-$TINY_CONTEXT}
PLAN_TOKENS=${PLAN_TOKENS:-$TINY_CALL}
EXECUTION_TOKENS=${EXECUTION_TOKENS:-$TINY_CALL}

fail() {
    echo "Error: $*" >&2
    exit 2
}

# quickstart_prices FILE: the price list that is fitted to the quickstart's run.
quickstart_prices() {
    [ -f "$1" ] || stage "$PYTHON" -m sprint.analysis.price_fit \
        quickstart/logs_full_trajectory/SPRINT/test_default --output "$1"
}

# other_problems FOLDER: 100 held-out sample problems, test.jsonl. Another seed than the quickstart's:
# its test problems measure the final model.
other_problems() {
    [ -f "$1/test.jsonl" ] || stage "$PYTHON" -m sprint.sample_world --output "$1" --train 1 --seed 7
}
