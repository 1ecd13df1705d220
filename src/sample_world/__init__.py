"""The sample world: seeded problems with R1-like thoughts, written as an ordinary dataset.

It replaces MATH and DeepSeek-R1 if there is no GPU and no key.
"""

from typing import TYPE_CHECKING

from ..utils.lazy import lazily
from .config import SampleWorldConfig

if TYPE_CHECKING:
    from .command import run

__all__ = ["SampleWorldConfig", "run"]

__getattr__ = lazily(__name__, command=("run",))
