"""Fields that several commands share."""

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
    """The logs folder."""

    logs_dir: Annotated[Folder, Variable("LOGS_DIR")] = Path("logs")
    """Logs folder; LOGS_DIR in the environment or .env."""


class ScaleConfig(Config):
    """Parallel work."""

    shard: ShardField = Shard()
    """Process only share NUMBER of COUNT of the rows in --range, such as 3/16, to spread a run over
    machines that share the logs folder."""
    num_processes: Positive = Field(default_factory=core_count)
    """Worker processes for tasks that need no model server; results do not depend on it. Default:
    one per core."""
