# Sourced by the scripts of stages 1 to 3: puts the flags of their common variables first in "$@".

# "rules" needs no key and no server; any other name is a model of the OpenAI API or of the server.
COMPONENT_SEPARATION_MODEL=${COMPONENT_SEPARATION_MODEL:-}
SUBSET=${SUBSET:-}
SPLIT=${SPLIT:-}
RANGE=${RANGE:-}
# Processes for tasks that need no model server (default: all cores), and the share of the rows for
# runs on many machines: "3/16" is the third of sixteen.
NUM_PROCESSES=${NUM_PROCESSES:-}
SHARD=${SHARD:-}

set -- \
    --data_hub_path "$DATA_HUB_PATH" \
    ${COMPONENT_SEPARATION_MODEL:+--component_separation_model "$COMPONENT_SEPARATION_MODEL"} \
    ${SUBSET:+--subset "$SUBSET"} \
    ${SPLIT:+--split "$SPLIT"} \
    ${RANGE:+--range "$RANGE"} \
    ${NUM_PROCESSES:+--num_processes "$NUM_PROCESSES"} \
    ${SHARD:+--shard "$SHARD"} \
    "$@"
