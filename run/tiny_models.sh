# Sourced by the scripts that run the tiny models, which need less room than a 7B model. In tokens:
# the server's context, the longest serial reply, and the longest plan and execution.
TINY_CONTEXT=4096
TINY_REPLY=2560
TINY_CALL=1024
