"""SPRINT inference: a planner and its executors solve problems in rounds."""

from typing import TYPE_CHECKING

from ..utils.lazy import lazily
from .config import ModelsConfig, PromptedConfig, SprintConfig, SprintSettings

if TYPE_CHECKING:
    from .solver import SprintSolver
    from .stage import open_sprint_solver, run, run_within

__all__ = [
    "ModelsConfig",
    "PromptedConfig",
    "SprintConfig",
    "SprintSettings",
    "SprintSolver",
    "open_sprint_solver",
    "run",
    "run_within",
]

__getattr__ = lazily(
    __name__,
    solver=("SprintSolver",),
    stage=("open_sprint_solver", "run", "run_within"),
)
