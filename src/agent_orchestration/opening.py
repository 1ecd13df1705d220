"""Opens a solver for one process of the client: its servers and its tokenizer.

A module of its own, since a process that is spawned does not import `__main__`.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from ..utils.api.context_limits import ContextLimit
from ..utils.api.replicas import open_servers
from ..utils.api.token_trace import Tokenize
from ..utils.errors import InputError
from ..utils.methods.client_processes import Solve
from ..utils.prompts import load_prompt
from ..utils.tokens.tokenizers import token_encoder
from .config import SprintConfig
from .solver import SprintSolver

log = logging.getLogger(__name__)

PROMPT = "global_agent_prompt"
"""The name of the instruction."""


@asynccontextmanager
async def open_solver(config: SprintConfig, prompt: str) -> AsyncIterator[Solve]:
    """What solves a problem, with servers that serve the models."""
    async with open_sprint_solver(config, prompt) as solver:
        yield solver.solve


@asynccontextmanager
async def open_sprint_solver(
    config: SprintConfig, prompt: str | None = None
) -> AsyncIterator[SprintSolver]:
    """A solver whose servers serve the models; `prompt` is by default that of a run."""
    settings = config.settings
    planners = (
        config.planner_server_url,
        config.planner_model,
        config.timeout,
        config.planner_api,
    )
    executors = (
        config.executor_server_url or config.planner_server_url,
        config.executor_model or config.planner_model,
        config.timeout,
        config.executor_api or config.planner_api,
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
        tokenize = loaded_tokenizer(config) if settings.reuse_tokens else None
        context.tokenize = tokenize
        others.tokenize = tokenize if planner.model == executor.model else None
        prompt = load_prompt(PROMPT) if prompt is None else prompt
        yield SprintSolver(planner, executor, prompt, settings, tokenize)


def loaded_tokenizer(config: SprintConfig) -> Tokenize | None:
    """The planner's tokenizer; None, with a word about it, where it is not at hand."""
    try:
        return token_encoder(config.tokenizer or config.planner_model)
    except InputError as error:
        log.warning("Contexts are sent as text, which the prefix cache may know less of: %s", error)
        return None
