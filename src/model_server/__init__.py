"""Starting and stopping a vLLM server of ours: what run/run_server.sh is made of."""
