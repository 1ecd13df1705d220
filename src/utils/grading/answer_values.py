"""What an answer in a sentence looks like: a value, an option, a few words, a number."""

from __future__ import annotations

import re

from .answer_phrases import CONCLUDES, UNSPACED
from .words import leaves_number

_WORD = r"[^\W\d_]+"
_MEASURES = (
    "个個只本人名元円圆块米克斤天日年月次种種组組页頁枚匹冊台"
    "件条條张張支杯度秒分时時间間개명원번년월일시"
)
_UNIT = (
    r"(?P<unit>(?:\s[^\W\d_\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+){0,3}"
    rf"|\s?[{_MEASURES}]{{1,3}})"
)
_END = r"[\s.!*_\"'”’`]*$"
_CLAUSE = (
    r",\s(?:(?!(?:and|or|but|if|not|no|wait|though|hmm|plus|minus|times)\b)[a-z]"
    r"|not\s\**[$(\\]{0,2}-?(?:\d|[a-j]\b))"
)
VALUE = (
    r"(?:\*\*|__)?"
    r"(?P<value>\$\$?[^$]+\$\$?|\\\(.+?\\\)|\\\[.+?\\\]"
    r"|[-−+]?\\?[$€£]?\d(?:[\d,]*\d)?(?:\.\d+)?(?:/\d+)?\\?%?)"
    rf"(?:\*\*|__)?{_UNIT}(?:{_END}|{_CLAUSE}|\s(?:because|since)\b)"
)
"""Mathematics or a number, with words after it that `keeps_value` must check."""
_HEDGED = r"(?![^\n]{0,80}\s(?:or|o|ou|oder|eller|of|lub|nebo|veya|atau|или|или|або|ή)\s)"
_SHORT_WORD = r"(?:or|is|to|of|in|if|as|so|it|by|no|be|an|at|on|we|do|go|my|me|up|us)\b"
_FUNCTION = r"(?<![A-Za-z])(?:sqrt|cbrt|sin|cos|tan|log|exp|pi|gcd|lcm|max|min|mod)(?![A-Za-z])"
_FORMULA = (
    rf"\**{_HEDGED}"
    r"(?P<formula>(?=[^\n]{0,80}[\d∞π])"
    rf"(?:\\[A-Za-z]+|\\[{{}}]|{_FUNCTION}|(?<![A-Za-z])(?!{_SHORT_WORD})[A-Za-z]{{1,2}}(?![A-Za-z])"
    r"|[-−+*/^_=(),.\[\]{}\d\s√π∞%°]){1,80}?)[\s.!*]*$"
)
"""Mathematics without its dollars: (1, 2), x = 5, x^2 + 1, \\frac{3}{5}, 5cm."""
_ITEM = r"(?:\$[^$]+\$|\\\([^()]+\\\)|[-−+]?\d[\d,]*(?:\.\d+)?(?:/\d+)?)"
_LIST = (
    rf"\**(?P<list>{_ITEM}(?:,\s{_ITEM}){{0,9}},?\s(?:and|und|et|y|e|и|和)\s{_ITEM})\**"
    rf"(?P<units>(?:\s{_WORD}){{0,2}}){_END}"
)
_NAMED_OPTION = (
    r"(?:(?:the|die|la|a|el|il)\s|l['’])?"
    r"(?:(?:option|choice|opción|opção|opzione|alternativa|вариант|选项|選項|선택지)\s?:?\s?)?"
)
_LETTER = (
    rf"\**{_NAMED_OPTION}"
    r"\**[(\[]?(?P<letter>(?-i:[A-J])(?:(?:,|,?\s(?:and|&|und|et|y))\s?(?-i:[A-J])){0,8})[)\]]?"
    r"(?:[\s.!*_\"'”’`]*$|[\s*]*,?\s(?:because|since|as|weil|car|porque)\b)"
)
_OPTION = (
    rf"\**{_NAMED_OPTION}"
    r"(?P<option>[(\[]?(?-i:[A-J])(?:\**[)\].:]){1,2}\**\s{0,2}[^\s?][^\n?]{0,300}?)[\s.!*]*$"
)
"""An option with its text: (C) 5 J."""
_ABOUT = r"(?:(?:approximately|about|roughly|around|ungefähr|etwa|environ|约|約)\s?|[≈~]\s?)?"
_STATED = re.compile(
    rf"[\s*_\"'“‘`:]*+{_ABOUT}(?:{VALUE}|{_LIST}|{_FORMULA}|{_LETTER}|{_OPTION})",
    re.IGNORECASE | re.DOTALL,
)
_WORDS = re.compile(
    rf"[\s*_\"'“‘`]*+(?P<words>{_WORD}(?:[ -]{_WORD}){{0,2}})"
    r"(?:[\s.!*_\"'”’`]*|\**,?\s(?:since|because)\s.*)$"
)
_SAYS_NOTHING = re.compile(
    r"(?:not|below|above|as|unclear|unknown|correct|incorrect|right|wrong|clear|obvious|simple|then"
    r"|now|given|found|here|this|that|it|we|they|I|undetermined|the following|follows|a|an|boxed|to"
    r"|yours|approximately|about|at|of|in|on|for|by|either|one of|some|still|also|indeed|see|let"
    r"|what|which|nicht|kein|pas|no es|não|non|не)\b|.*\b(?:or|oder|ou|или)\b",
    re.IGNORECASE,
)
"""Words after "the answer is" that are not an answer."""
_LONGEST_LABELLED = 80
VERB = re.compile(r"\b(?:is|are|was|were|has|have|does|do|can|would|will|gives|seems)\b", re.I)
_SMALL = "no|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"
COUNT_WORDS = {word: str(number) for number, word in enumerate(_SMALL.split("|"))}
_NUMBER = re.compile(
    r"(?<![^\W\u3000-\uffff])(?<![第.,/:^-])[-−]?\\?[$€£]?"
    r"(?P<digits>\d[\d,]*(?:\.\d+)?(?:/\d+)?)\\?%?"
    r"(?![^\W\u3000-\uffff]|[/:-]|[十百千万億萬亿兆십백천만억조分半倍成折割])"
)
_NO_PROSE = re.compile(r"[\\^=+_<>{}()\[\]?|]|(?<!\w)[A-HJ-Z](?!\w)")
_OTHER_NUMBER = re.compile(
    rf"\b(?:{_SMALL}|not|never|none|or|than|least|most|about|around|roughly|almost"
    r"|nearly|approximately|half|third|quarter|twice|double|percent|dozen|hundred|thousand"
    r"|[mb]illion|step|case|part|problem|question|option|choice|method|equation|figure)s?\b"
    r"|n['’]t\b|[不没非未或每约約]|至[少多]|以[上下]|(?<![\u3400-\u9fff])[一二两三四五六七八九十](?!共|起)",
    re.IGNORECASE,
)
"""Words that show that the number of a sentence is not the answer, or not the only number."""
_FEWEST_WORDS = 3
"""Besides the number; without them it is not a sentence: `25 ppm` is left unchanged."""
_BEGINS_ANOTHER = re.compile(
    r"is|are|was|and|or|but|if|when|where|because|so|und|oder|aber|et|ou|y|o|e|и|или", re.IGNORECASE
)
_UNFINISHED = re.compile(
    r"per|of|to|for|in|at|by|the|an?|than|and|or|is|are|und|oder|ou|et|o|y|или|и|if|when|as|with"
    r"|\w*(?:illion|sand|illón|illones|ilhão|ilhões|illionen|лион\w*|сяч\w*)",
    re.IGNORECASE,
)
"""Words that a value cannot end on, and words that change it."""
_SAYS_IT_IS = re.compile(r"\b(?:is|are|gives|equals)\s\S+[\s.!*]*$", re.IGNORECASE)
_IS_VALUE = re.compile(rf"(?:\s(?:is|are|equals)|\s?=)\s{VALUE}", re.IGNORECASE | re.DOTALL)
_MATHEMATICS = (("\\(", "\\)"), ("\\[", "\\]"))
_LETTER_IN_A_FONT = re.compile(r"\\(?:text|math)[a-z]*\s*\{\s*([(]?[A-J][)]?)\s*\}")


