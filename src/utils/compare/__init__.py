"""Comparison of methods by their result folders: `python -m sprint.utils.compare FOLDER…`."""

from .methods import MethodResults, ProblemResult
from .reading import (
    FolderContent,
    Regrade,
    method_results,
    read_content,
    read_method,
    read_methods,
    told_apart,
)
from .report import comparison

__all__ = [
    "FolderContent",
    "MethodResults",
    "ProblemResult",
    "Regrade",
    "comparison",
    "method_results",
    "read_content",
    "read_method",
    "read_methods",
    "told_apart",
]
