"""Results that the steps of a thought state, and where later steps use them.

A step states a result by text such as `x = 58`, "So Q is 12" or `= 3.75`. A later step uses it by
its name or, for numbers that cannot occur there by chance, by its value.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

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
    """The results stated so far, and the step that stated each."""

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
