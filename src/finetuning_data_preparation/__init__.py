"""Stage 3: from components and DAGs to trajectories and fine-tuning data."""

from typing import TYPE_CHECKING

from ..utils.lazy import lazily
from .config import PreparationConfig

if TYPE_CHECKING:
    from .stage import run

__all__ = ["PreparationConfig", "run"]

__getattr__ = lazily(__name__, stage=("run",))
