"""Baselines: serial reasoning, self-consistency and Skeleton-of-Thought."""

from typing import TYPE_CHECKING

from ..utils.lazy import lazily
from .config import (
    SERIAL_TOKENS,
    BaselineConfig,
    BaselineSettings,
    ChatSkeletonConfig,
    SelfConsistencyConfig,
    SkeletonConfig,
)

if TYPE_CHECKING:
    from .serial import SerialSolver
    from .stage import open_serial_solver, run, run_within

__all__ = [
    "SERIAL_TOKENS",
    "BaselineConfig",
    "BaselineSettings",
    "ChatSkeletonConfig",
    "SelfConsistencyConfig",
    "SerialSolver",
    "SkeletonConfig",
    "open_serial_solver",
    "run",
    "run_within",
]

__getattr__ = lazily(
    __name__,
    serial=("SerialSolver",),
    stage=("open_serial_solver", "run", "run_within"),
)
