"""What the command lines share."""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import pytest
from sprint.utils.concurrency.signals import ENDING
from sprint.utils.config import from_command_line
from sprint.utils.config.cli import run_main, sibling_folder
from sprint.utils.config.shared import LogsConfig
from sprint.utils.data.config import ThoughtsConfig
from sprint.utils.data.loading import DataSource
from sprint.utils.errors import CallError, FormatError, InputError, ServerError


@pytest.fixture(autouse=True)
def _own_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """run_main reads .env into the environment and sets up the log: both are put back."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LOGS_DIR", "")
    monkeypatch.delenv("LOGS_DIR")
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture
def dot_env(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the repository's own .env is looked for."""
    path = tmp_path / "repository.env"
    monkeypatch.setattr("sprint.utils.config.dot_env.DOT_ENV", path)
    return path


@pytest.mark.parametrize("error", [InputError, FormatError, ServerError, CallError])
def test_an_error_is_one_line_and_exit_code_2(
    capsys: pytest.CaptureFixture[str], error: type[Exception]
) -> None:
    def main() -> None:
        raise error("What was expected, and what to do.")

    with pytest.raises(SystemExit) as ended:
        run_main(main)
    assert ended.value.code == 2
    assert capsys.readouterr().err == "Error: What was expected, and what to do.\n"


def test_ctrl_c_is_one_line_and_exit_code_130(capsys: pytest.CaptureFixture[str]) -> None:
    def main() -> None:
        raise KeyboardInterrupt

    with pytest.raises(SystemExit) as ended:
        run_main(main)
    assert ended.value.code == 130
    assert len(capsys.readouterr().err.splitlines()) == 1


@pytest.mark.parametrize("number", ENDING[1:])
def test_a_signal_is_what_ctrl_c_is(
    capsys: pytest.CaptureFixture[str], number: signal.Signals
) -> None:
    before = signal.signal(number, signal.SIG_DFL)
    with pytest.raises(SystemExit) as ended:
        run_main(lambda: signal.raise_signal(number))
    assert signal.signal(number, before) == signal.SIG_DFL
    assert ended.value.code == 130
    assert capsys.readouterr().err.startswith("Stopped.")


def test_an_ignored_signal_stays_ignored() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    run_main(lambda: signal.raise_signal(signal.SIGHUP))
    assert signal.signal(signal.SIGHUP, before) == signal.SIG_IGN


def test_a_fault_of_the_program_is_not_hidden() -> None:
    with pytest.raises(ZeroDivisionError):
        run_main(lambda: print(1 / 0))


class LoggedConfig(ThoughtsConfig, LogsConfig):
    """A command."""

    command: ClassVar[str] = "try"


def logged(*words: str) -> LoggedConfig:
    return from_command_line(LoggedConfig, ["--data_hub_path", "org/d", *words])


def test_dot_env_is_read_before_the_command_begins(dot_env: Path) -> None:
    dot_env.write_text("LOGS_DIR=elsewhere\n")
    seen: list[Path] = []
    run_main(lambda: seen.append(logged().logs_dir))
    assert seen == [Path("elsewhere")]


def test_the_environment_beats_dot_env(dot_env: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dot_env.write_text("LOGS_DIR=elsewhere\n")
    monkeypatch.setenv("LOGS_DIR", "here")
    run_main(lambda: None)
    assert os.environ["LOGS_DIR"] == "here"


@pytest.mark.parametrize("value", [None, ""])
def test_logs_dir_is_logs_by_default(monkeypatch: pytest.MonkeyPatch, value: str | None) -> None:
    if value is not None:
        monkeypatch.setenv("LOGS_DIR", value)
    assert logged().logs_dir == Path("logs")


@pytest.mark.parametrize("value", ["/dev/null", " ", "a" * 5000, __file__])
def test_logs_dir_that_is_no_folder(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], value: str
) -> None:
    monkeypatch.setenv("LOGS_DIR", value)
    with pytest.raises(SystemExit) as ended:
        logged()
    assert ended.value.code == 2
    assert "argument --logs_dir: expected a folder" in capsys.readouterr().err


def test_data_flags_give_a_data_source() -> None:
    words = ["--subset", "s", "--split", "train", "--range", "2:5"]
    assert logged(*words).source == DataSource("org/d", "s", "train", "2:5")


def test_data_flags_have_defaults() -> None:
    assert logged().source == DataSource("org/d")


@pytest.mark.parametrize(
    ("logs", "sibling"),
    [
        ("logs", "logs_full_trajectory"),
        ("a/logs/", "a/logs_full_trajectory"),
        ("/a/logs", "/a/logs_full_trajectory"),
    ],
)
def test_sibling_folder(logs: str, sibling: str) -> None:
    assert sibling_folder(Path(logs), "_full_trajectory") == Path(sibling)


@pytest.mark.parametrize("logs", [".", "x/.."])
def test_sibling_folder_of_the_folder_one_is_in(tmp_path: Path, logs: str) -> None:
    (tmp_path / "x").mkdir()
    sibling = sibling_folder(Path(logs), "_base_model").resolve()
    assert sibling == tmp_path.parent / f"{tmp_path.name}_base_model"


def test_flags_of_columns_and_generations() -> None:
    flags = ["--thought_column", "messages.1.content", "--generation", "3"]
    source = logged(*flags, "--level_column", "Hard").source
    assert source.named_columns == {"thought": "messages.1.content", "level": "Hard"}
    assert source.generation == "3"


@pytest.mark.parametrize("generation", ["best", "-1", "", "1.5", "²"])
def test_a_generation_that_cannot_be_chosen(
    generation: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        logged(f"--generation={generation}")
    assert "expected first_correct, first_complete or a number" in capsys.readouterr().err
