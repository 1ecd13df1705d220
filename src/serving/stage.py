"""Runs the server: its socket, its signals, and its end."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import uvicorn

from ..utils.api.urls import is_loopback
from ..utils.concurrency.pauses import rare_pauses
from ..utils.concurrency.signals import ENDING, beside_ctrl_c
from ..utils.errors import InputError
from ..utils.redaction import remember
from .app import Application
from .backend import open_backend
from .config import ServingConfig

log = logging.getLogger(__name__)

BACKLOG = 2048
LAST_WORDS = 5
"""Seconds that clients have to read the end of their answers."""


def run(config: ServingConfig) -> None:
    """Serve until a signal ends it. Raises SprintError where it cannot be done."""
    new_loop: Callable[[], asyncio.AbstractEventLoop] | None = None
    with suppress(ImportError):
        from uvloop import new_event_loop as new_loop
    with asyncio.Runner(loop_factory=new_loop) as runner:
        runner.run(run_within(config))


async def run_within(
    config: ServingConfig,
    ready: Callable[[str], None] = lambda url: print(f"Ready: {url}", flush=True),
) -> None:
    """As `run`, within an event loop; `ready` gets the URL once requests are taken."""
    remember(config.api_key)
    with listen(config.host, config.port) as listening:
        host = f"[{config.host}]" if ":" in config.host else config.host
        url = f"http://{host}:{listening.getsockname()[1]}/v1"
        if not config.api_key and not is_loopback(url):
            log.warning(
                "The server listens on %s without a key: whoever reaches it can use it. Set "
                "SPRINT_API_KEY, or leave out --host.",
                config.host,
            )
        async with open_backend(config) as backend:
            with rare_pauses() as pauses:
                application = Application(backend, pauses.solved)
                await _serve(application, listening, lambda: ready(url), config.drain_timeout)


async def _serve(
    application: Application,
    listening: socket.socket,
    ready: Callable[[], None],
    drain_timeout: float,
) -> None:
    """Until a signal: the first lets requests end, the second ends them."""
    server, ending = http_server(application), asyncio.Event()

    def signalled() -> None:
        if ending.is_set():
            server.should_exit = server.force_exit = True
            return
        log.info("The server takes no new requests, and ends with those that it has.")
        application.places.closed = True
        ending.set()

    async def drain() -> None:
        await ending.wait()
        with suppress(TimeoutError):
            async with asyncio.timeout(drain_timeout):
                await application.places.until_idle()
        server.should_exit = True

    with _on_signals(signalled):
        draining = asyncio.create_task(drain())
        serving = asyncio.create_task(server.serve([listening]))
        try:
            ready()
            await serving
        finally:
            draining.cancel()
            serving.cancel()
            await asyncio.gather(serving, draining, return_exceptions=True)


def listen(host: str, port: int) -> socket.socket:
    """A socket, before anything else is begun: connections wait until they are served."""
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listening = socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        raise InputError(
            f"Cannot listen on {host}:{port} ({error.strerror or error}): choose another --host or "
            "--port, or stop what has it."
        ) from error
    # Its connections inherit it. asyncio sets it for sockets of getaddrinfo alone, and without it
    # the second piece of a response waits 40 ms for the client's acknowledgement.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening


class _Server(uvicorn.Server):
    """Leaves signals to us: it would close its socket, where new requests are to get 503."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def http_server(application: Application) -> uvicorn.Server:
    """What serves an application on the sockets that its `serve` is given."""
    # Faults are logged by us, without what a request says; uvicorn's own log would repeat them.
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
    return _Server(
        uvicorn.Config(
            application.asgi,
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=LAST_WORDS,
        )
    )


@contextmanager
def _on_signals(heard: Callable[[], None]) -> Iterator[None]:
    loop = asyncio.get_running_loop()
    numbers = {*beside_ctrl_c(), ENDING[0]}
    for number in numbers:
        loop.add_signal_handler(number, heard)
    try:
        yield
    finally:
        for number in numbers:
            loop.remove_signal_handler(number)
