"""Answers of each type with random values: in several notations, beside others, and as tokens.

What is equal and what is not follows from how a value was made, not from the grader: the notations
of one value are equal, its neighbours differ from it in one number, sign, bracket, name or unit,
and of its tokens each counts, so that no change of one leaves the value as it is.

In the templates `«a»` stands for a value, and ` | ` is between two notations.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from random import Random

_Values = Mapping[str, object]


@dataclass(frozen=True)
class WrittenAnswer:
    """One value. `tokens` is a notation in pieces; those that begin with a space never change."""

    notations: Sequence[str]
    neighbours: Sequence[str]
    tokens: Sequence[str]


@dataclass(frozen=True)
class _Kind:
    values: Callable[[Random], _Values]
    same: str
    other: str
    tokens: str = ""
    """Pieces between ` | `; a value is a token, in a number with «*a» each digit is one."""


def _apart(draw: Random, low: int, high: int, count: int) -> _Values:
    """Different whole numbers a, b, … ."""
    return dict(zip("abcd", draw.sample(range(low, high), count), strict=False))


def _number(draw: Random) -> _Values:
    digits = draw.sample("123456789", draw.randint(2, 5))
    n = int("".join(digits))
    wide = str(n).translate({48 + digit: 0xFF10 + digit for digit in range(10)})
    marks = enumerate([",", "{,}", r"\,", r",\!"])
    grouped = {f"g{place}": f"{n:,}".replace(",", mark) for place, mark in marks}
    return {
        "n": n,
        "next": n + 1,
        "double": 2 * n,
        "list": ",".join(digits),
        "wide": wide,
        **grouped,
    }


def _fraction(draw: Random) -> _Values:
    a, b = draw.randint(2, 9), draw.randint(11, 99)
    while math.gcd(a, b) > 1 or b % 10 == 0 or 10**6 % b == 0:
        a, b = draw.randint(2, 9), draw.randint(11, 99)
    return {"a": a, "b": b, "a3": 3 * a, "b3": 3 * b, "a1": a + 1, "rounded": f"{a / b:.9f}"}


def _mixed(draw: Random) -> _Values:
    b = draw.randint(3, 9)
    a = draw.choice([one for one in range(1, b) if math.gcd(one, b) == 1])
    w = draw.randint(2, 9)
    return {"w": w, "a": a, "b": b, "top": w * b + a, "w1": w + 1}


def _decimal(draw: Random) -> _Values:
    a, b, c, d = draw.sample("123456789", 4)
    value = Fraction(f"{a}.{b}{c}{d}")
    return {"a": a, "t": f"{b}{c}{d}", "m": f"{a}{b}.{c}{d}", "percent": f"{a}{b}{c}.{d}",
            "p": value.numerator, "q": value.denominator, "less": f"{b}{c}"}  # fmt: skip


def _period(draw: Random) -> _Values:
    w, p = draw.randint(1, 9), draw.choice([13, 27, 36, 45, 72, 81])
    value = w + Fraction(p, 99)
    return {"w": w, "p": p, "p1": p + 1, "a": value.numerator, "b": value.denominator}


def _surd(draw: Random) -> _Values:
    a, b = draw.choice([4, 6, 8, 9]), draw.choice([2, 3, 5, 7])
    rounded = f"{a * b**0.5:.10f}"
    return {"a": a, "b": b, "b1": b + 1, "ab": a * b, "aab": a * a * b, "rounded": rounded}


def _terms(draw: Random) -> _Values:
    x = draw.choice("abkmnpqrsuvw")
    return {**_apart(draw, 2, 10, 3), "x": x, "a1": draw.randint(11, 19)}


def _function(draw: Random) -> _Values:
    name, other = draw.choice([("sin", "cos"), ("cos", "sin"), ("tan", "cos"), ("ln", "exp")])
    k, n = draw.randint(2, 9), draw.randint(2, 4)
    return {"f": name, "g": other, "x": draw.choice("abkmnpqrsuvw"), "k": k, "n": n, "k1": k + 1}


def _interval(draw: Random) -> _Values:
    a, b = sorted(draw.sample(range(2, 10), 2))
    left, right = draw.choice("(["), draw.choice(")]")
    swap = {"(": "[", "[": "(", ")": "]", "]": ")"}
    signs = {"l": "<" if left == "(" else r"\le", "r": "<" if right == ")" else r"\le"}
    turned = {name.upper(): {"<": ">", r"\le": r"\ge"}[sign] for name, sign in signs.items()}
    french = {"fl": "]" if left == "(" else "[", "fr": "[" if right == ")" else "]"}
    return {"a": a, "b": b, "b1": b + 1, "(": left, ")": right, "[": swap[left], "]": swap[right],
            **signs, **turned, **french}  # fmt: skip


def _half_line(draw: Random) -> _Values:
    sign, turned, bracket = draw.choice([(">", "<", "("), (r"\ge", r"\le", "[")])
    a = draw.randint(2, 9)
    return {"a": a, "double": 2 * a, "s": sign, "t": turned, "(": bracket}


def _ordered(draw: Random) -> _Values:
    a, b = sorted(draw.sample(range(2, 10), 2))
    return {"a": a, "b": b, "below": a - 1, "a1": a + 1, "a2": a + 2}


def _line(draw: Random) -> _Values:
    a, b = draw.sample(range(2, 10), 2)
    return {"a": a, "b": b, "aa": 2 * a, "bb": 2 * b}


def _named(draw: Random) -> _Values:
    return {**_apart(draw, 1, 10, 4), "f": draw.choice(["f", "g", r"\phi", "a", "p"]), "d1": 11}


def _based(draw: Random) -> _Values:
    base = draw.choice([5, 6, 7, 8, 9])
    digits = "".join(draw.sample("1234", 3))
    word = {5: "five", 6: "six", 7: "seven", 8: "eight", 9: "nine"}[base]
    return {"n": digits, "base": base, "word": word, "next": base + 1, "turned": digits[::-1],
            "value": int(digits, base)}  # fmt: skip


def _residue(draw: Random) -> _Values:
    m = draw.randint(5, 9)
    r = draw.randint(1, m - 2)
    return {"r": r, "m": m, "more": r + m, "r1": r + 1, "m1": m + 1}


_UNITS = """
hours,minutes,60,hr,min | feet,inches,12,ft,in | km,m,1000,kilometers,metres
pounds,ounces,16,lb,oz | weeks,days,7,week,day | kg,g,1000,kilograms,grams
"""


def _composed(draw: Random) -> _Values:
    unit = draw.choice(re.split(r" \| |\n", _UNITS.strip()))
    large, small, times, one, two = unit.split(",")
    a, b = draw.sample(range(2, min(10, int(times))), 2)
    while Fraction(b, 10) == Fraction(b, int(times)):
        a, b = draw.sample(range(2, 7), 2)
    total = a * int(times) + b
    return {"a": a, "b": b, "b1": b + 1, "L": large, "S": small, "l": one, "s": two, "total": total}


def _quantity(draw: Random) -> _Values:
    units = """cm,centimeters,centimetres,m | mph,miles per hour,mi/h,km/h | seconds,s,sec,minutes
