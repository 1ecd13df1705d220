"""Opens a solver for one process of the client.

A module of its own, since a process that is spawned does not import `__main__`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from ..utils.api.context_limits import ContextLimit
from ..utils.api.protocols import Servers
from ..utils.api.replicas import open_servers
from ..utils.api.token_trace import Tokenize
from ..utils.errors import InputError
from ..utils.methods.client_processes import Solve
from ..utils.tokens.tokenizers import token_encoder
from .config import BaselineConfig
from .methods import load_prompts, make_solver
from .serial import SerialSolver


@asynccontextmanager
async def open_solver(config: BaselineConfig, prompts: Mapping[str, str]) -> AsyncIterator[Solve]:
    """What solves a problem, with a server that serves the model."""
    async with _open_servers(config) as server:
        yield make_solver(config.method, server, prompts, config.settings, config.api).solve


@asynccontextmanager
async def open_serial_solver(config: BaselineConfig) -> AsyncIterator[SerialSolver]:
    """A solver that reasons serially, with a server that serves the model."""
    think = config.api == "completions"
    async with _open_servers(config) as server:
        yield SerialSolver(server, load_prompts(config.method), config.settings, think=think)


@asynccontextmanager
async def _open_servers(config: BaselineConfig) -> AsyncIterator[Servers]:
    settings = config.settings
    context = ContextLimit({"--max_tokens": settings.max_tokens})
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
    """The tokenizer that is named, or that of a local model.

    A name on the hub may take a minute to be looked up in vain, and bytes will do.
    """
    name = config.tokenizer or (config.model if Path(config.model).is_dir() else "")
    with suppress(InputError):
        return token_encoder(name) if name else None
    return None
