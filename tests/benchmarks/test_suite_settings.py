"""The tests under many settings: what is counted, and what is done after an interruption."""

from __future__ import annotations

from pathlib import Path

import pytest
import suite_settings
from suite_settings import Outcome, Run, outcome

GOOD = Outcome(passed=3, failed=0, skipped=1, seconds=9.0, code=0, tests=())
OUTPUT = """\
..F.E  [100%]
=== FAILURES ===
E   AssertionError: 7 passed
FAILED tests/a/test_b.py::test_c[1 2] - assert 7 == 8
ERROR tests/d/test_e.py::test_f - OSError
1 failed, 2 passed, 4 skipped, 1 error in 61.12s (0:01:01)
Order of the tests: --randomly-seed=1
"""


def measure(
    monkeypatch: pytest.MonkeyPatch, folder: Path, *flags: str, found: Outcome = GOOD
) -> tuple[int, list[Run]]:
    """Exit code, and the runs that were carried out."""
    done = list[Run]()

    def carried_out(run: Run, *_: object) -> Outcome:
        done.append(run)
        return found

    monkeypatch.setattr(suite_settings, "carry_out", carried_out)
    monkeypatch.setattr("sys.argv", ["suite_settings.py", "--work", str(folder), *flags])
    with pytest.raises(SystemExit) as ended:
        suite_settings.main()
    return int(ended.value.code or 0), done


def test_counts_are_those_of_the_last_line() -> None:
    found = outcome(OUTPUT, 61.26, 1)
    assert found == Outcome(
        passed=2,
        failed=2,
        skipped=4,
        seconds=61.3,
        code=1,
        tests=("tests/a/test_b.py::test_c[1", "tests/d/test_e.py::test_f"),
    )


def test_a_finished_run_is_not_done_again(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    flags = "--times", "2", "--settings", "own", "busy"
    code, done = measure(monkeypatch, tmp_path, *flags)
    assert (code, len(done)) == (0, 4)
    lines = (tmp_path / "runs.jsonl").read_text().splitlines()
    # As if it had been interrupted while it wrote the last line.
    (tmp_path / "runs.jsonl").write_text("\n".join([*lines[:3], lines[3][:20]]) + "\n")
    assert measure(monkeypatch, tmp_path, *flags) == (0, done[3:])
    assert "| own |  | 2 | 3 | 0 | 1 | 0.1 |  |" in capsys.readouterr().out


def test_other_arguments_are_other_runs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    flags = "--times", "1", "--settings", "own"
    measure(monkeypatch, tmp_path, *flags)
    _, done = measure(monkeypatch, tmp_path, *flags, "--", "-k", "grading")
    assert [run.arguments for run in done] == [("-k", "grading")]


def test_a_run_that_failed_is_an_exit_code(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = Outcome(passed=3, failed=1, skipped=0, seconds=60.0, code=1, tests=("t.py::test_a",))
    flags = "--times", "1", "--settings", "aten-avx2"
    code, _ = measure(monkeypatch, tmp_path, *flags, found=bad)
    assert code == 1
    row = "| aten-avx2 | `ATEN_CPU_CAPABILITY=avx2` | 1 | 3 | 1 | 0 | 1.0 | t.py::test_a |"
    assert row in capsys.readouterr().out
