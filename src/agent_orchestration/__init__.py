"""SPRINT inference: a planner and its executors solve problems in rounds."""

from typing import TYPE_CHECKING

from ..utils.lazy import lazily
from .config import SprintConfig

if TYPE_CHECKING:
    from .stage import run, run_within

__all__ = ["SprintConfig", "run", "run_within"]

__getattr__ = lazily(__name__, stage=("run", "run_within"))
