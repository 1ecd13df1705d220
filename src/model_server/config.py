"""The configuration of a server of ours."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, ClassVar, Literal

from pydantic import BeforeValidator

from ..utils.config import Config, Positional
from ..utils.config.values import Bounds, Kind, NotNegative, unexpected
from .process_tree import identity

_PORT = Bounds("a port from 1 to 65535", 1, (1 << 16) - 1)


def _owner(came: object) -> str:
    """The identity of the process; empty if none is named."""
    text = f"{came}"
    if not text:
        return ""
    found = identity(int(text)) if text.isdecimal() and len(text) < 16 else ""
    if not found:
        raise unexpected("the id of a process of yours", came)
    return found


class ServerConfig(Config):
    """What run/run_server.sh and the scripts with servers of their own are made of.

    The command of a server, or of a stage, stands behind `--`.
    """

    program: ClassVar[str] = "python -m sprint.model_server"

    action: Annotated[Literal["start", "stop", "status", "guard", "stage"], Positional("ACTION")]
    """What to do."""
    folder: Path = Path(".servers")
    """Folder of the server's log and process id; SERVER_DIR of the script."""
    host: str = "127.0.0.1"
    """Address where it listens; HOST."""
    port: Annotated[int, BeforeValidator(_PORT.whole), _PORT] = 8000
    """Port where it listens; PORT."""
    timeout: NotNegative = 600.0
    """Seconds until a server that is not ready is given up; TIMEOUT."""
    grace: NotNegative = 30.0
    """Seconds that it has to end by itself before it is killed; STOP_TIMEOUT."""
    owner: Annotated[str, BeforeValidator(_owner), Kind("a process id")] = ""
    """Process that the server must not outlive; SERVER_OWNER."""
