"""How answers are announced, by language: a table, and the patterns made from it."""

from __future__ import annotations

import re
from typing import NamedTuple


class _Language(NamedTuple):
    """Patterns: `answer` is the noun with its usual adjectives, `stands` the verb after it.

    `so` are the words that begin a conclusion. `spaced`: words have spaces between them.
    """

    answer: str
    stands: str
    so: str
    spaced: bool = True


_ENGLISH = _Language(
    r"(?:(?:final|correct|right|best|only|numerical|required|desired)\s){0,2}"
    r"(?:answers?|option|choice)(?:\s(?:choice|option))?"
    r"(?:\s(?:to|for)\s(?:the|this|your|our)\s[a-z]{1,20}(?:\s[a-z]{1,20})?)?"
    r"(?:,\s(?:therefore|thus|then|hence),)?",
    r"(?:(?:is|are|equals|(?:seems|appears|turns\sout|comes\sout|has)\sto\sbe"
    r"|(?:must|should|would|will|can\sonly)\sbe)"
    r"(?:\s(?:just|simply|indeed|therefore|thus|then|exactly|still|clearly|in\sfact))?)",
    r"so|thus|therefore|hence|finally|altogether|in\stotal",
)
_LANGUAGES = (
    _ENGLISH,
    _Language(
        r"(?:(?:endgültige|finale|richtige|korrekte|gesuchte)\s)?"
        r"(?:antwort|endergebnis|ergebnis|lösung)(?:smöglichkeit)?",
        r"(?:ist|lautet|beträgt|wäre)(?:\s(?:also|somit|daher|genau))?",
        r"also|somit|daher|folglich|damit",
    ),
    _Language(
        r"(?:bonne\s)?(?:réponse|résultat)(?:\s(?:finale?|correcte?|exacte?|est\sdonc))?",
        r"(?:est|vaut)(?:\s(?:donc|alors))?",
        r"donc|ainsi|par\sconséquent|alors|finalement",
    ),
    _Language(
        r"(?:respuesta|resultado|opción)(?:\s(?:final|correct[ao]))?",
        r"(?:es|sería)(?:\s(?:entonces|por\slo\stanto))?",
        r"por\s(?:lo\s)?tanto|así(?:\sque)?|entonces|luego",
    ),
    _Language(
        r"(?:resposta|resultado|opção|alternativa)(?:\s(?:final|corret[ao]|cert[ao]))?",
        r"(?:é|seria)(?:\s(?:então|portanto))?",
        r"portanto|logo|assim|então",
    ),
    _Language(
        r"(?:risposta|risultato)(?:\s(?:finale|corretta|esatta|giusta))?",
        r"(?:è|sarebbe)(?:\s(?:quindi|dunque))?",
        r"quindi|dunque|pertanto|perciò",
    ),
    _Language(
        r"(?:(?:uiteindelijke|juiste|correcte)\s)?(?:antwoord|eindantwoord)", r"is|luidt", r"dus"
    ),
    _Language(
        r"(?:(?:rätt|slutgiltig[at]|riktig[e]?|endelig[et]?|korrekt)\s)?(?:slut)?svar(?:et)?",
        r"är|er|blir|bliver",
        r"alltså|altså|därför|derfor",
    ),
    _Language(r"(?:lopullinen\s|oikea\s)?vastaus", r"on", r"siis|joten"),
    _Language(
        r"(?:ostateczna\s|poprawna\s|prawidłowa\s)?odpowiedź(?:\skońcowa)?",
        r"to|brzmi|wynosi|jest",
        r"zatem|więc|stąd",
    ),
    _Language(r"(?:(?:konečná|správná)\s)?(?:odpověď|výsledek)", r"je|zní", r"tedy|proto"),
    _Language(r"(?:végső\s|helyes\s)?(?:válasz|végeredmény)", r"az?", r"tehát|így"),
    _Language(r"răspuns(?:ul)?(?:\s(?:final|corect))?", r"este|e", r"deci|așadar|prin\surmare"),
    _Language(
        r"(?:nihai\s|doğru\s|son\s)?(?:cevap|yanıt|sonuç)", r"şudur|olarak", r"dolayısıyla|yani"
    ),
    _Language(
        r"(?:jawaban|hasil)(?:nya)?(?:\s(?:akhir|akhirnya|yang\sbenar))?",
        r"adalah|ialah",
        r"jadi|maka|dengan\sdemikian",
    ),
    _Language(
        r"(?:đáp\s(?:án|số)|câu\strả\slời|kết\squả)(?:\s(?:cuối\scùng|đúng|chính\sxác))?",
        r"là",
        r"vậy|do\sđó",
    ),
    _Language(
        r"(?:(?:окончательный|правильный|итоговый|верный)\s)?(?:ответ|результат)",
        r"равен|равно|будет|это|[-–—]",
        r"итак|значит|следовательно|таким\sобразом|поэтому",
    ),
    _Language(
        r"(?:(?:остаточна|правильна|кінцева)\s)?(?:відповідь)", r"дорівнює|це|[-–—]", r"отже|тому"
    ),
    _Language(r"(?:τελική\s|σωστή\s)?απάντηση", r"είναι", r"άρα|επομένως|συνεπώς"),
    _Language(
        r"(?:最终|最終|最後|最后|正确|正確|标准)?(?:的)?(?:答案|答|结果|結果|选项|選項)",
        r"(?:应该|應該|就|应|應)?(?:是|为|為|等于|等於|选|選)",
        r"所以|因此|故|于是|於是|综上|綜上|总之",
        spaced=False,
    ),
    _Language(r"(?:故|应|應|本题|所以)[选選]", r"择|擇|(?=\(?[A-J])", r"故", spaced=False),
    _Language(
        r"(?:最終的な?|最終|正しい)?(?:答え|答|解答|回答|正解)",
        r"は|が",
        r"したがって|よって|ゆえに|だから|つまり",
        spaced=False,
    ),
    _Language(
        r"(?:최종\s?|올바른\s?)?(?:정답|해답|답변|답)",
        r"은|는|이",
        r"따라서|그러므로|그래서",
        spaced=False,
    ),
    _Language(
        r"(?:ال)?(?:إجابة|اجابة|جواب)(?:\s(?:النهائية|النهائي|الصحيحة|الصحيح))?",
        r"هي|هو|تساوي|يساوي",
        r"إذن|لذلك|لذا|بالتالي",
    ),
    _Language(r"ה?תשובה(?:\sה(?:סופית|נכונה))?", r"היא|הוא", r"לכן|אז"),
    _Language(r"پاسخ(?:\s(?:نهایی|درست|صحیح))?", r"برابر|عبارت\sاست\sاز", r"بنابراین|پس"),
    # The verb is at the end, where `plain_line` removes it.
    _Language(r"(?:अंतिम\s|सही\s)?(?:उत्तर|जवाब)", r"है|(?=[-\d$(\\])", r"अतः|इसलिए", spaced=False),
    _Language(r"(?:চূড়ান্ত\s|সঠিক\s)?উত্তর", r"হল|হলো", r"সুতরাং|অতএব", spaced=False),
    _Language(r"jibu(?:\s(?:sahihi|la\smwisho))?", r"ni", r"kwa\shiyo|hivyo"),
    _Language(r"คำตอบ(?:สุดท้าย|ที่ถูกต้อง)?", r"คือ", r"ดังนั้น", spaced=False),
)


