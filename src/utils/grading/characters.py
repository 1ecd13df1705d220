"""Unicode signs as the ASCII characters and LaTeX commands that mean the same.

NFKC as a whole would make `x²` an `x2` and `1½` an `11/2`: scripts and fractions come first, and
only letters and digits of other widths and fonts are then replaced by their plain forms.
"""

from __future__ import annotations

import re
import unicodedata

_COMMANDS = {
    "×⋅·∙∗⨯": r"\times",
    "÷": r"\div",
    "√": r"\sqrt",
    "∛": r"\sqrt[3]",
    "∜": r"\sqrt[4]",
    "∞": r"\infty",
    "≤⩽≦": r"\le",
    "≥⩾≧": r"\ge",
    "≠": r"\ne",
    "≈≅": r"\approx",
    "≡": r"\equiv",
    "±": r"\pm",
    "∓": r"\mp",
    "∪": r"\cup",
    "∩": r"\cap",
    "∖": r"\setminus",
    "∈": r"\in",
    "∉": r"\notin",
    "∅Ø⌀": r"\emptyset",
    "∨": r"\lor",
    "∧": r"\land",
    "→⟶": r"\to",
    "⇒⟹": r"\implies",
    "∴": r"\therefore",
    "…⋯": r"\dots",
    "⟨〈": r"\langle",
    "⟩〉": r"\rangle",
    "⌊": r"\lfloor",
    "⌋": r"\rfloor",
    "⌈": r"\lceil",
    "⌉": r"\rceil",
    "∑": r"\sum",
    "∏": r"\prod",
    "∫": r"\int",
    "∠": r"\angle",
    "△": r"\triangle",
    "∀": r"\forall",
    "∃": r"\exists",
    "∂": r"\partial",
    "✓✔✅☑": r"\checkmark",
    "ℝ": r"\mathbb{R}",
    "ℂ": r"\mathbb{C}",
    "ℚ": r"\mathbb{Q}",
    "ℤ": r"\mathbb{Z}",
    "ℕ": r"\mathbb{N}",
    "∥‖": r"\|",
    "｛": r"\{",
    "｝": r"\}",
    "¢": r"\text{ cents}",
    "℃": r"°\text{C}",
    "℉": r"°\text{F}",
}
_GREEK = [
    "alpha",
    "beta",
    "gamma",
    "delta",
    "epsilon",
    "zeta",
    "eta",
    "theta",
    "iota",
    "kappa",
    "lambda",
    "mu",
    "nu",
    "xi",
    "omicron",
    "pi",
    "rho",
    "_",
    "sigma",
    "tau",
    "upsilon",
    "phi",
    "chi",
    "psi",
    "omega",
]
GREEK = frozenset(_GREEK) - {"_", "omicron"}
"""Names that are also typed without a backslash."""
_PLAIN = {
    "−–‒‐‑﹣": "-",
    "∶：": ":",
    "⁄∕": "/",
    "′’‘ʹ": "'",
    "″“”„": '"',
    "º˚∘": "°",
    "、，": ",",
    "。": ".",
    "∣": "|",
    "\u00a0\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u3000": " ",
    "\u200b\u200c\u200d\u200e\u200f\u2060\u2061\u2062\u2063\ufeff\ufe0f": "",
}
_FRACTIONS = zip(
    "½⅓⅔¼¾⅕⅖⅗⅘⅙⅚⅐⅛⅜⅝⅞⅑⅒",
    [
        "1/2",
        "1/3",
        "2/3",
        "1/4",
        "3/4",
        "1/5",
        "2/5",
        "3/5",
        "4/5",
        "1/6",
        "5/6",
        "1/7",
        "1/8",
        "3/8",
        "5/8",
        "7/8",
        "1/9",
        "1/10",
    ],
    strict=True,
)
_TABLE = str.maketrans(
    {sign: f"{command} " for signs, command in _COMMANDS.items() for sign in signs}
    | {sign: plain for signs, plain in _PLAIN.items() for sign in signs}
    | {chr(0x3B1 + place): f"\\{name} " for place, name in enumerate(_GREEK) if name != "_"}
    | {sign: rf"\frac{{{one}}}{{{two}}}" for sign, (one, two) in
       ((sign, value.split("/")) for sign, value in _FRACTIONS)}
    | {chr(0x391 + _GREEK.index(name.lower())): f"\\{name} "
       for name in ["Gamma", "Delta", "Theta", "Lambda", "Xi", "Pi", "Sigma", "Phi", "Psi", "Omega"]}
    | {"ϵ": r"\epsilon ", "ϕ": r"\phi ", "ϑ": r"\theta ", "µ": r"\mu "}
)  # fmt: skip
_RAISED, _LOWERED = "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾ⁿⁱˣʸ", "₀₁₂₃₄₅₆₇₈₉₊₋₍₎ₙᵢₓₖ"
_SCRIPT = re.compile(f"([{_RAISED}]+)|([{_LOWERED}]+)")
_RAISED_TO = str.maketrans(_RAISED, "0123456789+-()nixy")
_LOWERED_TO = str.maketrans(_LOWERED, "0123456789+-()nixk")


def plain_characters(text: str) -> str:
    """`x² ≥ ½` as `x^{2} \\ge \\frac{1}{2}`. What has no such form stays as it is."""
    if text.isascii():
        return text
    text = _SCRIPT.sub(
        lambda found: (
            f"^{{{found[1].translate(_RAISED_TO)}}}"
            if found[1]
            else f"_{{{found[2].translate(_LOWERED_TO)}}}"
        ),
        text,
    ).translate(_TABLE)
    return text if text.isascii() else "".join(map(_plain, text))


def _plain(sign: str) -> str:
    """A digit, a letter or a mark of another width or font in ASCII; other signs unchanged."""
    if unicodedata.category(sign) == "Nd":
        return str(unicodedata.decimal(sign))
    if "\U0001d400" <= sign <= "\U0001d7ff" or "\uff01" <= sign <= "\uff5e" or sign in "ℎℯℓ":
        return unicodedata.normalize("NFKC", sign).translate(_TABLE)
    return sign
