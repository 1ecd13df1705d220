"""Running a baseline against a fake server."""

from __future__ import annotations

import asyncio

from sprint.base_model_evaluation.config import BaselineSettings, MethodName
from sprint.base_model_evaluation.solvers import load_prompts, make_solver
from sprint.utils.api.chat_server import ChatServer
from sprint.utils.api.server import ModelServer
from sprint.utils.api.urls import Api
from sprint.utils.records import Problem, Result

from .fake_server import MODEL, FakeServer
from .limits import PATIENCE
from .scripts import INSTRUCTION, PROBLEM


def solve_by(
    method: MethodName,
    server: FakeServer,
    settings: BaselineSettings,
    problem: Problem = PROBLEM,
    *,
    api: Api = "completions",
) -> Result:
    """The result of one problem; a deadlock fails the test after a while.

    The instruction of serial reasoning is INSTRUCTION, others are those that are shipped.
    """
    prompts = load_prompts(method) | {"base_model_prompt": INSTRUCTION}

    async def main() -> Result:
        client = (
            ChatServer(server.url, MODEL, "", timeout=PATIENCE)
            if api == "chat"
            else ModelServer(server.url, MODEL)
        )
        async with asyncio.timeout(PATIENCE), client:
            return await make_solver(method, client, prompts, settings, api).solve(problem)

    return asyncio.run(main())
