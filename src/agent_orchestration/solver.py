"""SPRINT inference for one problem: plan, execute in parallel, join, until the final answer.

The moment a prompt closes in the planner's stream its executor starts; when the plan has ended and
all its executors are done, their results are joined in prompt order and the next phase begins
(arXiv 2506.05745). Every attempt stands in the ledger, kept or not.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from ..utils.completion import DEADLINE
from ..utils.errors import CallError, FormatError, RefusedError, all_may_pass, first_leaf
from ..utils.grading import extract_final_answer
from ..utils.grammar import (
    FORCED_FINAL_ANSWER,
    ExecutionStream,
    FinalAnswer,
    Plan,
    PlanStream,
    PromptClosed,
    executor_context,
    executor_stops,
    parse_execution_reply,
    parse_plan_reply,
    planner_context,
    planner_stops,
    published_executor_context,
    render,
    with_closing_tag,
    written_phases,
)
from ..utils.ledger import Ledger
from ..utils.records import Phase, Problem, Result, Trajectory
from ..utils.server import ModelServer, Sampling
from .settings import Settings

NO_RESULT = "This task has no result."
"""The execution of an executor that failed for good."""

CUT_OFF = "This task was cut off after {:g} s."
"""The last line of an execution that was cut at the executor's deadline."""

EMPTY = "the reply is empty"

RETRY_TEMPERATURE = 0.6


class SprintSolver:
    """Solves problems with a planner and executors, which may be the same server."""

    def __init__(
        self, planner: ModelServer, executor: ModelServer, prompt: str, settings: Settings
    ) -> None:
        self.planner, self.executor = planner, executor
        self.prompt, self.settings = prompt, settings

    async def solve(self, problem: Problem) -> Result:
        """Never fails for what a model writes; raises ServerError where no server answers.

        The result is not final where the planner's last calls failed in a way that may pass.
        """
        return await _Run(self, problem).solve()


