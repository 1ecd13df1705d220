"""Sample problems in words: four families at five levels, each with an R1-like thought.

For language models of 100 million parameters and more, whose tokenizers have words but no long rows
of symbols. A problem has independent things that are filled and emptied step by step; level decides
how many there are and how many steps each may take. Each event names its thing and occurs only once
in the question, so that a model finds the next event by the one before it.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from .sample_problems import (
    FIRST,
    NEXT,
    OPENING,
    SampleProblem,
    World,
    listing,
    some_names,
)
from .sample_tasks import walk

NAMES = "PQRSTUVW"
LIMIT = 20
"""The most that a thing ever holds."""


@dataclass(frozen=True)
class Theme:
    """The words of a family, with `{}` for a number or the name of a thing."""

    noun: str
    nouns: str
    unit: str
    verb: str
    place: str
    more: str
    less: str

    def thing(self, name: str) -> str:
        return f"{self.noun} {name}"

    def event(self, name: str, move: int) -> str:
        """`5 coins are put into box P`."""
        words = self.more if move > 0 else self.less
        return f"{abs(move)} {self.unit} {words} {self.thing(name)}"

    def state(self, name: str, amount: int) -> str:
        return f"{self.thing(name)} {self.verb} {amount} {self.unit}"


THEMES = {
    "boxes": Theme("box", "boxes", "coins", "holds", "in", "are put into", "are taken out of"),
    "buses": Theme("bus", "buses", "passengers", "carries", "on", "get on", "get off"),
    "tanks": Theme("tank", "tanks", "liters", "contains", "in", "are poured into", "leave"),
    "shelves": Theme("shelf", "shelves", "books", "has", "on", "are added to", "are lent from"),
}


@dataclass(frozen=True)
class Extent:
    """How large the problems of a level are: things, and the fewest and the most steps of each."""

    things: int
    steps: tuple[int, int]


SIZES = {
    1: Extent(4, (4, 7)),
    2: Extent(5, (4, 8)),
    3: Extent(6, (4, 8)),
    4: Extent(7, (5, 9)),
    5: Extent(8, (5, 10)),
}

TOTAL = ("Now let me add up the {}.", "Now I need to add up all {}.")


def make(rng: random.Random, subject: str, level: int) -> SampleProblem:
    """One problem of the theme `subject` (a key of THEMES) at `level` 1..5."""
    theme, size = THEMES[subject], SIZES[level]
    names = some_names(rng, NAMES, size.things)
    starts = [rng.randint(2, 9) for _ in names]
    moves = [walk(rng, start, rng.randint(*size.steps), LIMIT, smallest=2) for start in starts]
    given, paragraphs = list[str](), list[str]()
    for name, start, steps in zip(names, starts, moves, strict=True):
        events = [theme.event(name, move) for move in steps]
        beginning = f"At first {theme.state(name, start)}."
        given.append(f"{beginning} Then {', then '.join(events)}.")
        opener = rng.choice(NEXT if paragraphs else FIRST)
        target = f"the {theme.unit} {theme.place} {theme.thing(name)}"
        amounts = running(start, steps)
        sentences = [
            f"Then {event}: {sentence(before, move)}."
            for event, before, move in zip(events, amounts, steps, strict=False)
        ]
        end = f"So {theme.state(name, amounts[-1])} in the end."
        paragraphs.append(f"{opener.format(target)}\n{' '.join([beginning, *sentences, end])}")
    ends = [start + sum(steps) for start, steps in zip(starts, moves, strict=True)]
    everywhere = f"{theme.place} all {theme.nouns} together"
    opening = rng.choice(OPENING).format(
        f"the {theme.nouns} {listing([*names])}", f"the {theme.unit} {everywhere}"
    )
    return SampleProblem(
        problem=f"There are {len(names)} {theme.nouns}.\n{chr(10).join(given)}\n"
        f"How many {theme.unit} are {everywhere} in the end?",
        thought="\n\n".join([opening, *paragraphs, add_up(rng, theme, names, ends)]),
        solution=f"Therefore, there are $\\boxed{{{sum(ends)}}}$ {theme.unit} {everywhere} "
        "in the end.",
        answer=str(sum(ends)),
        level=level,
        subject=subject,
    )


def running(start: int, moves: list[int]) -> list[int]:
    """The amounts before each move, and the last."""
    amounts = [start]
    for move in moves:
        amounts.append(amounts[-1] + move)
    return amounts


def sentence(before: int, move: int) -> str:
    """`12 plus 5 is 17`."""
    return f"{before} {'plus' if move > 0 else 'minus'} {abs(move)} is {before + move}"


def add_up(rng: random.Random, theme: Theme, names: str, ends: list[int]) -> str:
    """The last paragraph: the results added up, one after another."""
    sentences, total = [f"{names[0]}: {ends[0]}."], ends[0]
    for name, end in zip(names[1:], ends[1:], strict=True):
        sentences.append(f"{name}: {end}, {sentence(total, end)}.")
        total += end
    closing = f"So the total is {total}."
    return f"{rng.choice(TOTAL).format(theme.unit)}\n{' '.join([*sentences, closing])}"


WORDS = World(make, tuple(THEMES))
"""Problems in words, for language models."""
