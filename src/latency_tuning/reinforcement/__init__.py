"""Reinforcement by the priced critical path: `sprint reinforce`."""

from typing import TYPE_CHECKING

from ...utils.lazy import lazily
from .config import ReinforceConfig

if TYPE_CHECKING:
    from .command import run

__all__ = ["ReinforceConfig", "run"]

__getattr__ = lazily(__name__, command=("run",))
