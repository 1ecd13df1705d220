"""Connection to a model server: its URL, key, proxy and time limits."""

from __future__ import annotations

import json
import os
import urllib.request
from collections.abc import Iterator, Mapping
from typing import Any

import aiohttp
import httpx2
import openai

from ..concurrency.open_files import connections
from ..errors import InputError
from ..redaction import remember
from .bounded_client import BoundedClient
from .urls import is_loopback, is_openai, read_url, without_password

NO_KEY = "none"
"""Sent if no key is set: local servers accept any."""

CONNECT_TIMEOUT = 10.0
"""Seconds before a server that does not accept the connection counts as unreachable."""


NOT_CONNECTED = (
    aiohttp.ClientConnectorError,
    aiohttp.ClientHttpProxyError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.InvalidURL,
    httpx2.ConnectError,
    httpx2.ConnectTimeout,
    httpx2.ProxyError,
)
"""Errors of a request that no server has received."""
CLOSED = (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError)


def closed_the_connection(error: BaseException) -> bool:
    """Whether a server accepted a connection, and closed it before it answered.

    The client's own errors do not show this: they report a connect timeout.
    """
    causes = list(_causes(error))
    return any(isinstance(it, CLOSED) for it in causes) and not any(
        isinstance(it, aiohttp.ClientConnectorError) for it in causes
    )


def could_not_connect(error: BaseException) -> bool:
    """Whether a request failed before a server had accepted its connection."""
    return not closed_the_connection(error) and any(
        isinstance(it, NOT_CONNECTED) for it in _causes(error)
    )


def _causes(error: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = cause.__cause__ or cause.__context__


class Client(openai.AsyncOpenAI):
    """Sends the values of OpenAI's environment variables only to OpenAI.

    The library's client reads them for any server, and again in each copy of itself.
    """

    def __init__(self, *, http_client: httpx2.AsyncClient, **options: Any) -> None:
        super().__init__(http_client=http_client, **options)
        if not is_openai(self.base_url):
            self.organization = self.project = self.webhook_secret = self.admin_api_key = None
            self._custom_headers = {}
        self._http = http_client
        # The caller limits silence, so no timer is set anew for each piece of a stream.
        times = httpx2.Timeout(self.timeout).as_dict() | {"read": None}
        self._extensions = {"timeout": times}
        own = {
            name: value for name, value in self.default_headers.items() if isinstance(value, str)
        }
        self._sent = httpx2.Headers({**http_client.headers, **self.auth_headers})
        self._sent.update(own)
        self._urls = dict[str, httpx2.URL]()

    async def open_stream(self, path: str, body: Mapping[str, Any]) -> httpx2.Response:
        """Send a request whose response is streamed. Raises openai.APIError.

        The library creates options, URL, headers and types anew for each request, which takes half
        of the processor time of a call, and delays the first token of all calls that start at the
        same time. Here they are created once.
        """
        request = httpx2.Request(
            "POST",
            self._urls.get(path) or self._urls.setdefault(path, self.base_url.join(path)),
            headers=self._sent,
            content=json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode(),
            extensions=self._extensions,
        )
        try:
            response = await self._http.send(request, stream=True)
        except httpx2.TimeoutException as error:
            raise openai.APITimeoutError(request=request) from error
        except Exception as error:  # as the library does
            raise openai.APIConnectionError(request=request) from error
        if not response.is_success:
            await response.aread()
            raise self._make_status_error_from_response(response)
        return response


def make_client(url: str, key: str, timeout: float, clients: int = 1) -> Client:
    """A client for the server; `timeout` is the longest silence while it works, in seconds.

    `clients` such clients share this process's open files. A call waits for a free connection as
    long as necessary. Redirects are not followed: a request goes to the configured server or
    nowhere. Nothing is sent again: the caller retries.

    Raises InputError if the URL, or a proxy or certificates in the environment, are invalid.
    """
    read = read_url(url)
    if is_openai(read):
        _check_openai_variables()
    times = httpx2.Timeout(timeout, connect=min(timeout, CONNECT_TIMEOUT), pool=None)
    most = connections(clients)
    limits = httpx2.Limits(max_connections=most, max_keepalive_connections=most)
    trust_env = not is_loopback(url)
    if trust_env:
        _check_proxies()
    try:
        http_client = BoundedClient(base_url=url, timeout=times, limits=limits, trust_env=trust_env)
    except OSError as error:
        raise InputError(
            f"The certificates of this machine cannot be read ({error}): correct or unset "
            "SSL_CERT_FILE, SSL_CERT_DIR and SSLKEYLOGFILE."
        ) from error
    except (httpx2.InvalidURL, ValueError) as error:
        raise InputError(
            f"NO_PROXY is {os.environ.get('no_proxy') or os.environ.get('NO_PROXY')!r}, not a "
            f"valid list of hosts ({error}): correct or unset it."
        ) from error
    return Client(
        base_url=url,
        api_key=key or NO_KEY,
        timeout=times,
        max_retries=0,
        http_client=http_client,
    )


def _check_proxies() -> None:
    """Raise InputError for a proxy in the environment that cannot be used."""
    for scheme, proxy in urllib.request.getproxies().items():
        if scheme not in ("http", "https", "all"):
            continue
        try:
            read = httpx2.URL(proxy if "://" in proxy else f"http://{proxy}")
            usable = read.scheme in ("http", "https") and bool(read.host)
            usable &= read.port is None or 0 < read.port < 1 << 16
        except httpx2.InvalidURL:
            usable = False
        if not usable or not proxy.isprintable() or " " in proxy:
            raise InputError(
                f"{_proxy_variable(scheme)} is {without_password(proxy)!r}, not a valid proxy: "
                "set it to one like http://proxy.example.org:3128, or unset it."
            )
        if read.password:
            remember(read.password)


def _proxy_variable(scheme: str) -> str:
    name = f"{scheme}_proxy"
    return name if os.environ.get(name) else name.upper()


def _check_openai_variables() -> None:
    """Raise InputError for a value that the library's client would send in an invalid header."""
    for name in ("OPENAI_ORG_ID", "OPENAI_PROJECT_ID", "OPENAI_CUSTOM_HEADERS"):
        lines = os.environ.get(name, "").split("\n")
        if not all(line.isascii() and line.isprintable() for line in lines) or (
            len(lines) > 1 and name != "OPENAI_CUSTOM_HEADERS"
        ):
            raise InputError(
                f"{name} is {os.environ[name]!r}, which no header can contain: correct or unset it."
            )
