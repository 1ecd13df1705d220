"""Types of values with their bounds. Text is parsed strictly: as numbers are usually written."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator

MOST = 10**9
"""The largest number that a field accepts; a larger one is a typing error."""
HOTTEST = 2.0
"""The highest temperature that the OpenAI API accepts."""

_WHOLE = re.compile(r"[0-9]{1,15}")
_DECIMAL = re.compile(r"([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]{1,3})?")


LONGEST = 40
"""Characters of an invalid value that a message shows."""


def unexpected(expected: str, came: object) -> ValueError:
    """The error for an invalid value."""
    if isinstance(came, str):
        shown = repr(came) if len(came) <= LONGEST else f"{came[:LONGEST]!r}..."
    elif isinstance(came, int | float | None):
        shown = f"{came}"[:LONGEST]
    else:
        shown = f"a {type(came).__name__}"
    return ValueError(f"expected {expected}, not {shown}")


@dataclass(frozen=True)
class Kind:
    """Type metadata: the accepted values, in words."""

    expected: str

    @property
    def short(self) -> str:
        """The same for --help, after the flag's meaning."""
        return ""


@dataclass(frozen=True)
class Bounds(Kind):
    """The numbers that a field accepts."""

    least: float
    most: float
    above: bool = False
    """Whether `least` itself is out of bounds."""
    below: bool = False
    """Whether `most` itself is out of bounds."""

    @property
    def short(self) -> str:
        if self.above:
            return f"above {self.least:g}" + (f", up to {self.most:g}" if self.most < MOST else "")
        if self.most == MOST:
            return f"from {self.least:g}"
        most = f"{self.most:g}" if self.most < MOST else f"{self.most}"
        return f"{self.least:g} to {'below ' if self.below else ''}{most}"

    def require(self, value: float, came: object) -> None:
        inside = self.least < value if self.above else self.least <= value
        inside &= value < self.most if self.below else value <= self.most
        if not inside:
            raise unexpected(self.expected, came)

    def whole(self, came: object) -> int:
        value = came
        if isinstance(came, str):
            value = int(came) if _WHOLE.fullmatch(came) else None
        if isinstance(value, bool) or not isinstance(value, int):
            raise unexpected(self.expected, came)
        self.require(value, came)
        return value

    def number(self, came: object) -> float:
        value = came
        if isinstance(came, str):
            value = float(came) if _DECIMAL.fullmatch(came) else None
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise unexpected(self.expected, came)
        if isinstance(value, float) and not math.isfinite(value):
            raise unexpected(self.expected, came)
        self.require(value, came)
        return float(value)


_POSITIVE = Bounds("a whole number from 1 to 1000000000", 1, MOST)
_WHOLE_NUMBER = Bounds("a whole number from 0 to 1000000000", 0, MOST)
_SEED = Bounds("a whole number from 0 to 2^32 - 1", 0, (1 << 32) - 1)
_ABOVE_ZERO = Bounds("a number above 0", 0, MOST, above=True)
_NOT_NEGATIVE = Bounds("a number from 0 to 1000000000", 0, MOST)
_SHARE = Bounds("a share from 0 to 1", 0, 1)
_SMALL_SHARE = Bounds("a share from 0 to below 1", 0, 1, below=True)
_TOP_P = Bounds("a share above 0, up to 1", 0, 1, above=True)
_TEMPERATURE = Bounds("a number from 0 to 2", 0, HOTTEST)

Positive = Annotated[int, BeforeValidator(_POSITIVE.whole), _POSITIVE]
"""Counts something."""
Whole = Annotated[int, BeforeValidator(_WHOLE_NUMBER.whole), _WHOLE_NUMBER]
"""A count; 0 disables it."""
Seed = Annotated[int, BeforeValidator(_SEED.whole), _SEED]
"""A seed that every generator accepts."""
AboveZero = Annotated[float, BeforeValidator(_ABOVE_ZERO.number), _ABOVE_ZERO]
NotNegative = Annotated[float, BeforeValidator(_NOT_NEGATIVE.number), _NOT_NEGATIVE]
Share = Annotated[float, BeforeValidator(_SHARE.number), _SHARE]
SmallShare = Annotated[float, BeforeValidator(_SMALL_SHARE.number), _SMALL_SHARE]
"""A share that leaves something."""
TopP = Annotated[float, BeforeValidator(_TOP_P.number), _TOP_P]
Temperature = Annotated[float, BeforeValidator(_TEMPERATURE.number), _TEMPERATURE]


def _folder(came: object) -> Path:
    """A folder, which need not exist."""
    if not isinstance(came, str | Path):
        raise unexpected("a folder", came)
    path = Path(came)
    try:
        taken = path.exists() and not path.is_dir()
    except PermissionError:
        taken = False  # the stage reports that it cannot write there
    except (OSError, ValueError):
        taken = True
    if taken or "\0" in str(came) or not str(came).strip():
        raise unexpected("a folder", str(came))
    return path


Folder = Annotated[Path, BeforeValidator(_folder), Kind("a folder")]


def _served_name(came: object) -> str:
    """A model name, from which result folders are named."""
    if not isinstance(came, str) or not Path(came).name.strip(". ") or "\0" in came:
        raise unexpected("the name of a model", came)
    return came


ServedName = Annotated[str, BeforeValidator(_served_name), Kind("the name of a model")]
