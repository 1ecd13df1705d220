from __future__ import annotations

from pathlib import Path

import pytest
from sprint.utils.errors import InputError
from sprint.utils.tokens.tokenizers import token_counter
from tokenizers import Tokenizer, models, pre_tokenizers, processors


def save_tokenizer(folder: Path) -> Path:
    tokenizer = Tokenizer(models.WordLevel({"[UNK]": 0, "<s>": 1}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A", special_tokens=[("<s>", 1)]
    )
    tokenizer.enable_truncation(4)
    tokenizer.save(str(folder / "tokenizer.json"))
    return folder / "tokenizer.json"


class Characters:
    def encode(self, text: str, add_special_tokens: bool = True) -> list[int]:
        return [0] * add_special_tokens + [ord(character) for character in text]


def test_an_object_that_encodes_is_taken_as_it_is() -> None:
    assert token_counter(Characters())("abc") == 3


@pytest.mark.parametrize("as_folder", [True, False])
def test_a_saved_tokenizer_counts_all_of_a_text_without_special_tokens(
    tmp_path: Path, as_folder: bool
) -> None:
    file = save_tokenizer(tmp_path)
    assert token_counter(str(tmp_path) if as_folder else file)("a b c d e f") == 6


def test_a_damaged_tokenizer_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "tokenizer.json").write_text("{}")
    with pytest.raises(InputError, match=r"tokenizer\.json should be a tokenizer"):
        token_counter(tmp_path)


def test_a_folder_without_tokenizer_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No tokenizer found at"):
        token_counter(str(tmp_path))


def test_what_cannot_encode_is_refused() -> None:
    with pytest.raises(InputError, match="not a int"):
        token_counter(5)  # type: ignore[arg-type]
