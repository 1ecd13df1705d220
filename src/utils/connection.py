"""How a model server is reached: its URL, key, proxy and time limits."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

import aiohttp
import httpx2
import openai

from .bounded_client import BoundedClient
from .errors import InputError
from .open_files import connections

NO_KEY = "none"
"""Sent where no key is set: local servers take any."""

OPENAI_HOST = "api.openai.com"
OPENAI_URL = f"https://{OPENAI_HOST}/v1"

CONNECT_TIMEOUT = 10.0
"""Seconds until a server that does not even take the connection counts as unreachable."""


def usual_key_variable(url: str) -> str:
    """The environment variable with the key for a server: OpenAI's is shown to OpenAI alone."""
    return "OPENAI_API_KEY" if read_url(url).host == OPENAI_HOST else "SERVER_API_KEY"


def read_url(url: str) -> httpx2.URL:
    try:
        return httpx2.URL(url)
    except httpx2.InvalidURL as error:
        raise InputError(
            f"{url!r} is no URL of a server ({error}): expected one like http://127.0.0.1:8000/v1."
        ) from error


def is_loopback(url: str) -> bool:
    """Whether a URL leads to this machine, which no proxy can reach for us."""
    host = read_url(url).host
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


NOT_CONNECTED = (
    aiohttp.ClientConnectorError,
    aiohttp.ClientHttpProxyError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.InvalidURL,
    httpx2.ConnectError,
    httpx2.ConnectTimeout,
    httpx2.ProxyError,
)
"""What a request fails with that no server has taken."""
CLOSED = (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError)


def closed_the_connection(error: BaseException) -> bool:
    """Whether a server took a connection, and closed it before it answered.

    The client's own errors do not tell: it counts as a connect timeout there.
    """
    causes = list(_causes(error))
    return any(isinstance(it, CLOSED) for it in causes) and not any(
        isinstance(it, aiohttp.ClientConnectorError) for it in causes
    )


def could_not_connect(error: BaseException) -> bool:
    """Whether a request failed before a server had taken its connection."""
    return not closed_the_connection(error) and any(
        isinstance(it, NOT_CONNECTED) for it in _causes(error)
    )


def _causes(error: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = cause.__cause__ or cause.__context__


def make_client(
    url: str, key: str, timeout: float, max_retries: int, clients: int = 1
) -> openai.AsyncOpenAI:
    """A client of the server; `timeout` is the longest silence while it works, in seconds.

    `clients` such clients share this process's open files. A call that finds no connection free
    waits for one as long as that takes.
    """
    times = httpx2.Timeout(timeout, connect=min(timeout, CONNECT_TIMEOUT), pool=None)
    most = connections(clients)
    limits = httpx2.Limits(max_connections=most, max_keepalive_connections=most)
    return openai.AsyncOpenAI(
        base_url=url,
        api_key=key or NO_KEY,
        timeout=times,
        max_retries=max_retries,
        http_client=BoundedClient(
            base_url=url, timeout=times, limits=limits, trust_env=not is_loopback(url)
        ),
    )
