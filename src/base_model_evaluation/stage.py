"""A run of a baseline on a test set."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path

from ..utils.api.context_limits import ContextLimit
from ..utils.api.protocols import Servers
from ..utils.api.replicas import open_servers
from ..utils.api.token_trace import Tokenize
from ..utils.config.cli import sibling_folder
from ..utils.errors import InputError
from ..utils.methods.client_processes import Solve
from ..utils.methods.evaluation import Method, evaluate
from ..utils.methods.runner import run_async
from ..utils.results.writing import model_folder_name
from ..utils.tokens.tokenizers import token_encoder
from .config import BaselineConfig
from .serial import SerialSolver
from .solvers import (
    calls_at_once,
    folder_suffix,
    layout_of,
    load_prompts,
    make_solver,
    opens_thought,
)

LENGTH_FLAG = "--max_tokens"


def run(config: BaselineConfig) -> None:
    """Solve the problems missing from the result folder. Raises SprintError if it fails."""
    run_async(lambda: run_within(config))


async def run_within(config: BaselineConfig) -> None:
    """Like `run`, within an event loop: in a notebook, `await run_within(config)`."""
    prompts = load_prompts(config.method)
    name = model_folder_name(config.model) + folder_suffix(config.method)
    method = Method(
        name=config.method,
        model=config.model,
        settings=config.settings,
        prompts=prompts,
        layout=layout_of(config.method),
        folder=sibling_folder(config.logs_dir, "_base_model") / f"base_model_output_{name}",
        more={"apis": [config.api]},
        servers={"solver": config.server_url},
        calls_at_once=calls_at_once(config.settings),
    )
    await evaluate(config, method, partial(open_solver, config, prompts))


@asynccontextmanager
async def open_solver(config: BaselineConfig, prompts: Mapping[str, str]) -> AsyncIterator[Solve]:
    """The function that solves a problem; its server serves the model."""
    async with _open_servers(config) as servers:
        yield make_solver(config.method, servers, prompts, config.settings, config.api).solve


@asynccontextmanager
async def open_serial_solver(
    config: BaselineConfig, length_flag: str = LENGTH_FLAG
) -> AsyncIterator[SerialSolver]:
    """A serial solver whose server serves the model.

    `length_flag`: the flag of the user's command that sets `max_tokens`, for messages.
    """
    think = opens_thought(config.method, config.api)
    async with _open_servers(config, length_flag) as servers:
        yield SerialSolver(servers, load_prompts(config.method), config.settings, think=think)


@asynccontextmanager
async def _open_servers(
    config: BaselineConfig, length_flag: str = LENGTH_FLAG
) -> AsyncIterator[Servers]:
    context = ContextLimit({length_flag: config.settings.max_tokens})
    servers = open_servers(
        config.server_url,
        config.model,
        config.timeout,
        config.api,
        chat_instruction="",
        context=context,
    )
    async with servers as server:
        await server.check()
        if context.is_short():
            context.tokenize = _tokenizer(config)
        yield server


def _tokenizer(config: BaselineConfig) -> Tokenize | None:
    """The given tokenizer, or that of a local model.

    Looking up a hub name may take a minute and fail, and bytes are good enough.
    """
    name = config.tokenizer or (config.model if Path(config.model).is_dir() else "")
    with suppress(InputError):
        return token_encoder(name) if name else None
    return None
