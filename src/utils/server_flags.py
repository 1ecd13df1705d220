"""The types of flags that name model servers."""

from __future__ import annotations

import argparse

from .connection import read_url
from .errors import InputError


def server_url(text: str) -> str:
    """The type of flags that name a model server."""
    try:
        read_url(text)
    except InputError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
    return text


def server_urls(text: str) -> str:
    """The type of flags that name one model server or several, with commas between."""
    for url in filter(None, map(str.strip, text.split(","))):
        server_url(url)
    return text if text.replace(",", " ").strip() else server_url("")
