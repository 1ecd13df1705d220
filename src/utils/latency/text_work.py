"""The work of a trajectory, from its texts and a tokenizer: what inference would ask for.

Tokens are those that a server generates, tags included. A prompt's uncached tokens are those of the
text that no call has read or written before in that place: the question, the tags that open an
execution, and in the next round the results of several executions, which stand behind the whole
plan there. The instructions are in the cache, because all problems share them. A server caches
whole blocks only, so that a ledger has up to a block more for each call.
"""

from __future__ import annotations

from ..grammar import (
    executor_completion,
    executor_context,
    render,
    render_executions,
    render_final_answer,
    render_open_plan,
    render_plan,
    render_question,
)
from ..records import Phase, Trajectory
from ..tokens.counting import TokenCounter
from .priced_path import CallWork, ExecutorWork, RoundWork


def text_rounds(trajectory: Trajectory, count: TokenCounter) -> list[RoundWork]:
    """The rounds of a trajectory. Raises FormatError if it cannot be written in the grammar."""
    render(trajectory)  # raises if the trajectory cannot be written
    unread = count(render_question(trajectory.question))
    rounds = list[RoundWork]()
    for number, phase in enumerate(trajectory.phases, 1):
        plan = CallWork(unread, count(render_plan(phase.plan, number)))
        rounds.append(RoundWork(plan, _executors(phase, number, count)))
        unread = count(_unread_results(phase, number))
    if trajectory.final_answer is not None:
        answer = count(render_final_answer(trajectory.final_answer))
        rounds.append(RoundWork(CallWork(unread, answer)))
    return rounds


def _unread_results(phase: Phase, number: int) -> str:
    """What the next planner's call reads of the executions.

    A lone prompt at the end of its plan has its execution right behind it, as its executor had: all
    but the end of the block is in the cache.
    """
    results = render_executions(phase.executions, number)
    if len(phase.executions) != 1 or phase.plan[-1].prompt is None:
        return results
    return results.partition(executor_completion(phase.executions[0], number, 1))[2]


def serial_rounds(question: str, completion: str, count: TokenCounter) -> list[RoundWork]:
    """A serial answer: one call that generates all of it."""
    return [RoundWork(CallWork(count(render_question(question)), count(completion)))]


def _executors(phase: Phase, number: int, count: TokenCounter) -> tuple[ExecutorWork, ...]:
    ends = [end for end, segment in enumerate(phase.plan, 1) if segment.prompt is not None]
    return tuple(_executor(phase, number, order, end, count) for order, end in enumerate(ends, 1))


def _executor(phase: Phase, number: int, order: int, end: int, count: TokenCounter) -> ExecutorWork:
    plan = render_open_plan(phase.plan[:end], number)
    opening = executor_context("", plan, number, order)[len(plan) :]
    completion = executor_completion(phase.executions[order - 1], number, order)
    return ExecutorWork(count(plan), (CallWork(count(opening), count(completion)),))
