"""SPRINT: reasoning models that plan in rounds and execute in parallel (arXiv 2506.05745)."""

__version__ = "0.3.0.dev0"
