r"""Separates a model's thought from the text after it. The only module that knows these tags.

Sources: the chat templates of the models, and the reasoning parsers of vLLM and SGLang.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

MAX_PREAMBLE = 500
"""Characters of a greeting before an opening tag that do not belong to the thought."""

_B = r"[ \t]{0,3}"
_WRAPPER = r"(?:answer|solution|response|output|final)"
_BAR = r"[|｜]"
_START_OF_REPLY = re.compile(
    r"(?:\s+|<\|im_start\|>assistant\b|<\|start\|>assistant\b|<[|｜]Assistant[|｜]>"
    r"|<\|start_header_id\|>assistant<\|end_header_id\|>|<\|START_OF_TURN_TOKEN\|>"
    r"|<\|CHATBOT_TOKEN\|>|<start_of_turn>model\b|<[|｜]begin[▁_]of[▁_](?:text|sentence)[|｜]>"
    r"|<s>|<bos>)*+",
    re.IGNORECASE,
)
_END_OF_TEXT = re.compile(
    rf"(?:<{_BAR}(?!/)[^<>|｜\s]{{1,40}}{_BAR}>|</s>|<eos>|<seed:eos>"
    rf"|<\[end▁of▁sentence\]>|<end_of_turn>|<turn\|>|\[EO[ST]\])\Z",
    re.IGNORECASE,
)


class _Family(NamedTuple):
    """How one family of models writes its tags, as patterns.

    `paired`: they count only as a pair, opening tag first, because each has other uses.
    """

    opening: re.Pattern[str]
    closing: re.Pattern[str]
    paired: bool = False

    @classmethod
    def of(cls, opening: str, closing: str, *, paired: bool = False) -> _Family:
        return cls(re.compile(opening, re.IGNORECASE), re.compile(closing, re.IGNORECASE), paired)


def _element(name: str, *, paired: bool = False) -> _Family:
    attributes = r"(?:\s[a-z-]{1,20}=[^<>\n]{1,20})?"
    return _Family.of(rf"<{_B}{name}{attributes}{_B}>", rf"<{_B}/{_B}{name}{_B}>", paired=paired)


_NAMES = (
    "thinking thought thoughts reasoning reason seed:think mm:think longcat_think think:opensource "
    "antthinking internal_thinking redacted_thinking inner_monologue"
)
_NAMES_WITH_OTHER_USES = (
    "analysis scratchpad reflection cot chain_of_thought rationale inner_thoughts"
)


_CHANNEL = r"(?:<\|start\|>assistant)?<\|channel\|>"
_FAMILIES = (
    _element("think"),
    _Family.of(  # OpenThoughts, Sky-T1, Bespoke-Stratos
        rf"<{_BAR}(?:begin|start)[▁_]of[▁_](?:thought|thinking|think|reasoning){_BAR}>",
        rf"<{_BAR}end[▁_]of[▁_](?:thought|thinking|think|reasoning){_BAR}>",
    ),
    _Family.of(  # gpt-oss (harmony)
        rf"{_CHANNEL}(?:analysis|commentary)[^<\n]{{0,60}}<\|message\|>",
        rf"(?:<\|end\|>)?{_CHANNEL}final[^<\n]{{0,60}}<\|message\|>",
    ),
    # s1
    _Family.of(r"<\|im_start\|>think\b", r"(?:<\|im_end\|>\s{0,3})?<\|im_start\|>answer\b"),
    _Family.of(rf"\[{_B}THINK{_B}\]", rf"\[{_B}/{_B}THINK{_B}\]"),  # Magistral
    _Family.of(rf"◁{_B}think{_B}▷", rf"◁{_B}/{_B}think{_B}▷"),  # Kimi
    _Family.of(r"<\|START_THINKING\|>", r"<\|END_THINKING\|>"),  # Command A
    _Family.of(r"<unused94>thought\b", r"<unused95>"),  # MedGemma
    _Family.of(r"\[unused16\]", r"\[unused17\]"),  # openPangu
    _Family.of(r"<\|think(?:ing)?\|>", r"<\|/think(?:ing)?\|>"),
    _Family.of(r"<\|think(?:ing)?_start\|>", r"<\|think(?:ing)?_end\|>"),
    _Family.of(r"<\|inner_prefix\|>", r"<\|inner_suffix\|>"),  # Apertus
    _Family.of(r"<\|channel>thought\b", r"<channel\|>"),  # Gemma 4
    *(_element(name) for name in _NAMES.split()),
    *(_element(name, paired=True) for name in _NAMES_WITH_OTHER_USES.split()),
    # harmony without its special tokens; Granite
    _Family.of(r"analysis(?=[A-Z])", r"assistantfinal", paired=True),
    _Family.of(
        r"here(?:['’]s| is) my (?:thought process|thoughts?):",
        r"here(?:['’]s| is) my (?:response|answer):",
        paired=True,
    ),
)
"""In the order in which they are tried if no opening tag identifies the family."""

_WRAPPERS = (
    (rf"<{_B}{_WRAPPER}{_B}>", rf"<{_B}/{_B}{_WRAPPER}{_B}>"),
    (
        rf"<{_BAR}(?:begin|start)[▁_]of[▁_]{_WRAPPER}{_BAR}>",
        rf"<{_BAR}end[▁_]of[▁_]{_WRAPPER}{_BAR}>",
    ),
    (r"<\|START_RESPONSE\|>", r"<\|END_RESPONSE\|>"),
)
_WRAPPED = tuple(
    (re.compile(rf"\A{opening}\s*+", re.I), re.compile(rf"\s*{closing}\Z", re.I))
    for opening, closing in _WRAPPERS
)
_LONGEST_TAG = 64
_MAX_WRAPPED = 4000
_OPEN_ANSWER = re.compile(rf"<{_B}answer{_B}>", re.IGNORECASE)
_CLOSE_ANSWER = re.compile(rf"<{_B}/{_B}answer{_B}>\s*\Z", re.IGNORECASE)
_LINE_BREAK = r"\r\n|\n|\r"
_BREAK_FIRST = re.compile(rf"\A(?:{_LINE_BREAK})")
_BREAK_LAST = re.compile(rf"(?:{_LINE_BREAK})\Z")
_QUOTES = ("``", "''", '""', "“”", "‘’", "«»", "「」")


@dataclass(frozen=True)
class SplitThought:
    """A reply as its thought and the text after it.

    `thought`: without its tags and the line break next to each; otherwise unchanged. `answer`:
    stripped, without solution tags around it; empty if there is none. `closed`: the thought has
    ended. `opened`: an opening tag came before it, or follows an earlier closed thought.

    A text without any tag is all thought (`opened` and `closed` are both False): a caller that
    knows it is an answer uses it as one.
    """

    thought: str
    answer: str
    closed: bool
    opened: bool = False


def split_thought(text: str) -> SplitThought:
    """Separate the thought in `text` from the answer after it, for any model's tags.

    The opening tag may be missing, because chat templates write it into the prompt. Only tags of
    the family that opened count, the last closing tag counts, and a quoted tag (`"</think>"`) does
    not. Closing tags at the very end have no effect if the thought has ended before. Without a
    closing tag the thought is open and there is no answer. End-of-text tokens at the very end
    belong to neither. Takes time linear in the length of the text.
    """
    start = _start_of_reply(text)
    family, opening = _family(text, start)
    if family is None:
        return SplitThought(_without_end_of_text(text, None), "", closed=False)
    text = _without_end_of_text(text, family)
    inside = opening.end() if opening else 0
    closing = _last_closing(text, family, inside)
    again = _opened_again(text, family, closing.end()) if closing else None
    if closing is None or again is not None:
        return _unfinished(text, inside)
    thought = _BREAK_LAST.sub("", text[inside : closing.start()])
    answer = _answer(_without_closings(text, family)[closing.end() :])
    return SplitThought(_without_first_break(thought, opening), answer, True, opening is not None)


def _start_of_reply(text: str) -> int:
    """Where a reply begins after the tokens with which a chat template announces it."""
    found = _START_OF_REPLY.match(text)
    return found.end() if found else 0


def _family(text: str, start: int) -> tuple[_Family | None, re.Match[str] | None]:
    """The family that opened the thought, with its opening tag; else the first that closes one."""
    for family in _FAMILIES:
        opening = family.opening.match(text, start)
        if opening and (not family.paired or family.closing.search(text, opening.end())):
            return family, opening
    for family in _FAMILIES:
        if family.paired:
            continue
        opening = _behind_preamble(text, family, start)
        if opening is not None or family.closing.search(text):
            return family, opening
    return None, None


def _behind_preamble(text: str, family: _Family, start: int) -> re.Match[str] | None:
    """An opening tag at the start of a line, after a few words at most."""
    opening = family.opening.search(text, 0, start + MAX_PREAMBLE)
    if opening is None or not _begins_line(text, opening.start()):
        return None
    return opening if family.closing.search(text, 0, opening.start()) is None else None


def _begins_line(text: str, place: int) -> bool:
    before = text[max(0, place - 200) : place].rstrip(" \t")
    return not before or before[-1] in "\n\r>"


def _closings(text: str, family: _Family, start: int) -> list[re.Match[str]]:
    """The closing tags, without quoted ones if there are others."""
    found = list(family.closing.finditer(text, start))
    return [closing for closing in found if not _quoted(text, closing)] or found


def _quoted(text: str, tag: re.Match[str]) -> bool:
    return text[tag.start() - 1 : tag.start()] + text[tag.end() : tag.end() + 1] in _QUOTES


def _last_closing(text: str, family: _Family, start: int) -> re.Match[str] | None:
    """The last closing tag; if only closing tags end the text, the one before them."""
    closings = _closings(text, family, start)
    end = len(text)
    while len(closings) > 1 and not text[closings[-1].end() : end].strip():
        end = closings.pop().start()
    return closings[-1] if closings else None


def _without_closings(text: str, family: _Family) -> str:
    end = len(text.rstrip())
    for closing in reversed(list(family.closing.finditer(text))):
        if text[closing.end() : end].strip():
            break
        end = closing.start()
    return text[:end]


def _opened_again(text: str, family: _Family, start: int) -> re.Match[str] | None:
    """An opening tag after the closed thought, at the start of a line."""
    openings = family.opening.finditer(text, start)
    return next((one for one in openings if _begins_line(text, one.start())), None)


def _unfinished(text: str, inside: int) -> SplitThought:
    """A thought without its closing tag; `<answer>…</answer>` at the very end also closes it."""
    if place := _answer_tags_at_the_end(text, inside):
        thought = _BREAK_LAST.sub("", text[inside : place.start()])
        answer = _CLOSE_ANSWER.sub("", text[place.end() :]).strip()
        return SplitThought(_BREAK_FIRST.sub("", thought), answer, closed=True, opened=True)
    return SplitThought(_BREAK_FIRST.sub("", text[inside:]), "", closed=False, opened=True)


def _answer_tags_at_the_end(text: str, inside: int) -> re.Match[str] | None:
    if not _CLOSE_ANSWER.search(text[-_LONGEST_TAG:]):
        return None
    openings = list(_OPEN_ANSWER.finditer(text, max(inside, len(text) - _MAX_WRAPPED)))
    return openings[-1] if openings else None


def _without_first_break(thought: str, opening: re.Match[str] | None) -> str:
    return _BREAK_FIRST.sub("", thought) if opening else thought


def _answer(said: str) -> str:
    said = said.strip()
    for opening, closing in _WRAPPED:
        if found := opening.match(said):
            return closing.sub("", said[found.end() :]).strip()
    return said


def _without_end_of_text(text: str, family: _Family | None) -> str:
    """`text` without end-of-text tokens at its end."""
    kept, end = len(text), _stripped(text, len(text))
    while True:
        tail = text[max(0, end - _LONGEST_TAG) : end]
        found = _END_OF_TEXT.search(tail)
        if found is None or (family and family.closing.search(tail, found.start())):
            return text[:kept]
        kept = end = _stripped(text, end - len(found[0]))


def _stripped(text: str, end: int) -> int:
    """Where `text[:end]` ends without trailing white space."""
    while end and text[end - 1].isspace():
        end -= 1
    return end
