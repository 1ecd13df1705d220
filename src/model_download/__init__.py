"""Downloads a base model into a folder that fine-tuning and vLLM load."""

from typing import TYPE_CHECKING

from ..utils.lazy import lazily
from .config import ModelDownloadConfig

if TYPE_CHECKING:
    from .download import run

__all__ = ["ModelDownloadConfig", "run"]

__getattr__ = lazily(__name__, download=("run",))
