"""Opens a solver for one process of the client: its servers and its tokenizer.

A module of its own, since a process that is spawned does not import `__main__`.
"""

from __future__ import annotations

import argparse
import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from ..utils.client_processes import Solve
from ..utils.context_limits import ContextLimit
from ..utils.errors import InputError
from ..utils.replicas import open_servers
from ..utils.token_trace import Tokenize
from ..utils.tokenizer_loading import token_encoder
from .settings import Settings
from .solver import SprintSolver

log = logging.getLogger(__name__)


@asynccontextmanager
async def open_solver(
    arguments: argparse.Namespace, prompt: str, settings: Settings
) -> AsyncIterator[Solve]:
    """A solver whose servers serve the models."""
    planners = (
        arguments.planner_server_url,
        arguments.planner_model,
        arguments.timeout,
        arguments.planner_api,
    )
    executors = (
        arguments.executor_server_url or arguments.planner_server_url,
        arguments.executor_model or arguments.planner_model,
        arguments.timeout,
        arguments.executor_api or arguments.planner_api,
    )
    models = 1 if executors == planners else 2
    plans = {"--plan_tokens": settings.plan_tokens}
    executions = {"--execution_tokens": settings.execution_tokens}
    context = ContextLimit(plans | executions if executors == planners else plans)
    async with AsyncExitStack() as stack:
        planner = await stack.enter_async_context(
            open_servers(*planners, context=context, models=models)
        )
        await planner.check()
        executor = planner
        others = ContextLimit(executions)
        if executors != planners:
            executor = await stack.enter_async_context(
                open_servers(*executors, context=others, models=models)
            )
            await executor.check()
        tokenize = loaded_tokenizer(arguments) if settings.reuse_tokens else None
        context.tokenize = tokenize
        others.tokenize = tokenize if planner.model == executor.model else None
        yield SprintSolver(planner, executor, prompt, settings, tokenize).solve


def loaded_tokenizer(arguments: argparse.Namespace) -> Tokenize | None:
    """The planner's tokenizer; None, with a word about it, where it is not at hand."""
    try:
        return token_encoder(arguments.tokenizer or arguments.planner_model)
    except InputError as error:
        log.warning("Contexts are sent as text, which the prefix cache may know less of: %s", error)
        return None
