"""SPRINT inference: a planner and its executors solve problems in rounds."""

from typing import TYPE_CHECKING

from ..utils.lazy import lazily
from .config import ModelsConfig, Settings, SprintConfig

if TYPE_CHECKING:
    from .opening import open_sprint_solver
    from .solver import SprintSolver
    from .stage import run, run_within

__all__ = [
    "ModelsConfig",
    "Settings",
    "SprintConfig",
    "SprintSolver",
    "open_sprint_solver",
    "run",
    "run_within",
]

__getattr__ = lazily(
    __name__,
    opening=("open_sprint_solver",),
    solver=("SprintSolver",),
    stage=("run", "run_within"),
)
