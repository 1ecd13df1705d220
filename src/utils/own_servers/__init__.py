"""The model servers that run/run_server.sh starts: each ends with all that it has started."""
