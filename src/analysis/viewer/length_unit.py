"""The unit in which lengths are counted."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from ...utils.errors import InputError
from ...utils.results.reading import read_run_info
from ...utils.tokens.tokenizers import Tokenizer, load_tokenizer

CHARACTERS = "characters"


class Characters:
    """Replaces a tokenizer if there is none: each character counts."""

    def encode(self, text: str, /, *, add_special_tokens: bool = False) -> str:
        return text


class Unit(NamedTuple):
    """The unit of lengths; `why`: the reason for characters, if the user did not ask for them."""

    name: str
    tokenizer: Tokenizer
    why: str = ""


def choose_unit(folders: Sequence[Path], named: str | None) -> Unit:
    """Tokens, with the given tokenizer or that of all run.json files; else characters.

    Raises InputError if the given one cannot be loaded.
    """
    if named == CHARACTERS:
        return Unit(CHARACTERS, Characters())
    if named:
        return Unit("tokens", load_tokenizer(named))
    names = [read_run_info(folder).tokenizer for folder in folders]
    if len({_content(name) for name in names}) != 1 or not names[0]:
        return Unit(CHARACTERS, Characters(), "The run.json files name no common tokenizer")
    source = names[0]
    try:
        return Unit("tokens", load_tokenizer(source))
    except InputError:
        return Unit(CHARACTERS, Characters(), f"The tokenizer {source!r} cannot be loaded")


def _content(tokenizer: str) -> bytes:
    """The identity of a tokenizer: the file of a local one, else its name."""
    path = Path(tokenizer) / "tokenizer.json"
    return path.read_bytes() if tokenizer and path.is_file() else tokenizer.encode()
