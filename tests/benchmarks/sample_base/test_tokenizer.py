from __future__ import annotations

import re
import unicodedata
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sprint.utils.data.sample_problems import sample_problems
from support.tiny import tiny_tokenizer
from transformers import AutoTokenizer

THOUGHTS = [problem.thought for problem in islice(sample_problems("test", 9), 10)]


@given(st.text(max_size=40))
@settings(max_examples=100, deadline=None)
def test_any_text_comes_back(text: str) -> None:
    text = unicodedata.normalize("NFC", text)  # Qwen2's tokenizers do so too
    tokenizer = tiny_tokenizer()
    assert tokenizer.decode(tokenizer.encode(text), clean_up_tokenization_spaces=False) == text


@pytest.mark.parametrize("text", THOUGHTS)
def test_thoughts_come_back_in_fewer_tokens_than_words_have_letters(text: str) -> None:
    """Digits stand alone, and so may signs; all else is to cost less than its letters."""
    tokenizer = tiny_tokenizer()
    ids = tokenizer.encode(text)
    assert tokenizer.decode(ids) == text
    words = re.sub(r"[\d+*=-]", "", text)
    assert len(ids) - (len(text) - len(words)) < len(words) / 1.5


@pytest.mark.parametrize("number", ["7", "25", "93852"])
def test_digits_stand_alone(number: str) -> None:
    assert len(tiny_tokenizer().encode(number)) == len(number)


@pytest.mark.parametrize("tag", ["<Plan_1>", "</prompt_1.2>", "<execution_1.1>", "</Final_answer>"])
def test_tags_cost_few_tokens(tag: str) -> None:
    assert len(tiny_tokenizer().encode(tag)) <= 7


def test_vocabulary_is_bounded_and_has_an_end_of_text() -> None:
    tokenizer = tiny_tokenizer()
    assert len(tokenizer) <= 512
    assert tokenizer.eos_token_id is not None
    assert tokenizer.pad_token_id is not None


def test_a_saved_tokenizer_cuts_the_same_way(tmp_path: Path) -> None:
    tiny_tokenizer().save_pretrained(tmp_path)
    loaded = AutoTokenizer.from_pretrained(tmp_path)
    for text in (*THOUGHTS, "<Plan_1>\nIt's 12 o'clock.\n\n-----\n</Plan_1>"):
        assert loaded.encode(text) == tiny_tokenizer().encode(text)
