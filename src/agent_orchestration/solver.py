"""SPRINT inference for one problem: plan, execute in parallel, join, until the final answer.

An executor starts as soon as its prompt closes in the planner's stream. When the plan and all its
executors are done, their results are joined in prompt order and the next phase begins
(arXiv 2506.05745). The ledger records every attempt, kept or not.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import ExitStack
from copy import copy
from typing import NamedTuple

from ..utils.api.finish_reasons import FinishReason
from ..utils.api.protocols import Server, Servers
from ..utils.api.token_trace import Known, Tokenize, TokenTrace
from ..utils.concurrency.tasks import grouped
from ..utils.errors import CallError, CutError, FormatError
from ..utils.grading.final_answers import sprint_answer
from ..utils.grammar import (
    FORCED_FINAL_ANSWER,
    ClosedPrompt,
    FinalAnswer,
    Plan,
    PlanStream,
    executor_context,
    parse_plan_reply,
    planner_context,
    planner_stops,
    published_executor_context,
    render,
    with_closing_tag,
    written_phases,
)
from ..utils.methods.call_sampling import call_sampling
from ..utils.methods.events import OnEvent
from ..utils.methods.ledger import Attempts, Ledger
from ..utils.methods.token_budget import Ending, TokenBudget
from ..utils.records import CallPlace, Phase, Problem, Result, Trajectory
from .config import SprintSettings
from .event_reporter import EventReporter
from .executor import Execution, Executor, Task, too_slow
from .token_reuse import TokenReuse, Written


class SprintSolver:
    """Solves problems with a planner and executors, which may be the same server."""

    def __init__(
        self,
        planner: Servers,
        executor: Servers,
        prompt: str,
        settings: SprintSettings,
        tokenize: Tokenize | None = None,
        *,
        record_tokens: bool = False,
    ) -> None:
        """`tokenize` uses the planner's tokenizer; without it contexts are sent as text.

        `record_tokens`: results have the token ids and log-probabilities of each call.
        """
        self.planner, self.executor = planner, executor
        self.prompt, self.settings = prompt, settings
        self.reuse = TokenReuse(
            tokenize if settings.reuse_tokens else None,
            same_model=planner.model == executor.model,
            record=record_tokens,
        )

    def having(self, settings: SprintSettings) -> SprintSolver:
        """The same solver with other settings; it shares what is known of the servers."""
        solver = copy(self)
        solver.settings = settings
        return solver

    async def solve(self, problem: Problem, on_event: OnEvent | None = None) -> Result:
        """Never fails because of model output; raises ServerError if no server answers.

        The result is not final if the planner's last calls failed with a transient error, or an
        execution has no result for that reason. `on_event` gets the events of the run.
        """
        with ExitStack() as stack:
            planner = stack.enter_context(self.planner.for_problem(problem.id))
            # The same object if both are the same: its cache contains what the planner wrote.
            executor = (
                planner
                if self.executor is self.planner
                else stack.enter_context(self.executor.for_problem(problem.id))
            )
            return await _Run(self, problem, planner, executor, on_event).solve()


class Context(NamedTuple):
    """What a planner continues; with `ids` if it is sent as token ids."""

    text: str
    ids: list[int] | None


class _Run:
    """One problem in progress."""

    def __init__(
        self,
        solver: SprintSolver,
        problem: Problem,
        planner: Server,
        executor: Server,
        on_event: OnEvent | None,
    ) -> None:
        self.planner, self.reuse = planner, solver.reuse
        self.prompt, self.settings, self.problem = solver.prompt, solver.settings, problem
        self.ledger = Ledger(problem.id)
        self.phases: list[Phase] = []
        self.faults: list[str] = []
        self.reporter = EventReporter(on_event, self.ledger)
        self.executor = Executor(
            executor, self.settings, self.ledger, self.faults, self.reuse, self.reporter
        )
        self.written = Written()
        """The calls that wrote the last phase."""
        self.calls_before = 0
        """The calls of finished phases."""
        self.final = True

    async def solve(self) -> Result:
        final_answer: str | None = None
        seconds = self.settings.problem_deadline
        try:
            async with asyncio.timeout(seconds or None) as limit:
                self.ledger.budget = TokenBudget.within(self.settings.problem_tokens, limit)
                final_answer = await self._phases()
        except TimeoutError:
            if not limit.expired():
                raise
            ending = Ending.of(self.ledger.budget, seconds)
            self.ledger.discard_since(self.calls_before, ending.reason)
            self.faults.append(ending.reason)
            self.reporter.cut_short(*ending)
        trajectory = Trajectory(self.problem.question, tuple(self.phases), final_answer)
        text = render(trajectory)
        return Result(
            problem=self.problem,
            text=text,
            response=text,
            answer=sprint_answer(final_answer),
            elapsed=self.ledger.elapsed(),
            calls=self.ledger.calls,
            faults=tuple(self.faults),
            final=self.final,
            tokens=self.ledger.tokens if self.reuse.record else (),
        )

    async def _phases(self) -> str | None:
        """Run all phases, up to the final answer (None if there is none)."""
        for number in range(1, self.settings.max_phases + 1):
            self.calls_before = len(self.ledger.calls)
            reply = await self._phase(number, forced=number == self.settings.max_phases)
            if not isinstance(reply, Phase):
                return reply
            self.phases.append(reply)
        raise AssertionError("the last phase is a forced answer")

    async def _phase(self, number: int, forced: bool) -> Phase | str | None:
        """The next phase, or the final answer (None if the planner never gave one)."""
        text = planner_context(self.prompt, self.problem.question, written_phases(self.phases))
        context = Context(text, self.reuse.ids(text, self.written.known(text, number - 1)))
        if not forced:
            attempts = self._attempts(number, f"plan {number}")
            for attempt in attempts:
                with attempts.noted(since=len(self.ledger.calls)):
                    return await self._plan(context, number, attempt, attempts.useless)
            if attempts.refusal:  # then a final answer would be refused, too
                if not self.phases:
                    raise attempts.refusal
                return None
            if attempts.may_pass:  # then a final answer would fail, too
                self.final = False
                return None
        return await self._forced_answer(context, number)

    def _attempts(self, phase: int, what: str) -> Attempts:
        discarded = self.reporter.discarded(phase)
        return Attempts(self.settings.max_attempts, self.ledger, self.faults, what, discarded)

    async def _plan(
        self, context: Context, number: int, attempt: int, useless: int
    ) -> Phase | str | None:
        """One attempt at phase `number`; its executors run while the plan is being written.

        Raises FormatError for a malformed plan and CallError for a failed call, both after
        cancelling the executors that had started.
        """
        stream, group = PlanStream(number), asyncio.TaskGroup()
        executors: list[asyncio.Task[Execution]] = []
        held_back: list[tuple[ClosedPrompt, float]] = []
        trace = self.reuse.trace(context.text)

        def start(text: str, prompt: int, written_as: int, ready: float) -> None:
            shared = [Known(0, trace)] if trace is not None and self.reuse.same_model else []
            task = Task(text, self.reuse.ids(text, shared), number, prompt, written_as, ready)
            executors.append(group.create_task(self.executor.execute(task)))

        def start_closed(closed: ClosedPrompt, ready: float) -> None:
            plan = stream.text[: closed.end]
            text = executor_context(context.text, plan, number, closed.number)
            start(text, closed.number, closed.number, ready)

        def on_text(piece: str) -> bool:
            now = self.ledger.elapsed()
            for closed in stream.feed(piece):
                if closed.number > self.settings.max_prompts:
                    raise FormatError(f"Plan {number} has over {self.settings.max_prompts} prompts")
                if not closed.text:  # the plan is malformed: stop its executors
                    raise FormatError(f"Plan {number} has an empty prompt {closed.number}")
                if self.settings.executor_context == "prefix":
                    if self.settings.dispatch == "eager":
                        start_closed(closed, now)
                    else:
                        held_back.append((closed, now))
            return stream.ended

        async def plan_and_execute() -> Plan | FinalAnswer:
            async with group:
                reply = await self._ask_planner(
                    context, number, attempt, useless, on_text=on_text, trace=trace
                )
                if isinstance(reply, Plan) and self.settings.executor_context == "published":
                    now = self.ledger.elapsed()
                    for prompt in range(1, len(reply.prompts) + 1):
                        text = published_executor_context(
                            context.text, reply.segments, number, prompt
                        )
                        start(text, prompt, 1, now)
                for closed, ready in held_back:
                    start_closed(closed, ready)
                if len(executors) != (len(reply.prompts) if isinstance(reply, Plan) else 0):
                    raise FormatError(f"Plan {number} has misplaced prompts")
                if isinstance(reply, Plan):
                    self.reporter.plan_done(number)
            return reply

        reply = await grouped(plan_and_execute())
        if isinstance(reply, Plan):
            done = [executor.result() for executor in executors]
            self.final = self.final and not any(execution.may_come for execution in done)
            self.written = Written(trace, [execution.trace for execution in done])
            self.reporter.joined(number)
            return Phase(reply.segments, tuple(execution.text for execution in done))
        return self._complete_answer(reply)

    async def _ask_planner(
        self,
        context: Context,
        number: int,
        attempt: int,
        useless: int,
        *,
        on_text: Callable[[str], bool] | None = None,
        trace: TokenTrace | None = None,
        mouth: str = "",
    ) -> Plan | FinalAnswer:
        """The planner's reply; `mouth` is a prefix that the reply continues."""
        limit, place = self.settings.call_deadline, CallPlace("planner", number)
        completion = await self.reuse.ask(
            self.ledger,
            self.planner,
            context.text + mouth,
            call_sampling(
                self.settings,
                place,
                self.settings.plan_tokens,
                useless=useless,
                stop=planner_stops(number),
                deadline=limit or None,
            ),
            place=place,
            attempt=attempt,
            on_text=self.reporter.planner(number, on_text, answers=bool(mouth)),
            prompt_ids=self.reuse.extended(context.ids, mouth),
            trace=trace,
        )
        if completion.finish_reason == FinishReason.DEADLINE:
            if not completion.text:  # more likely a server that hangs than a long plan
                raise CutError(too_slow(limit))
            raise CallError(too_slow(limit))
        text = completion.text
        if not text.lstrip().startswith(mouth.strip()):  # a chat model may repeat it
            text = mouth + text
        if completion.finish_reason == FinishReason.STOP and not completion.stop_named:
            text = with_closing_tag(text, number)
        return parse_plan_reply(text, number)

    async def _forced_answer(self, context: Context, number: int) -> str | None:
        """The final answer, forced by starting the planner's reply with its tag."""
        attempts = self._attempts(number, "final answer")
        for attempt in attempts:
            with attempts.noted(since=len(self.ledger.calls)):
                mouth = FORCED_FINAL_ANSWER
                trace = self.reuse.trace(context.text + mouth, is_reused=False)
                reply = await self._ask_planner(
                    context, number, attempt, attempts.useless, trace=trace, mouth=mouth
                )
                if isinstance(reply, FinalAnswer):
                    return self._complete_answer(reply)
                raise FormatError("expected a final answer, found a plan")
        if attempts.refusal and not self.phases:
            raise attempts.refusal
        self.final = self.final and not attempts.may_pass
        return None

    def _complete_answer(self, answer: FinalAnswer) -> str | None:
        """The text of a final answer; one that was cut off counts as none and is marked."""
        if not answer.closed:
            self.faults.append("the final answer was cut off")
        return answer.text if answer.closed else None
