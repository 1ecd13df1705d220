"""Reads tokens as an expression: sums of products of factors, as mathematicians write them.

A strict grammar: what it does not know is no factor, and where two readings are usual (`1/xy`,
`\\sin \\pi/6`) there is none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from . import trees
from .characters import GREEK
from .cursor import TokenCursor
from .letters import (
    DIFFERENTIAL,
    FUNCTION_OF_LETTER,
    FUNCTIONS,
    SEVERAL,
    TRIGONOMETRIC,
    is_factor,
    is_function,
    is_name,
    is_named,
    is_product,
    to_number,
)
from .lexing import Lexeme, Unreadable
from .trees import Letter, Operation, Rational, Tree, number

MAX_DEPTH = 60
"""Levels of brackets, powers and functions."""
_APPLIED = "fgh"
"""Letters before a bracket that are functions; others are factors."""
_CLOSING = {"(": ")", "{": "}", "[": "]", "⌊": "⌋", "⌈": "⌉", "|": "|", "‖": "‖"}
_MEANING = {"⌊": "floor", "⌈": "ceiling", "|": "abs", "‖": "norm"}
_ACCENTS = (r"\overline", r"\vec", r"\hat", r"\tilde", r"\overrightarrow", r"\widehat")
_COMMANDS = (r"\frac", r"\sqrt", r"\binom", r"\sum", r"\prod", r"\int", r"\lim")
_BEGINNINGS = frozenset((*"({[⌊⌈", *_ACCENTS, *_COMMANDS))
_NO_ARGUMENT = frozenset("^_-+*/")
_PERIOD = re.compile(r"(\d*\.\d*?)(\d+?)\2+")
"""`0.333` before an ellipsis."""


def read_tree(tokens: Sequence[Lexeme]) -> Tree:
    """The expression that the tokens are. Raises Unreadable if any is left over."""
    parser = FormulaParser(tokens)
    tree = parser.sum()
    if parser.rest():
        raise Unreadable(f"not understood at {parser.next()!r}")
    return tree


class FormulaParser(TokenCursor):
    """A recursive descent over tokens; `rest()` are those behind what has been read."""

    _depth = _bars = 0

    def _deeper(self, read: Callable[[], Tree]) -> Tree:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise Unreadable("nested too deeply")
        tree = read()
        self._depth -= 1
        return tree

    def sum(self) -> Tree:
        return self._deeper(self._sum)

    def _sum(self) -> Tree:
        terms = [self._signed(self.product)]
        while self.next() in ("+", "-"):
            terms.append(self._signed(self.product))
        return trees.add(*terms)

    def _signed(self, read: Callable[[], Tree]) -> Tree:
        """What `read` finds behind its sign; `+-` may stand for one, `--` and `++` are slips."""
        negative, before = False, ""
        while self.next() in ("+", "-"):
            if before in ("-", self.next()):
                raise Unreadable("two signs in a row")
            before = self.next()
            negative ^= before == "-"
            self._place += 1
        tree = read()
        return trees.negative(tree) if negative else tree

    def product(self) -> Tree:
        total = self._factor()
        while True:
            if self._take("*"):
                total = trees.multiply(total, self._signed(self._factor))
            elif self._take("/"):
                below = self._peek()
                if below and below.kind == "word" and is_product(below):
                    raise Unreadable(f"a fraction by {below.text!r} without brackets")
                total = trees.multiply(total, _inverse(self._signed(self._factor)))
            elif self._begins_factor():
                total = trees.multiply(total, self._factor())
            else:
                return total

    def _begins_factor(self) -> bool:
        token, inner = self._peek(), self._peek(1)
        if token is None:
            return False
        before = self._tokens[self._place - 1]
        if token.kind == "number":
            return before.text == ")" and not self._bars
        if token.kind == "word":
            is_last_unit = inner is None and token.text in ("sec", "min", "deg")
            return is_factor(token, before) and not is_last_unit
        if token.text == "|":
            return not self._bars
        if token.text == "(" and inner and inner.kind == "word" and len(inner.text) > 1:
            return is_named(inner.text) or is_name(inner) or is_product(inner)
        return token.text in _BEGINNINGS

    def _factor(self) -> Tree:
        tree = self._primary()
        while True:
            if self._take("^"):
                tree = trees.power(tree, self._script())
                if self.next() == "^":
                    raise Unreadable("a power of a power without brackets")
            elif self._take("!"):
                if self.next() == "!":
                    raise Unreadable("a factorial of factorials")
                tree = Operation("factorial", (tree,))
            elif self._take("°"):
                tree = trees.multiply(tree, trees.DEGREE)
            elif self._take("%"):
                tree = trees.divide(tree, number(100))
            else:
                return tree

    def _script(self) -> Tree:
        """An exponent: a group, a number, a letter, with its sign."""
        return self._deeper(lambda: self._signed(self._raised))

    def _raised(self) -> Tree:
        tree = self._primary()
        if self._take("^"):
            tree = trees.power(tree, self._script())
        if self.next() == "!":
            raise Unreadable("a factorial in a power without brackets")
        return tree

    def _primary(self) -> Tree:
        token = self._peek()
        if token is None:
            raise Unreadable("an operand is missing")
        if token.text in _CLOSING:
            return self._group()
        self._place += 1
        if token.kind != "sign":
            return self._number(token) if token.kind == "number" else self._word(token)
        match token.text:
            case "∞":
                return trees.INFINITY
            case r"\frac":
                return trees.multiply(self._argument(), _inverse(self._argument()))
            case r"\sqrt":
                return self._root()
            case r"\binom":
                return Operation("binomial", (self._argument(), self._argument()))
            case r"\sum" | r"\prod":
                index, low = self._index("=")
                self._expect("^")
                high = self._script()
                body = self.product()
                if index.name == "i":
                    body = trees.substitute(body, trees.IMAGINARY, index)
                return Operation(token.text[1:], (body, index, low, high))
            case r"\lim":
                index, low = self._index("→")
                return Operation("lim", (self.product(), index, low))
            case r"\int":
                return self._integral()
            case "^" | "_":
                return self._choose()
            case r"\angle" | r"\triangle" if (name := self._peek()) and name.kind == "word":
                self._place += 1
                return Letter(f"{token.text} {name.text}")
        if token.text in _ACCENTS:
            return Letter(f"{token.text}{{{self._spelled()}}}")
        raise Unreadable(f"not understood: {token.text!r}")

    def _number(self, token: Lexeme) -> Tree:
        """A number, or a mixed number: `1\\frac{4}{5}`, `3 1/2`; `0.33…` has a period."""
        value = to_number(token.text)
        following, start = self._peek(), self._place
        if following is None or following.text == "_":
            if following:
                raise Unreadable("a number with an index")
            return value
        if following.text == "…" and (period := _PERIOD.fullmatch(token.text)):
            self._place += 1
            return to_number(f"{period[1]}({period[2]})")
        if not token.text.isdecimal():
            return value
        part: Tree = value
        if following.text == r"\frac":
            part = self._primary()
        elif following.kind == "number" and following.spaced:
            below = self._peek(2)
            if not (below and below.text.isdecimal() and self._tokens[start + 1].text == "/"):
                return value
            part = trees.divide(to_number(following.text), _nonzero(to_number(below.text)))
            self._place += 3
        if isinstance(part, Rational) and part.value > 0 and self._place > start:
            if part.value >= 1:
                raise Unreadable("a whole number before a fraction above one")
            return trees.add(value, part)
        self._place = start
        return value

    def _group(self) -> Tree:
        opening = self.next()
        self._place += 1
        bars, self._bars = self._bars, int(opening == "|")
        tree = self.sum()
        self._expect(_CLOSING[opening])
        self._bars = bars
        return Operation(_MEANING[opening], (tree,)) if opening in _MEANING else tree

    def _argument(self) -> Tree:
        """Of a command: a group, or one digit or letter as in TeX."""
        token = self._peek()
        if token is None or token.text in _NO_ARGUMENT:
            raise Unreadable("an argument is missing")
        if token.kind == "number" and token.text.isdecimal() and len(token.text) > 1:
            self._tokens[self._place] = Lexeme("number", token.text[1:])
            return to_number(token.text[0])
        if is_product(token):
            self._tokens[self._place] = Lexeme("word", token.text[1:])
            return _letter(token.text[0])
        return self._deeper(self._primary)

    def _root(self) -> Tree:
        degree: Tree = number(2)
        if self._take("["):
            degree = self.sum()
            self._expect("]")
        return trees.root(self._radicand(), degree)

    def _radicand(self) -> Tree:
        """One argument, or a number with all its digits: nobody who types √19 means √1 · 9."""
        token = self._peek()
        if token is None or token.kind != "number":
            return self._argument()
        self._place += 1
        return to_number(token.text)

    def _word(self, token: Lexeme) -> Tree:
        word = token.text
        if word in FUNCTIONS:
            return self._function(word)
        if found := FUNCTION_OF_LETTER.fullmatch(word):
            self._tokens.insert(self._place, Lexeme("word", found[2]))
            return self._function(found[1])
        if word in ("pi", "inf", "infinity"):
            return trees.PI if word == "pi" else trees.INFINITY
        if len(word) == 1 or word.startswith("\\") or word in GREEK:
            return self._indexed(f"\\{word}" if word in GREEK else word)
        if is_name(token):
            return Letter(word + self._primes())
        if not is_product(token):
            raise Unreadable(f"a word in a formula: {word!r}")
        last = self._indexed(word[-1])
        while self._take("^"):
            last = trees.power(last, self._script())
        return trees.multiply(*map(_letter, word[:-1]), last)

    def _indexed(self, letter: str) -> Tree:
        """A letter with its index and primes, and its argument if it is a function."""
        name = letter + (f"_{self._spelled()}" if self._take("_") else "") + self._primes()
        if letter in _APPLIED and self.next() == "(":
            return Letter(f"{name}({', '.join(map(repr, self._arguments()))})")
        return _letter(name)

    def _primes(self) -> str:
        found = ""
        while self._take("'"):
            found += "'"
        return found

    def _arguments(self) -> list[Tree]:
        """Of a function, in brackets, separated by commas."""
        closing = ")" if self._take("(") else r"\}"
        if closing == r"\}":
            self._expect(r"\{")
        bars, self._bars = self._bars, 0
        found = [self.sum()]
        while self._take(","):
            found.append(self.sum())
        self._expect(closing)
        self._bars = bars
        return found

    def _function(self, word: str) -> Tree:
        base = exponent = None
        for _ in range(2):
            if word == "log" and base is None and self._take("_"):
                # `\log_23` is that of 3, but `\log_10 x` has the base 10.
                alone = not self._tokens[self._place + 1 :]
                base = self._argument() if alone else self._signed(self._primary)
            elif exponent is None and self._take("^"):
                exponent = self._script()
        if word == "log" and base is None and self._is_typed_base():
            base = self._primary()
        name = FUNCTIONS[word]
        if exponent == trees.MINUS_ONE:
            if word not in TRIGONOMETRIC:
                raise Unreadable(f"an inverse of {word}")
            name, exponent = f"a{name}", None
        if word in SEVERAL:
            tree: Tree = Operation(name, tuple(sorted(self._arguments(), key=repr)))
        else:
            if word in ("log", "lg") and base is None:
                base = number(10)
            is_root = name in ("sqrt", "cbrt")
            argument = self._radicand if is_root else self._function_argument
            tree = _apply(name, base, self._deeper(argument))
        return tree if exponent is None else trees.power(tree, exponent)

    def _is_typed_base(self) -> bool:
        """`log2(8)`."""
        token, bracket = self._peek(), self._peek(1)
        typed = token is not None and token.kind == "number" and not token.spaced
        return typed and bracket is not None and bracket.text == "("

    def _function_argument(self) -> Tree:
        """A bracket, or the factors up to the next function or bracket: `\\sin 2x \\cos x`."""
        return self._group() if self.next() in _CLOSING else self._signed(self._factors)

    def _factors(self) -> Tree:
        tree = self._factor()
        while (token := self._peek()) and self._begins_factor() and not is_function(token.text):
            if token.text in ("(", "[", "|"):
                if isinstance(tree, Rational):
                    raise Unreadable("a function of a product without brackets")
                break
            tree = trees.multiply(tree, self._factor())
        below = self._peek(1)
        if self.next() == "/" and below and below.kind == "number":
            raise Unreadable("a function of a fraction without brackets")
        return tree

    def _index(self, sign: str) -> tuple[Letter, Tree]:
        """`_{k=1}` below a sum, `_{x \\to 0}` below a limit."""
        self._expect("_")
        inner = self._inner()
        if len(inner) < 3 or inner[0].kind != "word" or inner[1].text != sign:
            raise Unreadable("a sum or limit of what?")
        return Letter(inner[0].text), read_tree(inner[2:])

    def _integral(self) -> Tree:
        self._expect("_")
        low = self._signed(self._primary)
        self._expect("^")
        high = self._script()
        body = self.product()
        parts = body.arguments if isinstance(body, Operation) and body.name == "mul" else (body,)
        steps = [one for one in parts if DIFFERENTIAL.fullmatch(repr(one))]
        if len(steps) != 1:
            raise Unreadable("an integral without its variable")
        inner = trees.multiply(trees.ONE, *(one for one in parts if one is not steps[0]))
        return Operation("int", (inner, Letter(repr(steps[0])[1:]), low, high))

    def _choose(self) -> Tree:
        """`^{5}C_{2}`, `_5C_2`: from behind the first sign."""
        top = self._script()
        self._expect("C")
        self._expect("_")
        return Operation("binomial", (top, self._script()))


def _letter(name: str) -> Tree:
    return {"e": trees.E, "i": trees.IMAGINARY}.get(name) or Letter(name)


def _nonzero(tree: Tree) -> Tree:
    if tree == trees.ZERO:
        raise Unreadable("a division by zero")
    return tree


def _inverse(tree: Tree) -> Tree:
    return trees.power(_nonzero(tree), trees.MINUS_ONE)


def _apply(name: str, base: Tree | None, argument: Tree) -> Tree:
    match name:
        case "sqrt" | "cbrt":
            return trees.root(argument, number(2 if name == "sqrt" else 3))
        case "exp" | "cis":
            turn = trees.IMAGINARY if name == "cis" else trees.ONE
            return trees.power(trees.E, trees.multiply(turn, argument))
    return Operation(name, (argument,) if base is None else (argument, base))
