"""Fields that commands of several kinds share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, Field, PlainSerializer

from ..concurrency.processes import core_count
from ..concurrency.shards import Shard, parse_shard
from .base import Config, Variable
from .values import Folder, Kind, Positive

ShardField = Annotated[
    Shard,
    BeforeValidator(lambda came: came if isinstance(came, Shard) else parse_shard(str(came))),
    PlainSerializer(str),
    Kind("NUMBER/COUNT, such as 3/16"),
]


class LogsConfig(Config):
    """The folder of the logs."""

    logs_dir: Annotated[Folder, Variable("LOGS_DIR")] = Path("logs")
    """Folder of the logs; LOGS_DIR in the environment or .env."""


class ScaleConfig(Config):
    """Spreading the work."""

    shard: ShardField = Shard()
    """Share NUMBER/COUNT of the rows of --range, such as 3/16, for runs on many machines that share
    the logs folder."""
    num_processes: Positive = Field(default_factory=core_count)
    """Processes for what needs no model server (by default a process a core); results do not depend
    on it."""
