"""What a configuration field says about itself, for --help, the reference and messages."""

from __future__ import annotations

import types
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

from pydantic.fields import FieldInfo

from .base import Config, Positional, Variable
from .values import Kind

SaidT = TypeVar("SaidT")


@dataclass(frozen=True)
class Field:
    """One field. `group`: the class that declares it; its docstring names the group."""

    name: str
    info: FieldInfo
    group: type[Config]

    @property
    def flag(self) -> str:
        return f"--{self.name}"

    @property
    def doc(self) -> str:
        return " ".join((self.info.description or "").split())

    @property
    def kind(self) -> Any:
        """The type, without None and without metadata."""
        return _plain(self.info.annotation)

    @property
    def choices(self) -> tuple[str, ...]:
        return tuple(map(str, get_args(self.kind))) if get_origin(self.kind) is Literal else ()

    @property
    def is_switch(self) -> bool:
        return self.kind is bool

    @property
    def is_several(self) -> bool:
        return get_origin(self.kind) is tuple

    @property
    def positional(self) -> Positional | None:
        return self._said(Positional)

    @property
    def variable(self) -> Variable | None:
        return self._said(Variable)

    @property
    def limits(self) -> Kind | None:
        return self._said(Kind)

    def _said(self, of: type[SaidT]) -> SaidT | None:
        found = [*self.info.metadata, *_metadata(self.info.annotation)]
        return next((one for one in found if isinstance(one, of)), None)

    @property
    def default(self) -> str:
        """The default as you would type it; empty if there is none or it is computed."""
        value = self.info.default
        if self.info.is_required() or self.info.default_factory or value in (None, (), ""):
            return ""
        if isinstance(value, float):
            return f"{value:g}"
        return "yes" if value is True else "no" if value is False else f"{value}"

    @property
    def values(self) -> str:
        """The accepted values, in words."""
        if self.choices:
            return " | ".join(self.choices)
        if self.limits is not None:
            number = "whole number" if self.kind is int else "number"
            short = self.limits.short
            return f"{number}, {short}" if short else self.limits.expected
        if self.is_switch:
            return "a switch"
        if self.kind is Path or (self.is_several and Path in get_args(self.kind)):
            return "a path"
        return "text"


def fields_of(config: type[Config]) -> Iterator[Field]:
    """The fields of a configuration: its own first, then those it shares with others."""
    found = [
        Field(name, info, _declared(config, name)) for name, info in config.model_fields.items()
    ]
    order = config.__mro__
    yield from sorted(found, key=lambda field: order.index(field.group))


def _declared(config: type[Config], name: str) -> type[Config]:
    """The most general class that has the field."""
    having = [
        one for one in config.__mro__ if issubclass(one, Config) and name in one.__annotations__
    ]
    return having[-1]


def _plain(annotation: Any) -> Any:
    if get_origin(annotation) is Annotated:
        return _plain(get_args(annotation)[0])
    if get_origin(annotation) in (Union, types.UnionType):
        (kind,) = (one for one in get_args(annotation) if one is not type(None))
        return _plain(kind)
    return annotation


def _metadata(annotation: Any) -> Iterator[Any]:
    """The metadata of the type, also if it is wrapped: `Positive | None`."""
    if get_origin(annotation) is Annotated:
        kind, *said = get_args(annotation)
        yield from said
        yield from _metadata(kind)
    elif get_origin(annotation) in (Union, types.UnionType):
        for one in get_args(annotation):
            yield from _metadata(one)
