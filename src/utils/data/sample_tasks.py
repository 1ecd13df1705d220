"""The independent subtasks of a sample problem: the text in the question, and the work they take.

Every step needs one fact that a very small model can memorize (a sum with one digit, a product of
two digits) and looks at the line before it, so that a wrong answer is due to the method, not to
arithmetic. Longer sums are split, as in mental arithmetic.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from itertools import accumulate


@dataclass(frozen=True)
class Subtask:
    """One subtask.

    `given` is the task's line in the question. `work` begins with the same words, has one sentence
    per step and ends with the sentence that states the result; `check` verifies it in another way
    (may be empty).
    """

    name: str
    given: str
    work: tuple[str, ...]
    check: tuple[str, ...]
    result: int


def signed(terms: list[int]) -> str:
    """`[7, 5, -3]` -> `7+5-3`."""
    return "".join(f"{term:+d}" for term in terms).removeprefix("+")


def equations(terms: list[int]) -> list[str]:
    """One sum per step: `7+5=12`, `12-3=9`."""
    totals = list(accumulate(terms))
    return [
        f"{signed([total, term])}={total + term}"
        for total, term in zip(totals, terms[1:], strict=False)
    ]


def reduce(name: str, terms: list[int]) -> list[str]:
    """The steps of a sum, each with the rest of it: 7+5=12, so 12-3. 12-3=9, so P=9.

    Facts follow `P:` and results follow `P=`, each in only one place, so that a look-up is
    unambiguous.
    """
    totals = list(accumulate(terms))
    left = [signed([total, *terms[i + 1 :]]) for i, total in enumerate(totals)]
    ends = [*left[1:-1], f"{name}={totals[-1]}"]
    steps = zip(equations(terms), ends, strict=True)
    return [f"{equation}, so {rest}." for equation, rest in steps]


def by_tens(number: int) -> list[int]:
    """A number as its tens and ones, to be added one after the other: 28 -> 20, 8."""
    return [part for part in (number - number % 10, number % 10) if part]


def walk(rng: random.Random, start: int, count: int, limit: int, smallest: int = 1) -> list[int]:
    """`count` different signed digits of at least `smallest` that keep a running value different
    and in 1..limit.
    """
    moves = list[int]()
    while len(moves) < count:  # where no move is left, again from the start
        values, moves = [start], list[int]()
        for _ in range(count):
            options = [
                move
                for size in range(smallest, 10)
                for move in (size, -size)
                if move not in moves
                and 1 <= values[-1] + move <= limit
                and values[-1] + move not in values
            ]
            if not options:
                break
            moves.append(rng.choice(options))
            values.append(values[-1] + moves[-1])
    return moves


def proof(terms: list[int]) -> tuple[str, ...]:
    """A check of a sum."""
    return ("One step at a time.", *(f"{one}." for one in equations(terms)), "That fits.")


def counter(rng: random.Random, name: str, steps: int, check: bool) -> Subtask:
    start = rng.randint(1, 9)
    terms = [start, *walk(rng, start, steps, limit=25)]
    given = f"{name}:{signed(terms)}"
    return Subtask(
        name=name,
        given=given,
        work=(f"{given}.", *reduce(name, terms)),
        check=proof(terms) if check else (),
        result=sum(terms),
    )


def mixer(rng: random.Random, name: str, parents: tuple[Subtask, Subtask], steps: int) -> Subtask:
    """A counter that starts from the end values of two others."""
    one, two = parents
    moves = walk(rng, one.result + two.result, steps, limit=59)
    terms = [one.result, *by_tens(two.result), *moves]
    given = f"{name}:{one.name}+{two.name}{signed([0, *moves])[1:]}"
    start = f"{one.name}={one.result} and {two.name}={two.result}, so {signed(terms)}."
    return Subtask(
        name=name,
        given=given,
        work=(f"{given}.", start, *reduce(name, terms)),
        check=(),
        result=sum(terms),
    )


def remainder(rng: random.Random, name: str, steps: int, check: bool) -> Subtask:
    """The remainder of a number on division by a digit, starting with its first two digits."""
    divisor = rng.randint(3, 9)
    first = rng.randint(1, divisor - 1)  # then every quotient is a digit
    digits = [first, *rng.sample([digit for digit in range(1, 10) if digit != first], steps)]
    rest = "".join(map(str, digits))
    given = f"{name}:{rest} mod {divisor}"
    sentences, quotients = list[str](), list[str]()
    for _ in range(steps):
        head, tail = rest[:2], rest[2:]
        left = int(head) % divisor
        rest = f"{left}{tail}"
        after = f"{rest} mod {divisor}" if tail else f"{name}={rest}"
        sentences.append(f"{head} mod {divisor}={left}, so {after}.")
        quotients.append(f"{head}={int(head) // divisor}*{divisor}+{left}.")
    return Subtask(
        name=name,
        given=given,
        work=(f"{given}.", *sentences),
        check=("With the quotients.", *quotients, "That fits.") if check else (),
        result=int(rest),
    )


def digit_sum(rng: random.Random, name: str, steps: int, check: bool) -> Subtask:
    digits = rng.sample(range(1, 10), steps + 1)
    given = f"{name}:{''.join(map(str, digits))} by digits"
    return Subtask(
        name=name,
        given=given,
        work=(f"{given}, so {signed(digits)}.", *reduce(name, digits)),
        check=proof(digits) if check else (),
        result=sum(digits),
    )


def bill(rng: random.Random, name: str, steps: int, check: bool) -> Subtask:
    """A sum of amounts times prices."""
    amounts = [(rng.randint(2, 5), rng.randint(2, 5)) for _ in range(steps)]
    costs = [count * price for count, price in amounts]
    products = [f"{count}*{price}" for count, price in amounts]
    given = f"{name}:{'+'.join(products)}"
    sentences = [f"{given}."]
    for index, (product, cost) in enumerate(zip(products, costs, strict=True), start=1):
        left = "+".join([*map(str, costs[:index]), *products[index:]])
        sentences.append(f"{product}={cost}, so {left}.")
    turned = [f"{price}*{count}={count * price}." for count, price in amounts]
    return Subtask(
        name=name,
        given=given,
        work=(*sentences, *reduce(name, costs)),
        check=("The products the other way round.", *turned, "They fit.") if check else (),
        result=sum(costs),
    )
