"""Opens a solver for one process of the client.

A module of its own, since a process that is spawned does not import `__main__`.
"""

from __future__ import annotations

import argparse
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress

from ..utils.client_processes import Solve
from ..utils.context_limits import ContextLimit
from ..utils.errors import InputError
from ..utils.replicas import open_servers
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
            with suppress(InputError):  # then prompts are counted by their bytes
                context.tokenize = token_encoder(arguments.tokenizer or arguments.model)
        yield make_solver(arguments.method, server, prompts, settings, arguments.api).solve
