"""The sample world: seeded problems with R1-like thoughts, and the tiny model that thinks in it.

It stands in for MATH and DeepSeek-R1 where there is no GPU and no key. Nothing outside this
folder knows of it: it writes an ordinary dataset and an ordinary model folder.
"""
