"""Samples of problems for a round of self-training: `sprint resample`."""

from typing import TYPE_CHECKING

from ...utils.lazy import lazily
from .config import ResampleConfig

if TYPE_CHECKING:
    from .command import run

__all__ = ["ResampleConfig", "run"]

__getattr__ = lazily(__name__, command=("run",))
