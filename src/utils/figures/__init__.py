"""Figures from result folders: `python -m sprint.utils.figures FOLDER… --output FOLDER`."""

from .accuracy import draw_accuracy
from .phases import draw_phases
from .reduction import draw_reduction

__all__ = ["draw_accuracy", "draw_phases", "draw_reduction"]
