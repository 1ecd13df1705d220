"""URLs of model servers, and the fields that contain them."""

from __future__ import annotations

import ipaddress
import re
from typing import Annotated, Literal

import httpx2
from pydantic import BeforeValidator

from ..config.values import Kind, unexpected
from ..errors import InputError

OPENAI_HOST = "api.openai.com"
OPENAI_URL = f"https://{OPENAI_HOST}/v1"


def usual_key_variable(url: str) -> str:
    """The environment variable with the key for a server: only OpenAI gets OpenAI's key."""
    return "OPENAI_API_KEY" if is_openai(read_url(url)) else "SERVER_API_KEY"


def is_openai(url: httpx2.URL) -> bool:
    """Whether a URL leads to the OpenAI API over an encrypted connection."""
    return url.scheme == "https" and url.host == OPENAI_HOST and url.port in (None, 443)


def read_url(url: str) -> httpx2.URL:
    """The URL of a server. Raises InputError, without showing a password, if it is invalid."""
    try:
        read = httpx2.URL(url)
    except httpx2.InvalidURL as error:
        raise _no_url(url, str(error)) from error
    if read.userinfo:
        raise _no_url(url, "it contains a password; put a key into SERVER_API_KEY")
    if read.scheme not in ("http", "https"):
        raise _no_url(url, "it does not begin with http:// or https://")
    if any(character in read.host for character in "[]%,;<>\\"):
        raise _no_url(url, "its host name is invalid")
    if not read.host or any(not character.isprintable() or character == " " for character in url):
        raise _no_url(url, "it names no host" if not read.host else "it contains a space")
    if read.port is not None and not 0 < read.port < 1 << 16:
        raise _no_url(url, "a port is a number from 1 to 65535")
    if read.query or read.fragment or "?" in url or "#" in url:
        raise _no_url(url, "it has a query or a fragment")
    if read.path.rstrip("/").endswith(("/completions", "/models")):
        raise _no_url(url, "it ends in an endpoint instead of the base URL")
    return read


def without_password(url: str) -> str:
    """A URL that is safe to show: without passwords, and without what follows a `?` or `#`."""
    begin, slashes, rest = url.rpartition("://") if "://" in url else ("", "", url)
    return begin + slashes + re.split(r"[?#]", re.sub(r"^.*@", "...@", rest, flags=re.DOTALL))[0]


def _no_url(url: str, why: str) -> InputError:
    return InputError(
        f"{without_password(url)!r} is not a valid server URL ({why}): expected one like http://127.0.0.1:8000/v1."
    )


def is_loopback(url: str) -> bool:
    """Whether a URL leads to this machine, which no proxy can reach for us."""
    return is_loopback_host(httpx2.URL(url).host)


def is_loopback_host(host: str) -> bool:
    """Whether an IP address or a host name is this machine's own."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _one_url(came: object) -> str:
    if not isinstance(came, str):
        raise unexpected("the URL of a server", came)
    read_url(came)
    return came


def _several_urls(came: object) -> str:
    if not isinstance(came, str):
        raise unexpected("the URLs of servers, separated by commas", came)
    for url in filter(None, map(str.strip, came.split(","))):
        read_url(url)
    return came if came.replace(",", " ").strip() else _one_url("")


ServerUrl = Annotated[str, BeforeValidator(_one_url), Kind("http://host:port/v1")]
ServerUrls = Annotated[
    str, BeforeValidator(_several_urls), Kind("http://host:port/v1, several separated by commas")
]
Api = Literal["completions", "chat"]
"""How a server is asked to continue a text."""
