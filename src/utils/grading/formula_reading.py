"""Reads tokens as an expression: sums of products of factors, as mathematicians write them.

A strict grammar: what it does not know is no factor, and where two readings are usual (`1/xy`,
`\\sin \\pi/6`) there is none.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction

from .characters import GREEK
from .lexing import Lexeme, Unreadable
from .trees import (
    DEGREE,
    INFINITY,
    MINUS_ONE,
    ONE,
    PI,
    E,
    I,
    Operation,
    Rational,
    Tree,
    Variable,
    add,
    divide,
    multiply,
    negative,
    number,
    power,
    root,
)
from .units import is_unit_word

MAX_DEPTH = 60
"""Levels of brackets, powers and functions."""
_INVERSES = {f"{arc}{name}": f"a{name}" for arc in ("arc", "a") for name in
             ("sin", "cos", "tan", "cot", "sec", "csc")}  # fmt: skip
_HYPERBOLIC = {"sinh", "cosh", "tanh", "coth"}
_TRIGONOMETRIC = {"sin", "cos", "tan", "cot", "sec", "csc"}
_SEVERAL = {"max", "min", "gcd", "lcm"}
_ONE = {
    **_INVERSES,
    **{name: name for name in (*_TRIGONOMETRIC, *_HYPERBOLIC, *_SEVERAL, "exp", "cis")},
    **{"ln": "log", "log": "log", "lg": "log", "abs": "abs", "sqrt": "sqrt", "cbrt": "cbrt"},
    **{"floor": "floor", "ceil": "ceiling"},
    **{"Re": "re", "Im": "im", "arg": "arg"},
}
_APPLIED = "fgh"
"""Letters before a bracket that are functions; others are factors."""
_CLOSING = {"(": ")", "{": "}", "[": "]", "⌊": "⌋", "⌈": "⌉", "|": "|", "‖": "‖", r"\{": r"\}"}
_ENDS = {")", "}", "]", "⌋", "⌉"}
_ACCENTS = {r"\overline", r"\vec", r"\hat", r"\tilde", r"\overrightarrow", r"\widehat"}
_NAMED_SHAPES = {r"\angle", r"\triangle"}
_LETTERS_ALONE = re.compile(r"[a-z]{2,3}|[a-zA-Z]{2}|[a-z][A-Z][a-z]|[a-z]{2}[A-Z]|[a-z][A-Z]{2}")
_PERIOD = re.compile(r"(\d*\.\d*?)(\d+?)\2+")
"""`0.333` before an ellipsis."""
_FUNCTION_OF_LETTER = re.compile(r"(arcsin|arccos|arctan|sin|cos|tan|cot|sec|csc|ln|log)([a-z])")
_DIFFERENTIAL = re.compile(r"d[a-zA-Z]")
_NO_LETTERS = frozenset("or and to mod base per of is if for as by in on at so no an the not".split())
"""Words that are no products of letters."""


def to_number(text: str) -> Rational:
    """`12`, `.5`, `1.5e3`, and `0.1(6)` for a period."""
    fixed, _, period = text.partition("(")
    if not period:
        return Rational(Fraction(text))
    digits = period.rstrip(")")
    places = len(fixed.partition(".")[2])
    value = Fraction(fixed.rstrip(".") or "0") if fixed.strip(".") else Fraction(0)
    return Rational(value + Fraction(int(digits), (10 ** len(digits) - 1) * 10**places))


def is_function(word: str) -> bool:
    return word in _ONE


def splits_off_function(word: str) -> bool:
    """`sinx`: a function typed without a space before its letter."""
    return _FUNCTION_OF_LETTER.fullmatch(word) is not None


def read_tree(tokens: Sequence[Lexeme]) -> Tree:
    """The expression that the tokens are. Raises Unreadable if any is left over."""
    parser = FormulaParser(tokens)
    tree = parser.sum()
    if parser.rest():
        raise Unreadable(f"not understood at {parser.next()!r}")
    return tree


class FormulaParser:
    """A recursive descent over tokens; `rest()` are those behind what has been read."""

    def __init__(self, tokens: Sequence[Lexeme]) -> None:
        self._tokens = list(tokens)
        self._place = self._depth = self._bars = 0

    def rest(self) -> list[Lexeme]:
        return self._tokens[self._place :]

    def next(self) -> str:
        return self._tokens[self._place].text if self._place < len(self._tokens) else ""

    def sum(self) -> Tree:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise Unreadable("nested too deeply")
        terms = [self._term(self._signs())]
        while self.next() in ("+", "-"):
            terms.append(self._term(self._signs()))
        self._depth -= 1
        return add(*terms)

    def _signs(self) -> int:
        """The sign before a term; `+-` may stand for one, `--` and `++` are slips."""
        sign, before = 1, ""
        while self.next() in ("+", "-"):
            if before in ("-", self.next()):
                raise Unreadable("two signs in a row")
            before = self.next()
            sign *= -1 if before == "-" else 1
            self._place += 1
        return sign

    def _term(self, sign: int) -> Tree:
        product = self.product()
        return negative(product) if sign < 0 else product

    def product(self) -> Tree:
        total = self._factor()
        while True:
            operator = self.next()
            if operator in ("*", "/"):
                self._place += 1
                sign = self._signs()
                at = self._peek()
                factor = self._factor()
                if operator == "/":
                    if at and at.kind == "word" and self._letters(at):
                        raise Unreadable(f"a fraction by {at.text!r} without brackets")
                    factor = _inverse(factor)
                total = multiply(total, factor, number(sign))
            elif self._begins_factor():
                total = multiply(total, self._factor())
            else:
                return total

    def _peek(self, ahead: int = 0) -> Lexeme | None:
        place = self._place + ahead
        return self._tokens[place] if place < len(self._tokens) else None

    def _letters(self, token: Lexeme) -> bool:
        """Whether a word is a product of letters, `xy`, and no name."""
        word = token.text
        return (
            not token.upright
            and len(word) > 1
            and not word.startswith("\\")
            and not self._is_named(word)
            and word.lower() not in _NO_LETTERS
            and _LETTERS_ALONE.fullmatch(word) is not None
            and not (word.isupper() or _DIFFERENTIAL.fullmatch(word))
        )

    @staticmethod
    def _is_named(word: str) -> bool:
        return is_function(word) or word in GREEK or word in ("pi", "or", "and", "inf")

    def _begins_factor(self) -> bool:
        token = self._peek()
        if token is None:
            return False
        before = self._tokens[self._place - 1]
        if token.kind == "number":
            return before.text == ")" and self._bars == 0
        if token.kind == "word":
            return self._is_factor(token, before)
        if token.text == "|":
            return self._bars == 0
        if token.text == "(" and (inner := self._peek(1)) and inner.kind == "word":
            return len(inner.text) == 1 or self._is_named(inner.text) or self._letters(inner) or inner.text.isupper()
        return token.text in ("(", "{", "[", "⌊", "⌈", r"\frac", r"\sqrt", r"\binom") or (
            token.text in _ACCENTS or token.text in (r"\sum", r"\int", r"\prod", r"\lim")
        )

    def _is_factor(self, token: Lexeme, before: Lexeme) -> bool:
        """Whether a word behind a factor is another factor, and no unit and no other word."""
        word = token.text
        if word.lower() in _NO_LETTERS:
            return False
        if len(word) == 1 or word.startswith("\\"):
            return not (token.upright and is_unit_word(word) and before.text != "_")
        if self._is_named(word) or _FUNCTION_OF_LETTER.fullmatch(word):
            return True
        if _DIFFERENTIAL.fullmatch(word) or (word.isupper() and not token.upright):
            return True
        if is_unit_word(word) and (token.spaced or before.kind == "number" or before.text == "pi"):
            return False
        if token.spaced and is_counted_word(word):
            return False
        return self._letters(token)

    def _factor(self) -> Tree:
        tree = self._primary()
        while True:
            sign = self.next()
            if sign == "^":
                self._place += 1
                tree = self._raised(tree)
            elif sign == "!":
                self._place += 1
                if self.next() == "!":
                    raise Unreadable("a factorial of factorials")
                tree = Operation("factorial", (tree,))
            elif sign == "°":
                self._place += 1
                tree = multiply(tree, DEGREE)
            elif sign == "%":
                self._place += 1
                tree = divide(tree, number(100))
            else:
                return tree

    def _raised(self, tree: Tree) -> Tree:
        exponent = self._script()
        if isinstance(tree, Operation) and tree.name == "pow" and self.next() == "^":
            raise Unreadable("a power of a power without brackets")
        return power(tree, exponent)

    def _script(self) -> Tree:
        """An exponent: a group, a number, a letter, with its sign."""
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise Unreadable("nested too deeply")
        sign = self._signs()
        tree = self._primary()
        if self.next() == "^":
            self._place += 1
            tree = power(tree, self._script())
        elif self.next() == "!":
            raise Unreadable("a factorial in a power without brackets")
        self._depth -= 1
        return negative(tree) if sign < 0 else tree

    def _index(self) -> Tree:
        sign = self._signs()
        tree = self._primary()
        return negative(tree) if sign < 0 else tree

    def _primary(self) -> Tree:
        token = self._peek()
        if token is None:
            raise Unreadable("an operand is missing")
        if token.kind == "number":
            self._place += 1
            return self._number(token)
        if token.kind == "word":
            return self._word(token)
        if token.text in _CLOSING and token.text != r"\{":
            return self._group(token.text)
        self._place += 1
        match token.text:
            case "∞":
                return INFINITY
            case r"\frac":
                return self._fraction()
            case r"\sqrt":
                return self._root()
            case r"\binom":
                top, bottom = self._argument(), self._argument()
                return Operation("binomial", (top, bottom))
            case r"\sum" | r"\prod":
                return self._series("sum" if token.text == r"\sum" else "product")
            case r"\int":
                return self._integral()
            case r"\lim":
                return self._limit()
            case "^" | "_":
                return self._choose(token.text)
            case accent if accent in _ACCENTS:
                return Variable(f"{accent}{{{self._spelled_argument()}}}")
            case shape if shape in _NAMED_SHAPES and (name := self._peek()) and name.kind == "word":
                self._place += 1
                return Variable(f"{shape} {name.text}")
        raise Unreadable(f"not understood: {token.text!r}")

    def _number(self, token: Lexeme) -> Tree:
        """A number, or a mixed number: `1\\frac{4}{5}`, `3 1/2`."""
        value = to_number(token.text)
        if self.next() == "_":
            raise Unreadable("a number with an index")
        following = self._peek()
        if following and following.text == "…" and (period := _PERIOD.fullmatch(token.text)):
            self._place += 1
            return to_number(f"{period[1]}({period[2]})")
        if following is None or not token.text.isdecimal():
            return value
        ahead = [self._peek(one) for one in range(1, 7)]
        texts = [one.text if one else "" for one in ahead]
        if following.text == r"\frac":
            numbers = [text for text in texts if text not in "{}"][:2]
            if texts[0].isdecimal() and len(texts[0]) == 2 and texts[1] != "{":
                numbers, used = list(texts[0]), 2
            elif texts[0] == "{" and texts[2:4] == ["}", "{"] and texts[5] == "}":
                used = 7
            elif texts[0].isdecimal() and texts[1] == "{" and texts[3] == "}":
                used = 5
            elif texts[0] == "{" and texts[2] == "}" and texts[3].isdecimal():
                used = 5
            elif texts[0].isdecimal() and texts[1].isdecimal():
                used = 3
            else:
                return value
        elif following.kind == "number" and following.spaced and texts[0] == "/":
            numbers, used = [following.text, texts[1]], 3
        else:
            return value
        if len(numbers) == 2 and all(one.isdecimal() for one in numbers):
            top, bottom = map(int, numbers)
            if top < bottom:
                self._place += used
                return add(value, number(Fraction(top, bottom)))
        if following.kind == "number":
            raise Unreadable("two numbers in a row")
        return value

    def _group(self, opening: str) -> Tree:
        self._place += 1
        bars, self._bars = self._bars, self._bars + 1 if opening == "|" else 0
        if opening == "{" and (chosen := self._infix()):
            self._bars = bars
            return chosen
        tree = self.sum()
        self._close(opening)
        self._bars = bars
        if opening in "|‖":
            return Operation("abs" if opening == "|" else "norm", (tree,))
        if opening in "⌊⌈":
            return Operation("floor" if opening == "⌊" else "ceiling", (tree,))
        return tree

    def _close(self, opening: str) -> None:
        if self.next() != _CLOSING[opening]:
            if not self.rest():
                raise Unreadable("a bracket is not closed")
            raise Unreadable(f"not understood at {self.next()!r}")
        self._place += 1

    def _infix(self) -> Tree | None:
        """`{n \\choose k}` and `{3 \\over 4}`, from behind the brace; None for other groups."""
        depth, middle = 0, None
        for place in range(self._place, len(self._tokens)):
            text = self._tokens[place].text
            if depth == 0 and text in (r"\over", r"\choose"):
                middle = place
            if depth == 0 and text == "}":
                break
            depth += (text in _CLOSING and text not in "|‖") - (text in _ENDS)
        else:
            return None
        if middle is None:
            return None
        parts = self._tokens[self._place : middle], self._tokens[middle + 1 : place]
        top, bottom = map(read_tree, parts)
        self._place = place + 1
        if self._tokens[middle].text == r"\over":
            return multiply(top, _inverse(bottom))
        return Operation("binomial", (top, bottom))

    def _argument(self) -> Tree:
        """Of a command: a group, or one digit or token as in TeX."""
        token = self._peek()
        if token is None:
            raise Unreadable("an argument is missing")
        if token.kind == "number" and token.text.isdecimal() and len(token.text) > 1:
            head, tail = token.text[0], token.text[1:]
            self._tokens[self._place] = Lexeme("number", tail)
            return to_number(head)
        if token.kind == "word" and len(token.text) > 1 and _LETTERS_ALONE.fullmatch(token.text):
            if not (self._is_named(token.text) or token.upright):
                self._tokens[self._place] = Lexeme("word", token.text[1:])
                return self._letter(token.text[0])
        if token.text in ("^", "_", "-", "+", "*", "/"):
            raise Unreadable("an argument is missing")
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise Unreadable("nested too deeply")
        tree = self._primary()
        self._depth -= 1
        return tree

    def _fraction(self) -> Tree:
        top, bottom = self._argument(), self._argument()
        return multiply(top, _inverse(bottom))

    def _root(self) -> Tree:
        degree = number(2)
        if self.next() == "[":
            self._place += 1
            degree = self.sum()
            self._close("[")
        token = self._peek()
        if token is None or token.text in ("^", "_", "-", "+", "*", "/"):
            raise Unreadable("an argument is missing")
        return root(self._argument() if token.kind == "word" else self._primary(), degree)

    def _word(self, token: Lexeme) -> Tree:
        word = token.text
        self._place += 1
        if is_function(word):
            return self._function(word)
        if found := _FUNCTION_OF_LETTER.fullmatch(word):
            self._place -= 1
            self._tokens[self._place : self._place + 1] = [
                Lexeme("word", found[1]),
                Lexeme("word", found[2]),
            ]
            return self._primary()
        if word == "pi":
            return PI
        if word in ("inf", "infinity", "Infinity"):
            return INFINITY
        if word in GREEK:
            word = f"\\{word}"
        if len(word) == 1 or word.startswith("\\"):
            return self._letter(word)
        if _DIFFERENTIAL.fullmatch(word) or (word.isupper() and not token.upright):
            return Variable(self._primes(word))
        if self._letters(token):
            return multiply(*map(self._letter_alone, word[:-1]), self._with_power(word[-1]))
        raise Unreadable(f"a word in a formula: {word!r}")

    def _with_power(self, letter: str) -> Tree:
        """The last letter of a product takes what follows it along: `xy^2`, `ab_1`."""
        tree = self._letter(letter)
        while self.next() == "^":
            self._place += 1
            tree = self._raised(tree)
        return tree

    @staticmethod
    def _letter_alone(letter: str) -> Tree:
        return {"e": E, "i": I}.get(letter) or Variable(letter)

    def _letter(self, letter: str) -> Tree:
        name = letter
        if self.next() == "_":
            self._place += 1
            name += f"_{self._spelled_argument()}"
        name = self._primes(name)
        if name in ("e", "i"):
            return self._letter_alone(name)
        if letter in _APPLIED and self.next() == "(":
            inner = self._arguments()
            return Variable(f"{name}({', '.join(map(repr, inner))})")
        return Variable(name)

    def _primes(self, name: str) -> str:
        while self.next() == "'":
            name += "'"
            self._place += 1
        if self.next() == "^" and (sign := self._peek(1)) and sign.text == "'":
            self._place += 2
            name += "'"
        elif self.next() == "^" and [one.text for one in self.rest()[1:4]] == ["{", "'", "}"]:
            self._place += 4
            name += "'"
        return name

    def _spelled_argument(self) -> str:
        """An index or the name below an accent, as its tokens in a row."""
        token = self._peek()
        if token is None:
            raise Unreadable("an index is missing")
        if token.text != "{":
            self._place += 1
            if token.kind == "sign":
                raise Unreadable(f"not understood: {token.text!r}")
            return token.text
        depth = 0
        for place in range(self._place, len(self._tokens)):
            text = self._tokens[place].text
            depth += {"{": 1, "}": -1}.get(text, 0)
            if depth == 0:
                inner = self._tokens[self._place + 1 : place]
                self._place = place + 1
                return " ".join(one.text for one in inner)
        raise Unreadable("a bracket is not closed")

    def _arguments(self) -> list[Tree]:
        """Of a function, in brackets, separated by commas."""
        opening = self.next()
        self._place += 1
        bars, self._bars = self._bars, 0
        found = [self.sum()]
        while self.next() == ",":
            self._place += 1
            found.append(self.sum())
        self._close(opening)
        self._bars = bars
        return found

    def _function(self, word: str) -> Tree:
        base = exponent = None
        for _ in range(2):
            if self.next() == "_" and base is None:
                self._place += 1
                base = self._index()
            elif self.next() == "^" and exponent is None:
                self._place += 1
                exponent = self._script()
        if base is not None and word != "log":
            raise Unreadable(f"an index of {word}")
        name = _ONE[word]
        if exponent == MINUS_ONE:
            if word not in _TRIGONOMETRIC:
                raise Unreadable(f"an inverse of {word}")
            name, exponent = f"a{name}", None
        if word in _SEVERAL:
            if self.next() not in ("(", r"\{"):
                raise Unreadable(f"{word} of what?")
            tree: Tree = Operation(name, tuple(sorted(self._arguments(), key=repr)))
        else:
            self._depth += 1
            tree = _apply(word, name, base, self._function_argument())
            self._depth -= 1
        return tree if exponent is None else power(tree, exponent)

    def _function_argument(self) -> Tree:
        if self._depth > MAX_DEPTH:
            raise Unreadable("nested too deeply")
        if self.next() in _CLOSING and self.next() != r"\{":
            return self._group(self.next())
        sign = self._signs()
        tree = self._factor()
        while True:
            token = self._peek()
            if token is None or not self._begins_factor() or is_function(token.text):
                break
            if token.kind == "word" and _FUNCTION_OF_LETTER.fullmatch(token.text):
                break
            if token.text in ("(", "[") or token.text == "|":
                if isinstance(tree, Rational):
                    raise Unreadable("a function of a product without brackets")
                break
            tree = multiply(tree, self._factor())
        after = self._peek(1)
        if self.next() == "/" and after and after.kind == "number":
            raise Unreadable("a function of a fraction without brackets")
        return negative(tree) if sign < 0 else tree

    def _bounds(self) -> tuple[Tree | None, Tree | None]:
        low = high = None
        for _ in range(2):
            if self.next() == "_" and low is None:
                self._place += 1
                low = self._index()
            elif self.next() == "^" and high is None:
                self._place += 1
                high = self._script()
        return low, high

    def _series(self, name: str) -> Tree:
        if self.next() != "_":
            raise Unreadable("a sum without bounds")
        self._place += 1
        index = self._spelled_tokens()
        if len(index) < 3 or index[0].kind != "word" or index[1].text != "=":
            raise Unreadable("a sum without bounds")
        low = read_tree(index[2:])
        if self.next() != "^":
            raise Unreadable("a sum without bounds")
        self._place += 1
        high = self._script()
        return Operation(name, (self.product(), Variable(index[0].text), low, high))

    def _spelled_tokens(self) -> list[Lexeme]:
        start = self._place
        self._spelled_argument()
        return self._tokens[start + 1 : self._place - 1]

    def _integral(self) -> Tree:
        low, high = self._bounds()
        body = self.product()
        parts = body.arguments if isinstance(body, Operation) and body.name == "mul" else (body,)
        steps = [
            one for one in parts if isinstance(one, Variable) and _DIFFERENTIAL.fullmatch(one.name)
        ]
        if len(steps) != 1 or low is None or high is None:
            raise Unreadable("an integral without bounds, or without its variable")
        inner = multiply(ONE, *(one for one in parts if one is not steps[0]))
        return Operation("integral", (inner, Variable(steps[0].name[1:]), low, high))

    def _limit(self) -> Tree:
        if self.next() != "_":
            raise Unreadable("a limit of what?")
        self._place += 1
        below = self._spelled_tokens()
        if len(below) < 3 or below[0].kind != "word" or below[1].text != "→":
            raise Unreadable("a limit of what?")
        return Operation(
            "limit", (self.product(), Variable(below[0].text), read_tree(below[2:]))
        )

    def _choose(self, sign: str) -> Tree:
        """`^{5}C_{2}`, `{}_5C_2`: from behind the first sign."""
        top = self._script()
        letter = self._peek()
        if letter is None or letter.text not in ("C", "P") or self._peek(1) is None:
            raise Unreadable(f"not understood: {sign!r}")
        self._place += 1
        if self.next() != "_":
            raise Unreadable(f"not understood: {sign!r}")
        self._place += 1
        bottom = self._script()
        if letter.text == "P":
            return Operation("permutations", (top, bottom))
        return Operation("binomial", (top, bottom))


def _inverse(tree: Tree) -> Tree:
    if tree == number(0):
        raise Unreadable("a division by zero")
    return power(tree, MINUS_ONE)


def _apply(word: str, name: str, base: Tree | None, argument: Tree) -> Tree:
    match name:
        case "sqrt":
            return root(argument)
        case "cbrt":
            return root(argument, number(3))
        case "exp":
            return power(E, argument)
        case "cis":
            return power(E, multiply(I, argument))
        case "log" if word == "ln":
            return Operation("log", (argument,))
        case "log":
            return Operation("log", (argument, base or number(10)))
    return Operation(name, (argument,))


_COUNTED = re.compile(r"[^\W\d_]{4,}|[^\W\d_][aeiou][^\W\d_]", re.IGNORECASE)


def is_counted_word(word: str) -> bool:
    """Whether a word of letters is rather a noun, `men`, than a product."""
    return _COUNTED.fullmatch(word) is not None
