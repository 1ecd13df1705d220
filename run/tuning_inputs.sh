# Sourced after stages.sh by the scripts of stage 5: what they need for the quickstart's model.

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
