"""The configuration of a local vLLM server."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, ClassVar, Literal

from pydantic import BeforeValidator

from ..utils.config import Config, Positional
from ..utils.config.values import Bounds, Kind, NotNegative, unexpected
from ..utils.defaults import LOOPBACK
from .process_tree import identity

_PORT = Bounds("a port from 1 to 65535", 1, (1 << 16) - 1)


def _owner(came: object) -> str:
    """The identity of the process; empty if none is given."""
    text = f"{came}"
    if not text:
        return ""
    found = identity(int(text)) if text.isdecimal() and len(text) < 16 else ""
    if not found:
        raise unexpected("the id of a process of yours", came)
    return found


class ServerConfig(Config):
    """Start and stop servers, for run/run_server.sh and the scripts that run their own server.

    Give the command of the server or stage after `--`. In a server's command, {host} and {port}
    stand for its address.
    """

    program: ClassVar[str] = "python -m sprint.model_server"

    action: Annotated[Literal["start", "stop", "status", "guard", "stage"], Positional("ACTION")]
    """Action to run."""
    folder: Path = Path(".servers")
    """Folder for the server's log and process id."""
    host: str = LOOPBACK
    """Address to listen on."""
    port: Annotated[int, BeforeValidator(_PORT.whole), _PORT] = 8000
    """Port to listen on."""
    timeout: NotNegative = 600.0
    """Seconds to wait until the server is ready."""
    grace: NotNegative = 30.0
    """Seconds to wait for the server to exit before it is killed."""
    owner: Annotated[str, BeforeValidator(_owner), Kind("a process id")] = ""
    """Process whose exit stops the server."""
