"""Baselines: serial reasoning, self-consistency and Skeleton-of-Thought."""

from typing import TYPE_CHECKING

from ..utils.lazy import lazily
from .config import (
    BaselineConfig,
    ChatSkeletonConfig,
    SelfConsistencyConfig,
    Settings,
    SkeletonConfig,
)

if TYPE_CHECKING:
    from .opening import open_serial_solver
    from .serial import SerialSolver
    from .stage import run, run_within

__all__ = [
    "BaselineConfig",
    "ChatSkeletonConfig",
    "SelfConsistencyConfig",
    "SerialSolver",
    "Settings",
    "SkeletonConfig",
    "open_serial_solver",
    "run",
    "run_within",
]

__getattr__ = lazily(
    __name__,
    opening=("open_serial_solver",),
    serial=("SerialSolver",),
    stage=("run", "run_within"),
)
