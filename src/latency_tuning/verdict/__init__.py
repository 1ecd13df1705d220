"""Whether a round made a model faster and no worse: `sprint accept`."""

from typing import TYPE_CHECKING

from ...utils.lazy import lazily
from .config import AcceptConfig

if TYPE_CHECKING:
    from .command import run

__all__ = ["AcceptConfig", "run"]

__getattr__ = lazily(__name__, command=("run",))
