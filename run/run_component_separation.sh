#!/bin/sh
# Stage 1: splits each raw thought into components (plan, prompt, execution, comment).
set -eu
. "$(dirname "$0")/python.sh"

# Empty variables use the command's defaults: see --help.
COMPONENT_SEPARATION_SERVER_URL=${COMPONENT_SEPARATION_SERVER_URL:-}
# Variable with the server's key; empty: OPENAI_API_KEY or, for other servers, SERVER_API_KEY.
COMPONENT_SEPARATION_KEY_VARIABLE=${COMPONENT_SEPARATION_KEY_VARIABLE:-}
# Flags after the script's name are passed to the stage: --thought_column NAME, --generation 0, ...
DATA_HUB_PATH=${DATA_HUB_PATH:?set DATA_HUB_PATH to a dataset of thoughts: hub name, folder or file}
. run/annotation.sh

exec "$PYTHON" -m sprint.component_separation \
    ${COMPONENT_SEPARATION_SERVER_URL:+--component_separation_server_url "$COMPONENT_SEPARATION_SERVER_URL"} \
    ${COMPONENT_SEPARATION_KEY_VARIABLE:+--component_separation_key_variable "$COMPONENT_SEPARATION_KEY_VARIABLE"} \
    "$@"
