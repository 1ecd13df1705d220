"""Prices of a server, fitted to the calls of a run: `sprint prices FOLDER`."""

from typing import TYPE_CHECKING

from ...utils.lazy import lazily
from .config import PricesConfig

if TYPE_CHECKING:
    from .command import run

__all__ = ["PricesConfig", "run"]

__getattr__ = lazily(__name__, command=("run",))
