"""Comparison of methods by their result folders: `sprint compare FOLDER…`."""

from typing import TYPE_CHECKING

from ...utils.lazy import lazily
from .config import CompareConfig

if TYPE_CHECKING:
    from .command import run
    from .folder_reading import (
        FolderContent,
        Regrade,
        method_results,
        read_content,
        read_method,
        read_methods,
        told_apart,
    )
    from .markdown import comparison
    from .outcomes import MethodResults, ProblemResult

__all__ = [
    "CompareConfig",
    "FolderContent",
    "MethodResults",
    "ProblemResult",
    "Regrade",
    "comparison",
    "method_results",
    "read_content",
    "read_method",
    "read_methods",
    "run",
    "told_apart",
]

__getattr__ = lazily(
    __name__,
    command=("run",),
    outcomes=("MethodResults", "ProblemResult"),
    folder_reading=(
        "FolderContent",
        "Regrade",
        "method_results",
        "read_content",
        "read_method",
        "read_methods",
        "told_apart",
    ),
    markdown=("comparison",),
)
