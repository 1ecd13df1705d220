"""Why a row was not annotated: a file next to the answers, for the report of stage 3."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from ..errors import CallError, FormatError, RefusedError
from ..files.atomic import write_text
from .dialogue import TruncatedError

FAULT = "fault_"
"""Prefix of the files that say why a row failed."""


class FaultKind(StrEnum):
    """What went wrong; the value is its name in the report."""

    EMPTY = "empty_thought"
    NO_QUESTION = "no_question"
    NO_ANSWER = "no_reference_answer"
    """Without one, stage 3 could not check the thought."""
    TAGS = "thought_holds_tags"
    """Tags of the trajectory grammar, which cannot be content of a trajectory."""
    LINE_TAGS = "thought_holds_line_tags"
    NO_COMPONENTS = "no_components"
    """Component separation left nothing to make a DAG from."""
    MALFORMED = "malformed_answer"
    TRUNCATED = "truncated_answer"
    REFUSED = "refused_request"
    CALL = "failed_request"
    UNKNOWN = "unknown"
    """The row was not tried yet, or nothing was recorded about it."""


@dataclass(frozen=True)
class RowFault:
    """Why a row failed: the kind, and a message."""

    kind: FaultKind
    words: str

    @classmethod
    def of(cls, error: FormatError | CallError) -> RowFault:
        """An annotator's error about its last answer, or about the request."""
        match error:
            case RefusedError():
                kind = FaultKind.REFUSED
            case CallError():
                kind = FaultKind.CALL
            case TruncatedError():
                kind = FaultKind.TRUNCATED
            case _:
                kind = FaultKind.MALFORMED
        return cls(kind, str(error))


@dataclass(frozen=True)
class FaultFiles:
    """One small file per failed row in `folder`: the kind, then the message."""

    folder: Path

    def path(self, index: int) -> Path:
        return self.folder / f"{FAULT}{index}.txt"

    def note(self, index: int, fault: RowFault | None) -> None:
        """Record the outcome of a row; a row that succeeded has no file."""
        if fault is None:
            self.path(index).unlink(missing_ok=True)
        else:
            write_text(self.path(index), f"{fault.kind}\n{fault.words}\n", durable=False)

    def kind(self, index: int) -> FaultKind:
        """Why the row failed, UNKNOWN if there is no file."""
        path = self.path(index)
        first = path.read_bytes().partition(b"\n")[0] if path.is_file() else b""
        return next((kind for kind in FaultKind if kind.encode() == first), FaultKind.UNKNOWN)