square inches,in^2,inches squared,inches | m/s,meters per second,m s^{-1},m/s^2"""
    u, v, w, other = draw.choice(re.split(r" \| |\n", units)).split(",")
    n = draw.randint(11, 99)
    return {"n": n, "n1": n + 1, "u": u, "v": v, "w": w, "other": other}


def _money(draw: Random) -> _Values:
    return {"a": draw.randint(2, 9), "b": int("".join(draw.sample("123456789", 2)))}


def _angle(draw: Random) -> _Values:
    b = draw.choice([12, 15, 24, 36, 45, 48])
    a = draw.choice([one for one in range(11, 90) if one != b])
    return {"a": a, "b": b, "b1": b + 1, "v": float(a + Fraction(b, 60))}


_MONTHS = {"January": 1, "March": 3, "April": 4, "June": 6, "July": 7, "October": 10}


def _date(draw: Random) -> _Values:
    (month, place), (another, _) = draw.sample(sorted(_MONTHS.items()), 2)
    day, year = draw.randint(13, 27), draw.randint(1951, 2029)
    named = {"month": month, "other": another, "m": f"{place:02}", "short": month[:3]}
    later = {"day1": day + 1, "year1": year + 1, "difference": year - place - day}
    return {"day": day, "year": year, **named, **later}


def _time(draw: Random) -> _Values:
    h, m = draw.randint(2, 9), draw.choice([15, 25, 35, 45, 54])
    return {"h": h, "m": m, "h1": h + 1, "m1": m + 1, "late": h + 12}


def _letters(draw: Random) -> _Values:
    text = ""
    while len(set(text)) < 2 or text == text[::-1]:
        letters = draw.choice(["HT", "WL", "RGB", "NSEW", "ABC"])
        text = "".join(draw.choices(letters, k=draw.randint(3, 5)))
    return {"t": text, "turned": text[::-1], "less": text[1:], "more": text + text[0],
            "moved": text[1:] + text[0]}  # fmt: skip


def _words(draw: Random) -> _Values:
    words = ["hyperbola", "tuesday", "isosceles", "evelyn", "convergent", "northwest", "purple"]
    one, other = draw.sample(words, 2)
    return {"w": one, "other": other, "W": one.upper(), "Title": one.title(), "cut": one[1:]}


def _choice(draw: Random) -> _Values:
    letter, other = draw.sample("ABCDE", 2)
    return {"c": letter, "d": other, "n": draw.randint(2, 99)}


def _sequence(draw: Random) -> _Values:
    first, step = draw.randint(1, 5), draw.randint(2, 4)
    a, b, c, d = (first + step * place for place in range(4))
    return {"a": a, "b": b, "c": c, "d": d, "c1": c + 1}


_KINDS = {
    "number": _Kind(
        _number,
        r"«n» | «n».0 | +«n» | «g0» | «g1» | «g2» | «g3» | \text{«n»} | \frac{«double»}{2}"
        r" | x=«n» | `«n»`"
        r" | «n» \text{ ways} | «wide» | \color{red}{«n»} | \underline{«n»}"
        r" | \Rightarrow x=«n» | «n» ✓",
        r"«next» | -«n» | «n»0 | «n».5 | «n» \text{ or } «next» | «n» \pm 1 | \le «n» | «n»i"
        r" | «n»! | «n»%"
        r" | «n»\text{ million} | \{«n»,«next»\} | («n»,«n») | «list» | «n»_{7} | «n»x"
        r" | \ne «n» | «n»:«next»"
        r" | «n»' | «n» (wrong) | «n»... | [«n»,«n»] | \text{about } «n» | «n»^2",
        "«*n»",
    ),
    "fraction": _Kind(
        _fraction,
        r"\frac{«a»}{«b»} | \dfrac{«a»}{«b»} | «a»/«b» | \frac{«a3»}{«b3»} | {«a» \over «b»}"
        r" | \nicefrac{«a»}{«b»}"
        r" | «a»⁄«b» | «a» \div «b» | («a»/«b») | \frac «a»{«b»} | \sfrac{«a»}{«b»}"
        r" | -\frac{-«a»}{«b»}",
        r"-\frac{«a»}{«b»} | \frac{«b»}{«a»} | \frac{«a1»}{«b»} | «rounded»"
        r" | «a»\frac{1}{«b»} | «a»«b» | «a»,«b»",
        "«a» | / | «*b»",
    ),
    "mixed": _Kind(
        _mixed,
        r"«w»\frac{«a»}{«b»} | «w» «a»/«b» | «w»\frac«a»«b» | «w» \tfrac«a»«b»"
        r" | \frac{«top»}{«b»} | «w»+\frac{«a»}{«b»}",
        r"\frac{«a»}{«b»} | «w1»\frac{«a»}{«b»} | «w»«a»/«b» | «w»\cdot\frac{«a»}{«b»}"
        r" | -«w»\frac{«a»}{«b»} | «w»-«a»/«b»",
        r"«w» |  \frac{ | «a» |  }{ | «b» |  }",
    ),
    "decimal": _Kind(
        _decimal,
        r"«a».«t» | \frac{«p»}{«q»} | «a».«t»0 | «m»e-1 | «m» \times 10^{-1} | «percent»\%"
        r" | «m»×10⁻¹",
        r"«a»«t» | «a»,«t» | -«a».«t» | «a».«t»1 | «a».«less» | «a».«t»\%"
        r" | «a».\overline{«t»} | «m» \times 10^{1}",
        "«a» | . | «*t»",
    ),
    "period": _Kind(
        _period,
        r"«w».\overline{«p»} | \frac{«a»}{«b»} | «w».«p»«p»\ldots | «w».\overline{«p»«p»}"
        r" | «w».«p»\overline{«p»}"
        r" | «w».«p»«p»«p»...",
        r"«w».«p» | «w».\overline{«p1»} | «w».«p»«p»«p»",
        r"«w» | . |  \overline{ | «*p» |  }",
    ),
    "surd": _Kind(
        _surd,
        r"«a»\sqrt{«b»} | «a»\sqrt«b» | «a»√«b» | «a»*sqrt(«b») | «a»sqrt(«b») | \sqrt{«aab»}"
        r" | «a»\sqrt(«b»)"
        r" | «a» \cdot «b»^{1/2} | \frac{«ab»}{\sqrt{«b»}} | «a»{\sqrt «b»}",
        r"-«a»\sqrt{«b»} | \sqrt[«a»]{«b»} | «a» | \sqrt{«ab»} | «a»+\sqrt{«b»}"
        r" | «a»\sqrt{«b1»} | «rounded» | \pm «a»\sqrt{«b»}",
        r"«a» | \sqrt |  { | «b» |  }",
    ),
    "polynomial": _Kind(
        _terms,
        r"«a»«x»^2+«b»«x»-«c» | -«c»+«b»«x»+«a»«x»^2 | «a»«x»^{2} + «b» «x» - «c»"
        r" | «a»*«x»**2+«b»*«x»-«c»"
        r" | «x»(«a»«x»+«b»)-«c» | «a»«x»²+«b»«x»−«c» | f(«x»)=«a»«x»^2+«b»«x»-«c»"
        r" | «a» \cdot «x»^2 + «b»«x» - «c»",
        r"«a»«x»^2-«b»«x»-«c» | «a»«x»^3+«b»«x»-«c» | «a»«x»_2+«b»«x»-«c» | «a»«x»^2+«b»«x»"
        r" | «a»«x»^2+«b»-«c»"
        r" | «a»«x»^2+«b»«x»-«c»=0 | «a1»«x»^2+«b»«x»-«c» | «a»«x»'^2+«b»«x»-«c»",
        "«a» | «x» | ^ | 2 | + | «b» | «x» | - | «c»",
    ),
    "function": _Kind(
        _function,
        r"\«f»^«n»(«k»«x») | \«f»^{«n»} «k»«x» | (\«f» «k»«x»)^«n» | «f»(«k»«x»)^«n»"
        r" | «f»^«n»(«k»*«x»)"
        r" | \left(\«f»(«k»«x»)\right)^{«n»} | \operatorname{«f»}^«n»(«k»«x»)",
        r"\«g»^«n»(«k»«x») | \«f»(«k»«x»^{«n»}) | \«f»(«k»«x») | «n»\«f»(«k»«x»)"
        r" | \«f»^«n»(«k1»«x»)"
        r" | \«f»^{-1}(«k»«x») | \«f»^«n»(«x»_«k»)",
        r"\«f» | ^ | «n» | ( | «k» | «x» | )",
    ),
    "complex": _Kind(
        lambda draw: _apart(draw, 2, 10, 2),
        r"«a»+«b»i | «b»i+«a» | «a» + «b»\mathrm{i} | «a»+«b»\cdot i | «a» + i*«b»"
        r" | «a»+\sqrt{-«b»^2}",
        "«a»-«b»i | «a»+«b» | «b»+«a»i | «a»+«b»j | «a»+i | «a»«b»i | («a»,«b»)",
        "«a» | + | «b» | i",
    ),
    "tuple": _Kind(
        lambda draw: _apart(draw, 2, 10, 2),
        r"(«a»,-«b») | \left(«a», -«b»\right) | \langle «a», -«b»\rangle | ⟨«a», −«b»⟩"
        r" | （«a»，-«b»） | (x,y)=(«a»,-«b»)"
        r" | P=(«a»,-«b») | («a», \frac{-2 \cdot «b»}{2}) | x=«a», y=-«b» | y=-«b», x=«a»",
        r"(-«b»,«a») | («a»,«b») | \{«a»,-«b»\} | [«a»,-«b»] | («a»,-«b»,«a») | «a»,-«b»"
        r" | («a»-«b») | ((«a»,-«b»),«a»)"
        r" | «a» | («a»,-«b»)'",
        "( | «a» | , | - | «b» | )",
    ),
    "set": _Kind(
        lambda draw: _apart(draw, 2, 10, 3),
        r"\{«a»,«b»,«c»\} | \{«c», «a», «b»\} | «b», «c», «a» | «a», «b» \text{ and } «c»"
        r" | \left\{ «b», «a», «c» \right\}"
        r" | ｛«a»，«b»，«c»｝ | x=«a» \text{ or } x=«b» \text{ or } x=«c»"
        r" | x \in \{«a»,«b»,«c»\} | \{«a»,«b»\} \cup \{«c»\}"
        r" | \{«a»,«b»,«c»,«a»\}",
        r"\{«a»,«b»\} | \{«a»,«b»,-«c»\} | («a»,«b»,«c») | \{«a»,\{«b»,«c»\}\}"
        r" | \{\{«a»\},«b»,«c»\} | \{«a»,«b»,«c»,1\}"
        r" | «a»«b»«c» | [«a»,«b»] | x=«a»",
        r"\{ | «a» | , | «b» | , | «c» | \}",
    ),
    "plus_minus": _Kind(
        _surd,
        r"«a» \pm \sqrt{«b»} | «a» ± √«b» | «a»+\sqrt{«b»}, «a»-\sqrt{«b»}"
        r" | \{«a»-\sqrt«b»,«a»+\sqrt«b»\}"
        r" | x=«a»+\sqrt{«b»} \text{ or } x=«a»-\sqrt{«b»} | x = «a» \pm \sqrt «b»"
        r" | «a» \mp \sqrt{«b»}",
        r"«a» + \sqrt{«b»} | -«a» \pm \sqrt{«b»} | «a» \pm \sqrt{«b1»} | «a»\sqrt{«b»} | «a»",
        r"«a» | \pm | \sqrt |  { | «b» |  }",
    ),
    "interval": _Kind(
        _interval,
        r"«(»«a»,«b»«)» | \left«(» «a», «b» \right«)» | x \in «(»«a»,«b»«)» | «fl»«a»,«b»«fr»"
        r" | «a» «l» x «r» «b»"
        r" | «b» «R» x «L» «a» | x «L» «a» \text{ and } x «r» «b» | \{x : «a» «l» x «r» «b»\}"
        r" | x «r» «b»,\ x «L» «a»"
        r" | \{t \in \mathbb{R} \mid «a» «l» t «r» «b»\}",
        r"«[»«a»,«b»«)» | «(»«a»,«b»«]» | «(»«a»,«b1»«)» | «(»-«a»,«b»«)» | \{«a»,«b»\}"
        r" | x «r» «b» | «(»«b»,«a»«)»"
        r" | «b» «R» x «l» «a»",
        "«(» | «a» | , | «b» | «)»",
    ),
    "union": _Kind(
        _ordered,
        r"(-\infty,«a»)\cup(«b»,\infty) | («b»,\infty) \cup (-\infty,«a»)"
        r" | x<«a» \text{ or } x>«b» | x<«a» \lor x>«b»"
        r" | (-∞,«a»)∪(«b»,+∞) | ]-\infty,«a»[\cup]«b»,\infty["
        r" | \mathbb{R} \setminus [«a»,«b»] | \mathbb{R}-[«a»,«b»]"
        r" | x > «b» \vee x < «a»",
        r"(-\infty,«a»]\cup(«b»,\infty) | («a»,«b») | (-\infty,«a»)\cup[«b»,\infty)"
        r" | x<«a» \text{ and } x>«below»"
        r" | (-\infty,«a») | (-\infty,«b»)\cup(«a»,\infty) | \mathbb{R} \setminus («a»,«b»)"
        r" | \mathbb{R}",
        r"( | - | \infty | , | «a» | ) | \cup | ( | «b» | , | \infty | )",
    ),
    "half_line": _Kind(
        _half_line,
        r"x «s» «a» | «a» «t» x | «(»«a»,\infty) | «(»«a»,+\infty) | \{x \mid x «s» «a»\}"
        r" | x \in «(»«a»,\infty)"
        r" | 2x «s» «double» | x - «a» «s» 0 | -x «t» -«a»",
        r"x «t» «a» | x = «a» | «a» | x «s» -«a» | (-\infty,«a») | x \ne «a» | y = «a»",
        "x |  «s»  | «a»",
    ),
    "without_a_point": _Kind(
        _ordered,
        r"\mathbb{R} \setminus \{«a»\} | \mathbb{R} - \{«a»\} | x \ne «a» | x \neq «a» | x ≠ «a»"
        r" | (-\infty,«a»)\cup(«a»,\infty) | \{x\in\mathbb{R} \mid x \ne «a»\}"
        r" | x<«a» \text{ or } x>«a»",
        r"x=«a» | \mathbb{R} | \{«a»\} | x \ne «a1» | \mathbb{Z} \setminus \{«a»\} | x > «a»",
        r"\mathbb{R} |  \setminus  | \{ | «a» | \}",
    ),
    "numbers": _Kind(
        _ordered,
        r"(0,\infty) | \mathbb{R}^+ | \mathbb{R}_+ | \mathbb{R}_{>0} | \mathbb{R}^{+} | x>0"
        r" | ]0,+\infty[ | \{x : x > 0\}",
        r"[0,\infty) | \mathbb{R} | \mathbb{R}^- | \mathbb{Z}^+ | \mathbb{R}_{\ge 0}"
        r" | \mathbb{N} | (0,«a»)",
    ),
    "line": _Kind(
        _line,
        "y=«a»x+«b» | y = «b» + «a»x | «a»x - y + «b» = 0 | y - «b» = «a»x"
        " | 2y = «aa»x + «bb» | -«a»x + y = «b» | «a»x+«b»=y",
        r"y=«a»x-«b» | y=-«a»x+«b» | x=«a»y+«b» | y=«a»x | y'=«a»x+«b» | y>«a»x+«b»"
        r" | «a»x - y + «b» = 1"
        r" | \frac{dy}{dx}=«a»x+«b» | y=«b»x+«a» | y_1=«a»x_1+«b»",
        " y |  = | «a» | x | + | «b»",
    ),
    "named_values": _Kind(
        _named,
        r"«f»(«a»)=«c», «f»(«b»)=«d» | «f»(«b») = «d», «f»(«a») = «c»"
        r" | «f»(«a»)=«c» \text{ and } «f»(«b»)=«d»",
        "«f»(«a»)=«d», «f»(«b»)=«c» | «f»(«a»)=«c» | «f»(«a»)=«c», «f»(«b»)=«d1»"
        " | «f»'(«a»)=«c», «f»'(«b»)=«d»"
        r" | «f»(«c»)=«a», «f»(«d»)=«b» | («c»,«d»,«c») | «f»(«a»)=«c» \text{ or } «f»(«b»)=«d»",
        " «f»( | «a» |  )= | «c» |  , |  «f»( | «b» |  )= | «d»",
    ),
    "derivative": _Kind(
        lambda draw: {"y": draw.choice("yzuP"), "k": draw.randint(2, 9)},
        r"\frac{d«y»}{dt}=«k»«y» | \frac{d«y»}{dt} = «k» «y» | \dfrac{d«y»}{dt}=«k»\cdot «y»",
        r"\frac{dt}{d«y»}=«k»«y» | \frac{d«y»}{dt}=-«k»«y» | \frac{d«y»}{dx}=«k»«y»"
        r" | «y»=«k»«y» | \frac{d«y»}{dt}=«k»t"
        r" | \frac{d«y»}{dt}=«k»",
        r" \frac{d«y»}{dt}= | «k» | «y»",
    ),
    "prime": _Kind(
        lambda draw: {"P": draw.choice("ABCPQ"), **_apart(draw, 2, 10, 2)},
        r"«P»'=(«a»,«b») | «P»^\prime = («a», «b») | «P»^{\prime}=(«a»,«b») | «P»′=(«a»,«b»)",
        "«P»=(«a»,«b») | «P»''=(«a»,«b») | «P»'=(«b»,«a») | «P»_1=(«a»,«b»)",
        " «P»'=( | «a» | , | «b» | )",
    ),
    "matrix": _Kind(
        lambda draw: _apart(draw, 1, 10, 4),
        r"\begin{pmatrix}«a»&«b»\\«c»&«d»\end{pmatrix}"
        r" | \begin{bmatrix} «a» & «b» \\ «c» & «d» \end{bmatrix}"
        r" | \left(\begin{array}{cc} «a» & «b» \\ «c» & «d» \end{array}\right)"
        r" | M=\begin{pmatrix}«a»&«b»\\«c»&«d»\end{pmatrix}"
        r" | \begin{pmatrix}«a»&\frac{2 \cdot «b»}{2}\\[4pt]«c»&«d»\end{pmatrix}",
        r"\begin{pmatrix}«a»&«c»\\«b»&«d»\end{pmatrix}"
        r" | \begin{vmatrix}«a»&«b»\\«c»&«d»\end{vmatrix}"
        r" | \begin{pmatrix}«a»&«b»&«c»&«d»\end{pmatrix}"
        r" | \begin{pmatrix}«a»&«b»\\«c»&-«d»\end{pmatrix} | («a»,«b»,«c»,«d»)",
        r" \begin{pmatrix} | «a» | & | «b» | \\ | «c» | & | «d» |  \end{pmatrix}",
    ),
    "based": _Kind(
        _based,
        r"«n»_«base» | «n»_{«base»} | «n»_{\text{«word»}} | «n»\text{ (base «base»)}"
        r" | («n»)_«base» | «n» base «base»"
        r" | \text{«n»}_«base»",
        "«n» | «n»_«next» | «turned»_«base» | «value» | «n»1_«base»",
        "«*n» | _ | «base»",
    ),
    "residue": _Kind(
        _residue,
        r"n \equiv «r» \pmod{«m»} | n \equiv «r» \pmod «m» | n \equiv «r» \bmod «m»"
        r" | n ≡ «r» (mod «m»)"
        r" | n \equiv «more» \pmod{«m»} | n \equiv «r»\ (\text{mod } «m»)",
        r"n \equiv «r1» \pmod{«m»} | n \equiv «r» \pmod{«m1»} | n = «r»"
        r" | n \not\equiv «r» \pmod{«m»}",
        r" n \equiv «r» \pmod{ | «m» |  }",
    ),
    "ratio": _Kind(
        lambda draw: dict(zip("abc", draw.sample([2, 3, 5, 7], 3), strict=True)),
        r"«a»:«b»:«c» | «a» : «b» : «c» | «a»∶«b»∶«c» | «a» \text{ to } «b» \text{ to } «c»",
        "«b»:«a»:«c» | «a»:«b» | «a»:«b»:1«c» | «a»,«b»,«c» | «a»/«b»/«c» | («a»,«b»,«c»)",
        "«a» | : | «b» | : | «c»",
    ),
    "composed": _Kind(
        _composed,
        r"«a» «L» «b» «S» | «a»\text{ «L» }«b»\text{ «S»} | «a» «l» «b» «s»"
        r" | «a» \text{ «L» and } «b» \text{ «S»}"
        r" | «a» «L», «b» «S» | «total» «S»",
        "«b» «L» «a» «S» | «a» «L» | «b» «S» | «a» «L» «b1» «S» | «a» | «a».«b» «L»"
        " | «b» «S», «a» «L»",
        "«a» |   | «L» |   | «b» |   | «S»",
    ),
    "quantity": _Kind(
        _quantity,
        r"«n» «u» | «n»\text{ «u»} | «n»\,\mathrm{«u»} | «n»\text{ «v»} | «n»\text{ «w»} | «n»",
        r"«n» «other» | «n1» «u» | -«n» «u» | «n»^2\text{ «u»} | «n»\text{ million «u»}",
        r"«*n» |  \text{ «u»}",
    ),
    "money": _Kind(
        _money,
        r"\$«a».«b» | «a».«b» | «a».«b» \text{ dollars} | «a»«b» cents | «a»«b»¢ | \$ «a».«b»"
        r" | $«a».«b»",
        r"\$«b».«a» | «a»«b» dollars | €«a».«b» | £«a».«b» | -\$«a».«b» | «a».«b» cents"
        r" | \$«a».«b» \text{ million}",
        r" \$ | «a» | . | «*b»",
    ),
    "angle": _Kind(
        _angle,
        r"«a»^\circ «b»' | «a»°«b»' | «a»^{\circ}«b»′ | «v»^\circ | «a»° «b»′",
        r"«b»^\circ «a»' | «a»^\circ «b1»' | «a»^\circ | «a»«b» | «a»'«b»" + '"',
        r"«*a» | ^\circ |   | «*b» | '",
    ),
    "date": _Kind(
        _date,
        r"«month» «day», «year» | «day» «month» «year» | \text{«month» «day», «year»}"
        r" | «year»-«m»-«day» | «short» «day», «year»",
        "«month» «day1», «year» | «other» «day», «year» | «year»-«day»-«m» | «difference»"
        " | «month» «day», «year1» | «month» «day»",
        " «month»  | «*day» |  ,  | «*year»",
    ),
    "time": _Kind(
        _time,
        r"«h»:«m» p.m. | «h»:«m» PM | «h»:«m»\text{ pm} | \text{«h»:«m» p.m.} | «late»:«m»",
        "«h»:«m» a.m. | «h1»:«m» p.m. | «h»:«m1» p.m. | «h»:«m» | «h» p.m.",
        "«h» | : | «*m» |  p.m.",
    ),
    "letters": _Kind(
        _letters,
        r"«t» | \text{«t»} | \mathrm{«t»} | **«t»** | «t»." + ' | "«t»"',
        "«turned» | «less» | «more» | «moved»",
        "«*t»",
    ),
    "words": _Kind(
        _words,
        r"«w» | \text{«w»} | «W» | «Title» | \textbf{«w»} | «w». | \text{the }«w»",
        r"«other» | not «w» | \text{«w» or «other»} | \text{«w» and «other»} | «cut» | 5",
        "«w»",
    ),
    "choice": _Kind(
        _choice,
        r"«c» | («c») | \text{(«c»)} | \textbf{(«c»)}\ «n» | \text{(«c») } «n» | «c»."
        r" | \mathbf{«c»} | «c») «n»"
        r" | Option «c» | The answer is «c»",
        "«d» | («d») «n» | «c» or «d» | «n» | «c»' | «c»_1 | «c»«d» | not «c»",
    ),
    "sequence": _Kind(
        _sequence,
        r"«a»,«b»,«c»,\ldots | «a», «b», «c», \dots | «a»,«b»,«c», … | «a»,«b»,«c», ..."
        r" | «a»,«b»,«c»,\cdots",
        r"«a»,«b»,«c» | «a»,«b»,«c1»,\ldots | «b»,«a»,«c»,\ldots | «a»,«b»,«c»,\ldots,«d»",
        r"«*a» | , | «*b» | , | «*c» | , |  \ldots",
    ),
}
KINDS = tuple(_KINDS)


def written_answer(kind: str, draw: Random) -> WrittenAnswer:
    """An answer of one of `KINDS`."""
    made = _KINDS[kind]
    values = made.values(draw)

    def written(template: str) -> list[str]:
        return [_filled(one, values) for one in template.split(" | ")]

    tokens = [
        token
        for piece in made.tokens.split(" | ")
        for token in (
            str(values[piece[2:-1]]) if piece.startswith("«*") else [_filled(piece, values)]
        )
        if token
    ]
    return WrittenAnswer(written(made.same), written(made.other), tokens)


def _filled(template: str, values: _Values) -> str:
    return re.sub(r"«([^»]+)»", lambda found: str(values[found[1]]), template)


_DIGITS, _LETTERS = "123456789", "abnxyzABP"
_FOREIGN = [
    r"+",
    r"-",
    r"^",
    r"_",
    r"=",
    r"!",
    r":",
    r".",
    r",",
    r"'",
    r"(",
    r")",
    r"[",
    r"]",
    r"{",
    r"\{",
    r"\pm",
    r"\cup",
    r"\infty",
    r"\sqrt",
    r"\sin",
    r"&",
    r"i",
    r"\pi",
    r"<",
    r"\le",
    r"%",
    r" and ",
    r" or ",
]
_ALIKE = {
    ",": (" and ", " or "),
    "/": (":",),
    "feet": ("'",),
    **dict.fromkeys("()[]", tuple("()[]")),
}
"""A comma may be an `and`, a fraction is a ratio, an open bracket may be turned round."""


def mutations(answer: WrittenAnswer, draw: Random) -> Iterator[str]:
    """The answer with one of its tokens left out, doubled, swapped with the next, or changed."""
    tokens, written = list(answer.tokens), "".join(answer.tokens)
    for place, token in enumerate(tokens):
        if token.startswith(" "):
            continue
        pool = _DIGITS if token.isdecimal() else _LETTERS if token.isalpha() else _FOREIGN
        others = [
            draw.choice([one for one in source if one not in (token, *_ALIKE.get(token, ()))])
            for source in (pool, _FOREIGN)
        ]
        found = [[*tokens[:place], *put, *tokens[place + 1 :]]
                 for put in ([], [token, token], *([one] for one in others))]  # fmt: skip
        following = tokens[place + 1 : place + 2]
        if following and not following[0].startswith(" "):
            found.append([*tokens[:place], *following, token, *tokens[place + 2 :]])
        for one in found:
            if "".join("".join(one).split()) != "".join(written.split()):
                yield "".join(one)
