"""Timelines of a problem: in seconds from its ledger, in tokens from its trajectory. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from ...utils.records import Call
from ...utils.results.critical_path import EXECUTOR, critical_path
from ...utils.tokens.counting import PhaseTokens, TrajectoryCount
from .model import Bar, Timeline


def timeline_by_seconds(calls: Sequence[Call]) -> Timeline:
    """Every call as a bar, including discarded attempts."""
    on_path = {piece.call: (piece.start, piece.end) for piece in critical_path(calls)}
    bars = tuple(
        Bar(
            lane=call.prompt if call.role == EXECUTOR else 0,
            start=call.started,
            end=call.finished,
            phase=call.phase,
            prompt=call.prompt,
            path=on_path.get(call),
            first=call.first_token or None,
            kept=call.kept,
            note=_note(call),
        )
        for call in sorted(calls, key=lambda call: call.started)
    )
    return Timeline("seconds", bars, max((bar.end for bar in bars), default=0.0))


def timeline_by_tokens(counted: TrajectoryCount, unit: str) -> Timeline:
    """The trajectory as if each stream wrote one token at a time, as sequential tokens count.

    An executor starts where its prompt ends, and a phase where the longest stream of the previous
    phase ends; tags do not count (see `counting`).
    """
    bars, now = list[Bar](), 0
    for number, phase in enumerate(counted.phases, 1):
        of_phase = _phase_bars(phase, number, now)
        bars += of_phase
        now = max((int(bar.end) for bar in of_phase), default=now)
    if counted.final_answer:
        end = now + counted.final_answer
        bars.append(Bar(0, now, end, len(counted.phases) + 1, 0, path=(now, end)))
        now = end
    return Timeline(unit, tuple(bars), now)


def serial_timeline(tokens: int, unit: str) -> Timeline:
    """One chain of this many tokens."""
    return Timeline(unit, (Bar(0, 0, tokens, 0, 0, path=(0, tokens)),), tokens)


def _phase_bars(tokens: PhaseTokens, number: int, start: int) -> list[Bar]:
    """The plan, then its executions; the first of those that end last is on the path."""
    executed = [(start + before, start + before + own) for before, own in tokens.executions]
    planned, end = start + tokens.plan, start + tokens.sequential
    ends = [finish for _, finish in executed]
    longest = ends.index(end) if end > planned else None
    plan_on_path = (start, planned if longest is None else executed[longest][0])
    return [
        Bar(0, start, planned, number, 0, path=plan_on_path),
        *(
            Bar(k, begin, finish, number, k, path=(begin, finish) if k - 1 == longest else None)
            for k, (begin, finish) in enumerate(executed, 1)
        ),
    ]


def _note(call: Call) -> str:
    parts = [
        f"attempt {call.attempt}" if call.attempt > 1 else "",
        f"{call.completion_tokens} tokens",
        "" if call.kept else f"discarded: {call.error}",
    ]
    return ", ".join(part for part in parts if part)
