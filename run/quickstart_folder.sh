# Sourced by the quickstart and the scripts that use its models: its folder and its server.

# Folder for all output of the quickstart; remove it to start again.
WORK=${WORK:-quickstart}
# Port of the server.
QUICKSTART_PORT=${QUICKSTART_PORT:-8321}

PORT=$QUICKSTART_PORT
DATA_HUB_PATH=$WORK/data/train.jsonl
TEST_HUB_PATH=$WORK/data/test.jsonl
SERVER_DIR=$WORK/servers
SERVER_URL=http://127.0.0.1:$PORT/v1
PLANNER_SERVER_URL=$SERVER_URL
