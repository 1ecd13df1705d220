"""Sample problems: five families at five levels, each with an R1-like thought.

Level decides how many subtasks there are, how many steps each takes, and whether it is checked.
The subtasks of a problem differ in length, so that their order matters to the critical path.
A hash of the question alone assigns a problem to train or test, so the splits are disjoint for any
seeds and sizes.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

from .sample_tasks import Subtask, bill, counter, digit_sum, mixer, remainder

Split = Literal["train", "test"]
LEVELS = (1, 2, 3, 4, 5)
TEST_SHARE = 10
"""One question in this many belongs to the test split."""


@dataclass(frozen=True)
class Size:
    """The size of the problems of a level: each task has `fewest` to `most` steps."""

    tasks: int
    fewest: int
    most: int
    check: bool

    def steps(self, rng: random.Random) -> int:
        """The number of steps of one task."""
        return rng.randint(self.fewest, self.most)


SIZES = {
    1: Size(3, 3, 5, False),
    2: Size(4, 3, 6, False),
    3: Size(4, 3, 6, True),
    4: Size(5, 3, 7, True),
    5: Size(6, 5, 8, True),
}
PAIRS = {1: 1, 2: 1, 3: 1, 4: 2, 5: 3}
"""Family `tanks`: how many pairs of first-layer tasks a level has."""

NAMES, MIXERS = "PQRSTU", "XYZ"
"""Always in this order: a model of this size does not learn which of several names comes next.