class _Run:
    """One problem under way."""

    def __init__(self, solver: SprintSolver, problem: Problem) -> None:
        self.planner, self.executor = solver.planner, solver.executor
        self.prompt, self.settings, self.problem = solver.prompt, solver.settings, problem
        self.ledger = Ledger(problem.id)
        self.phases: list[Phase] = []
        self.faults: list[str] = []
        self.final = True

    async def solve(self) -> Result:
        final_answer: str | None = None
        seconds = self.settings.problem_deadline
        try:
            async with asyncio.timeout(seconds or None) as limit:
                final_answer = await self._phases()
        except TimeoutError:
            if not limit.expired():
                raise
            self.faults.append(f"the problem was cut off at its deadline of {seconds:g} s")
        trajectory = Trajectory(self.problem.question, tuple(self.phases), final_answer)
        text = render(trajectory)
        boxed = extract_final_answer(final_answer or "")
        return Result(
            problem=self.problem,
            text=text,
            response=text,
            answer=boxed if boxed is not None else final_answer or "",
            elapsed=self.ledger.elapsed(),
            calls=self.ledger.calls,
            faults=tuple(self.faults),
            final=self.final,
        )

    async def _phases(self) -> str | None:
        """Go through all phases, up to the final answer (None where there is none)."""
        for number in range(1, self.settings.max_phases + 1):
            reply = await self._phase(number, forced=number == self.settings.max_phases)
            if not isinstance(reply, Phase):
                return reply
            self.phases.append(reply)
        raise AssertionError("the last phase is a forced answer")

    async def _phase(self, number: int, forced: bool) -> Phase | str | None:
        """The next phase, or the final answer (None where the planner never gave one)."""
        context = planner_context(self.prompt, self.problem.question, written_phases(self.phases))
        if not forced:
            errors = list[Exception]()
            for attempt in range(1, self.settings.max_attempts + 1):
                before = len(self.ledger.calls)
                try:
                    return await self._plan(context, number, attempt)
                except RefusedError as error:  # too long, say: no other request will do better
                    if not self.phases:
                        raise
                    self.ledger.discard_since(before, str(error))
                    self.faults.append(f"plan {number}: {error}")
                    return None
                except (FormatError, CallError) as error:
                    self.ledger.discard_since(before, str(error))
                    self.faults.append(f"plan {number}, attempt {attempt}: {error}")
                    errors.append(error)
            if all_may_pass(errors):  # then a final answer would not come either
                self.final = False
                return None
        return await self._forced_answer(context, number)

    async def _plan(self, context: str, number: int, attempt: int) -> Phase | str | None:
        """One attempt at phase `number`; its executors run while the plan is being written.

        Raises FormatError for a malformed plan and CallError for a failed call, both after the
        executors that had started are cancelled.
        """
        stream = PlanStream(number)
        executors: list[asyncio.Task[str]] = []
        held_back: list[tuple[PromptClosed, float]] = []

        def start(executor_start: str, prompt: int, written_as: int, ready: float) -> None:
            run = self._execute(executor_start, number, prompt, written_as, ready)
            executors.append(group.create_task(run))

        def start_closed(closed: PromptClosed, ready: float) -> None:
            plan = stream.text[: closed.end]
            start(
                executor_context(context, plan, number, closed.number),
                closed.number,
                closed.number,
                ready,
            )

        def on_text(piece: str) -> bool:
            now = self.ledger.elapsed()
            for closed in stream.feed(piece):
                if closed.number > self.settings.max_prompts:
                    raise FormatError(f"Plan {number} has over {self.settings.max_prompts} prompts")
                if self.settings.executor_context == "prefix":
                    if self.settings.dispatch == "eager":
                        start_closed(closed, now)
                    else:
                        held_back.append((closed, now))
            return stream.ended

        try:
            async with asyncio.TaskGroup() as group:
                reply = await self._ask_planner(context, number, attempt, on_text)
                if isinstance(reply, Plan) and self.settings.executor_context == "published":
                    now = self.ledger.elapsed()
                    for prompt in range(1, len(reply.prompts) + 1):
                        start(
                            published_executor_context(context, reply.segments, number, prompt),
                            prompt,
                            1,
                            now,
                        )
                for closed, ready in held_back:
                    start_closed(closed, ready)
                if len(executors) != (len(reply.prompts) if isinstance(reply, Plan) else 0):
                    raise FormatError(f"Plan {number} has prompts where none belongs")
        except BaseExceptionGroup as errors:
            raise first_leaf(errors) from errors
        if isinstance(reply, Plan):
            return Phase(reply.segments, tuple(executor.result() for executor in executors))
        return self._complete_answer(reply)

    async def _ask_planner(
        self,
        context: str,
        number: int,
        attempt: int,
        on_text: Callable[[str], bool] | None = None,
        mouth: str = "",
    ) -> Plan | FinalAnswer:
        """The planner's reply; `mouth` is text that is put before what it generates."""
        limit = self.settings.call_deadline
        completion = await self.ledger.ask(
            self.planner,
            context + mouth,
            self._sampling(
                self.settings.plan_tokens, planner_stops(number), attempt, limit or None
            ),
            role="planner",
            phase=number,
            attempt=attempt,
            on_text=on_text,
        )
        if completion.finish_reason == DEADLINE:
            raise CallError(too_slow(limit))
        text = mouth + completion.text
        if completion.finish_reason == "stop" and not completion.stop_named:
            text = with_closing_tag(text, number)
        return parse_plan_reply(text, number)

    async def _execute(
        self, context: str, phase: int, prompt: int, written_as: int, ready: float
    ) -> str:
        """One execution. A call that fails or says nothing is repeated; in the end: no result.

        At the executor's deadline the call is closed, and what it has said so far is the execution.
        """
        name = f"execution {phase}.{prompt}"
        call_limit, whole_limit = self.settings.call_deadline, self.settings.executor_deadline
        for attempt in range(1, self.settings.max_attempts + 1):
            left = max(0.0, ready + whole_limit - self.ledger.elapsed()) if whole_limit else None
            is_last = left is not None and (not call_limit or left < call_limit)
            try:
                completion = await self.ledger.ask(
                    self.executor,
                    context,
                    self._sampling(
                        self.settings.execution_tokens,
                        executor_stops(phase, written_as),
                        attempt,
                        left if is_last else call_limit or None,
                    ),
                    role="executor",
                    phase=phase,
                    prompt=prompt,
                    attempt=attempt,
                    ready=ready,
                    on_text=ExecutionStream().feed,
                )
            except CallError as error:
                self.faults.append(f"{name}, attempt {attempt}: {error}")
                if isinstance(error, RefusedError):
                    break
                continue
            reply = parse_execution_reply(completion.text)
            if completion.finish_reason == DEADLINE:
                if is_last:
                    self.faults.append(f"{name}: {too_slow(whole_limit)}")
                    return f"{reply.text}\n\n{CUT_OFF.format(whole_limit)}".strip()
                self.ledger.discard_last(too_slow(call_limit))
                self.faults.append(f"{name}, attempt {attempt}: {too_slow(call_limit)}")
                continue
            if not reply.text:
                self.ledger.discard_last(EMPTY)
                self.faults.append(f"{name}, attempt {attempt}: {EMPTY}")
                continue
            # Where the server does not say which stop string hit, it was most likely the tag.
            unnamed = completion.finish_reason == "stop" and not completion.stop_named
            if completion.cut_off:
                self.faults.append(f"{name} was cut off at its token limit")
            elif not (reply.closed or unnamed):
                self.faults.append(f"{name} ended without its closing tag")
            return reply.text
        return NO_RESULT

    async def _forced_answer(self, context: str, number: int) -> str | None:
        """The final answer, with its tag put in the planner's mouth."""
        errors = list[Exception]()
        for attempt in range(1, self.settings.max_attempts + 1):
            before = len(self.ledger.calls)
            try:
                reply = await self._ask_planner(context, number, attempt, mouth=FORCED_FINAL_ANSWER)
            except (FormatError, CallError) as error:
                self.ledger.discard_since(before, str(error))
                self.faults.append(f"final answer, attempt {attempt}: {error}")
                errors.append(error)
                if isinstance(error, RefusedError):
                    break
                continue
            if isinstance(reply, FinalAnswer):
                return self._complete_answer(reply)
        self.final = not all_may_pass(errors)
        return None

    def _complete_answer(self, answer: FinalAnswer) -> str | None:
        """The text of a final answer; one that was cut off counts as none, and is marked."""
        if not answer.closed:
            self.faults.append("the final answer was cut off")
        return answer.text if answer.closed else None

    def _sampling(
        self, max_tokens: int, stop: tuple[str, ...], attempt: int, deadline: float | None
    ) -> Sampling:
        # Asked again at temperature 0 a model would write the same fault again.
        hotter = max(self.settings.temperature, RETRY_TEMPERATURE)
        return Sampling(
            max_tokens=max_tokens,
            temperature=self.settings.temperature if attempt == 1 else hotter,
            top_p=self.settings.top_p,
            stop=stop,
            deadline=deadline,
        )


def too_slow(seconds: float) -> str:
    return f"it had not ended after {seconds:g} s"
