"""Runs the server: its socket, signals and shutdown."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import uvicorn
from starlette.routing import BaseRoute

from ..utils.api.urls import is_loopback
from ..utils.concurrency.event_loops import new_runner
from ..utils.concurrency.garbage_collection import rare_pauses
from ..utils.concurrency.signals import ENDING, beside_ctrl_c
from ..utils.errors import InputError
from ..utils.redaction import remember
from .app import Application
from .backend import open_backend
from .clients import SEND_TIMEOUT
from .config import ServingConfig

log = logging.getLogger(__name__)

BACKLOG = 2048
LAST_WORDS = 5
"""Seconds for clients to read the end of their answers at shutdown."""


def _print_ready(url: str) -> None:
    print(f"Ready: {url}", flush=True)


def run(
    config: ServingConfig,
    ready: Callable[[str], None] = _print_ready,
    also: Sequence[BaseRoute] = (),
) -> None:
    """Serve until a signal stops the server. Raises SprintError if it cannot start.

    `ready` gets the URL once requests are accepted. `also`: routes to serve beside the API's.
    """
    with new_runner() as runner:
        runner.run(run_within(config, ready, also))


async def run_within(
    config: ServingConfig,
    ready: Callable[[str], None] = _print_ready,
    also: Sequence[BaseRoute] = (),
) -> None:
    """Like `run`, in a running event loop."""
    remember(config.api_key)
    with listen(config.host, config.port) as listening:
        host = f"[{config.host}]" if ":" in config.host else config.host
        url = f"http://{host}:{listening.getsockname()[1]}/v1"
        if not config.api_key and not is_loopback(url):
            log.warning(
                "The server listens on %s without an API key, so anyone on the network can use it. "
                "Set SPRINT_API_KEY, or remove --host.",
                config.host,
            )
        async with open_backend(config) as backend:
            with rare_pauses() as pauses:
                application = Application(backend, pauses.solved, also)
                await _serve(application, listening, lambda: ready(url), config.drain_timeout)


async def _serve(
    application: Application,
    listening: socket.socket,
    ready: Callable[[], None],
    drain_timeout: float,
) -> None:
    """Serve until a signal. The first one lets requests finish, the second one aborts them."""
    server, ending = http_server(application), asyncio.Event()

    def signalled() -> None:
        if ending.is_set():
            server.should_exit = server.force_exit = True
            return
        log.info("The server is shutting down: it finishes its requests and accepts no new ones.")
        application.places.closed = True
        ending.set()

    async def drain() -> None:
        await ending.wait()
        try:
            async with asyncio.timeout(drain_timeout):
                await application.places.until_idle()
        except TimeoutError:
            log.warning("Requests that did not finish within %g s are cancelled.", drain_timeout)
            application.places.abort()
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
    """Open the socket first: connections wait until the server is ready."""
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listening = socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        raise InputError(
            f"Cannot listen on {host}:{port} ({error.strerror or error}). Choose another --host or "
            "--port, or stop the process that uses it."
        ) from error
    # Accepted connections inherit it. asyncio does not set it here, and without it the second part
    # of a response waits 40 ms for the client's acknowledgement.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if hasattr(socket, "TCP_USER_TIMEOUT"):  # else a client that reads nothing keeps its answer
        milliseconds = int(1000 * SEND_TIMEOUT)
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, milliseconds)
    return listening


class _Server(uvicorn.Server):
    """Leaves signals to us: uvicorn would close its socket, but new requests should get 503."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def http_server(application: Application) -> uvicorn.Server:
    """A uvicorn server for the application; its `serve` takes the sockets."""
    # We log errors without the request's text; uvicorn would log them again.
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
    return _Server(
        uvicorn.Config(
            application.asgi,
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            ws="none",
            timeout_graceful_shutdown=LAST_WORDS,
        )
    )


@contextmanager
def _on_signals(on_signal: Callable[[], None]) -> Iterator[None]:
    loop = asyncio.get_running_loop()
    numbers = {*beside_ctrl_c(), ENDING[0]}
    for number in numbers:
        loop.add_signal_handler(number, on_signal)
    try:
        yield
    finally:
        for number in numbers:
            loop.remove_signal_handler(number)
