"""Figures from result folders: `python -m sprint.utils.figures FOLDER… --output FOLDER`."""

from .drawing import draw_figures, to_bytes

__all__ = ["draw_figures", "to_bytes"]
