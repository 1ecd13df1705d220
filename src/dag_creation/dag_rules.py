"""The built-in annotator `rules`: infers what a step needs from its words.

A thought is serial, so a step depends on the one before unless its text says otherwise: another way
starts where the problem was understood, a case starts where the first case did, a check depends on
what it checks, a summary needs all results that no step used, and tasks that each work out one
named quantity ("let me find P", "now I need Q") are parallel. Results that a step uses by name or
by value are added.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from itertools import takewhile

from ..utils.grammar.lines import split_lines
from ..utils.thoughts.dag import render_parents
from ..utils.thoughts.inline import ComponentText

SYMBOL = (
    r"(?<![A-Za-z\\'’])(?![IAa]\b)[A-Za-z](?:_\{?\w{1,3}\}?|\d{1,2}|\(-?\d{1,4}\))?(?![A-Za-z'’(_])"
)
_NUMBER = r"-?\d+(?:,\d{3})*(?:\.\d+)?(?:/\d+)?"
_IS = (
    r"(?:\s*(?::?=|≈|\\approx)\s*"
    r"|\s+(?:(?:must|should|would|will|can|could) be|(?!plus|minus|times|as\b|this|its)[a-z]*s)"
    r"(?:\s+[a-z]+){0,2}\s+)"
)
_USE = re.compile(SYMBOL)
_DEFINITION = re.compile(rf"({SYMBOL}){_IS}\$?({_NUMBER})")
_RESULT = re.compile(rf"[=≈]\s*\$?({_NUMBER})(?![\d,]*\s*[-+*/×·^(=≈])")
_ANY_NUMBER = re.compile(_NUMBER)
_TIMES = re.compile(r"(?<=\d) ?[xX] ?(?=\d)")


def _is_distinctive(number: str) -> bool:
    """Whether the number is unlikely to occur in two steps by chance."""
    return len(re.sub(r"\D", "", number)) >= 3 or "." in number or "/" in number


@dataclass
class Results:
    """What the steps so far have stated, and which step did.

    A result is found where it is stated (`x = 58`, "So Q is 12", `= 3.75`); it is used where its
    name stands or, for numbers that cannot stand there by chance, its value.
    """

    question: str
    numbers: set[str] = field(default_factory=set)
    """All numbers so far, including those of the question."""
    owners: dict[str, int] = field(default_factory=dict)
    values: dict[str, set[str]] = field(default_factory=dict)
    number_owners: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.numbers.update(_ANY_NUMBER.findall(self.question))

    def first_states(self, symbol: str, text: str) -> bool:
        """Whether the text is the first to state a value of the symbol."""
        found = (match[1] for match in _DEFINITION.finditer(text))
        return symbol not in self.owners and symbol in found

    def used_in(self, text: str, *, except_stated_again: bool = False) -> set[int]:
        """The steps whose results the text uses, by name or by value.

        Another way to a result states it again: `except_stated_again` does not count that as use.
        """
        text = _TIMES.sub(" × ", text)
        numbers = self.number_owners.keys() & set(_ANY_NUMBER.findall(text))
        found = {self.number_owners[number] for number in numbers}
        definitions = {match.start(): match for match in _DEFINITION.finditer(text)}
        own = {match[1] for match in definitions.values() if except_stated_again}
        for use in _USE.finditer(text):
            symbol = use[0]
            if symbol not in self.owners or symbol in own:
                continue
            definition = definitions.get(use.start())
            if definition and definition[2] not in self.values[symbol]:
                own.add(symbol)
            else:
                found.add(self.owners[symbol])
        return found

    def add(self, component: int, text: str) -> None:
        """Record what a step states. Repeating a known value does not make it the step's own."""
        text = _TIMES.sub(" × ", text)
        for symbol, value in _DEFINITION.findall(text):
            known = self.values.get(symbol, set())
            if self.owners.get(symbol) != component and value not in known:
                self.owners[symbol], self.values[symbol] = component, {value}
            elif self.owners.get(symbol) == component:
                known.add(value)
        for number in _RESULT.findall(text):
            if number not in self.numbers and _is_distinctive(number):
                self.number_owners[number] = component
        self.numbers.update(_ANY_NUMBER.findall(text))


class _Kind(Enum):
    """The relation of a step to the steps before it."""

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
    """The DAG answer: a dictionary, as a model would write it."""
    return render_parents(infer_parents(question, components))


def infer_parents(question: str, components: Sequence[ComponentText]) -> dict[int, list[int]]:
    """The direct dependencies of each component, all with smaller numbers."""
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
    """What a step of this kind needs, regardless of the results it names."""
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
    """Only direct dependencies, without those implied through another step."""
    reached, frontier = set[int](), set(found)
    for step in reversed(before):
        if step.number in frontier:
            reached |= step.parents
            frontier |= step.parents
    return frozenset(found - reached)


def _text(component: ComponentText) -> str:
    return "\n".join((component.plan, component.execution, component.comment)).strip()
