"""Which .env is read, and what of it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from dotenv import dotenv_values
from sprint.utils.config import dot_env
from sprint.utils.config.dot_env import DOCUMENTED, DOT_ENV, load_dot_env, named_key
from sprint.utils.errors import InputError

ROOT = Path(__file__).parents[3]


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in DOCUMENTED:
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    monkeypatch.setattr(dot_env, "_others", dict[str, str]())
    yield
    for name in DOCUMENTED:
        os.environ.pop(name, None)


def test_the_documented_variables_are_those_of_the_example() -> None:
    assert sorted(dotenv_values(ROOT / ".env.example")) == sorted(DOCUMENTED)
    page = (ROOT / "docs" / "configuration.md").read_text()
    assert all(f"| `{name}` |" in page for name in DOCUMENTED)


def test_it_is_the_repositorys_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert ROOT / ".env" == DOT_ENV
    (tmp_path / "below").mkdir()
    for folder in (tmp_path, tmp_path / "below"):
        (folder / ".env").write_text("LOGS_DIR=elsewhere\n")
    monkeypatch.chdir(tmp_path / "below")
    monkeypatch.setattr(dot_env, "DOT_ENV", tmp_path / "repository" / ".env")
    load_dot_env()
    assert "LOGS_DIR" not in os.environ


def test_only_documented_variables_are_set(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HTTP_PROXY", raising=False)
    path = tmp_path / ".env"
    path.write_text("HTTP_PROXY=http://evil.invalid\nLD_PRELOAD=x\nJUDGE_KEY=abc\nLOGS_DIR=l\n")
    caplog.set_level("INFO")
    load_dot_env(path)
    load_dot_env(path)
    assert os.environ["LOGS_DIR"] == "l"
    assert not {"HTTP_PROXY", "LD_PRELOAD", "JUDGE_KEY"} & {*os.environ}
    assert caplog.text.count("HTTP_PROXY, JUDGE_KEY, LD_PRELOAD") == 1
    assert named_key("JUDGE_KEY") == "abc"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"\xef\xbb\xbfLOGS_DIR=a\n", "a"),
        (b"LOGS_DIR=a\r\nHF_TOKEN=\r\n", "a"),
        (b"export LOGS_DIR='a b'", "a b"),
        (b'LOGS_DIR="a"  # the folder\n', "a"),
    ],
)
def test_how_lines_may_be_written(tmp_path: Path, content: bytes, expected: str) -> None:
    (tmp_path / ".env").write_bytes(content)
    load_dot_env(tmp_path / ".env")
    assert os.environ["LOGS_DIR"] == expected


@pytest.mark.parametrize(
    "make",
    [
        Path.mkdir,
        os.mkfifo,
        lambda path: path.symlink_to("/dev/zero"),
        lambda path: path.write_bytes(b"LOGS_DIR=\xff\n"),
        lambda path: path.write_bytes(b"LOGS_DIR=a\0b\n"),
    ],
)
def test_what_cannot_be_read_is_one_sentence(
    tmp_path: Path, make: Callable[[Path], object]
) -> None:
    make(tmp_path / ".env")
    with pytest.raises(InputError, match=r"\.env"):
        load_dot_env(tmp_path / ".env")
