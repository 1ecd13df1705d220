"""Comparison of methods by their result folders: `python -m sprint.utils.compare FOLDER…`."""

from .methods import MethodResults, ProblemResult
from .reading import read_method, read_methods
from .report import comparison

__all__ = ["MethodResults", "ProblemResult", "comparison", "read_method", "read_methods"]
