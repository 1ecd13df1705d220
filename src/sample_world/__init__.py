"""The sample world: seeded problems with R1-like thoughts, written as an ordinary dataset.

It replaces MATH and DeepSeek-R1 if there is no GPU and no key.
"""

from .config import SampleWorldConfig

__all__ = ["SampleWorldConfig"]
