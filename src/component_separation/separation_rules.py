"""The built-in annotator `rules`: finds steps by the words that announce them.

It needs no model and no key, and writes the answer that a model would write.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise, takewhile

from ..utils.records import Component
from ..utils.thoughts.components import render_component_answer
from .openings import weigh_starts
from .phrases import announces, checks, computes, imperative, judges, works

MIN_WORDS, MAX_WORDS = 5, 40
"""The minimum words in a prompt, if the text has them, and the maximum."""


def annotate(lines: Sequence[str]) -> str:
    """The component separation answer for these lines of a thought."""
    return render_component_answer(separate(lines))


def separate(lines: Sequence[str]) -> list[Component]:
    """The components of a thought; together they contain each line once."""
    starts = best_starts(weigh_starts(lines))
    blocks = [list(range(first, end)) for first, end in pairwise([*starts, len(lines) + 1])]
    return [
        _component(number, lines, block, is_intro=number == 1 and not announces(lines[0]))
        for number, block in enumerate(blocks, start=1)
    ]


def _component(number: int, lines: Sequence[str], block: list[int], is_intro: bool) -> Component:
    text = {line: lines[line - 1] for line in block}
    leading = list(takewhile(lambda line: announces(text[line]), block))
    plan = leading or block[:1]
    rest = block[len(plan) :]
    comment = list(takewhile(lambda line: judges(text[line]), reversed(rest)))[::-1]
    execution = rest[: len(rest) - len(comment)]
    if any(checks(text[line]) for line in execution):
        # The verdict of a check along the way is a result of the execution, not a comment on it.
        execution, comment = rest, []
    carried_out = any((computes if is_intro else works)(text[line]) for line in execution)
    if not carried_out:
        plan, execution, comment = block, [], []
    prompt = _prompt([text[line] for line in plan])
    return Component(
        number=number,
        description=prompt.removesuffix("."),
        plan=tuple(plan),
        prompt=prompt,
        execution=tuple(execution),
        comment=tuple(comment),
    )


def _beginning(plan: Sequence[str]) -> str:
    """Its first sentences, as many as it takes to be meaningful."""
    said = ""
    for sentence in plan:
        said += sentence
        if len(said.split()) >= MIN_WORDS:
            break
    return said.strip()


def _prompt(plan: Sequence[str]) -> str:
    """One imperative sentence: what the announcing sentences say will be done."""
    found = next(filter(None, map(imperative, plan)), None)
    words = (found or f"Carry out this step: {_beginning(plan)}").split()
    return " ".join(words) if len(words) <= MAX_WORDS else " ".join(words[:MAX_WORDS]) + " …"


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
