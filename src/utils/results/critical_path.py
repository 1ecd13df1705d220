"""The critical path of a problem: the calls that determine its wall clock.

The critical path of a phase is the planner's call or, if an execution ends after the plan, the
planner until that executor started and then the executor; for a phase without a planner's call, as
in self-consistency, the executor that ends last. Gaps between the calls of the path are the
client's own time.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from ..records import Call, Role

EXECUTOR: Role = "executor"


@dataclass(frozen=True)
class PathTime:
    """Seconds of the critical path.

    `planner` and `executor` are decoding, `waiting` is from a request to its first token (queue and
    prefill), `discarded` is time in discarded attempts, `client` is the time outside of the calls
    of the path.
    """

    planner: float = 0.0
    executor: float = 0.0
    waiting: float = 0.0
    discarded: float = 0.0
    client: float = 0.0

    def __add__(self, other: PathTime) -> PathTime:
        return PathTime(
            self.planner + other.planner,
            self.executor + other.executor,
            self.waiting + other.waiting,
            self.discarded + other.discarded,
            self.client + other.client,
        )

    @property
    def calls(self) -> float:
        """Seconds in calls, kept or not, including their waiting time."""
        return self.planner + self.executor + self.waiting + self.discarded

    @property
    def total(self) -> float:
        return self.calls + self.client


@dataclass(frozen=True)
class Piece:
    """A part of the path: a call from `start` to `end`, which may be only part of it."""

    call: Call
    start: float
    end: float


_End = tuple[Call, float]
"""A call of the path, and when its part of it ends."""


def path_time(calls: Iterable[Call], elapsed: float) -> PathTime:
    """The critical path of one problem, from its calls and its wall clock in seconds."""
    found = PathTime()
    now = 0.0
    for piece in critical_path(calls):
        call, start = piece.call, piece.start
        found += PathTime(client=start - now)
        first = min(max(start, call.first_token or piece.end), piece.end)
        now = piece.end
        if not call.kept:
            found += PathTime(discarded=now - start)
        elif call.role == EXECUTOR:
            found += PathTime(waiting=max(0.0, first - start), executor=now - max(start, first))
        else:
            found += PathTime(waiting=max(0.0, first - start), planner=now - max(start, first))
    return found + PathTime(client=max(0.0, elapsed - now))


def critical_path(calls: Iterable[Call]) -> list[Piece]:
    """The calls of the path in order of time; a planner's call may be only its beginning.

    Pieces do not overlap: each begins where the one before ends, or later.
    """
    path, now = list[Piece](), 0.0
    for call, end in _ends(calls):
        start = max(now, call.started)
        now = max(start, end)
        path.append(Piece(call, start, now))
    return path


def _ends(calls: Iterable[Call]) -> list[_End]:
    in_order = sorted(calls, key=lambda call: (call.phase, call.started))
    path = list[_End]()
    for _, of_phase in groupby(in_order, key=lambda call: call.phase):
        phase = list(of_phase)
        planners = [call for call in phase if call.role != EXECUTOR]
        if not planners:
            path += _last_of(phase)
        for number, planner in enumerate(planners):
            until = planners[number + 1].started if number + 1 < len(planners) else float("inf")
            mine = [
                call
                for call in phase
                if call.role == EXECUTOR and planner.started <= call.started < until
            ]
            path += _of_attempt(planner, mine)
    return path


def _of_attempt(planner: Call, executors: Sequence[Call]) -> list[_End]:
    """One attempt at a phase: its plan, and the executor that ended last, if after the plan."""
    if not planner.kept or not executors:
        return [(planner, planner.finished)]
    last = _last_of(executors)
    if last[-1][0].finished <= planner.finished:
        return [(planner, planner.finished)]
    return [(planner, min(planner.finished, last[0][0].started)), *last]


def _last_of(executors: Sequence[Call]) -> list[_End]:
    """All attempts of the executor that ended last."""
    last = max(executors, key=lambda call: call.finished)
    return [(call, call.finished) for call in executors if call.prompt == last.prompt]
