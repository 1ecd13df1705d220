"""The sample world: seeded problems with R1-like thoughts, and the tiny model trained on them.

It replaces MATH and DeepSeek-R1 if there is no GPU and no key. It writes an ordinary dataset and
an ordinary model folder; outside of this folder only the benchmarks use its problems.
"""

from .config import SampleWorldConfig

__all__ = ["SampleWorldConfig"]
