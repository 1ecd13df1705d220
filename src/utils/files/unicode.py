"""Lone surrogates (half characters), which JSON can contain, as in "\\ud83d", but UTF-8 cannot."""

from __future__ import annotations


def valid_unicode(text: str) -> str:
    """Replace lone surrogates by U+FFFD. Raises AttributeError if it is not text."""
    return text.encode("utf-16", errors="surrogatepass").decode("utf-16", errors="replace")
