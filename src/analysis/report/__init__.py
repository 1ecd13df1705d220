"""The report of a SPRINT run: `sprint report FOLDER`."""

from typing import TYPE_CHECKING

from ...utils.lazy import lazily
from .config import ReportConfig

if TYPE_CHECKING:
    from .command import run

__all__ = ["ReportConfig", "run"]

__getattr__ = lazily(__name__, command=("run",))
