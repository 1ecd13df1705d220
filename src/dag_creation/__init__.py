"""Stage 2: from components to dependency DAGs."""

from typing import TYPE_CHECKING

from ..utils.lazy import lazily
from .config import DagConfig

if TYPE_CHECKING:
    from .stage import run, run_within

__all__ = ["DagConfig", "run", "run_within"]

__getattr__ = lazily(__name__, stage=("run", "run_within"))
