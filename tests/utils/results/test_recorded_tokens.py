"""The files of recorded tokens: written, read again, and damaged."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sprint.utils.files.json_file import DamagedError
from sprint.utils.records import CallTokens
from sprint.utils.results.recorded_tokens import read_tokens, write_tokens

IDS = st.lists(st.integers(0, 2**31 - 1), max_size=8).map(tuple)
LOGPROBS = st.lists(st.floats(-1e9, 0), max_size=8).map(tuple)
CALLS = st.lists(st.builds(CallTokens, IDS, IDS, LOGPROBS), max_size=4)


@given(CALLS)
def test_what_was_written_is_read(calls: list[CallTokens]) -> None:
    with tempfile.TemporaryDirectory() as name:
        write_tokens(Path(name), "test_1", calls)
        assert read_tokens(Path(name), "test_1") == calls


def test_a_problem_without_recorded_tokens_has_none(tmp_path: Path) -> None:
    assert read_tokens(tmp_path, "test_1") is None


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        "{}",
        '{"calls": 1}',
        '{"calls": [{"ids": [1]}]}',
        '{"calls": [{"prompt_ids": [1], "ids": ["1"], "logprobs": []}]}',
        '{"calls": [{"prompt_ids": [true], "ids": [], "logprobs": []}]}',
        '{"calls": [{"prompt_ids": [], "ids": [1.5], "logprobs": []}]}',
    ],
)
def test_a_damaged_file_is_named(tmp_path: Path, text: str) -> None:
    write_tokens(tmp_path, "test_1", [])
    (path,) = tmp_path.rglob("*.json")
    path.write_text(text)
    with pytest.raises(DamagedError, match="test_1"):
        read_tokens(tmp_path, "test_1")
