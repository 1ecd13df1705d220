"""Supervised fine-tuning with TRL on accelerate."""

from typing import TYPE_CHECKING

from ..utils.lazy import lazily
from .config import FinetuneConfig

if TYPE_CHECKING:
    from .stage import run

__all__ = ["FinetuneConfig", "run"]

__getattr__ = lazily(__name__, stage=("run",))
