"""Stage 1: from thoughts to components."""

from typing import TYPE_CHECKING

from ..utils.lazy import lazily
from .config import SeparationConfig

if TYPE_CHECKING:
    from .stage import run, run_within

__all__ = ["SeparationConfig", "run", "run_within"]

__getattr__ = lazily(__name__, stage=("run", "run_within"))
