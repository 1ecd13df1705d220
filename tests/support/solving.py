"""Running SPRINT inference against a fake server."""

from __future__ import annotations

import asyncio
from typing import Any

from sprint.agent_orchestration.config import SprintSettings
from sprint.agent_orchestration.solver import SprintSolver
from sprint.utils.api.server import ModelServer
from sprint.utils.api.token_trace import Tokenize
from sprint.utils.methods.events import OnEvent
from sprint.utils.records import Call, Problem, Result

from .fake_server import MODEL, FakeServer
from .limits import PATIENCE
from .scripts import INSTRUCTION, PROBLEM


def solve(
    server: FakeServer,
    problem: Problem = PROBLEM,
    *,
    executor_url: str | None = None,
    tokenize: Tokenize | None = None,
    on_event: OnEvent | None = None,
    record_tokens: bool = False,
    **settings: Any,
) -> Result:
    """The result of one problem; a deadlock fails the test after a while."""

    async def main() -> Result:
        async with (
            asyncio.timeout(PATIENCE),
            ModelServer(server.url, MODEL) as planner,
            ModelServer(executor_url or server.url, MODEL) as executor,
        ):
            if server.card:  # it tells of its context
                await planner.check()
            solver = SprintSolver(
                planner,
                executor,
                INSTRUCTION,
                SprintSettings(**settings),
                tokenize,
                record_tokens=record_tokens,
            )
            return await solver.solve(problem, on_event)

    return asyncio.run(main())


def kept(result: Result) -> list[tuple[str, int, int]]:
    """Role, phase and prompt of the calls whose text counts, in the order of their start."""
    calls = sorted((call for call in result.calls if call.kept), key=lambda call: call.started)
    return [(call.role, call.phase, call.prompt) for call in calls]


def discarded(result: Result) -> list[Call]:
    return [call for call in result.calls if not call.kept]
