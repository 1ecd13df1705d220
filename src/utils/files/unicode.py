"""Half characters (lone surrogates), which JSON can hold, as in "\\ud83d", and UTF-8 cannot."""

from __future__ import annotations


def valid_unicode(text: str) -> str:
    """Half characters become U+FFFD. Raises AttributeError for what is no text."""
    return text.encode("utf-16", errors="surrogatepass").decode("utf-16", errors="replace")
