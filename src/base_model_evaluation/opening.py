"""Opens a solver for one process of the client.

A module of its own, since a process that is spawned does not import `__main__`.
"""

from __future__ import annotations

import argparse
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from ..utils.client_processes import Solve
from ..utils.context_limits import ContextLimit
from ..utils.errors import InputError
from ..utils.replicas import open_servers
from ..utils.token_trace import Tokenize
from ..utils.tokenizer_loading import token_encoder
from .methods import make_solver
from .settings import Settings


@asynccontextmanager
async def open_solver(
    arguments: argparse.Namespace, prompts: Mapping[str, str], settings: Settings
) -> AsyncIterator[Solve]:
    """A solver whose server serves the model."""
    context = ContextLimit({"--max_tokens": settings.max_tokens})
    servers = open_servers(
        arguments.server_url,
        arguments.model,
        arguments.timeout,
        arguments.api,
        chat_instruction="",
        context=context,
    )
    async with servers as server:
        await server.check()
        if context.is_short():
            context.tokenize = _tokenizer(arguments)
        yield make_solver(arguments.method, server, prompts, settings, arguments.api).solve


def _tokenizer(arguments: argparse.Namespace) -> Tokenize | None:
    """The tokenizer that is named, or that of a local model.

    A name on the hub may take a minute to be looked up in vain, and bytes will do.
    """
    name = arguments.tokenizer or (arguments.model if Path(arguments.model).is_dir() else "")
    with suppress(InputError):
        return token_encoder(name) if name else None
    return None
