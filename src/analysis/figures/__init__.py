"""Figures from result folders: `sprint figures FOLDER… --output FOLDER`."""

from typing import TYPE_CHECKING

from ...utils.lazy import lazily
from .config import FiguresConfig

if TYPE_CHECKING:
    from .command import run
    from .drawing import draw_figures, to_bytes

__all__ = ["FiguresConfig", "draw_figures", "run", "to_bytes"]

__getattr__ = lazily(__name__, command=("run",), drawing=("draw_figures", "to_bytes"))
