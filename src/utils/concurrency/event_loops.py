"""The event loop of the commands."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress


def new_runner() -> asyncio.Runner:
    """An asyncio.Runner on uvloop if it is installed (it comes with vllm): less time per token."""
    new_loop: Callable[[], asyncio.AbstractEventLoop] | None = None
    with suppress(ImportError):
        from uvloop import new_event_loop as new_loop
    return asyncio.Runner(loop_factory=new_loop)
