"""Baselines: serial reasoning, self-consistency and Skeleton-of-Thought."""

from typing import TYPE_CHECKING

from ..utils.lazy import lazily
from .config import BaselineConfig, ChatSkeletonConfig, SelfConsistencyConfig, SkeletonConfig

if TYPE_CHECKING:
    from .stage import run, run_within

__all__ = [
    "BaselineConfig",
    "ChatSkeletonConfig",
    "SelfConsistencyConfig",
    "SkeletonConfig",
    "run",
    "run_within",
]

__getattr__ = lazily(__name__, stage=("run", "run_within"))
