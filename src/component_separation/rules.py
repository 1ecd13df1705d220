"""The built-in annotator `rules`: steps found by the words that announce them.

Paragraphs are the unit. A paragraph that announces a step opens a component, the others go on
with the present one. It needs no model and no key, and writes the answer that a model would.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile

from ..utils.curation.components import render_component_answer
from ..utils.records import Component
from .phrases import (
    announces,
    checks,
    computes,
    imperative,
    judges,
    may_open_step,
    opens_step,
    works,
)

LONG_BLOCK = 8
"""From so many lines on, a component ends at weaker signs: a bare "Now, …" or "Wait, …"."""
MAX_COMPONENTS = 40
"""No component ends before it has this share of the thought: annotators see steps, not turns."""
MAX_WORDS = 40


def annotate(lines: Sequence[str]) -> str:
    """The component separation answer for a thought of these lines."""
    return render_component_answer(separate(lines))


def separate(lines: Sequence[str]) -> list[Component]:
    """The components of a thought; they hold each line once."""
    blocks = list[list[int]]()
    for paragraph in _paragraphs(lines):
        if blocks and not _opens(lines, blocks, paragraph[0]):
            blocks[-1].extend(paragraph)
        else:
            blocks.append(paragraph)
    return [
        _component(number, lines, block, is_intro=number == 1 and not opens_step(lines[0]))
        for number, block in enumerate(blocks, start=1)
    ]


def _paragraphs(lines: Sequence[str]) -> list[list[int]]:
    """Line numbers by paragraph. Where no blank line parts paragraphs, each line break does."""
    breaks = 2 if any(_line_breaks(line) > 1 for line in lines) else 1
    paragraphs = list[list[int]]()
    fresh = True
    for number, line in enumerate(lines, start=1):
        if fresh:
            paragraphs.append([])
        paragraphs[-1].append(number)
        fresh = _line_breaks(line) >= breaks
    return paragraphs


def _line_breaks(line: str) -> int:
    """How many line breaks end the line; two and more make a paragraph."""
    return line[len(line.rstrip()) :].count("\n")


def _opens(lines: Sequence[str], blocks: Sequence[list[int]], first: int) -> bool:
    """Whether the paragraph that begins with line `first` opens a component."""
    sentence = lines[first - 1]
    block, share = blocks[-1], len(lines) / MAX_COMPONENTS
    if len(blocks) > 1 and not (len(block) >= share and any(works(lines[n - 1]) for n in block)):
        return False
    if opens_step(sentence):
        return True
    return may_open_step(sentence) and len(block) >= max(LONG_BLOCK, 2 * share)


def _component(number: int, lines: Sequence[str], block: list[int], is_intro: bool) -> Component:
    text = {line: lines[line - 1] for line in block}
    leading = list(takewhile(lambda line: announces(text[line]), block))
    plan = leading or block[:1]
    rest = block[len(plan) :]
    comment = list(takewhile(lambda line: judges(text[line]), reversed(rest)))[::-1]
    execution = rest[: len(rest) - len(comment)]
    if any(checks(text[line]) for line in execution):
        # The verdict of a check made on the way is a result of the execution, not a remark on it.
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


def _prompt(plan: Sequence[str]) -> str:
    """One sentence, in the imperative: what the announcing sentences say will be done."""
    found = next(filter(None, map(imperative, plan)), None)
    words = (found or f"Carry out this step: {plan[0].strip()}").split()
    return " ".join(words) if len(words) <= MAX_WORDS else " ".join(words[:MAX_WORDS]) + " …"
