"""The fastest right trajectories of a round: `sprint select`."""

from typing import TYPE_CHECKING

from ...utils.lazy import lazily
from .config import SelectConfig

if TYPE_CHECKING:
    from .command import run

__all__ = ["SelectConfig", "run"]

__getattr__ = lazily(__name__, command=("run",))
