"""Starts and stops a local vLLM server, for run/run_server.sh."""
