"""The base of all configurations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Self, TypeVar

from pydantic import BaseModel, ConfigDict

ConfigT = TypeVar("ConfigT", bound="Config")


class Config(BaseModel):
    """Immutable, and checked when it is made. A field's docstring says its meaning and unit.

    Raises pydantic's ValidationError, which is a ValueError, for a field that is unknown, missing
    or out of its bounds.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        use_attribute_docstrings=True,
        coerce_numbers_to_str=True,
        validate_default=True,
    )

    command: ClassVar[str] = ""
    """The word after `sprint`, of a configuration that is a command's."""
    program: ClassVar[str] = ""
    """How the command is called, where that is not `sprint` and the word."""

    @classmethod
    def variant(cls, given: Mapping[str, object]) -> type[Self]:
        """The configuration that is meant where one field decides on others, given the values."""
        return cls


def replace(config: ConfigT, **changes: object) -> ConfigT:
    """A copy with other values for some fields, checked as a new one is."""
    return type(config)(**{**dict(config), **changes})


@dataclass(frozen=True)
class Positional:
    """Marks a field that is given without a flag; `name` is what --help calls it."""

    name: str


@dataclass(frozen=True)
class Variable:
    """Marks a field whose value is that of an environment variable unless a flag or file gives it.

    Only commands read the environment: a configuration that is made in Python does not.
    """

    name: str
