"""From a command line to a configuration: flags override a --config file, which overrides defaults.

argparse splits the words; the configuration checks values, bounds and defaults. Parsers that do
both were tried (docs/experiments.md): none is as fast, as strict and as clear in its messages.
"""

from __future__ import annotations

import argparse
import difflib
import inspect
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from ..errors import InputError
from .base import Config
from .config_files import read_config
from .fields import Field, fields_of
from .safe_output import one_line
from .values import unexpected

ConfigT = TypeVar("ConfigT", bound=Config)
CONFIG = "config"


class _Parser(argparse.ArgumentParser):
    """Reports an invalid flag in one sentence."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"Error: {one_line(message)} (--help explains every flag).\n")


def from_command_line(kind: type[ConfigT], argv: Sequence[str] | None = None) -> ConfigT:
    """The configuration for a command line (by default that of this process).

    Exits with code 2 and one sentence for an invalid flag. Raises InputError for an invalid file,
    and for values that do not go together.
    """
    first = _values(make_parser(kind, add_help=False).parse_known_args(argv)[0])
    path: Path | None = first.pop(CONFIG, None)
    found = read_config(path, kind.command) if path is not None else {}
    chosen = kind.variant(found | first)
    parser = make_parser(chosen)
    given = _values(parser.parse_args(argv))
    given.pop(CONFIG, None)
    in_file = _known(chosen, found, path)
    values = _environment(chosen) | in_file | given
    try:
        return chosen(**values)
    except ValidationError as error:
        _explain(parser, chosen, error, in_file.keys() - given.keys())


def make_parser(kind: type[Config], *, add_help: bool = True) -> argparse.ArgumentParser:
    """The parser for a configuration's flags; it sets no defaults, so files can override them."""
    program = kind.program or f"sprint {kind.command}"
    places = "".join(f" {field.positional.name}" for field in fields_of(kind) if field.positional)
    parser = _Parser(
        prog=program,
        usage=f"{program}{places} [FLAG ...]",
        description=inspect.getdoc(kind),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        add_help=add_help,
        allow_abbrev=False,
        argument_default=argparse.SUPPRESS,
    )
    groups = dict[type[Config], Any]()
    for field in fields_of(kind):
        title = title_of(field.group)
        group = parser if field.group is kind else groups.get(field.group)
        if group is None:
            group = groups[field.group] = parser.add_argument_group(title)
        _add(group, field)
    parser.add_argument(
        f"--{CONFIG}",
        metavar="FILE",
        type=Path,
        help="YAML file that sets fields by name, or the run.json or training.json of a run to "
        "repeat; flags override it",
    )
    return parser


def title_of(group: type[Config]) -> str:
    """The title of a group of fields: the first line of its class docstring."""
    return (inspect.getdoc(group) or "").partition("\n")[0].rstrip(".")


def _add(group: Any, field: Field) -> None:
    options: dict[str, Any] = {"help": help_of(field)}
    if field.is_switch:
        options["action"] = argparse.BooleanOptionalAction
    elif field.choices:
        options["metavar"] = "{" + ",".join(field.choices) + "}"
    if field.positional is not None:
        # Else argparse would report "required" for a name that --help does not show.
        options |= {"metavar": field.positional.name, "nargs": "*" if field.is_several else "?"}
        group.add_argument(field.name, **options)
        return
    if field.is_several:
        options["action"] = "append"
    group.add_argument(field.flag, **options)


def help_of(field: Field) -> str:
    """The field's docstring with its default and bounds."""
    notes = ["required"] if field.info.is_required() else []
    notes += [f"default: {field.default}"] if field.default else []
    notes += [field.limits.short] if field.limits is not None and field.limits.short else []
    text = f"{field.doc} ({'; '.join(notes)})" if notes else field.doc
    return text.replace("%", "%%")


def _values(arguments: argparse.Namespace) -> dict[str, Any]:
    # An empty list means that the positional was not given.
    return {name: value for name, value in vars(arguments).items() if value != []}


def _known(kind: type[Config], found: Mapping[str, Any], path: Path | None) -> dict[str, Any]:
    """The fields that the file at `path` sets; InputError for an unknown field."""
    names = [field.name for field in fields_of(kind)]
    for name in found.keys() - set(names):
        near = difflib.get_close_matches(name, names, 1)
        meant = f"did you mean {near[0]}?" if near else "--help lists the fields."
        raise InputError(f"{path} sets {name[:100]!r}, no field of sprint {kind.command}: {meant}")
    return {name: value for name, value in found.items() if value is not None}


def _environment(kind: type[Config]) -> dict[str, str]:
    found = {
        field.name: os.environ.get(field.variable.name, "")
        for field in fields_of(kind)
        if field.variable is not None
    }
    return {name: value for name, value in found.items() if value}


def _explain(
    parser: argparse.ArgumentParser,
    kind: type[Config],
    error: ValidationError,
    from_file: Mapping[str, Any] | set[str],
) -> NoReturn:
    errors = error.errors(include_url=False)
    missing = [str(one["loc"][0]) for one in errors if one["type"] == "missing"]
    wrong = next((one for one in errors if one["type"] != "missing"), None)
    if wrong is None:
        by_name = {field.name: field for field in fields_of(kind)}
        names = [_name(by_name[name]) for name in missing]
        parser.error(f"the following arguments are required: {', '.join(names)}")
    reason = sentence(wrong)
    if not wrong["loc"]:
        raise InputError(reason)
    name = str(wrong["loc"][0])
    where = f"{name} in the --config file" if name in from_file else f"argument --{name}"
    parser.error(f"{where}: {reason}")


def _name(field: Field) -> str:
    return field.positional.name if field.positional is not None else field.flag


def sentence(error: ErrorDetails) -> str:
    """What is wrong with one field: expected and found."""
    context = error.get("ctx", {})
    if isinstance(context.get("error"), Exception):
        return str(context["error"])
    if error["type"] == "literal_error":
        return str(unexpected(str(context["expected"]), error["input"]))
    return str(unexpected(error["msg"].removeprefix("Input should be "), error["input"]))
