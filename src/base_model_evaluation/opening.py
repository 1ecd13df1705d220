"""Opens a solver for one process of the client.

In its own module, because a spawned process does not import `__main__`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from ..utils.api.context_limits import ContextLimit
from ..utils.api.replicas import open_servers
from ..utils.api.token_trace import Tokenize
from ..utils.errors import InputError
from ..utils.methods.client_processes import Solve
from ..utils.tokens.tokenizers import token_encoder
from .config import BaselineConfig
from .methods import make_solver


@asynccontextmanager
async def open_solver(config: BaselineConfig, prompts: Mapping[str, str]) -> AsyncIterator[Solve]:
    """A solver whose server serves the model."""
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
        yield make_solver(config.method, server, prompts, settings, config.api).solve


def _tokenizer(config: BaselineConfig) -> Tokenize | None:
    """The given tokenizer, or that of a local model.

    Looking up a hub name may take a minute and fail, and bytes are good enough.
    """
    name = config.tokenizer or (config.model if Path(config.model).is_dir() else "")
    with suppress(InputError):
        return token_encoder(name) if name else None
    return None
