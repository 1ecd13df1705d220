"""Self-consistency (arXiv 2203.11171): samples many answers in parallel; the majority wins."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from typing import NamedTuple

from ..utils.concurrency.tasks import all_at_once
from ..utils.grading import grade_many, read_countdown_gold, same_expression
from ..utils.grammar import plain_content, render, request_context
from ..utils.records import CallPlace, Phase, PlanSegment, Problem, Result, Trajectory
from .asking import SERIAL_PROMPT, Asker, BaselineSolver, Reply, Unanswered
from .config import SelfConsistencySettings

TIMEOUT_S = 2.0
"""CPU seconds for one comparison; answers that take longer count as different."""
BUDGET_S = 20.0
"""CPU seconds for all comparisons of a vote; answers not compared by then count as different. CPU
time, so that no vote depends on the load of the machine."""

Equal = Callable[[str, str], bool]
"""Whether two answers are the same."""


class Vote(NamedTuple):
    """`answer` is "" without any votes. It leads any other answer by `lead` votes or more: counting
    may stop early."""

    answer: str
    lead: int


class _Class(NamedTuple):
    """Equal answers with their votes; the first is the one that others are compared with."""

    forms: dict[str, int]

    @property
    def votes(self) -> int:
        return sum(self.forms.values())


class EqualAnswers:
    """Whether the grader finds answers equal, with either as the reference; for one vote."""

    def __init__(self, budget_s: float = BUDGET_S) -> None:
        self._left = budget_s

    def __call__(self, one: str, other: str) -> bool:
        for pair in ((one, other), (other, one)):
            if self._left <= 0:
                return False
            (found,) = grade_many([pair], timeout_s=min(TIMEOUT_S, self._left))
            self._left -= found.seconds
            if found.correct:
                return True
        return False


def majority(
    answers: Sequence[str],
    equal: Equal | None = None,
    is_over: Callable[[], bool] = lambda: False,
) -> Vote:
    """The answer that most of `answers` equal, in its most frequent form.

    Empty answers have no vote. A tie goes to the answer that came first. Counting ends early once
    no other answer can win, and as soon as `is_over`.
    """
    equal = equal or EqualAnswers()
    times = Counter(answer for answer in answers if answer)  # in the order of first occurrence
    left = times.total()
    classes = list[_Class]()

    def same_class(answer: str) -> _Class | None:
        for found in classes:
            if is_over():
                return None
            if equal(next(iter(found.forms)), answer):
                return found
        return None

    for answer, votes in times.items():
        if is_over() or _lead(classes) > left:
            break
        found = same_class(answer)
        if found is None:
            classes.append(_Class({answer: votes}))
        else:
            found.forms[answer] = votes
        left -= votes
    if not classes:
        return Vote("", 0)
    forms = max(classes, key=lambda one: one.votes).forms
    return Vote(max(forms, key=lambda form: forms[form]), max(0, _lead(classes) - left))


def _lead(classes: Sequence[_Class]) -> int:
    first, second, *_ = [*sorted((one.votes for one in classes), reverse=True), 0, 0]
    return first - second


class SelfConsistencySolver(BaselineSolver[SelfConsistencySettings]):
    """Samples the serial answer several times.

    A trajectory has one phase: an empty prompt for each sample, with the sample as its execution.
    So its sequential tokens are those of the longest sample.
    """

    async def solve(self, problem: Problem) -> Result:
        """Never fails because of model output; raises ServerError if no server answers.

        Samples that are cut off, or whose requests all fail, have no vote and are marked. The
        result is not final if requests failed with transient errors and the missing votes could
        change the answer. The wall clock ends before the votes are counted.
        """
        context = request_context(self.prompts[SERIAL_PROMPT], problem.question, think=self.think)
        with self.servers.for_problem(problem.id) as server:
            asker = Asker(server, self.settings, problem)
            numbers = range(1, self.settings.samples + 1)
            replies = await all_at_once(_sample(asker, context, number) for number in numbers)
        elapsed = asker.ledger.elapsed()
        samples = [Reply("", "") if isinstance(one, Unanswered) else one for one in replies]
        lacking = sum(isinstance(one, Unanswered) and one.may_pass for one in replies)
        vote = await _count([sample.answer for sample in samples], problem)
        phase = Phase(
            tuple(PlanSegment("", "") for _ in samples),
            tuple(plain_content(sample.text) for sample in samples),
        )
        return asker.result(
            render(Trajectory(problem.question, (phase,), None)),
            vote.answer,
            final=not lacking or lacking < vote.lead,
            elapsed=elapsed,
        )


async def _count(answers: list[str], problem: Problem) -> Vote:
    """In a thread, because comparing answers may take as long as many tokens."""
    # The value is given for an expression; Countdown answers differ in how they reach it.
    task = read_countdown_gold(problem.answer)
    equal = None if task is None else same_expression
    over = threading.Event()
    try:
        return await asyncio.to_thread(majority, answers, equal, over.is_set)
    finally:
        over.set()  # a thread cannot be cancelled


async def _sample(asker: Asker, context: str, number: int) -> Reply | Unanswered:
    what = f"sample {number}"
    reply = await asker.ask(
        context, Reply.of, place=CallPlace("executor", 1, number), what=what, ready=0.0
    )
    if isinstance(reply, Reply):
        asker.mark_if_cut(what, reply)
    return reply
