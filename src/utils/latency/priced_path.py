"""The priced critical path: how long a problem's calls take at given prices. The one definition.

A call takes `call` seconds, `prompt_token` seconds for each prompt token that the server's cache
does not hold, and `token` seconds for each token that it generates, plus `further_stream` seconds
for each further call of the same problem that generates at that moment. An executor starts when
the planner has written the executor's prompt. A round ends when its plan and all executions have
ended, and the next round starts then; the priced path is the end of the last round. Time in the
client, queues, and other problems on the same server have no price.

Work is counted in tokens from a ledger (`ledger_work.py`) or from a text (`text_work.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import inf
from typing import NamedTuple

ROUNDING = 1e-6
"""Of a token: sums of parts may miss a whole number of tokens by that. All that waits for a stream
starts at its end at the latest, however large its numbers are."""


class TimePrices(NamedTuple):
    """Seconds for a generated token, an uncached prompt token, each generated token and further
    stream, and a call. None is negative, and a token costs something."""

    token: float
    prompt_token: float = 0.0
    further_stream: float = 0.0
    call: float = 0.0


class CallWork(NamedTuple):
    """Tokens of a call: uncached ones of its prompt, and those it generates."""

    prompt: float
    generated: float


class ExecutorWork(NamedTuple):
    """The attempts at one prompt. They start when the planner has generated `after` tokens."""

    after: float
    attempts: tuple[CallWork, ...]


class RoundWork(NamedTuple):
    """One call of the planner (None in rounds without one) and the executors that it starts."""

    planner: CallWork | None
    executors: tuple[ExecutorWork, ...] = ()


def priced_seconds(rounds: Iterable[RoundWork], prices: TimePrices) -> float:
    """The priced path of a problem, in seconds."""
    return sum(_round_seconds(one, prices) for one in rounds)


@dataclass
class _Stream:
    """A stream while time passes: `delay` seconds until its call generates, `left` tokens to go."""

    attempts: list[CallWork]
    delay: float = 0.0
    left: float = 0.0
    written: float = 0.0
    waiting: list[tuple[float, _Stream]] = field(default_factory=list)
    """Streams that start when this one has written that many tokens."""

    def start_next(self, prices: TimePrices) -> bool:
        """Start the next attempt; False if there is none."""
        if not self.attempts:
            return False
        work = self.attempts.pop(0)
        self.delay = prices.call + prices.prompt_token * work.prompt
        self.left = work.generated
        return True

    @property
    def until_event(self) -> float:
        """Tokens until the stream ends or starts another."""
        return min(self.left, *(after - self.written for after, _ in self.waiting), inf)


def _round_seconds(work: RoundWork, prices: TimePrices) -> float:
    executors = [_Stream(list(one.attempts)) for one in work.executors]
    planner = _Stream([work.planner] if work.planner else [])
    written = work.planner.generated if work.planner else 0.0
    planner.waiting = [
        (min(one.after, written), stream)
        for one, stream in zip(work.executors, executors, strict=True)
    ]
    planner.start_next(prices)
    streams, now = [planner], 0.0
    while streams:
        decoding = [stream for stream in streams if stream.delay <= 0]
        rate = prices.token + prices.further_stream * max(0, len(decoding) - 1)
        step = min(s.until_event * rate if s.delay <= 0 else s.delay for s in streams)
        now += step
        streams = [one for stream in streams for one in _advance(stream, step, rate, prices)]
    return now


def _advance(stream: _Stream, step: float, rate: float, prices: TimePrices) -> Sequence[_Stream]:
    """The stream after a step of seconds, unless it has ended, and those that it starts."""
    if stream.delay > 0:
        stream.delay = 0.0 if stream.delay <= step else stream.delay - step
        return [stream]
    written = stream.until_event if stream.until_event * rate <= step else step / rate
    stream.left -= written
    stream.written += written
    reached = stream.written + ROUNDING if stream.left > 0 else inf
    started = [one for after, one in stream.waiting if after <= reached]
    stream.waiting = [(after, one) for after, one in stream.waiting if after > reached]
    for one in started:
        one.start_next(prices)
    goes_on = stream.left > 0 or bool(stream.waiting) or stream.start_next(prices)
    return [stream, *started] if goes_on else started
