# Sourced by the scripts that need a model server: where run_server.sh starts one.
LOCAL_SERVER_URL=http://127.0.0.1:8000/v1
