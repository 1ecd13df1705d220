"""The demo in a terminal: SPRINT first, then the serial answer, each with the whole machine."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from contextlib import AsyncExitStack
from functools import partial
from itertools import cycle

from ...utils.concurrency.event_loops import new_runner
from ...utils.config.safe_output import one_line
from ...utils.errors import SprintError
from ...utils.grading import grade
from ...utils.methods.runner import run_on
from ...utils.records import Result
from ..backend import Backend, open_backend
from ..config import SERIAL
from ..requests import ChatRequest
from ..usage import AnswerUsage
from .config import DemoConfig
from .problems import DemoProblem, demo_problems
from .summary import summary
from .terminal_output import TerminalOutput

ASKS = "Problem and an empty line (only an empty line: a sample problem; Ctrl-D: end): "


def solve_in_terminal(config: DemoConfig) -> None:
    """Solve the question, or one after another. Raises SprintError if the question fails."""
    with new_runner() as runner:
        stack = AsyncExitStack()
        backend = runner.run(stack.enter_async_context(open_backend(config)))
        try:
            for problem in _problems(config.question):
                try:
                    run_on(runner, partial(_compare, backend, problem))
                except SprintError as error:
                    if config.question:
                        raise
                    print(f"Error: {one_line(str(error))}", flush=True)
        finally:
            runner.run(stack.aclose())


def _problems(question: str) -> Iterator[DemoProblem]:
    samples = demo_problems()
    answers = {sample.question: sample.answer for sample in samples}
    if question:
        yield DemoProblem("", question, answers.get(question, ""))
        return
    following = cycle(samples)
    while True:
        print(ASKS, end="", flush=True)
        lines, ended = _typed()
        if lines:
            question = "\n".join(lines)
            yield DemoProblem("", question, answers.get(question, ""))
        elif ended:
            print()
            return
        else:
            yield next(following)


def _typed() -> tuple[list[str], bool]:
    """The lines up to an empty one, and whether the input ended there."""
    lines = list[str]()
    try:
        while line := input().rstrip():
            lines.append(line)
    except EOFError:
        return lines, True
    return lines, False


async def _compare(backend: Backend, problem: DemoProblem) -> None:
    print(f"\n{problem.question}", flush=True)
    sprint, serial = [await _solve(backend, model, problem) for model in backend.models]
    print(f"\n{summary(sprint, serial)}", flush=True)


async def _solve(backend: Backend, model: str, problem: DemoProblem) -> AnswerUsage:
    """Solve with one model and print its events; return its usage."""
    print(f"\n== {'Serial' if model == SERIAL else 'SPRINT'}", flush=True)
    output = TerminalOutput(
        shutil.get_terminal_size().columns, lambda line: print(line, flush=True)
    )
    question = {"role": "user", "content": problem.question}
    request = ChatRequest.model_validate({"model": model, "messages": [question]})
    ask = backend.ask(request, f"demo-{model}")
    result = await backend.solve(ask, 0, 0.0, output.on_event)
    output.end()
    print(_verdict(result, problem.answer), flush=True)
    count = backend.count_of(ask)
    return await asyncio.to_thread(
        lambda: AnswerUsage.of(result, output.answer_pieces, count, serial=ask.serial)
    )


def _verdict(result: Result, reference: str) -> str:
    if not result.answer:
        return "\n- ".join(["No answer.", *map(one_line, result.faults)])
    if not reference:
        return f"Answer: {result.answer}"
    right = grade(reference, result.answer).correct
    return f"Answer: {result.answer} ({'right' if right else f'wrong: it is {reference}'})"
