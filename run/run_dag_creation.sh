#!/bin/sh
# Stage 2: finds out which components of a thought depend on which.
set -eu
. "$(dirname "$0")/python.sh"

# What is empty is left to the command: --help shows its defaults.
DAG_CREATION_MODEL=${DAG_CREATION_MODEL:-}
DAG_CREATION_SERVER_URL=${DAG_CREATION_SERVER_URL:-}
# Name of the variable with the server's key; empty: OPENAI_API_KEY or, elsewhere, SERVER_API_KEY.
DAG_CREATION_KEY_VARIABLE=${DAG_CREATION_KEY_VARIABLE:-}
# With the flags for columns (--thought_column NAME, ...) that stage 1 was given.
DATA_HUB_PATH=${DATA_HUB_PATH:?set DATA_HUB_PATH to the dataset that stage 1 was given}
. run/annotation.sh

exec "$PYTHON" -m sprint.dag_creation \
    ${DAG_CREATION_MODEL:+--dag_creation_model "$DAG_CREATION_MODEL"} \
    ${DAG_CREATION_SERVER_URL:+--dag_creation_server_url "$DAG_CREATION_SERVER_URL"} \
    ${DAG_CREATION_KEY_VARIABLE:+--dag_creation_key_variable "$DAG_CREATION_KEY_VARIABLE"} \
    "$@"
