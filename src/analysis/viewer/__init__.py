"""A page for viewing trajectories: `sprint view FOLDER…`."""

from typing import TYPE_CHECKING

from ...utils.lazy import lazily
from .config import ViewerConfig

if TYPE_CHECKING:
    from .command import run

__all__ = ["ViewerConfig", "run"]

__getattr__ = lazily(__name__, command=("run",))
