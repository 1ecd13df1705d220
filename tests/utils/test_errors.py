from __future__ import annotations

from sprint.utils.errors import reason_of


def test_a_message_of_several_lines_becomes_one_of_limited_length() -> None:
    assert reason_of(ValueError("a file\n  is  missing")) == "a file is missing"
    assert reason_of(ValueError("a file\nis missing"), 6) == "a file"


def test_an_error_without_a_message_has_its_name() -> None:
    assert reason_of(KeyError()) == "KeyError"
