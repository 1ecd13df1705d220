#!/bin/sh
# Stage 2: finds which components of a thought depend on which.
set -eu
. "$(dirname "$0")/python.sh"

# Empty variables use the command's defaults: see --help.
DAG_CREATION_MODEL=${DAG_CREATION_MODEL:-}
DAG_CREATION_SERVER_URL=${DAG_CREATION_SERVER_URL:-}
# Variable with the server's key; empty: OPENAI_API_KEY or, for other servers, SERVER_API_KEY.
DAG_CREATION_KEY_VARIABLE=${DAG_CREATION_KEY_VARIABLE:-}
# Needs the same column flags (--thought_column NAME, ...) as stage 1.
DATA_HUB_PATH=${DATA_HUB_PATH:?set DATA_HUB_PATH to the dataset that stage 1 was given}
. run/annotation.sh

exec "$PYTHON" -m sprint.dag_creation \
    ${DAG_CREATION_MODEL:+--dag_creation_model "$DAG_CREATION_MODEL"} \
    ${DAG_CREATION_SERVER_URL:+--dag_creation_server_url "$DAG_CREATION_SERVER_URL"} \
    ${DAG_CREATION_KEY_VARIABLE:+--dag_creation_key_variable "$DAG_CREATION_KEY_VARIABLE"} \
    "$@"
