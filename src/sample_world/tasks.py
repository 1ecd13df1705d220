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


def signed(terms: list[int]) -> str:
    """`[7, 5, -3]` -> `7+5-3`."""
    return "".join(f"{term:+d}" for term in terms).removeprefix("+")


def equations(terms: list[int]) -> list[str]:
    """One sum a step: `7+5=12`, `12-3=9`."""
    totals = list(accumulate(terms))
    return [
        f"{signed([total, term])}={total + term}"
        for total, term in zip(totals, terms[1:], strict=False)
    ]


def reduce(name: str, terms: list[int], verb: str) -> list[str]:
    """The sentences of a sum, with what is left of it after each step.

    P=7+5-3. 7+5=12, so P=12-3. 12-3=9, so P ends at 9.
    """
    totals = list(accumulate(terms))
    left = [f"{name}={signed([totals[i], *terms[i + 1 :]])}" for i in range(1, len(terms) - 1)]
    steps = zip(equations(terms), [*left, f"{name} {verb} {totals[-1]}"], strict=True)
    return [f"{name}={signed(terms)}.", *(f"{equation}, so {rest}." for equation, rest in steps)]


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
    proof = ("One step at a time.", *(f"{one}." for one in equations(terms)), "That fits.")
    return Task(
        name=name,
        data=signed(terms),
        work=tuple(reduce(name, terms, "ends at")),
        check=proof if check else (),
        result=sum(terms),
    )


def mixer(rng: random.Random, name: str, parents: tuple[Task, Task], steps: int) -> Task:
    """A counter that starts from what two others end on."""
    one, two = parents
    moves = walk(rng, one.result + two.result, steps, limit=59)
    terms = [one.result, *by_tens(two.result), *moves]
    given = f"{one.name} ends at {one.result} and {two.name} ends at {two.result}."
    return Task(
        name=name,
        data=f"{one.name}+{two.name}{signed([0, *moves])[1:]}",
        work=(given, *reduce(name, terms, "ends at")),
        check=(),
        result=sum(terms),
    )


def remainder(rng: random.Random, name: str, steps: int, check: bool, divisor: int) -> Task:
    """The remainder of a number on division by a digit, from its first two digits on."""
    first = rng.randint(1, divisor - 1)  # every quotient is a digit then
    digits = [first, *rng.sample([digit for digit in range(1, 10) if digit != first], steps)]
    number = rest = "".join(map(str, digits))
    sentences, proof = list[str](), list[str]()
    for _ in range(steps):
        head, tail = rest[:2], rest[2:]
        left = int(head) % divisor
        rest = f"{left}{tail}"
        after = f"now {rest}" if tail else f"so {name} leaves {rest}"
        sentences.append(f"{head} leaves {left}, {after}.")
        proof.append(f"{head} is {int(head) // divisor}*{divisor}+{left}.")
    return Task(
        name=name,
        data=number,
        work=(f"{name} is {number}.", *sentences),
        check=(*proof, "That fits.") if check else (),
        result=int(rest),
    )


def digit_sum(rng: random.Random, name: str, steps: int, check: bool) -> Task:
    digits = rng.sample(range(1, 10), steps + 1)
    other_way = f"Another way is from the right, {signed(digits[::-1])}, and the sum is the same."
    return Task(
        name=name,
        data="".join(map(str, digits)),
        work=tuple(reduce(name, digits, "gives")),
        check=(other_way,) if check else (),
        result=sum(digits),
    )


def bill(rng: random.Random, name: str, steps: int, check: bool) -> Task:
    items = rng.sample(ITEMS, steps)
    amounts = [(rng.randint(2, 5), rng.randint(2, 6)) for _ in items]
    costs = [count * price for count, price in amounts]
    products = [f"{count}*{price}" for count, price in amounts]
    listed = ", ".join(f"{item} {cost}" for item, cost in zip(items, products, strict=True))
    sentences = [f"{name} has {listed}.", f"{name}={'+'.join(products)}."]
    for index, (product, cost) in enumerate(zip(products, costs, strict=True), start=1):
        left = "+".join([*map(str, costs[:index]), *products[index:]])
        sentences.append(f"{product}={cost}, so {name}={left}.")
    turned = [f"{price}*{count}={count * price}." for count, price in amounts]
    return Task(
        name=name,
        data=listed,
        work=(*sentences, *reduce(name, costs, "costs")[1:]),
        check=("The products the other way round.", *turned, "They fit.") if check else (),
        result=sum(costs),
    )
