r"""A thought as lines: sentences and paragraph pieces, numbered from 1, without loss.

A line keeps the white space that follows it, so `"".join(lines)` is the thought again and the
sentences of a paragraph stay in their paragraph in any part of a component.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..errors import FormatError

_TOKEN = re.compile(
    r"(?P<space>\s+)"
    r"|(?P<cjk>[。！？]+[”’」』）)]*\s*)"  # these end a sentence without a space after them
    r"|(?P<open>\$\$?|\\\[|\\\(|\\begin\{(?P<env>[^{}\n]{1,30})\}|\\boxed\s*\{)"
    r"|\\."
)
_CLOSERS = "\"'”’)]}*_»"
_MATH_CLOSER = re.compile(r"\s*(?:\\[)\]]|\$\$?)$")
_LIST_ITEM = re.compile(
    r"[*_(]*(?:(?:step|case|part|method|option)\s)?(?:\d{1,3}|[a-z]|[ivx]{1,4})[.)][*_]*|[-*•#]+",
    re.IGNORECASE,
)
_NAMED_ITEM = re.compile(r"[*_(]*(?:step|case|part|method|option)\s\d{1,3}[.)][*_]*", re.IGNORECASE)
_BARE_NUMBER = re.compile(r"\d{1,3}\.")
_FIRST_OF_A_LIST = re.compile(r":\s+1\.$")
_NEVER_AN_END = re.compile(
    r"(?:(?:[a-z]\.)+[a-z]|al|cf|vs|dr|mr|mrs|ms|jr|sr|prof|st|mt|approx|resp|viz)\."
)
_END_UNLESS_NUMBERED = re.compile(
    r"(?:nos?|eqs?|eqn|figs?|secs?|thm|exs?|chs?|defs?|props?|lem|cor|tab|pp|vol"
    r"|max|min|ft|yds?|lbs?|oz|hrs?"
    r"|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)\."
)
_LETTERED = re.compile(r"(?:eqs?|eqn|figs?|secs?|thm|exs?|chs?|defs?|props?|lem|cor|tab|vol)\.")
_LETTER = re.compile(r"[A-HJ-Z]\b")
"""What may follow one of these in place of a number; "I" begins sentences."""
_NUMBER = re.compile(r"[\d($]|[IVX]{2,}\b")
_NEVER_A_START = frozenset(",;:)]}+=<>/^…")
_MATH_WINDOW, _DISPLAY_WINDOW = 4000, 20_000
"""Mathematics longer than this many characters is split like any text: the scan stays linear."""
_DEEPEST = 8
"""Nested environments of one name."""
_BOX_WINDOW = 400
_SPACED_WINDOW = 200
_TAIL = 16


def split_lines(text: str) -> list[str]:
    r"""Split `text` after sentences and line breaks; `"".join(split_lines(text)) == text`.

    Never inside `$…$`, `$$…$$`, `\(…\)`, `\[…\]`, `\begin…\end`, `\boxed{…}`, decimals,
    abbreviations, or after the number of a list item. Linear in the length of the text.
    """
    lines = list[str]()
    start, position, on_new_line = 0, 0, True
    while match := _TOKEN.search(text, position):
        position = match.end()
        if match["open"]:
            position = _math_end(text, match) or position
            continue
        broken = match["space"] is not None and "\n" in match["space"]
        ends = match["cjk"] is not None or (
            match["space"] is not None
            and match.start() > start
            and (broken or _ends_sentence(text, start, match.start(), position, on_new_line))
        )
        if ends and position < len(text):
            lines.append(text[start:position])
            start, on_new_line = position, broken
    return [*lines, text[start:]] if text else []


def _math_end(text: str, opening: re.Match[str]) -> int | None:
    """Where the mathematics that `opening` starts ends; None if it is not closed."""
    limit = min(len(text), opening.end() + _DISPLAY_WINDOW)
    match opening["open"]:
        case "$":
            return _dollar_end(text, opening.end(), min(limit, opening.end() + _MATH_WINDOW))
        case "$$":
            closing = "$$"
        case "\\[":
            closing = "\\]"
        case "\\(":
            closing = "\\)"
        case _ if opening["env"]:
            return _environment_end(text, opening["env"], opening.end(), limit)
        case _:
            return _brace_end(text, opening.end(), min(limit, opening.end() + _BOX_WINDOW))
    found = text.find(closing, opening.end(), limit)
    return None if found < 0 else found + len(closing)


def _dollar_end(text: str, start: int, limit: int) -> int | None:
    """The end of `$…$`; None for a currency sign: "$5. Then $6" is not mathematics."""
    found = text.find("$", start, limit)
    while found > 0 and text[found - 1] == "\\":
        found = text.find("$", found + 1, limit)
    if found < 0:
        return None
    if text[start].isspace() or text[found - 1].isspace():
        return found + 1 if _is_spaced_formula(text, start, found) else None
    if text[found + 1 : found + 2].isdigit() or "\n\n" in text[start:found]:
        return None
    return found + 1


def _is_spaced_formula(text: str, start: int, end: int) -> bool:
    """Whether `$ x = 3 $` is mathematics, and not two amounts of money: "$ 5. Then x = $ 6"."""
    inside = text[start:end]
    money = text[max(0, start - 3) : start - 1].rstrip()[-1:].isdigit()
    money |= text[end + 1 : end + 3].strip()[:1].isdigit()
    spaced = inside[:1] == inside[-1:] == " " and len(inside) < _SPACED_WINDOW
    return spaced and not money and "\n" not in inside and re.search(r"[=\\^_]", inside) is not None


def _environment_end(text: str, name: str, start: int, limit: int) -> int | None:
    opening, closing, depth = f"\\begin{{{name}}}", f"\\end{{{name}}}", 1
    inner = text.find(opening, start, limit)
    while 0 < depth <= _DEEPEST:
        end = text.find(closing, start, limit)
        if end < 0:
            return None
        if 0 <= inner < end:
            depth, start = depth + 1, inner + len(opening)
            inner = text.find(opening, start, limit)
        else:
            depth, start = depth - 1, end + len(closing)
    return start if depth == 0 else None


def _brace_end(text: str, start: int, limit: int) -> int | None:
    depth = 1
    for match in re.compile(r"[{}]").finditer(text, start, limit):
        depth += 1 if match[0] == "{" else -1
        if depth == 0:
            return match.end()
    return None


def _ends_sentence(text: str, start: int, end: int, following: int, on_new_line: bool) -> bool:
    """Whether the white space at `end` separates two sentences; `following` comes after it."""
    if text[end - 1].isalnum():
        return False  # the common case between words, decided first
    tail = text[max(start, end - _TAIL) : end]
    if closer := _MATH_CLOSER.search(tail):
        # "$x = 1.$ Then": the full stop may be inside the mathematics that ends a sentence.
        return tail[: closer.start()].endswith(".") and text[following : following + 1].isupper()
    stop = tail.rstrip(_CLOSERS)[-1:]
    if stop not in (".", "!", "?", "…"):
        return False
    if end - start <= _TAIL:
        whole = text[start:end].strip()
        if _BARE_NUMBER.fullmatch(whole) or _NAMED_ITEM.fullmatch(whole):
            return False
        if on_new_line and _LIST_ITEM.fullmatch(whole):
            return False
    if _FIRST_OF_A_LIST.search(tail):
        return False
    head = text[following : following + 2]
    if head[:1] in _NEVER_A_START or (head[:1].islower() and head[1:].isalpha()):
        return False
    if stop == "…" or tail.rstrip(_CLOSERS).endswith(".."):
        return head[:1].isupper()
    last = tail.split()[-1].lstrip("(\"'[“‘*_")
    word = last.lower()
    if _NEVER_AN_END.fullmatch(word):
        return False
    # "P" is a quantity, "p." a page.
    is_numbered = last == "p." or _END_UNLESS_NUMBERED.fullmatch(word)
    if _LETTERED.fullmatch(word) and _LETTER.match(text, following):
        return False
    return not (is_numbered and _NUMBER.match(text, following))


def render_numbered(lines: Sequence[str]) -> str:
    """An annotator's input: `<Line n> text</Line n>`, one per line.

    `text` is the line with its own white space, so the end of a paragraph shows. Raises FormatError
    for a line that contains the very tags that would follow it, which could not be parsed back.
    """
    text = "".join(f"<Line {n}> {line}</Line {n}>\n" for n, line in enumerate(lines, start=1))
    if parse_numbered(text) != list(lines):
        raise FormatError(
            "The thought contains its own <Line n> tags, which clash with the numbering: remove "
            "them from the dataset, or leave this row out with --range."
        )
    return text


def parse_numbered(text: str) -> list[str]:
    """The lines of a numbered thought; `parse_numbered(render_numbered(lines)) == lines`.

    Raises FormatError if the numbering breaks off.
    """
    lines = list[str]()
    position = 0
    while position < len(text):
        number = len(lines) + 1
        opening, closing = f"<Line {number}> ", f"</Line {number}>\n"
        start = position + len(opening)
        end = text.find(f"{closing}<Line {number + 1}> ", start)
        if end < 0:
            end = len(text) - len(closing)
        if not text.startswith(opening, position) or not text.startswith(closing, max(end, start)):
            raise FormatError(
                f"Line {number} of the numbered thought is not written as <Line {number}> … "
                f"</Line {number}>: write the file again with component separation."
            )
        lines.append(text[start:end])
        position = end + len(closing)
    return lines
