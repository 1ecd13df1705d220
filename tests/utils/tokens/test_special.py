"""Special tokens that stand in texts: which are found, and what is left of the text."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sprint.utils.tokens.special import SpecialTokens, special_tokens_at, special_tokens_of
from support.damaged import DAMAGED
from support.tiny import tiny_tokenizer
from tokenizers import AddedToken
from transformers import AutoTokenizer

OWN = SpecialTokens(["<|fin|>", "[STOP]"])


@pytest.mark.parametrize(
    "token",
    ["<|fin|>", "[STOP]", "<|im_start|>", "<\uff5cend\u2581of\u2581sentence\uff5c>", "</s>"],
)
def test_a_token_is_removed_and_the_words_around_it_stay_apart(token: str) -> None:
    text = f"{token}One{token}{token}two {token}three.{token}\n{token}"
    assert OWN.count(text) == 6
    assert OWN.remove(text) == "One two three."
    assert OWN.remove(f"{text} ") == "One two three.\n "


@pytest.mark.parametrize(
    "text",
    [
        "If 0 <|x|> 1 then a<b|c>d, <|ab|> = 1.",
        "<Plan_1>\n<prompt_1.2> Go. </prompt_1.2>\n-----\n</Plan_1>",
        "<think>\n</think>",
        "<s>struck out</s",
    ],
)
def test_mathematics_and_tags_stay(text: str) -> None:
    tags = SpecialTokens(["<think>", "</think>", "<Plan_", "</prompt_", "-----", "\n"])
    assert tags.count(text) == 0
    assert tags.remove(text) == text


PIECES = st.sampled_from(["<|fin|>", "<|fi", "n|>", "[STOP]", "[ST", "OP]", " ", "a", "|>", "<|"])


@given(st.lists(PIECES, max_size=30).map("".join))
def test_nothing_is_left_and_no_other_word_is_touched(text: str) -> None:
    """A removed token joins no halves to a new one."""
    left = OWN.remove(text)
    assert OWN.count(left) == 0
    plain = text.replace(" ", "")
    assert len(left.replace(" ", "")) <= len(plain)
    if OWN.count(text) == 0:
        assert left == text


def test_a_tokenizer_tells_its_own(tmp_path: Path) -> None:
    """Registered ones, and those that only the configuration beside it names."""
    tiny_tokenizer().save_pretrained(tmp_path)
    tokenizer = AutoTokenizer.from_pretrained(tmp_path)
    tokenizer.add_special_tokens({"additional_special_tokens": ["[[halt]]", "<Plan_"]})
    tokenizer.add_tokens([AddedToken("ordinary", special=False)])
    tokenizer.save_pretrained(tmp_path)
    for found in (special_tokens_of(tokenizer), special_tokens_at(str(tmp_path))):
        assert found.remove("a [[halt]] b <|endoftext|>") == "a  b"
        assert found.count("<Plan_1> ordinary") == 0


@pytest.mark.parametrize("place", ["tokenizer_config.json", "special_tokens_map.json"])
def test_a_token_that_only_the_configuration_names(tmp_path: Path, place: str) -> None:
    tiny_tokenizer().save_pretrained(tmp_path)
    (tmp_path / "tokenizer_config.json").unlink()
    (tmp_path / place).write_text('{"eos_token": {"content": "[END]"}, "pad_token": null}')
    assert special_tokens_at(str(tmp_path)).count("[END]") == 1


@pytest.mark.parametrize(
    "content", [*DAMAGED.values(), b'{"pad_token": ' + b"[" * 500 + b"]" * 500 + b"}"]
)
@pytest.mark.parametrize("name", ["tokenizer_config.json", "special_tokens_map.json"])
def test_a_damaged_configuration_names_none(tmp_path: Path, name: str, content: bytes) -> None:
    tiny_tokenizer().save_pretrained(tmp_path)
    (tmp_path / name).write_bytes(content)
    found = special_tokens_at(str(tmp_path))
    assert found.count("<|endoftext|>") == 1
