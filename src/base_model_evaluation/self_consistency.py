"""Self-consistency (arXiv 2203.11171): many answers at the same time, and the majority counts."""

from __future__ import annotations

import asyncio
import threading

from ..utils.concurrency.tasks import all_at_once
from ..utils.grading import read_countdown_gold, same_expression
from ..utils.grammar import plain_content, render, request_context
from ..utils.records import Phase, PlanSegment, Problem, Result, Trajectory
from .asking import SERIAL_PROMPT, Asker, BaselineSolver, Reply, Unanswered
from .config import SamplingSettings
from .voting import Vote, majority


class SelfConsistencySolver(BaselineSolver[SamplingSettings]):
    """Samples the serial answer several times.

    A trajectory is one phase: an empty prompt for each sample, whose execution the sample is. So
    its sequential tokens are those of the longest sample.
    """

    async def solve(self, problem: Problem) -> Result:
        """Never fails for what a model writes; raises ServerError where no server answers.

        Samples that are cut off, or whose requests all fail, have no vote and are marked. The
        result is not final where requests failed in ways that may pass, and the votes that they
        lack could change the answer. The wall clock ends before the votes are counted.
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
    """In a thread, since to compare answers may take the time of many tokens."""
    # An expression's value is given; what tells answers to Countdown apart is how they make it.
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
        context, Reply.of, role="executor", phase=1, prompt=number, what=what, ready=0.0
    )
    if isinstance(reply, Reply):
        asker.mark_if_cut(what, reply)
    return reply
