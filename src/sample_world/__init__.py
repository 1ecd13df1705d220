"""The sample world: seeded problems with R1-like thoughts, and the tiny model that thinks in it.

It stands in for MATH and DeepSeek-R1 if there is no GPU and no key. It writes an
ordinary dataset and an ordinary model folder; outside of this folder only the benchmarks know of
its problems.
"""

from .config import SampleWorldConfig

__all__ = ["SampleWorldConfig"]
