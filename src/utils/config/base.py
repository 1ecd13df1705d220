"""The base of all configurations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Self, TypeVar

from pydantic import BaseModel, ConfigDict

ConfigT = TypeVar("ConfigT", bound="Config")


class Config(BaseModel):
    """Immutable and validated. A field's docstring gives its meaning and unit.

    Raises pydantic's ValidationError (a ValueError) for a field that is unknown, missing or out of
    bounds.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        use_attribute_docstrings=True,
        coerce_numbers_to_str=True,
        validate_default=True,
    )

    command: ClassVar[str] = ""
    """The word after `sprint`, if the configuration belongs to a command."""
    program: ClassVar[str] = ""
    """How to call the command, if not by `sprint` and the word."""

    @classmethod
    def variant(cls, given: Mapping[str, object]) -> type[Self]:
        """The class to use for these values, if one field decides on others."""
        return cls


def replace(config: ConfigT, **changes: object) -> ConfigT:
    """A copy with other values for some fields, validated like a new one."""
    return type(config)(**{**dict(config), **changes})


@dataclass(frozen=True)
class Positional:
    """Marks a positional field, given without a flag; `name` is its name in --help."""

    name: str


@dataclass(frozen=True)
class Variable:
    """Marks a field that falls back to an environment variable if no flag or file sets it.

    Only commands read the environment; a configuration made in Python does not.
    """

    name: str
