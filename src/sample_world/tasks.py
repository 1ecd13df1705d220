"""The independent subtasks of a sample problem: what the question states, and the work they take.

Every step needs one fact that a very small model can learn by heart (a sum with one digit, a
product of two digits) and looks at the line before it, so that a wrong answer tells of the method
and not of arithmetic. Longer sums are split, as one does in the head.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from itertools import accumulate

ITEMS = ("pens", "cups", "maps", "hats", "keys", "bags", "caps", "jars")


@dataclass(frozen=True)
class Task:
    """One subtask.

    `data` stands in the question behind the name. `work` is one sentence a step and ends with
    the sentence that states the result; `check` goes over it another way (may be empty).
    """

    name: str
    data: str
    work: tuple[str, ...]
    check: tuple[str, ...]
    result: int


def expression(terms: list[int]) -> str:
    """`[7, 5, -3]` -> `7+5-3`."""
    return str(terms[0]) + "".join(f"{term:+d}" for term in terms[1:])


def reduce(name: str, terms: list[int]) -> list[str]:
    """The sentences that take in one term after another: P=7+5-3. P=12-3."""
    totals = list(accumulate(terms))
    return [
        f"{name}={expression([total, *terms[index:]])}."
        for index, total in enumerate(totals[:-1], start=1)
    ]


def stepwise(terms: list[int]) -> list[str]:
    """The same as single sums: 7+5=12. 12-3=9."""
    totals = list(accumulate(terms))
    return [
        f"{expression([total, term])}={total + term}."
        for total, term in zip(totals, terms[1:], strict=False)
    ]


def by_tens(number: int) -> list[int]:
    """A number as its tens and ones, to be added one after the other: 28 -> 20, 8."""
    return [part for part in (number - number % 10, number % 10) if part]


def walk(rng: random.Random, start: int, count: int, limit: int) -> list[int]:
    """`count` signed digits, all different, that keep a running value different and in 1..limit."""
    values, moves = [start], list[int]()
    for _ in range(count):
        options = [
            move
            for size in range(1, 10)
            for move in (size, -size)
            if move not in moves
            and 1 <= values[-1] + move <= limit
            and values[-1] + move not in values
        ]
        moves.append(rng.choice(options))
        values.append(values[-1] + moves[-1])
    return moves


def counter(rng: random.Random, name: str, steps: int, check: bool) -> Task:
    start = rng.randint(1, 9)
    terms = [start, *walk(rng, start, steps, limit=25)]
    return Task(
        name=name,
        data=expression(terms),
        work=(*reduce(name, terms), f"So {name} ends at {sum(terms)}."),
        check=("One step at a time.", *stepwise(terms), "That fits.") if check else (),
        result=sum(terms),
    )


def mixer(rng: random.Random, name: str, parents: tuple[Task, Task], steps: int) -> Task:
    """A counter that starts from what two others end on."""
    one, two = parents
    moves = walk(rng, one.result + two.result, steps, limit=59)
    given = [one.result, two.result, *moves]
    split = [one.result, *by_tens(two.result), *moves]
    lines = reduce(name, split)
    if split != given:
        lines.insert(0, f"{name}={expression(given)}.")
    return Task(
        name=name,
        data=f"{one.name}+{two.name}{expression([0, *moves])[1:]}",
        work=(
            f"{one.name} ends at {one.result} and {two.name} ends at {two.result}.",
            *lines,
            f"So {name} ends at {sum(given)}.",
        ),
        check=(),
        result=sum(given),
    )


def remainder(rng: random.Random, name: str, steps: int, check: bool, divisor: int) -> Task:
    """The remainder of a number on division by a digit, from its first two digits on."""
    digits = rng.sample(range(1, 10), steps + 1)
    number = rest = "".join(map(str, digits))
    sentences, proof = list[str](), list[str]()
    for _ in range(steps):
        head, tail = rest[:2], rest[2:]
        left = int(head) % divisor
        rest = f"{left}{tail}"
        sentences.append(f"{head} leaves {left}, now {rest}." if tail else f"{head} leaves {left}.")
        proof.append(f"{head} is {int(head) // divisor}*{divisor}+{left}.")
    return Task(
        name=name,
        data=number,
        work=(f"{name} is {number}.", *sentences, f"So {name} leaves {rest}."),
        check=(*proof, "That fits.") if check else (),
        result=int(rest),
    )


def digit_sum(rng: random.Random, name: str, steps: int, check: bool) -> Task:
    digits = rng.sample(range(1, 10), steps + 1)
    behind = reduce(name, digits[::-1])
    return Task(
        name=name,
        data="".join(map(str, digits)),
        work=(*reduce(name, digits), f"So {name} gives {sum(digits)}."),
        check=("Another way is from the right.", *behind, "That is the same.") if check else (),
        result=sum(digits),
    )


def bill(rng: random.Random, name: str, steps: int, check: bool) -> Task:
    items = rng.sample(ITEMS, steps)
    amounts = [(rng.randint(2, 5), rng.randint(2, 6)) for _ in items]
    costs = [count * price for count, price in amounts]
    data = ", ".join(
        f"{count} {item} at {price}" for item, (count, price) in zip(items, amounts, strict=True)
    )
    products = [
        f"The {item} cost {count}*{price}={count * price}."
        for item, (count, price) in zip(items, amounts, strict=True)
    ]
    turned = [f"{price}*{count}={count * price}." for count, price in amounts]
    return Task(
        name=name,
        data=data,
        work=(
            f"{name} has {data}.",
            *products,
            *reduce(name, costs),
            f"So {name} costs {sum(costs)}.",
        ),
        check=("The products the other way round.", *turned, "They fit.") if check else (),
        result=sum(costs),
    )
