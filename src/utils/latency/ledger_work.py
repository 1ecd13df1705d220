"""The work of a problem's calls, as its ledger counted it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import groupby

from ..records import Call
from ..results.critical_path import EXECUTOR
from .priced_path import CallWork, ExecutorWork, RoundWork


def ledger_rounds(calls: Iterable[Call]) -> list[RoundWork]:
    """The rounds of one problem, discarded attempts included.

    Each attempt at a plan is a round. Executors of a discarded plan are left out: nothing waits for
    them. How much of its plan an executor waited for is read from the times of both, because a
    ledger holds no texts.
    """
    in_order = sorted(calls, key=lambda call: (call.phase, call.started))
    rounds = list[RoundWork]()
    for _, of_phase in groupby(in_order, key=lambda call: call.phase):
        phase = list(of_phase)
        executors = [call for call in phase if call.role == EXECUTOR]
        planners = [call for call in phase if call.role != EXECUTOR]
        if not planners:
            rounds.append(RoundWork(None, _executors(executors, None)))
        for number, planner in enumerate(planners):
            until = planners[number + 1].started if number + 1 < len(planners) else float("inf")
            mine = [call for call in executors if planner.started <= call.started < until]
            work = _executors(mine, planner) if planner.kept else ()
            rounds.append(RoundWork(call_work(planner), work))
    return rounds


def call_work(call: Call) -> CallWork:
    """The tokens of a call that have a price."""
    return CallWork(max(0, call.prompt_tokens - call.cached_tokens), call.completion_tokens)


def further_streams(calls: Sequence[Call]) -> list[float]:
    """For each call of one problem: how many others generated while it did, on average."""
    return [
        sum(_overlap(call, other) for other in calls if other is not call) / _generating(call)
        if _generating(call) > 0
        else 0.0
        for call in calls
    ]


def _executors(calls: Iterable[Call], planner: Call | None) -> tuple[ExecutorWork, ...]:
    attempts = defaultdict[int, list[Call]](list)
    for call in calls:
        attempts[call.prompt].append(call)
    return tuple(
        ExecutorWork(_written_before(of_prompt[0], planner), tuple(map(call_work, of_prompt)))
        for of_prompt in attempts.values()
    )


def _written_before(executor: Call, planner: Call | None) -> float:
    """The tokens that the planner had written when this executor could start."""
    if planner is None:
        return 0.0
    start = executor.started if executor.ready is None else executor.ready
    seconds = _generating(planner)
    share = (start - planner.first_token) / seconds if seconds > 0 else 1.0
    return planner.completion_tokens * min(1.0, max(0.0, share))


def _overlap(call: Call, other: Call) -> float:
    """The seconds in which both generate."""
    if not other.first_token:
        return 0.0
    start = max(call.first_token, other.first_token)
    return max(0.0, min(call.finished, other.finished) - start)


def _generating(call: Call) -> float:
    return call.finished - call.first_token if call.first_token else 0.0
