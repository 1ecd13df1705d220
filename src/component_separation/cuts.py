"""Where to cut a thought, given the evidence that each line begins a step."""

from __future__ import annotations

import math
from collections.abc import Sequence

STEPS_PER_LOG_LINE = 2.5
"""Annotators see larger steps in longer thoughts: about 10 in 65 lines, 15 in 400."""
THRESHOLD = 0.75
"""The cost of a cut: most paragraphs do not begin a step."""
LENGTH_COST = 0.5
"""The cost of a step e times as long, or as short, as usual in a thought of this length.

The first step pays nothing for being short: many thoughts only repeat the question there.
"""
MAX_LOOK_BACK = 300
"""How many candidates before a cut are tried as the previous cut: the search stays linear."""


def best_starts(weights: Sequence[float]) -> list[int]:
    """The lines (from 1) at which steps begin, always including the first line.

    Of all ways to cut at lines with evidence above THRESHOLD, the one with the largest sum of
    weights minus the cost of unusual lengths (dynamic programming over the last cut).
    """
    if not weights:
        return []
    usual = len(weights) / (STEPS_PER_LOG_LINE * math.log(len(weights) + 2))
    inner = [(n, w - THRESHOLD) for n, w in enumerate(weights[1:], start=2) if w > THRESHOLD]
    cuts = [(1, 0.0), *inner, (len(weights) + 1, 0.0)]

    def cost(first: int, end: int) -> float:
        off = math.log((end - first) / usual)
        return 0 if first == 1 and off < 0 else LENGTH_COST * off**2

    best, previous = [0.0], [0]
    for position, (line, gain) in enumerate(cuts[1:], start=1):
        value, earlier = max(
            (best[earlier] - cost(cuts[earlier][0], line), earlier)
            for earlier in range(max(0, position - MAX_LOOK_BACK), position)
        )
        best.append(value + gain)
        previous.append(earlier)
    starts, position = list[int](), previous[-1]
    while position:
        starts.append(cuts[position][0])
        position = previous[position]
    return [1, *reversed(starts)]
