"""Sample problems in words: four families at five levels, each with an R1-like thought.

For language models of 100 million parameters and more, whose tokenizers have words but no long rows
of symbols. A problem has independent things that are filled and emptied step by step; level decides
how many there are and how many steps each may take. Each event names its thing and occurs only once
in the question, so that a model finds the next event by the one before it.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from itertools import accumulate

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
    """The words of a family: "box P holds 5 coins", "5 coins are put into box P"."""

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
    things = [Thing(theme, *it) for it in zip(names, starts, moves, strict=True)]
    everywhere = f"{theme.place} all {theme.nouns} together"
    tasks = [thing.work_out(rng.choice(NEXT if n else FIRST)) for n, thing in enumerate(things)]
    opening = rng.choice(OPENING).format(
        f"the {theme.nouns} {listing([*names])}", f"the {theme.unit} {everywhere}"
    )
    lines = "\n".join(thing.given for thing in things)
    total = sum(thing.amounts[-1] for thing in things)
    return SampleProblem(
        problem=f"There are {len(things)} {theme.nouns}.\n{lines}\n"
        f"How many {theme.unit} are {everywhere} in the end?",
        thought="\n\n".join([opening, *tasks, add_up(rng, things)]),
        solution=f"Therefore, there are $\\boxed{{{total}}}$ {theme.unit} {everywhere} in the end.",
        answer=str(total),
        level=level,
        subject=subject,
    )


@dataclass(frozen=True)
class Thing:
    """Something that is filled and emptied: what it holds at first, and the changes."""

    theme: Theme
    name: str
    start: int
    moves: list[int]

    @property
    def amounts(self) -> list[int]:
        """What it holds before each move, and in the end."""
        return list(accumulate(self.moves, initial=self.start))

    @property
    def beginning(self) -> str:
        return f"At first {self.theme.state(self.name, self.start)}."

    @property
    def events(self) -> list[str]:
        return [self.theme.event(self.name, move) for move in self.moves]

    @property
    def given(self) -> str:
        """Its line in the question."""
        return f"{self.beginning} Then {', then '.join(self.events)}."

    def work_out(self, opener: str) -> str:
        """Its paragraph: the task and the work."""
        target = f"the {self.theme.unit} {self.theme.place} {self.theme.thing(self.name)}"
        steps = [
            f"Then {event}: {sentence(before, move)}."
            for event, before, move in zip(self.events, self.amounts, self.moves, strict=False)
        ]
        end = f"So {self.theme.state(self.name, self.amounts[-1])} in the end."
        return f"{opener.format(target)}\n{' '.join([self.beginning, *steps, end])}"


def sentence(before: int, move: int) -> str:
    """`12 plus 5 is 17`."""
    return f"{before} {'plus' if move > 0 else 'minus'} {abs(move)} is {before + move}"


def add_up(rng: random.Random, things: list[Thing]) -> str:
    """The last paragraph: the results added up, one after another."""
    first, *others = things
    total = first.amounts[-1]
    sentences = [f"{first.name}: {total}."]
    for thing in others:
        end = thing.amounts[-1]
        sentences.append(f"{thing.name}: {end}, {sentence(total, end)}.")
        total += end
    closing = f"So the total is {total}."
    return f"{rng.choice(TOTAL).format(first.theme.unit)}\n{' '.join([*sentences, closing])}"


WORDS = World(make, tuple(THEMES))
"""Problems in words, for language models."""
