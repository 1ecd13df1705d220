"""SPRINT behind an OpenAI-compatible API."""

from typing import TYPE_CHECKING

from ..utils.lazy import lazily
from .config import ServingConfig

if TYPE_CHECKING:
    from .stage import run, run_within

__all__ = ["ServingConfig", "run", "run_within"]

__getattr__ = lazily(__name__, stage=("run", "run_within"))
