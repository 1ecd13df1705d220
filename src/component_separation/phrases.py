"""English phrases of reasoning models that announce a step, carry it out or judge it."""

from __future__ import annotations

import re

_I = re.IGNORECASE

_INTERJECTIONS = re.compile(
    r"(?:(?:okay|ok|alright|all right|hmm+|oh|ah|yes|yeah|right|well|so|and|but|also|great|good"
    r"|perfect|nice|got it|actually|maybe|perhaps|wait|hold on|no|just)\b[,.!:;…\s-]*)+",
    _I,
)
INTENT = (
    r"(?:let me|let us|let[’']s|(?:I|we)(?:[’']ll|(?: really| also| just| still| now| first)?"
    r" (?:will|need to|have to|want to|should|must|can|could|might))"
    r"|(?:I[’']m|I am|we[’']re|we are) going to)"
)
_INTENT = re.compile(
    rf"\b{INTENT}\s+(?:(?:also|just|first|now|then|next|quickly|actually|really|simply|maybe"
    r"|try to|try and|go ahead and)\s+)*",
    _I,
)
_FILLER = re.compile(
    r"(?:see|say|think|recall|remember|note|pause|go|be|have|know|assume|suppose|not|try)\b", _I
)
_NEW_STEP = re.compile(
    r"(?:alternatively|another (?:way|approach|method|idea|thought|possibility)|(?:case|step) \d+"
    r"|is there (?:another|a better|an easier)|(?:just )?to (?:recap|summarize|sum up|double-check"
    r"|be (?:sure|thorough|safe|certain|absolutely))|in (?:summary|conclusion)|\**final answer"
    r"|putting (?:it|this|everything) (?:all )?together|moving on)\b",
    _I,
)
_PURPOSE = re.compile(
    r"to (?:find|solve|compute|calculate|determine|get|check|verify|prove|show)\b", _I
)
_RELATION = re.compile(r"[=≈≡≤≥≠]|\\(?:approx|equiv|leq?|geq?|neq?|boxed)\b")
_CONCLUSION = re.compile(r"\b(?:therefore|thus|hence|which (?:is|means|gives)|it follows)\b", _I)
_SO = re.compile(r"(?:^|[,;]\s*)(?:and )?so\b", _I)
_JUDGED = (
    r"(?:checks? out|fits?|works?|correct|right|match(?:es)?|agrees?|consistent|makes? sense"
    r"|confirms?|confirmed|adds? up|solid|reasonable|good|fine|the same)"
)
_VERDICT = re.compile(
    r"(?:(?:that|this|it|everything|all|both|they|these|the (?:results?|answers?|numbers?))\b"
    rf"[^=≈\d]{{0,60}}\b{_JUDGED}\b[^=≈\d]{{0,40}}"
    rf"|(?:looks |seems )?(?:{_JUDGED}|perfect|great|nice)[.!]*)",
    _I,
)
_CHECK = re.compile(
    r"\b(?:(?:double-)?check|verify|make sure|confirm|recheck|another way|other way round)\b", _I
)

_LOOSE_END = re.compile(r"(?:[\s,]+(?:now|next|first|then|here))?[\s,]*[.:!?…]*$", _I)


def bare(sentence: str) -> str:
    """The sentence without leading interjections."""
    stripped = sentence.strip()
    match = _INTERJECTIONS.match(stripped)
    return stripped[match.end() :] if match else stripped


def computes(sentence: str) -> bool:
    """Whether the sentence holds a relation (`=`, `≈`, …) or a conclusion."""
    return bool(_RELATION.search(sentence) or _CONCLUSION.search(sentence))


def concludes(sentence: str) -> bool:
    """Whether the sentence draws a conclusion: "…, so P=4.", "Therefore …"."""
    return bool(_CONCLUSION.search(sentence) or _SO.search(sentence))


def works(sentence: str) -> bool:
    """Whether the sentence carries something out: it computes, or mentions numbers."""
    return computes(sentence) or any(character.isdigit() for character in sentence)


def announces(sentence: str) -> bool:
    """Whether the sentence says what will be done, without its result."""
    return not computes(sentence) and (
        _intent(sentence) is not None
        or sentence.rstrip().endswith("?")
        or bool(_NEW_STEP.match(bare(sentence)))
    )


def judges(sentence: str) -> bool:
    """Whether the sentence judges the text before it: "That checks out."."""
    return any(_VERDICT.fullmatch(text) for text in (sentence.strip(), bare(sentence)))


def checks(sentence: str) -> bool:
    """Whether the sentence announces a check of earlier work."""
    return _CHECK.search(sentence) is not None


def _intent(sentence: str) -> re.Match[str] | None:
    """The first words of intent before an action: not "let me see"."""
    for match in _INTENT.finditer(sentence):
        if not _FILLER.match(sentence, match.end()):
            return match
    return None


def imperative(sentence: str) -> str | None:
    """The task that the sentence announces: "Next, let me work out Q." -> "Work out Q."."""
    match = _intent(sentence)
    rest = sentence[match.end() :] if match else bare(sentence)
    if not match:
        purpose = _PURPOSE.match(rest)
        if not purpose:
            return None
        rest = re.split(r",\s", rest[3:], maxsplit=1)[0]
    rest = _LOOSE_END.sub("", " ".join(rest.split()))
    return f"{rest[:1].upper()}{rest[1:]}." if len(rest) > 1 else None
