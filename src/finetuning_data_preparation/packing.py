"""Packs components into phases (arXiv 2506.05745, section on data curation)."""

from __future__ import annotations

from ..utils.thoughts.dag import assign_phases, merge_short_executions, pack_components

__all__ = ["assign_phases", "merge_short_executions", "pack_components"]
