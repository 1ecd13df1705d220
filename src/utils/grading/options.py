"""Which multiple-choice options an answer names."""

from __future__ import annotations

import re

_FONT = re.compile(
    r"\\(?:text|textbf|textit|textrm|textsf|texttt|textnormal|mathbf|mathrm|mathsf|mathtt|mathit"
    r"|mbox|boldsymbol|bf|it|rm|sf|tt)(?![a-zA-Z])\s*|\\[ ,;:!]|[{}$]"
)
_LOWER = re.compile(r"\s*(?:[a-j]\s*(?:[).:](?!\w\.)|$)|[(\[]\s*[a-j]\s*[)\]])")
"""A lone small letter at the start is also an option."""

_MARKED = r"(?:[(\[]\s*[A-J]\s*[)\]]|[A-J]\s*(?:\)|[.:](?!\w\.)))"
_ENDS = r"(?=\s*(?:[,;/&!]|$)|\s+(?i:because|since)\b)"
_OPTION = rf"(?:{_MARKED}|[A-J]{_ENDS})"
_RIGHT = r"(?=\s+(?i:is|are) (?i:the )?(?i:correct|right|best|answer)\b)"
_START = re.compile(rf"\s*(?:{_OPTION}|[A-J](?=\s+[-—]\s+\w\w)|[A-J]{_RIGHT})")
_NAMED = re.compile(
    rf"\b(?i:options?|choices?|answer)(?i:\s+is)?\s?:?\s?(?:{_OPTION}|\([a-j]\)|[A-J]{_RIGHT})"
)
_FURTHER = re.compile(
    rf"(?:[,;/&]|\b(?i:and|or)\b)\s*(?:{_OPTION}|[B-HJ](?![\w'’]|\s*[-=^_+*<>(])|A{_RIGHT})"
)
"""After an option: in a list, `A` and `I` may be words."""
_LETTER = re.compile(r"(?<![A-Za-z])[A-J](?![A-Za-z])")
_DENIES = re.compile(r"\b(?:not|no|nor|neither|never|cannot|wrong|incorrect)\b|n['’]t\b", re.I)
_IS = re.compile(r"\s*(?:is|are|was|can|does)\b", re.I)
_ABOUT_OTHERS = re.compile(r"[\s,]*(?:both|all|neither|because|since)\b", re.I)
"""After an option: `(D) Both (A) and (B)` is option D, which mentions others."""


def named_options(answer: str) -> set[str]:
    """The letters of the options that an answer names: `C`, `(c)`, `C. 5`, `Option C is right`.

    Several for `(C) or (D)`. None if a sentence contains a negation: which option it refers to is
    not read.
    """
    text = " ".join(_FONT.sub("", answer).strip(' *`."').split())
    text = text[1:-1] if len(text) > 2 and text[0] == text[-1] == "'" else text
    text = re.sub(r",?\s+(?:and|or)\s+", ", ", text)
    if _LOWER.match(text) and text not in ("e", "i"):  # numbers
        text = text.upper()
    first = _START.match(text)
    if first is None or _IS.match(text, first.end()):
        if _DENIES.search(text):
            return set()
        first = first or _NAMED.search(text)
    if first is None:
        return set()
    if _ABOUT_OTHERS.match(text, first.end()):
        return set(_LETTER.findall(first[0].upper())[-1])
    found = [first[0], *_NAMED.findall(text), *_FURTHER.findall(text, first.end())]
    letters = [_LETTER.findall(option.upper()) for option in found]
    return {named[-1] for named in letters if named}


def has_words(answer: str) -> bool:
    """Whether an answer has several words, which may name an option in a way not read here."""
    words = re.findall(r"[^\W\d_]+", re.sub(r"\\(?:begin|end)\{[a-z]+\}|\\[a-zA-Z]+", "", answer))
    return len(words) > 1 and max(map(len, words)) > 2
