"""The built-in annotator `rules`: what the words of a step say about what it needs.

A thought is serial by nature, so a step goes on from the one before it unless its text says
otherwise: another way starts where the problem was understood, a case where the first case did, a
check looks back at what it checks, a summing-up needs all that nobody took, and tasks that work out
one named quantity each ("let me find P", "now I need Q") stand side by side. Results that a step
uses by name or by value come on top.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from itertools import takewhile

from ..utils.grammar.lines import split_lines
from ..utils.thoughts.dag import render_parents
from ..utils.thoughts.inline import ComponentText
from .results import SYMBOL, Results


class _Kind(Enum):
    """What a step is to the steps before it."""

    TASK = auto()
    ANOTHER_WAY = auto()
    CASE = auto()
    CHECK = auto()
    SUMMING_UP = auto()
    NEXT = auto()


_I = re.IGNORECASE
_TARGET = re.compile(
    r"\b(?:work(?:ing)? out|find|get|need|compute|calculate|determine|evaluate|solve for)"
    rf"(?:\s+[a-z]+){{0,4}}\s+\$?({SYMBOL})"
)
_SUMMING_UP = re.compile(
    r"\b(?:put(?:ting)? .{0,40}together|(?:add|sum)(?:ming|ing)? (?:up|all|these|them)|in total"
    r"|combine the|compare the results|all (?:of )?the (?:results|values|parts|cases|answers)"
    r"|to sum up|both (?:methods|approaches|ways))\b",
    _I,
)
_ANOTHER_WAY = re.compile(
    r"\balternative(?:ly)?\b|\b(?:another|a different|other) (?:way|approach|method)\b", _I
)
_CASE = re.compile(
    r"^\W*(?:[a-z]+,? )?(?:case|possibility|option) (?:\d+|[A-Z]|one|two|three)\b", _I
)
_CHECK = re.compile(
    r"\b(?:(?:double-|cross-|re)?check(?:ing)?|verify(?:ing)?|make sure|confirm|review)\b", _I
)


@dataclass(frozen=True)
class _Step:
    number: int
    kind: _Kind
    parents: frozenset[int]


def annotate(question: str, components: Sequence[ComponentText]) -> str:
    """The DAG answer, a dictionary as a model would write it."""
    return render_parents(infer_parents(question, components))


def infer_parents(question: str, components: Sequence[ComponentText]) -> dict[int, list[int]]:
    """The components that each component depends on directly, all with smaller numbers."""
    results = Results(question)
    steps = list[_Step]()
    for component in components:
        text = _text(component)
        opening = (split_lines(text) or [""])[0]
        target = _TARGET.search(opening)
        own = target is not None and results.first_states(target[1], text)
        kind = _Kind.TASK if own else _kind(opening)
        used = results.used_in(text, except_stated_again=kind is _Kind.ANOTHER_WAY)
        parents = _without_ancestors(_by_kind(kind, steps) | used, steps)
        steps.append(_Step(component.number, kind, parents))
        results.add(component.number, text)
    return {step.number: sorted(step.parents) for step in steps}


def _kind(first_line: str) -> _Kind:
    patterns = {
        _Kind.SUMMING_UP: _SUMMING_UP,
        _Kind.ANOTHER_WAY: _ANOTHER_WAY,
        _Kind.CASE: _CASE,
        _Kind.CHECK: _CHECK,
    }
    return next((kind for kind, p in patterns.items() if p.search(first_line)), _Kind.NEXT)


def _by_kind(kind: _Kind, before: Sequence[_Step]) -> set[int]:
    """What a step of this kind needs, whatever results it names."""
    if not before:
        return set()
    match kind:
        case _Kind.ANOTHER_WAY:
            return {before[0].number}
        case _Kind.TASK:
            beside = [*takewhile(lambda s: s.kind in (_Kind.TASK, _Kind.CHECK), reversed(before))]
            return set(beside[-1].parents) if beside else {before[-1].number}
        case _Kind.CASE:
            cases = [set(step.parents) for step in before if step.kind is _Kind.CASE]
            return cases[-1] if cases else {before[-1].number}
        case _Kind.CHECK:
            checked = [step.number for step in before if step.kind is not _Kind.CHECK]
            return {(checked or [before[-1].number])[-1]}
        case _Kind.SUMMING_UP:
            needed = {parent for step in before for parent in step.parents}
            return {step.number for step in before} - needed
        case _Kind.NEXT:
            return {before[-1].number}


def _without_ancestors(found: set[int], before: Sequence[_Step]) -> frozenset[int]:
    """Direct dependencies alone: what reaches a step through another one is left out."""
    reached, frontier = set[int](), set(found)
    for step in reversed(before):
        if step.number in frontier:
            reached |= step.parents
            frontier |= step.parents
    return frozenset(found - reached)


def _text(component: ComponentText) -> str:
    return "\n".join((component.plan, component.execution, component.comment)).strip()
