"""Opens a solver for one process of the client.

A module of its own, since a process that is spawned does not import `__main__`.
"""

from __future__ import annotations

import argparse
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from ..utils.client_processes import Solve
from ..utils.replicas import open_servers
from .methods import make_solver
from .settings import Settings


@asynccontextmanager
async def open_solver(
    arguments: argparse.Namespace, prompts: Mapping[str, str], settings: Settings
) -> AsyncIterator[Solve]:
    """A solver whose server serves the model."""
    servers = open_servers(
        arguments.server_url,
        arguments.model,
        arguments.timeout,
        arguments.api,
        chat_instruction="",
    )
    async with servers as server:
        await server.check()
        yield make_solver(arguments.method, server, prompts, settings, arguments.api).solve
