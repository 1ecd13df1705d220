"""Broken planner replies: each must end as a phase, a final answer or a counted retry.

python benchmarks/mutilated_plans.py [--plans 10000] [--seed 0] [--workers 8]

Plans are truncated anywhere; their tags are doubled, nested, misnumbered, in another case or
missing; some have 200 prompts, some a megabyte of text. Each is sent through the stream parser in
pieces of random size, and through SPRINT inference against a server on loopback. Neither may raise
an exception.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import re
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial

from aiohttp import web
from faulty_clock import place
from sprint.agent_orchestration.config import SprintSettings
from sprint.agent_orchestration.solver import SprintSolver
from sprint.utils.api.server import ModelServer
from sprint.utils.grammar import PlanStream
from sprint.utils.records import Problem, Result
from token_clock import MODEL, TokenClock, served

TAG = re.compile(r"</?[A-Za-z_]+[\d.]*>")
MEGABYTE = 1 << 20
RARE = 100
"""One plan in this many has a megabyte of text."""
ANSWER = "<Final_answer>\n\\boxed{1}\n</Final_answer>"


def plan(chance: random.Random, prompts: int | None = None) -> str:
    """A well-formed plan of phase 1."""
    count = chance.randint(0, 5) if prompts is None else prompts
    parts = [
        f"Look at x < {number} and y > 2.\n<prompt_1.{number}> Work out {number} + 1."
        f" </prompt_1.{number}>"
        for number in range(1, count + 1)
    ]
    return "<Plan_1>\n" + "\n\n-----\n\n".join([*parts, "Then go on."]) + "\n</Plan_1>"


def cut(text: str, chance: random.Random) -> str:
    return text[: chance.randrange(len(text) + 1)]


def on_a_tag(change: Callable[[str, random.Random], str]) -> Callable[[str, random.Random], str]:
    """A mutation of one tag."""

    def mutilate_tag(text: str, chance: random.Random) -> str:
        tags = list(TAG.finditer(text))
        if not tags:
            return text
        tag = chance.choice(tags)
        return text[: tag.start()] + change(tag[0], chance) + text[tag.end() :]

    return mutilate_tag


def misnumber(tag: str, chance: random.Random) -> str:
    return re.sub(r"\d+", lambda _: str(chance.choice([0, 2, 7, 99, 10**30])), tag)


def other_case(text: str, chance: random.Random) -> str:
    return TAG.sub(lambda tag: chance.choice([str.upper, str.lower, str.title])(tag[0]), text)


def insert(text: str, chance: random.Random) -> str:
    """Grammar, or something similar, inserted in the wrong place."""
    piece = chance.choice(
        ["</think>", "<think>", "<execution_1.1>", "</Plan_2>", "<Plan_1>", "<Final_answer>", "<",
         "<prompt_", "</", "\x00", "\ud800", "🙂", "<<prompt_1.1>>", "<script>alert(1)</script>"]
    )  # fmt: skip
    at = chance.randrange(len(text) + 1)
    return text[:at] + piece + text[at:]


def doubled(text: str, chance: random.Random) -> str:
    return text + chance.choice(["", "\n"]) + text


def many_prompts(_: str, chance: random.Random) -> str:
    return plan(chance, 200)


def answered(text: str, chance: random.Random) -> str:
    return chance.choice([ANSWER, text + ANSWER, ANSWER + text, "<Final_answer>", "\\boxed{1}"])


MUTILATIONS: Sequence[Callable[[str, random.Random], str]] = [
    cut,
    on_a_tag(lambda tag, _: tag * 2),
    on_a_tag(lambda tag, chance: tag + plan(chance) + tag),
    on_a_tag(misnumber),
    on_a_tag(lambda *_: ""),
    on_a_tag(lambda tag, _: tag.replace(">", " >").replace("<", "< ")),
    other_case,
    insert,
    doubled,
    many_prompts,
    answered,
]


def mutilated(seed: str) -> str:
    """The broken plan of a seed: a valid plan with up to three mutations."""
    chance = random.Random(seed)
    text = plan(chance)
    for mutilate in chance.choices(MUTILATIONS, k=chance.randint(0, 3)):
        text = mutilate(text, chance)
    if chance.randrange(RARE) == 0:
        at = chance.randrange(len(text) + 1)
        filler = chance.choice(["word ", "< ", "<prompt_1.1>", "</prompt_1.1>", "\n"])
        text = text[:at] + filler * (MEGABYTE // len(filler)) + text[at:]
    # No server can send half a character: it is replaced on the way.
    return text.encode("utf-8", "replace").decode()


def through_parser(text: str, chance: random.Random) -> None:
    """Raises if the stream parser does, or if a prompt does not end in the text."""
    stream, position = PlanStream(1), 0
    while position < len(text):
        size = chance.choice([1, 3, 50, 5000, len(text)])
        for closed in stream.feed(text[position : position + size]):
            if not text[: closed.end].endswith(">"):
                raise AssertionError(f"prompt {closed.number} ends in the middle: {text[:200]!r}")
        position += size


class Mutilating(TokenClock):
    """Breaks each first plan of a problem, each time in another way."""

    def __init__(self, seed: int) -> None:
        super().__init__({}, 0.0)
        self.seed, self.asked = seed, Counter[str]()

    def find(self, context: str) -> str | None:
        question, name = place(context)
        if name.startswith("execution"):
            return "It is 3.\n</execution_1.1>"
        if name != "plan 1" or context.endswith("<Final_answer>\n"):
            return ANSWER
        self.asked[question] += 1
        return mutilated(f"{self.seed} {question} {self.asked[question]}")

    async def answer(self, http: web.Request, context: str, reply: str) -> web.StreamResponse:
        size = max(1, len(reply) // random.Random(reply[:100]).choice([3, 20, 200]))
        pieces = [reply[start : start + size] for start in range(0, len(reply), size)]
        return await self.stream(http, pieces or [""])


def ending(result: Result) -> str:
    """How a problem ended. Raises AssertionError if attempts and ledger disagree."""
    thrown = [call for call in result.calls if call.role == "planner" and not call.kept]
    told = [fault for fault in result.faults if re.match(r"plan \d+, attempt|final answer", fault)]
    if len(told) < len(thrown):
        raise AssertionError(f"{len(thrown)} attempts discarded, reported: {result.faults}")
    if not result.final:
        raise AssertionError(f"not final: {result.faults}")
    retried = f" after {len(thrown)} counted retries" if thrown else ""
    return ("a phase" if "<Execution_1>" in result.text else "a final answer") + retried


async def orchestrate(url: str, plans: int, workers: int) -> Counter[str]:
    ends, numbers = Counter[str](), iter(range(plans))
    async with ModelServer(url, MODEL) as server:
        solver = SprintSolver(server, server, "Solve.", SprintSettings(temperature=0.0))

        async def work() -> None:
            for number in numbers:
                result = await solver.solve(Problem(str(number), number, f"Question {number}?", ""))
                ends[ending(result)] += 1

        async with asyncio.TaskGroup() as group:
            for _ in range(workers):
                group.create_task(work())
    return ends


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--plans", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=8)
    arguments = parser.parse_args()
    chance = random.Random(arguments.seed)
    for number in range(arguments.plans):
        through_parser(mutilated(f"{arguments.seed} {number}"), chance)
    print(f"{arguments.plans} mutilated plans through the stream parser: no exception")
    with served(partial(Mutilating, arguments.seed)) as url:
        ends = asyncio.run(orchestrate(url, arguments.plans, arguments.workers))
    print(f"{ends.total()} problems with mutilated plans through inference: no exception; they end")
    for name, count in ends.most_common():
        print(f"  {count:6} as {name}")


if __name__ == "__main__":
    main()
