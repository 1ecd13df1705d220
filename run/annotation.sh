# Sourced by the scripts of stages 1 and 2: puts the flags of their common variables first in "$@".
NUM_WORKERS=${NUM_WORKERS:-}
# 1: use the Batch API, at half the price.
BATCH=${BATCH:-}
# US dollars; empty: no limit. Prices are per million tokens, for models not in the price table.
MAX_COST=${MAX_COST:-}
PRICE_IN=${PRICE_IN:-}
PRICE_OUT=${PRICE_OUT:-}

case $BATCH in
    "" | 0) batch= ;;
    1) batch=--batch ;;
    *) echo "Error: BATCH is '$BATCH': set it to 1 for the Batch API, or leave it empty." >&2; exit 2 ;;
esac
set -- \
    $batch \
    ${NUM_WORKERS:+--num_workers "$NUM_WORKERS"} \
    ${MAX_COST:+--max_cost "$MAX_COST"} \
    ${PRICE_IN:+--price_in "$PRICE_IN"} \
    ${PRICE_OUT:+--price_out "$PRICE_OUT"} \
    "$@"
. run/curation.sh
