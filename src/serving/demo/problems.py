"""Problems to choose from: held-out ones of the sample world, with their answers."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice

from ...utils.data.sample_problems import sample_problems

CHOICE = 25
"""One of each family at each level."""
SEED = 7


@dataclass(frozen=True)
class DemoProblem:
    """A problem with its reference answer."""

    name: str
    question: str
    answer: str


def demo_problems() -> tuple[DemoProblem, ...]:
    """The problems, highest level first: those gain most."""
    made = islice(sample_problems("test", SEED), CHOICE)
    ordered = sorted(made, key=lambda problem: -problem.level)
    return tuple(
        DemoProblem(f"{one.subject}, level {one.level}", one.problem, one.answer) for one in ordered
    )