def _bounded(pattern: str, *, spaced: bool) -> str:
    return rf"(?<![^\W\d_])(?:{pattern})(?![^\W\d_])" if spaced else rf"(?:{pattern})"


_MARKUP = r"[\s*_\"'“”’`)]{0,4}"
_SIGNS = r"(?::|=(?!=)|→|⇒|=>|->|[-–—](?=\s))"
_NOUN = "|".join(_bounded(one.answer, spaced=one.spaced) for one in _LANGUAGES)
_ANNOUNCED = "|".join(
    rf"{_bounded(one.answer, spaced=one.spaced)}{_MARKUP}"
    rf"(?:{_bounded(one.stands, spaced=one.spaced)}{_MARKUP}{_SIGNS}?|{_SIGNS})"
    for one in _LANGUAGES
)
_ARTICLE = r"(?:(?:the|my|our|die|das|der|la|le|el|a|o|il|het|de)\s|l['’]|ال)?"

ANNOUNCED = re.compile(_ANNOUNCED, re.IGNORECASE)
"""`The final answer is`, `**Antwort:**`, `答案是`: the answer follows in the same line."""
LABEL = re.compile(
    rf"[\W_]*{_ARTICLE}(?:{_ANNOUNCED}|\b(?:final|correct)\sanswer(?=[\s*_]))", re.IGNORECASE
)
"""The same at the beginning of a line, even without a sentence: `Final Answer **5**`."""
HEADING = re.compile(rf"[\W_]*{_ARTICLE}(?:{_ANNOUNCED}|{_NOUN})[\W_]*", re.IGNORECASE)
"""A complete line above the answer: `### Final Answer`, `The answer is:`."""
CONCLUDES = re.compile(
    "|".join(_bounded(one.so, spaced=one.spaced) for one in _LANGUAGES), re.IGNORECASE
)
"""The beginning of a sentence that draws a conclusion."""

