"""Which components share a phase (arXiv 2506.05745, section on data curation)."""

from __future__ import annotations

from ..utils.thoughts.dag import assign_phases
from ..utils.thoughts.short_executions import merge_short_executions

__all__ = ["assign_phases", "merge_short_executions"]
