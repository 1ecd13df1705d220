"""Unicode signs as the ASCII characters and LaTeX commands that mean the same.

NFKC as a whole would make `x²` an `x2` and `1½` an `11/2`: scripts and fractions come first, and
only letters and digits of other widths and fonts are then replaced by their plain forms.
"""

from __future__ import annotations

import re
import unicodedata

_COMMANDS = r"""
×⋅·∙∗⨯ \times   ÷ \div   √ \sqrt   ∛ \sqrt[3]   ∜ \sqrt[4]   ∞ \infty   ≤⩽≦ \le   ≥⩾≧ \ge   ≠ \ne
≈≅ \approx   ≡ \equiv   ± \pm   ∓ \mp   ∪ \cup   ∩ \cap   ∖ \setminus   ∈ \in   ∉ \notin
∅Ø⌀ \emptyset   ∨ \lor   ∧ \land   →⟶ \to   ⇒⟹ \implies   ∴ \therefore   …⋯ \dots
⟨〈 \langle   ⟩〉 \rangle   ⌊ \lfloor   ⌋ \rfloor   ⌈ \lceil   ⌉ \rceil   ∑ \sum   ∏ \prod   ∫ \int
∠ \angle   △ \triangle   ∀ \forall   ∃ \exists   ∂ \partial   ✓✔✅☑ \checkmark   ¢ \text{cents}
ℝ \mathbb{R}   ℂ \mathbb{C}   ℚ \mathbb{Q}   ℤ \mathbb{Z}   ℕ \mathbb{N}   ∥‖ \|   ｛ \{   ｝ \}
℃ °\text{C}   ℉ °\text{F}   ϵ \epsilon   ϕ \phi   ϑ \theta   µ \mu   ∎■□ \square
½ \frac{1}{2}   ⅓ \frac{1}{3}   ⅔ \frac{2}{3}   ¼ \frac{1}{4}   ¾ \frac{3}{4}   ⅕ \frac{1}{5}
⅖ \frac{2}{5}   ⅗ \frac{3}{5}   ⅘ \frac{4}{5}   ⅙ \frac{1}{6}   ⅚ \frac{5}{6}   ⅐ \frac{1}{7}
⅛ \frac{1}{8}   ⅜ \frac{3}{8}   ⅝ \frac{5}{8}   ⅞ \frac{7}{8}   ⅑ \frac{1}{9}   ⅒ \frac{1}{10}
"""
_PLAIN = (
    ("−–‒‐‑﹣", "-"),
    ("∶：", ":"),
    ("⁄∕", "/"),
    ("′’‘ʹ", "'"),
    ("″“”„", '"'),
    ("º˚∘", "°"),
    ("、，", ","),
    ("。", "."),
    ("∣", "|"),
    ("\u00a0\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u3000", " "),
    ("\u200b\u200c\u200d\u200e\u200f\u2060\u2061\u2062\u2063\ufeff\ufe0f", ""),
)
_GREEK = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho "
    "sigma sigma tau upsilon phi chi psi omega"
)
_CAPITALS = "Gamma Delta Theta Lambda Xi Pi Sigma Phi Psi Omega"
GREEK = frozenset(_GREEK.split()) - {"omicron"}
"""Names that are also typed without a backslash."""
GREEK_COMMANDS = frozenset(f"\\{name}" for name in (*GREEK, *_CAPITALS.split(), "ell"))
_places = {name: place for place, name in enumerate(_GREEK.split())}
_TABLE = str.maketrans(
    {
        sign: f"{command} "
        for signs, command in re.findall(r"(\S+) (\S+)", _COMMANDS)
        for sign in signs
    }
    | {sign: plain for signs, plain in _PLAIN for sign in signs}
    | {chr(0x3B1 + place): f"\\{name} " for place, name in enumerate(_GREEK.split())}
    | {chr(0x391 + _places[name.lower()]): f"\\{name} " for name in _CAPITALS.split()}
)
_RAISED, _LOWERED = "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾ⁿⁱˣʸ", "₀₁₂₃₄₅₆₇₈₉₊₋₍₎ₙᵢₓₖ"
_SCRIPTS = {
    "^": (re.compile(f"[{_RAISED}]+"), str.maketrans(_RAISED, "0123456789+-()nixy")),
    "_": (re.compile(f"[{_LOWERED}]+"), str.maketrans(_LOWERED, "0123456789+-()nixk")),
}


def plain_characters(text: str) -> str:
    """`x² ≥ ½` as `x^{2} \\ge \\frac{1}{2}`. What has no such form stays as it is."""
    if text.isascii():
        return text
    for sign, (script, plain) in _SCRIPTS.items():
        text = script.sub(lambda run, s=sign, p=plain: f"{s}{{{run[0].translate(p)}}}", text)  # type: ignore[misc]
    text = text.translate(_TABLE)
    return text if text.isascii() else "".join(map(_plain, text))


def _plain(sign: str) -> str:
    """A digit, a letter or a mark of another width or font in ASCII; other signs unchanged."""
    if unicodedata.category(sign) == "Nd":
        return str(unicodedata.decimal(sign))
    if "\U0001d400" <= sign <= "\U0001d7ff" or "\uff01" <= sign <= "\uff5e" or sign in "ℎℯℓ":
        return unicodedata.normalize("NFKC", sign).translate(_TABLE)
    return sign