A problem may begin at any of them that leaves enough names, so that none is rare.
"""

FIRST = ("First, let me work out {}.", "First, I need to find {}.", "Let me first work out {}.")
NEXT = ("Next, let me work out {}.", "Now I need to find {}.", "Then I should work out {}.")
RECHECK = ("Wait, let me check {}.", "Let me double-check {}.", "Hmm, let me make sure of {}.")
ADD_UP = ("Now let me add up the last digits.", "Now I need to add up the last digits.")
OPENING = ("Okay, so there are {}, and I need {}.", "Alright, I have {} here and I want {}.")


@dataclass(frozen=True)
class SampleProblem:
    """A row of the sample dataset."""

    problem: str
    thought: str
    solution: str
    answer: str
    level: int
    subject: str

    @property
    def split(self) -> Split:
        digest = hashlib.sha256(self.problem.encode()).digest()
        return "test" if digest[0] * 256 + digest[1] < 65536 // TEST_SHARE else "train"


@dataclass(frozen=True)
class Family:
    """The words of a family of problems."""

    noun: str
    rule: str
    value: str


FAMILIES = {
    "counters": Family("counter", "Each goes through the steps listed.", "end value"),
    "remainders": Family("number", "Of each the remainder is taken.", "remainder"),
    "digit sums": Family("number", "Of each the digits are added up.", "digit sum"),
    "bills": Family("bill", "Each lists amounts and prices.", "cost"),
    "tanks": Family(
        "tank", "Each goes through the steps listed, some from two others.", "end value"
    ),
}


def listing(names: list[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]


def work_out(rng: random.Random, task: Subtask, first: bool) -> str:
    """The paragraph of one subtask: the task, the work, and a check."""
    opener = rng.choice(FIRST if first else NEXT).format(task.name)
    check = [rng.choice(RECHECK).format(task.name), *task.check] if task.check else []
    return f"{opener}\n{' '.join([*task.work, *check])}"


def combine(rng: random.Random, tasks: list[Subtask]) -> tuple[str, int]:
    """The last paragraph: the last digits of the results added up, one at a time."""
    last = tasks[0].result % 10
    sentences = [f"{tasks[0].name}={tasks[0].result}."]
    for task in tasks[1:]:
        total = last + task.result % 10
        sentences.append(f"{task.name}={task.result}. {last}+{task.result % 10}={total}.")
        last = total % 10
    closing = ["That was the last one.", f"So the last digit is {last}."]
    return f"{rng.choice(ADD_UP)}\n{' '.join([*sentences, *closing])}", last


def make(rng: random.Random, subject: str, level: int) -> SampleProblem:
    """One problem of the family `subject` (a key of FAMILIES) at `level` 1..5."""
    family = FAMILIES[subject]
    tasks = family_tasks(rng, subject, level)
    joined = [task for task in tasks if subject != "tanks" or task.name in MIXERS]
    names, asked = (listing([task.name for task in group]) for group in (tasks, joined))
    several = len(joined) > 1
    wanted = f"the {'last digit of the sum of the ' * several}{family.value}{'s' * several}"
    lines = "\n".join(task.given for task in tasks)
    paragraphs = [
        rng.choice(OPENING).format(f"the {family.noun}s {names}", wanted),
        *(work_out(rng, task, i == 0) for i, task in enumerate(tasks)),
    ]
    result = joined[0].result
    if several:
        paragraph, result = combine(rng, joined)
        paragraphs.append(paragraph)
    return SampleProblem(
        problem=f"{len(tasks)} {family.noun}s are given. {family.rule}\n"
        f"{lines}\nWhat is {wanted} of {asked}?",
        thought="\n\n".join(paragraphs),
        solution=f"Therefore, {wanted} is $\\boxed{{{result}}}$.",
        answer=str(result),
        level=level,
        subject=subject,
    )


def some_names(rng: random.Random, names: str, count: int) -> str:
    """`count` consecutive names."""
    start = rng.randint(0, len(names) - count)
    return names[start : start + count]


def family_tasks(rng: random.Random, subject: str, level: int) -> list[Subtask]:
    """The subtasks of a problem, in the order in which a serial thought takes them."""
    size = SIZES[level]
    if subject == "tanks":
        return tank_tasks(rng, PAIRS[level], size)
    names = some_names(rng, NAMES, size.tasks)
    match subject:
        case "counters":
            return [counter(rng, name, size.steps(rng), size.check) for name in names]
        case "remainders":
            return [remainder(rng, name, size.steps(rng), size.check) for name in names]
        case "digit sums":
            return [digit_sum(rng, name, size.steps(rng), size.check) for name in names]
        case _:
            return [bill(rng, name, max(2, size.steps(rng) - 2), size.check) for name in names]


def tank_tasks(rng: random.Random, pairs: int, size: Size) -> list[Subtask]:
    """Two layers: each of X, Y, Z starts from the end values of two earlier tanks."""
    order = list[Subtask]()
    parents = some_names(rng, NAMES, 2 * pairs)
    for number, name in enumerate(some_names(rng, MIXERS, pairs)):
        one, two = (
            counter(rng, parent, size.steps(rng), size.check)
            for parent in parents[2 * number : 2 * number + 2]
        )
        order += [one, two, mixer(rng, name, (one, two), size.steps(rng))]
    return order


def unique_id(problem: SampleProblem, split: Split, index: int) -> str:
    """The id of problem number `index` of a split, in the style of MATH-500."""
    return f"{split}/{problem.subject.replace(' ', '_')}/{index}.json"


class World(NamedTuple):
    """A kind of sample problems: makes one of a subject at a level from 1 to 5."""

    make: Callable[[random.Random, str, int], SampleProblem]
    subjects: tuple[str, ...]


SYMBOLS = World(make, tuple(FAMILIES))
"""Problems of rows of digits and signs, which a model of two million parameters can learn."""


def sample_problems(split: Split, seed: int, world: World = SYMBOLS) -> Iterator[SampleProblem]:
    """An endless stream without repeated questions; subjects and levels take turns."""
    rng = random.Random(f"{split}-{seed}")
    seen = set[bytes]()
    while True:
        for level in LEVELS:
            for subject in world.subjects:
                problem = world.make(rng, subject, level)
                key = hashlib.sha256(problem.problem.encode()).digest()[:12]
                while problem.split != split or key in seen:
                    problem = world.make(rng, subject, level)
                    key = hashlib.sha256(problem.problem.encode()).digest()[:12]
                seen.add(key)
                yield problem
