"""Solves what a request asks: its place in the queue, its deadline, its answers and their usage."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Iterable
from typing import NamedTuple

from ..utils.api.finish_reasons import FinishReason
from ..utils.concurrency.tasks import all_at_once
from ..utils.errors import CallError
from ..utils.grammar.tags import TagKind, close_tag
from ..utils.methods.events import Discarded, Event
from ..utils.records import Result
from .api_errors import ApiError, shutting_down, upstream_down, upstream_silent
from .backend import Ask, Backend
from .faults import error_of
from .metrics import Metrics
from .outbox import Outbox
from .queueing import Places
from .rendering import Delta, Rendering
from .request_fields import SolveRequest
from .usage import AnswerUsage

log = logging.getLogger(__name__)


class CompleteAnswer(NamedTuple):
    """One complete answer."""

    result: Result
    rendering: Rendering
    reasoning: str

    @property
    def answer(self) -> str:
        return self.rendering.answer.text

    @property
    def complete(self) -> bool:
        """The answer is whole or ended at a stop string; otherwise it is cut or missing."""
        answer, calls = self.rendering.answer, [one for one in self.result.calls if one.kept]
        cut = not calls or calls[-1].finish_reason == FinishReason.LENGTH or self._unclosed
        whole = bool(answer.text) and not cut and self.rendering.cut_short is None
        return answer.stopped or whole

    @property
    def _unclosed(self) -> bool:
        """A planner ended its answer without the closing tag, so a batch run has no answer."""
        by_planner = any(call.role == "planner" for call in self.result.calls)
        return by_planner and close_tag(TagKind.FINAL_ANSWER) not in self.result.text


class Solving:
    """The work of one request, which began at `begun` (monotonic)."""

    def __init__(
        self,
        backend: Backend,
        places: Places,
        metrics: Metrics,
        ask: Ask[SolveRequest],
        begun: float,
    ) -> None:
        self._backend, self._places, self._metrics = backend, places, metrics
        self.ask, self._begun = ask, begun
        self._tells_events = ask.request.tells_events
        self._anything = False
        """Some text has arrived."""

    async def solve(self, outbox: Outbox | None) -> list[CompleteAnswer]:
        """Solve all choices once there is capacity; `outbox` receives the text to stream.

        Raises ApiError.
        """
        try:
            return await self._solve_in_time(outbox)
        except asyncio.CancelledError:
            if not self._places.aborted:
                raise
            task = asyncio.current_task()
            assert task is not None
            task.uncancel()
            raise shutting_down() from None
        except Exception as error:
            raise error_of(error, self.ask.request.CONVERSATION) from error

    async def usage(self, choices: list[CompleteAnswer]) -> AnswerUsage:
        """Runs in a thread, because it may count many tokens."""
        count, serial = self._backend.count_of(self.ask), self.ask.serial

        def counted() -> AnswerUsage:
            return AnswerUsage.of_all(
                [
                    AnswerUsage.of(one.result, one.rendering.answer.pieces, count, serial=serial)
                    for one in choices
                ]
            )

        usage = await asyncio.to_thread(counted)
        self._metrics.answered(self.ask.model, self._elapsed(), usage)
        if self._backend.config.log_requests:
            log.info("%s finished in %.2f s", self.ask.id, self._elapsed())
        return usage

    def broke_off(self) -> None:
        """It failed after the stream had begun."""
        self._metrics.stream_failed()

    def abandoned(self) -> None:
        """The client has disconnected."""
        self._metrics.left()

    async def _solve_in_time(self, outbox: Outbox | None) -> list[CompleteAnswer]:
        deadline = self._backend.config.request_deadline
        try:
            async with asyncio.timeout(deadline or None) as limit:
                async with self._places.place(self.ask.choices):
                    limit.reschedule(None)  # from here on, it is the problem's deadline
                    left = max(0.001, deadline - self._elapsed()) if deadline else 0.0
                    numbers = range(self.ask.choices)
                    return await all_at_once(self._choice(one, left, outbox) for one in numbers)
        except TimeoutError as error:
            if not limit.expired():
                raise
            raise upstream_silent() from error

    async def _choice(self, number: int, left: float, outbox: Outbox | None) -> CompleteAnswer:
        rendering, reasoning = Rendering(self.ask.request.stops), list[str]()

        def show(deltas: Iterable[Delta]) -> None:
            for delta in deltas:
                self._note_first()
                if delta.field == "reasoning":
                    reasoning.append(delta.text)
                if outbox is not None:
                    outbox.put(number, delta)

        def on_event(event: Event) -> bool:
            show(rendering.feed(event))
            # A failure before any text still has a status, so nothing is sent for it.
            has_status = not self._anything and isinstance(event, Discarded)
            if outbox is not None and self._tells_events and not has_status:
                outbox.put_event(number, event)
            contradicted = outbox is not None and rendering.answer.contradicted
            return rendering.answer.stopped or contradicted

        result = await self._backend.solve(self.ask, number, left, on_event)
        show(rendering.end())
        choice = CompleteAnswer(result, rendering, "".join(reasoning))
        self._require_answer(choice)
        return choice

    def _note_first(self) -> None:
        if not self._anything:
            self._anything = True
            self._metrics.first_text(self.ask.model, self._elapsed())

    def _require_answer(self, choice: CompleteAnswer) -> None:
        """Raise ApiError if the answer is missing because of the model server."""
        rendering = choice.rendering
        if self.ask.request.stream and rendering.answer.contradicted:
            raise ApiError(
                502,
                "A call failed within the answer, and its retry wrote a different answer. Send the "
                "request again.",
                "server_error",
                code="answer_broke_off",
            )
        if rendering.answer.text:
            return
        if rendering.cut_short and rendering.cut_short.by_deadline and not choice.reasoning:
            raise upstream_silent()
        failed = rendering.last_discarded.error if rendering.last_discarded else None
        nothing = not choice.reasoning and rendering.cut_short is None
        if not choice.result.final or (nothing and isinstance(failed, CallError)):
            raise error_of(failed, self.ask.request.CONVERSATION) if failed else upstream_down()

    def _elapsed(self) -> float:
        return time.monotonic() - self._begun