_COPULA = r"(?:です|である|だ|となります|になります|입니다|이다|이에요|예요|है|हैं|است)"
_VERB_AT_THE_END = re.compile(
    rf"(?:(?<=[\w)$*\]}}])\s*{_COPULA}|(?<=\d)['’]?[dt][ıiuü]r)(?=[\s.!*]*\Z)"
)
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_SAME_WIDTH = str.maketrans("。।、，：；！？（）［］｛｝＝　٫", "..,,:;!?()[]{}= .")
_DIGITS = {
    first + digit: str(digit)
    for first in (0x0660, 0x06F0, 0x0966, 0x09E6, 0x0E50)
    for digit in range(10)
}
_LETTERS = str.maketrans("أبجدঅবডঢ", "ABCDABCD")
_LETTER_ALONE = re.compile(r"(?<!\w)[أبجدঅবডঢ](?!\w)")
"""The first four letters of other alphabets, as options."""
_DECORATION = re.compile(
    r"[\u220e\u25a0\u25a1\u25fb\u25fc\u2600-\u27bf\U0001f000-\U0001faff\ufe0f\u200b-\u200f\u202a-\u202e\u2066-\u2069]+"
)
"""Emoji, check marks, ends of proofs and zero-width characters."""
_HTML = re.compile(
    r"</?(?:b|i|u|p|em|strong|code|span|div|center|font|h[1-6])(?:\s+[a-z-]+=[^<>]{0,80})?\s?>",
    re.IGNORECASE,
)
_END_OF_JSON = re.compile(r"(?<=[\"\d])\s*[,}]+\Z")
UNSPACED = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
"""Scripts in which a word may be a complete sentence."""


def plain_line(line: str) -> str:
    """A line for these patterns: half-width signs and digits, no emoji, no verb at its end."""
    line = line.translate(_FULL_WIDTH).translate(_SAME_WIDTH).translate(_DIGITS)
    line = line.replace("【", "").replace("】", ":")
    line = _HTML.sub("", _DECORATION.sub("", line)).strip()
    if '":' in line:
        line = _END_OF_JSON.sub("", line)
    line = _LETTER_ALONE.sub(lambda letter: letter[0].translate(_LETTERS), line)
    return _VERB_AT_THE_END.sub("", line).strip()