def stated_value(text: str) -> str | None:
    """The value, formula or option that `text` consists of; None if there is more.

    A number may be followed by a unit of a few words, which is not part of the answer.
    """
    found = _STATED.match(_balanced(_LETTER_IN_A_FONT.sub(r"\1", text)))
    if found is None or not keeps_value(found["unit"] or found["units"] or ""):
        return None
    kinds = ("value", "list", "formula", "letter", "option")
    value = next(str(found[kind]).strip() for kind in kinds if found[kind])
    return value.replace("**", "")


def keeps_value(unit: str) -> bool:
    """Whether these words leave the number unchanged: `5 cm`, not `5 million`."""
    words = re.findall(_WORD, unit)
    return (
        leaves_number(words)
        and not any(map(_BEGINS_ANOTHER.fullmatch, words))
        and not (words and _UNFINISHED.fullmatch(words[-1]))
    )


def stated_words(text: str) -> str | None:
    """The one to three words that `text` consists of, if they can be an answer."""
    found = _WORDS.match(text)
    return None if found is None or _SAYS_NOTHING.match(found["words"]) else found["words"]


def labelled(text: str) -> str | None:
    """The text after a label such as "Answer:", if it is short and not a sentence."""
    said = text.strip(" *_.`'")
    if len(said) > _LONGEST_LABELLED or said.endswith("?") or not re.search(r"[\w∞]", said):
        return None
    return None if _SAYS_NOTHING.match(said) or VERB.search(said) else said


