"""A run of SPRINT inference on a test set."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import Any, NamedTuple

from ..utils.api.chat_server import chat_prompt
from ..utils.api.context_limits import ContextLimit
from ..utils.api.replicas import open_servers
from ..utils.api.token_trace import Tokenize
from ..utils.api.urls import Api
from ..utils.config.cli import sibling_folder
from ..utils.errors import InputError
from ..utils.files.run_record import fingerprint
from ..utils.methods.client_processes import Solve
from ..utils.methods.evaluation import Method, evaluate
from ..utils.methods.runner import run_async
from ..utils.prompt_files import load_prompt
from ..utils.results.writing import SPRINT_LAYOUT, model_folder_name
from ..utils.tokens.tokenizers import token_encoder
from .config import PromptedConfig, SprintConfig
from .prompted import FEW_SHOT_PROMPT, PromptedServer, few_shot_prompts
from .solver import SprintSolver

PROMPT = "global_agent_prompt"
"""The name of the instruction."""


def run(config: SprintConfig) -> None:
    """Solve the problems missing from the result folder. Raises SprintError if it fails."""
    run_async(lambda: run_within(config))


async def run_within(config: SprintConfig) -> None:
    """Like `run`, within an event loop: in a notebook, `await run_within(config)`."""
    prompt = load_prompt(PROMPT)
    executor_model = config.executor_model or config.planner_model
    apis = [config.planner_api, config.executor_api or config.planner_api]
    is_prompted = isinstance(config, PromptedConfig)
    method = Method(
        name=config.method,
        model=config.planner_model,
        settings=config.settings,
        prompts={PROMPT: prompt} | (few_shot_prompts() if is_prompted else chat_prompt(*apis)),
        layout=SPRINT_LAYOUT,
        folder=sibling_folder(config.logs_dir, "_full_trajectory")
        / (model_folder_name(config.planner_model) + (f"_{config.method}" if is_prompted else "")),
        more={
            "executor_model": executor_model,
            "executor_files": fingerprint(executor_model),
            "apis": apis,
            # A folder in which only some problems have their tokens is of no use.
            **({"record_tokens": True} if config.record_tokens else {}),
        },
        servers={
            "planner": config.planner_server_url,
            "executor": config.executor_server_url or config.planner_server_url,
        },
        calls_at_once=config.max_prompts + 1,
    )
    await evaluate(config, method, partial(open_solver, config, prompt))


log = logging.getLogger(__name__)


class ModelEndpoint(NamedTuple):
    """A model on its servers, as `open_servers` expects it."""

    urls: str
    model: str
    timeout: float
    api: Api


@asynccontextmanager
async def open_solver(config: SprintConfig, prompt: str) -> AsyncIterator[Solve]:
    """The function that solves a problem; its servers serve the models."""
    async with open_sprint_solver(config, prompt) as solver:
        yield solver.solve


@asynccontextmanager
async def open_sprint_solver(
    config: SprintConfig, prompt: str | None = None
) -> AsyncIterator[SprintSolver]:
    """A solver whose servers serve the models. Default `prompt`: that of a run."""
    settings = config.settings
    planners = ModelEndpoint(
        config.planner_server_url,
        config.planner_model,
        config.timeout,
        config.planner_api,
    )
    executors = ModelEndpoint(
        config.executor_server_url or config.planner_server_url,
        config.executor_model or config.planner_model,
        config.timeout,
        config.executor_api or config.planner_api,
    )
    models = 1 if executors == planners else 2
    plans = {"--plan_tokens": settings.plan_tokens}
    executions = {"--execution_tokens": settings.execution_tokens}
    context = ContextLimit(plans | executions if executors == planners else plans)
    chat = chat_options(config)
    async with AsyncExitStack() as stack:
        planner = await stack.enter_async_context(
            open_servers(*planners, **chat, context=context, models=models)
        )
        await planner.check()
        executor = planner
        others = ContextLimit(executions)
        if executors != planners:
            executor = await stack.enter_async_context(
                open_servers(*executors, **chat, context=others, models=models)
            )
            await executor.check()
        tokenize = loaded_tokenizer(config) if settings.reuse_tokens else None
        context.tokenize = tokenize
        others.tokenize = tokenize if planner.model == executor.model else None
        prompt = load_prompt(PROMPT) if prompt is None else prompt
        yield SprintSolver(
            planner, executor, prompt, settings, tokenize, record_tokens=config.record_tokens
        )


def chat_options(config: SprintConfig) -> dict[str, Any]:
    """How `open_servers` makes the servers of the chat API for the method."""
    if not isinstance(config, PromptedConfig):
        return {}
    prompts = few_shot_prompts()
    return {
        "chat_instruction": prompts[FEW_SHOT_PROMPT],
        "chat_server": partial(PromptedServer, prompts=prompts),
    }


def loaded_tokenizer(config: SprintConfig) -> Tokenize | None:
    """The planner's tokenizer; None, with a warning, if it cannot be loaded."""
    try:
        return token_encoder(config.tokenizer or config.planner_model)
    except InputError as error:
        log.warning("Contexts are sent as text, with fewer prefix cache hits: %s", error)
        return None
