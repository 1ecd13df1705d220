"""Tasks and processes that end with their owner, progress, signals, open files."""
