"""How long a test waits for what never fails to come, before it counts as hanging."""

PATIENCE = 60.0
"""Seconds for what happens within this process, on a machine that is slow and busy."""
PROCESS_PATIENCE = 600.0
"""Seconds for a process that imports torch, say, or trains."""
