"""Why a row was not annotated: on disk beside the answers, for the report of stage 3."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from ..errors import CallError, FormatError, RefusedError
from ..files.atomic import write_text
from .dialogue import TRUNCATED

FAULT = "fault_"
"""How the names of files begin that say why a row failed."""


class FaultKind(StrEnum):
    """What went wrong; the value is its name in the report."""

    EMPTY = "empty_thought"
    NO_QUESTION = "no_question"
    NO_ANSWER = "no_reference_answer"
    """Without one, stage 3 could not tell whether the thought is right."""
    TAGS = "thought_holds_tags"
    """Tags of the trajectory grammar, which no trajectory could hold as its content."""
    LINE_TAGS = "thought_holds_line_tags"
    NO_COMPONENTS = "no_components"
    """There is nothing from component separation that a DAG could be made of."""
    MALFORMED = "malformed_answer"
    TRUNCATED = "truncated_answer"
    REFUSED = "refused_request"
    CALL = "failed_request"
    UNKNOWN = "unknown"
    """The row was not tried yet, or nothing was written down about it."""


@dataclass(frozen=True)
class RowFault:
    """Why a row failed: the kind, and the words for a person."""

    kind: FaultKind
    words: str

    @classmethod
    def of(cls, error: FormatError | CallError) -> RowFault:
        """What an annotator's error says of its last answer, or of the request."""
        match error:
            case RefusedError():
                kind = FaultKind.REFUSED
            case CallError():
                kind = FaultKind.CALL
            case _:
                truncated = str(error).endswith(TRUNCATED)
                kind = FaultKind.TRUNCATED if truncated else FaultKind.MALFORMED
        return cls(kind, str(error))


@dataclass(frozen=True)
class FaultFiles:
    """One small file a failed row in `folder`: the kind, and below it the words."""

    folder: Path

    def path(self, index: int) -> Path:
        return self.folder / f"{FAULT}{index}.txt"

    def note(self, index: int, fault: RowFault | None) -> None:
        """Write down what became of a row; one that succeeded has no file any more."""
        if fault is None:
            self.path(index).unlink(missing_ok=True)
        else:
            write_text(self.path(index), f"{fault.kind}\n{fault.words}\n", durable=False)

    def kind(self, index: int) -> FaultKind:
        """Why the row failed, UNKNOWN where no file says so."""
        path = self.path(index)
        first = path.read_bytes().partition(b"\n")[0] if path.is_file() else b""
        return next((kind for kind in FaultKind if kind.encode() == first), FaultKind.UNKNOWN)
