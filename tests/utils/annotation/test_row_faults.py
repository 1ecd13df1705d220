from __future__ import annotations

from pathlib import Path

import pytest
from sprint.utils.annotation.dialogue import TRUNCATED, TruncatedError
from sprint.utils.annotation.row_faults import FaultFiles, FaultKind, RowFault
from sprint.utils.errors import CallError, FormatError, RefusedError


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (FormatError("No usable answer; the last fault: no component."), FaultKind.MALFORMED),
        (TruncatedError(f"No usable answer; the last fault: {TRUNCATED}"), FaultKind.TRUNCATED),
        (RefusedError("Too long."), FaultKind.REFUSED),
        (CallError("Busy."), FaultKind.CALL),
    ],
)
def test_kinds(error: FormatError | CallError, kind: FaultKind) -> None:
    assert RowFault.of(error) == RowFault(kind, str(error))


def test_a_fault_is_kept_until_the_row_succeeds(tmp_path: Path) -> None:
    files = FaultFiles(tmp_path)
    files.note(3, RowFault(FaultKind.REFUSED, "Too long:\n\ud83d"))
    assert files.kind(3) is FaultKind.REFUSED
    assert files.path(3).read_bytes().startswith(b"refused_request\nToo long:\n")
    files.note(3, None)
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize("content", [None, b"", b"\xff\n", b"burned"])
def test_without_a_word_the_fault_is_unknown(tmp_path: Path, content: bytes | None) -> None:
    files = FaultFiles(tmp_path)
    if content is not None:
        files.path(3).write_bytes(content)
    assert files.kind(3) is FaultKind.UNKNOWN