def number_of(sentence: str) -> str | None:
    """The only number in a sentence, digits or word: "She makes $18 a day."."""
    sentence = re.sub(r"\\(?=[$%])", "", sentence)
    numbers = list(_NUMBER.finditer(sentence))
    words = len(re.findall(_WORD, sentence)) + len(UNSPACED.findall(sentence))
    if len(numbers) != 1 or (words < _FEWEST_WORDS and not _SAYS_IT_IS.search(sentence)):
        return None
    (number,) = numbers
    rest = sentence[: number.start()] + sentence[number.end() :]
    behind = re.findall(_WORD, sentence[number.end() :])
    if not keeps_value(" ".join(behind)):
        return None
    if re.search(r"\d", rest) or _NO_PROSE.search(rest) or _OTHER_NUMBER.search(rest):
        return None
    return number[0].strip("$€£")


def value_of(sentence: str) -> str | None:
    """The value at the end of a sentence: "The probability is $\\frac{1}{6}$."."""
    found = [
        one for one in _IS_VALUE.finditer(sentence) if "$" in one["value"] or "\\" in one["value"]
    ]
    if len(found) != 1 or _OTHER_NUMBER.search(sentence, 0, found[0].start()):
        return None
    return str(found[0]["value"]) if keeps_value(found[0]["unit"]) else None


def concludes(sentence: str) -> bool:
    """Whether a sentence begins like a conclusion, or has its number in bold."""
    return bool(
        CONCLUDES.match(sentence.lstrip(" *_-")) or re.search(r"\*\*\\?\$?\d[^*]*\*\*", sentence)
    )


def _balanced(text: str) -> str:
    """`text` without mathematics delimiters whose partner is missing."""
    for pair in _MATHEMATICS:
        if text.count(pair[0]) != text.count(pair[1]):
            for delimiter in pair:
                text = text.replace(delimiter, "")
    return re.sub(r"(?<=\w)\$(?=[\s.!*]*$)", "", text) if text.count("$") == 1 else text
