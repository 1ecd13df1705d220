"""The public name of the rule that puts components into phases."""

from ..utils.thoughts.packing import assign_phases

__all__ = ["assign_phases"]
