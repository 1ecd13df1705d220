from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from token_clock import count, tokens


@given(st.text())
def test_tokens_are_the_text_again(text: str) -> None:
    assert "".join(tokens(text)) == text


@given(st.text(min_size=1), st.text(min_size=1))
def test_a_text_that_ends_with_a_word_is_counted_apart(one: str, other: str) -> None:
    """As a plan is that ends with a closing tag, before a line break."""
    before, after = f"{one}|", f"\n{other}"
    assert count(before + after) == count(before) + count(after)
