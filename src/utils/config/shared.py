"""Fields that several commands share."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, TypeVar

from pydantic import BeforeValidator, Field, PlainSerializer

from ..concurrency.processes import core_count
from .base import Config, Variable
from .values import Folder, Kind, Positive

Rows = TypeVar("Rows", bound=Sequence[object])


@dataclass(frozen=True)
class Shard:
    """Share `number` (from 1) of `count` shares: contiguous, and as equal as possible."""

    number: int = 1
    count: int = 1

    def __str__(self) -> str:
        return f"{self.number}/{self.count}"

    @property
    def is_whole(self) -> bool:
        return self.count == 1

    def of(self, rows: Rows) -> Rows:
        """This share of the rows; joined in order, the shares are all rows."""
        first = len(rows) * (self.number - 1) // self.count
        last = len(rows) * self.number // self.count
        return rows[first:last]  # type: ignore[return-value]  # a slice is of the same kind


def parse_shard(text: str) -> Shard:
    """`3/16` -> the third of sixteen shares. The type of the flag --shard."""
    match = re.fullmatch(r"(\d{1,6})/(\d{1,6})", text.strip())
    if match is None or not 1 <= int(match[1]) <= int(match[2]):
        raise ValueError(
            f"expected NUMBER/COUNT with a number from 1 to the count, such as 3/16, not {text!r}"
        )
    return Shard(int(match[1]), int(match[2]))


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
