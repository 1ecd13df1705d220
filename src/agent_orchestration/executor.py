"""Carries out one prompt of a plan: its calls, their deadlines and the final text."""

from __future__ import annotations

from dataclasses import dataclass

from ..utils.api.finish_reasons import FinishReason
from ..utils.api.protocols import Server
from ..utils.api.token_trace import TokenTrace
from ..utils.errors import FormatError, TransientError
from ..utils.grammar import ExecutionStream, executor_stops, parse_execution_reply
from ..utils.methods.call_sampling import call_sampling
from ..utils.methods.ledger import Attempts, Ledger
from ..utils.records import CallPlace
from .config import SprintSettings
from .event_reporter import EventReporter
from .token_reuse import TokenReuse


def too_slow(seconds: float) -> str:
    return f"it did not finish within {seconds:g} s"


NO_RESULT = "This task has no result."
"""The execution of an executor that failed permanently."""

CUT_OFF = "This task was cut off after {:g} s."
"""The last line of an execution that reached the executor's deadline."""

PRIORITY = 1
"""After planners, which have 0 and go first: a plan gives work to several executors."""


@dataclass(frozen=True)
class Task:
    """A prompt to carry out. `ready`: seconds from the start of the problem to the prompt."""

    context: str
    context_ids: list[int] | None
    phase: int
    prompt: int
    written_as: int
    """The number that the context asks for."""
    ready: float

    @property
    def name(self) -> str:
        return f"execution {self.phase}.{self.prompt}"


@dataclass(frozen=True)
class Execution:
    text: str
    trace: TokenTrace | None = None
    """The call that wrote it, if its ids are known."""
    may_come: bool = False
    """It has no result because a call failed with a transient error."""


@dataclass(frozen=True)
class Executor:
    """The executors of one problem."""

    server: Server
    settings: SprintSettings
    ledger: Ledger
    faults: list[str]
    reuse: TokenReuse
    reporter: EventReporter

    async def execute(self, task: Task) -> Execution:
        """One execution; reports when it is done."""
        execution = await self._execute(task)
        self.reporter.execution_done(task.phase, task.prompt, execution.text)
        return execution

    async def _execute(self, task: Task) -> Execution:
        """One execution. Retries a call that fails or returns nothing; then it has no result.

        At the executor's deadline the call is closed, and its text so far is the execution.
        """
        call_limit, whole_limit = self.settings.call_deadline, self.settings.executor_deadline
        attempts = Attempts(
            self.settings.max_attempts,
            self.ledger,
            self.faults,
            task.name,
            self.reporter.discarded(task.phase, task.prompt),
        )
        place = CallPlace("executor", task.phase, task.prompt)
        for attempt in attempts:
            left = max(0.0, task.ready + whole_limit - self.ledger.elapsed())
            is_last = bool(whole_limit) and (not call_limit or left < call_limit)
            limit = left if is_last else call_limit or None
            is_reused = self.reuse.same_model
            trace = self.reuse.trace(task.context, is_reused=is_reused)
            with attempts.noted():
                completion = await self.reuse.ask(
                    self.ledger,
                    self.server,
                    task.context,
                    call_sampling(
                        self.settings,
                        place,
                        self.settings.execution_tokens,
                        useless=attempts.useless,
                        stop=executor_stops(task.phase, task.written_as),
                        deadline=limit,
                        priority=PRIORITY,
                    ),
                    place=place,
                    attempt=attempt,
                    ready=task.ready,
                    on_text=self.reporter.executor(task.phase, task.prompt, ExecutionStream().feed),
                    prompt_ids=task.context_ids,
                    trace=trace,
                )
                reply = parse_execution_reply(completion.text)
                late = completion.finish_reason == FinishReason.DEADLINE
                if late and is_last:
                    self.faults.append(f"{task.name}: {too_slow(whole_limit)}")
                    return Execution(f"{reply.text}\n\n{CUT_OFF.format(whole_limit)}".strip())
                if late or not reply.text:
                    raise FormatError(too_slow(call_limit) if late else "the reply is empty")
                # If the server does not say which stop string matched, it was most likely the tag.
                stopped = completion.finish_reason == FinishReason.STOP
                if completion.cut_off:
                    self.faults.append(f"{task.name} reached its token limit")
                elif not (reply.closed or (stopped and not completion.stop_named)):
                    self.faults.append(f"{task.name} ended without its closing tag")
                return Execution(reply.text, trace if is_reused else None)
        may_come = any(isinstance(error, TransientError) for error in attempts.errors)
        return Execution(NO_RESULT, may_come=may_come)
