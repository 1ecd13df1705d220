from __future__ import annotations

from pathlib import Path

import pytest
from sprint.utils.errors import InputError
from sprint.utils.prompt_files import SHIPPED, load_prompt, prompt_hash


@pytest.fixture(autouse=True)
def _shipped_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PROMPTS_DIR", raising=False)


@pytest.mark.parametrize("name", sorted(path.stem for path in SHIPPED.glob("*.txt")))
def test_shipped_prompts_are_texts(name: str) -> None:
    text = load_prompt(name)
    assert text
    assert text == text.strip()


def test_prompts_dir_takes_precedence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "base_model_prompt.txt").write_text("\nMine, with π.\n", "utf-8")
    monkeypatch.setenv("PROMPTS_DIR", str(tmp_path))
    assert load_prompt("base_model_prompt") == "Mine, with π."


def test_what_prompts_dir_lacks_is_shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shipped = load_prompt("base_model_prompt")
    monkeypatch.setenv("PROMPTS_DIR", str(tmp_path))
    assert load_prompt("base_model_prompt") == shipped


def test_an_empty_prompt_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "base_model_prompt.txt").write_text(" \n")
    monkeypatch.setenv("PROMPTS_DIR", str(tmp_path))
    with pytest.raises(InputError, match=r"base_model_prompt\.txt is empty"):
        load_prompt("base_model_prompt")


def test_prompts_dir_is_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROMPTS_DIR", str(tmp_path / "none"))
    with pytest.raises(InputError, match="not a folder"):
        load_prompt("base_model_prompt")


def test_a_missing_prompt_says_where_it_was_looked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROMPTS_DIR", str(tmp_path))
    with pytest.raises(InputError, match=rf"other\.txt in {tmp_path} and .*prompts"):
        load_prompt("other")


def test_hash_tells_prompts_apart() -> None:
    assert len(prompt_hash("a")) == 12
    assert prompt_hash("a") == prompt_hash("a") != prompt_hash("b")


@pytest.mark.parametrize(
    "content", [b"\xff\xfe", b"Solve \x80 this.", b"", b" \n", b"\xef\xbb\xbf"]
)
def test_a_prompt_that_is_no_text_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    monkeypatch.setenv("PROMPTS_DIR", str(tmp_path))
    path = tmp_path / f"{next(SHIPPED.glob('*.txt')).stem}.txt"
    path.write_bytes(content)
    with pytest.raises(InputError, match=str(path)):
        load_prompt(path.stem)
