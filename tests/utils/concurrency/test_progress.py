from __future__ import annotations

from types import SimpleNamespace

import pytest
from sprint.utils.concurrency import progress as module
from sprint.utils.concurrency.progress import Progress


@pytest.mark.parametrize(
    ("done", "now", "left"),
    [(0, 5, "about 10 s left"), (4, 6, "about 40 s left"), (0, 10, "about 0 s left")],
)
def test_time_left_goes_by_what_this_run_did(done: int, now: int, left: str) -> None:
    progress = Progress(10, "SPRINT", done)
    progress.done = now
    assert progress.line(elapsed=(20.0 if done else 10.0)) == (
        f"SPRINT: {now}/10, {20 if done else 10} s, {left}"
    )


def test_nothing_done_yet() -> None:
    assert Progress(10, "SPRINT", 3).line(0.0) == "SPRINT: 3/10, 0 s, about 0 s left"


def test_a_log_gets_the_last_line(capsys: pytest.CaptureFixture[str]) -> None:
    with Progress(2, "SPRINT") as progress:
        progress.advance()
        assert capsys.readouterr().err == ""
        progress.advance()
    assert capsys.readouterr().err.startswith("SPRINT: 2/2, ")


def test_a_log_gets_a_line_from_time_to_time(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = SimpleNamespace(monotonic=lambda: clock.now, now=100.0)
    monkeypatch.setattr(module, "time", clock)
    with Progress(9, "SPRINT") as progress:
        for clock.now in (101.0, 102.0, 116.0, 117.0, 131.5):
            progress.advance()
    assert [line.split(",")[0] for line in capsys.readouterr().err.splitlines()] == [
        "SPRINT: 3/9",
        "SPRINT: 5/9",
    ]
