"""A page that solves a problem with planner and executors beside the serial answer, both live."""

from typing import TYPE_CHECKING

from ...utils.lazy import lazily
from .config import DemoConfig

if TYPE_CHECKING:
    from .stage import run

__all__ = ["DemoConfig", "run"]

__getattr__ = lazily(__name__, stage=("run",))
