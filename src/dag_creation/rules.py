"""The built-in annotator `rules`: a step depends on the steps whose results it names.

Results are found where they are stated (`x = 58`, "So Q is 12", `= 3.75`), their use by name or,
for numbers that cannot stand there by chance, by value. Words tell the rest: a check looks back
at the step before it, another way starts from where the first began, a summing-up needs it all.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from ..utils.curation.dag import render_parents
from ..utils.curation.inline import ComponentText

_I = re.IGNORECASE
_SYMBOL = (
    r"(?<![A-Za-z\\'’])(?![IAa]\b)[A-Za-z](?:_\{?\w{1,3}\}?|\d{1,2}|\(-?\d{1,4}\))?(?![A-Za-z'’(_])"
)
_NUMBER = r"-?\d+(?:,\d{3})*(?:\.\d+)?(?:/\d+)?"
_IS = (
    r"(?:\s*(?::?=|≈|\\approx)\s*"
    r"|\s+(?:(?:must|should|would|will|can|could) be|(?!plus|minus|times|as\b|this|its)[a-z]*s)"
    r"(?:\s+[a-z]+){0,2}\s+)"
)
_USE = re.compile(_SYMBOL)
_DEFINITION = re.compile(rf"({_SYMBOL}){_IS}\$?({_NUMBER})")
_RESULT = re.compile(rf"[=≈]\s*\$?({_NUMBER})(?![\d,]*\s*[-+*/×·^(=≈])")
_ANY_NUMBER = re.compile(_NUMBER)
_TIMES = re.compile(r"(?<=\d) ?[xX] ?(?=\d)")

_SUMMING_UP = re.compile(
    r"\b(?:put(?:ting)? .{0,40}together|(?:add|sum)(?:ming|ing)? (?:up|all|these|them)|in total"
    r"|combin(?:e|ing)|compare the results|all (?:of )?the (?:results|values|parts|cases|answers)"
    r"|to (?:recap|summarize|sum up)|in (?:summary|conclusion)|final answer|conclude)\b"
    r"|^\W*(?:so,? )?therefore\b",
    _I,
)
_ANOTHER_WAY = re.compile(
    r"\balternative(?:ly)?\b|\b(?:another|a different) (?:way|approach|method)", _I
)
_CHECK = re.compile(
    r"^\W*(?:(?:but|so|hmm|okay)\W+)*(?:wait|hold on|so)\b"
    r"|\b(?:(?:double-|re)?check|verify|verifying|make sure|confirm|review)\b",
    _I,
)


def annotate(question: str, components: Sequence[ComponentText]) -> str:
    """The DAG answer, a dictionary as a model would write it."""
    return render_parents(infer_parents(question, components))


def infer_parents(question: str, components: Sequence[ComponentText]) -> dict[int, list[int]]:
    """The components that each component depends on, all with smaller numbers."""
    results = _Results(numbers=set(_ANY_NUMBER.findall(question)))
    parents: dict[int, list[int]] = {}
    for position, component in enumerate(components):
        text = _text(component)
        found = results.used_in(text)
        if not found or _SUMMING_UP.search(component.plan):
            found |= _by_words(component, components[:position], parents)
        parents[component.number] = sorted(found)
        results.add(component.number, text)
    return parents


def _by_words(
    component: ComponentText, before: Sequence[ComponentText], parents: dict[int, list[int]]
) -> set[int]:
    """What the words of the plan say about the component's place, names and numbers apart."""
    if not before:
        return set()
    first, last = before[0], before[-1]
    intro = set() if first.execution else {first.number}
    if _SUMMING_UP.search(component.plan):
        needed = {parent for listed in parents.values() for parent in listed}
        return {earlier.number for earlier in before} - needed - intro or intro
    if _ANOTHER_WAY.search(component.plan):
        replaced = next((c for c in reversed(before) if not _looks_back(c)), last)
        return set(parents[replaced.number])
    if _CHECK.search(component.plan):
        return {last.number}
    return intro


def _looks_back(component: ComponentText) -> bool:
    return bool(_ANOTHER_WAY.search(component.plan) or _CHECK.search(component.plan))


def _text(component: ComponentText) -> str:
    parts = "\n".join((component.plan, component.execution, component.comment))
    return _TIMES.sub(" × ", parts)


def _is_distinctive(number: str) -> bool:
    """Whether the number hardly stands in two steps by chance."""
    return len(re.sub(r"\D", "", number)) >= 3 or "." in number or "/" in number


@dataclass
class _Results:
    """What the steps so far have stated, and which step did."""

    numbers: set[str]
    """All numbers seen so far, the question's among them."""
    owners: dict[str, int] = field(default_factory=dict)
    values: dict[str, set[str]] = field(default_factory=dict)
    number_owners: dict[str, int] = field(default_factory=dict)

    def used_in(self, text: str) -> set[int]:
        """The steps whose results the text uses, by name or by value."""
        numbers = self.number_owners.keys() & set(_ANY_NUMBER.findall(text))
        found = {self.number_owners[number] for number in numbers}
        redefined = set[str]()
        definitions = {match.start(): match for match in _DEFINITION.finditer(text)}
        for use in _USE.finditer(text):
            symbol = use[0]
            if symbol not in self.owners or symbol in redefined:
                continue
            definition = definitions.get(use.start())
            if definition and definition[2] not in self.values[symbol]:
                redefined.add(symbol)
            else:
                found.add(self.owners[symbol])
        return found

    def add(self, component: int, text: str) -> None:
        """Take in what a step states. Saying a known value again does not make it its own."""
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
