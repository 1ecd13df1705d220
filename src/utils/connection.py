"""How a model server is reached: its URL, key, proxy and time limits."""

from __future__ import annotations

import ipaddress

import aiohttp
import httpx2
import openai

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


def took_the_connection(error: BaseException) -> bool:
    """Whether a request failed after a server had taken its connection.

    The client's own errors do not tell: a server that closes it counts as a connect timeout there.
    """
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, aiohttp.ClientConnectorError):
            return False
        if isinstance(cause, aiohttp.ServerDisconnectedError | aiohttp.ClientOSError):
            return True
        cause = cause.__cause__ or cause.__context__
    return False


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
        http_client=openai.DefaultAioHttpClient(
            base_url=url, timeout=times, limits=limits, trust_env=not is_loopback(url)
        ),
    )
