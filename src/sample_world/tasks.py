"""The independent subtasks of a sample problem: what the question states, and the work they take.

Every step needs one fact that a very small model can learn by heart (a sum with one digit, a
product of two digits, a comparison), so that a wrong answer tells of the method and not of
arithmetic. Longer sums are split, as one does in the head.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

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


def add(left: int, right: int) -> list[str]:
    """The steps of left + right, at most 99: by tens and ones where both have two digits."""
    tens, ones = right - right % 10, right % 10
    if tens == 0 or ones == 0 or left < 10:
        return [f"{left}+{right}={left + right}."]
    return [f"{left}+{tens}={left + tens}.", f"{left + tens}+{ones}={left + right}."]


def walk(rng: random.Random, start: int, count: int, limit: int = 30) -> list[int]:
    """`count` signed digits, all different, that keep a running value within 1..limit."""
    value, moves = start, list[int]()
    for _ in range(count):
        options = [
            move
            for size in range(1, 10)
            for move in (size, -size)
            if move not in moves and 1 <= value + move <= limit
        ]
        moves.append(rng.choice(options))
        value += moves[-1]
    return moves


def expression(head: str, moves: list[int]) -> str:
    return "".join([head, *(f"{move:+d}" for move in moves)])


def forward(start: int, moves: list[int]) -> tuple[list[str], int]:
    """The sentences of applying `moves` one after another, and the value reached."""
    sentences, value = list[str](), start
    for move in moves:
        sentences.append(f"{expression(str(value), [move])}={value + move}.")
        value += move
    return sentences, value


def backward(end: int, moves: list[int]) -> list[str]:
    """The sentences of undoing `moves` from the value they led to."""
    return forward(end, [-move for move in reversed(moves)])[0]


def counter(rng: random.Random, name: str, steps: int, check: bool) -> Task:
    start = rng.randint(1, 9)
    moves = walk(rng, start, steps)
    sentences, end = forward(start, moves)
    back = [f"Going back from {end}.", *backward(end, moves), f"That is where {name} starts."]
    return Task(
        name=name,
        data=expression(str(start), moves),
        work=(f"{name} starts at {start}.", *sentences, f"So {name} ends at {end}."),
        check=tuple(back) if check else (),
        result=end,
    )


def mixer(rng: random.Random, name: str, parents: tuple[Task, Task], steps: int) -> Task:
    """A counter that starts from what two others end on."""
    one, two = parents
    start = one.result + two.result
    moves = walk(rng, start, steps, limit=69)
    sentences, end = forward(start, moves)
    return Task(
        name=name,
        data=expression(f"{one.name}+{two.name}", moves),
        work=(
            f"{one.name} ends at {one.result} and {two.name} ends at {two.result}.",
            *add(one.result, two.result),
            *sentences,
            f"So {name} ends at {end}.",
        ),
        check=(),
        result=end,
    )


def remainder(rng: random.Random, name: str, steps: int, check: bool, divisor: int) -> Task:
    """The remainder of a number on division by a digit, one digit of the number at a time."""
    digits = rng.sample(range(1, 10), steps)
    sentences, proof, rest = list[str](), list[str](), 0
    for digit in digits:
        part = rest * 10 + digit
        rest = part % divisor
        sentences.append(f"{part} leaves {rest}.")
        proof.append(f"{part} is {part // divisor}*{divisor}+{rest}.")
    number = "".join(map(str, digits))
    return Task(
        name=name,
        data=number,
        work=(f"{name} is {number}.", *sentences, f"So {name} leaves {rest}."),
        check=(*proof, "That fits.") if check else (),
        result=rest,
    )


def digit_sum(rng: random.Random, name: str, steps: int, check: bool) -> Task:
    digits = rng.sample(range(1, 10), steps + 1)
    ahead, total = forward(digits[0], digits[1:])
    behind, _ = forward(digits[-1], digits[-2::-1])
    listed = ", ".join(map(str, digits))
    return Task(
        name=name,
        data="".join(map(str, digits)),
        work=(f"{name} has the digits {listed}.", *ahead, f"So {name} gives {total}."),
        check=("Another way is from the right.", *behind, "That is the same.") if check else (),
        result=total,
    )


def bill(rng: random.Random, name: str, steps: int, check: bool) -> Task:
    items = rng.sample(ITEMS, steps)
    amounts = [(rng.randint(2, 5), rng.randint(2, 6)) for _ in items]
    sentences, products, total = list[str](), list[str](), 0
    for item, (count, price) in zip(items, amounts, strict=True):
        cost = count * price
        sentences.append(f"The {item} cost {count}*{price}={cost}.")
        products.append(f"{price}*{count}={cost}.")
        if total:
            sentences += add(total, cost)
        total += cost
    data = ", ".join(
        f"{count} {item} at {price}" for item, (count, price) in zip(items, amounts, strict=True)
    )
    closing = f"So {name} costs {total}."
    return Task(
        name=name,
        data=data,
        work=(f"{name} has {steps} items.", *sentences, closing),
        check=("The products the other way round.", *products, "They fit.") if check else (),
        result=total,
    )
