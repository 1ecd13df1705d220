"""Words that are numbers, sets or dates, and words that change the number before them."""

from __future__ import annotations

_SMALL = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen twenty"
)
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_MONTHS = "january february march april may june july august september october november december"
NUMBER_WORDS = {word: value for value, word in enumerate(_SMALL.split())}
_TEN_WORDS = {word: 10 * value for value, word in enumerate(_TENS.split(), 2)}
MONTHS = tuple(_MONTHS.split())
REAL_NUMBERS = frozenset({"all real numbers", "all reals", "real numbers", "reals"})
NOTHING = frozenset(
    {"no solution", "no solutions", "empty set", "no real solution", "no real solutions"}
)
SCALES = {
    "dozen": 12,
    "hundred": 100,
    "thousand": 1000,
    "million": 10**6,
    "billion": 10**9,
    "trillion": 10**12,
}
_PARTS = (
    "half third quarter fourth fifth sixth seventh eighth ninth tenth eleventh twelfth twentieth "
    "hundredth thousandth millionth billionth"
)
_OTHERS = (
    "or and not no never nor more less fewer than least most times plus minus halves "
    "score gross quadrillion lakh crore bn mn mil k negative "
    "factorial root sqrt inverse remainder base mod modulo div percent infinity nth nths "
    "sin cos tan cot sec csc sinh cosh tanh log ln lg exp abs "
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau phi "
    "chi psi omega "
    "if when where unless otherwise except without "
    "cannot wrong incorrect false invalid impossible extraneous "
    "am pm bc bce ad ce "
    "sept"
)
_CHANGING = frozenset(
    [
        *(form for word in NUMBER_WORDS for form in (word, f"{word}s")),
        *(form for word in (*SCALES, *_PARTS.split()) for form in (word, f"{word}s")),
        *(form for month in MONTHS for form in (month, month[:3])),
        *_OTHERS.split(),
    ]
)
# Only right behind the number: "5 squared", but "5 cm squared"; "5 of 6", but "5 slices of pizza".
_FIRST = "squared cubed of to over out by above below under between choose divided multiplied"
_CHANGING_FIRST = frozenset(_FIRST.split())
_NOT_COUNTED = (
    "is are was were be been does do did has have had will would can could should may might must "
    "this that these those it they we you he she but as because since which what how why so then "
    "thus yes too very only also here there approx approximately about roughly nearly almost "
    "ish around rounded estimated maybe perhaps probably possibly guess mistake error unknown "
    "undefined"
)
_NO_NOUN = frozenset(_NOT_COUNTED.split())


def leaves_number(words: list[str]) -> bool:
    """Whether a number keeps its value with these words after it: `5 apples`, not `5 tenths`."""
    lower = [word.lower() for word in words]
    return not (lower and lower[0] in _CHANGING_FIRST) and _CHANGING.isdisjoint(lower)


def are_counted(words: list[str]) -> bool:
    """Whether words behind a number may name what is counted, and say nothing else."""
    return leaves_number(words) and _NO_NOUN.isdisjoint(words)


def number_in_words(text: str) -> int | None:
    """`three`, `twenty five`."""
    if text in NUMBER_WORDS:
        return NUMBER_WORDS[text]
    ten, _, one = text.partition(" ")
    if ten in _TEN_WORDS and (not one or 0 < NUMBER_WORDS.get(one, 0) < 10):
        return _TEN_WORDS[ten] + NUMBER_WORDS.get(one, 0)
    return None
