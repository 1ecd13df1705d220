"""Every flag of every command refuses nonsense in one sentence that names flag and value."""

from __future__ import annotations

import argparse
import importlib
import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import sprint
from sprint.utils import cli, evaluation

ROOT = Path(sprint.__file__).parent

NOT_A_NUMBER = ["", " ", "nan", "-nan", "inf", "-inf", "1e400", "-1", "0x10", "1_000", "\uff13"]
NOT_A_NUMBER += [
    "\u00b2",
    "9" * 5000,
    "1" + "0" * 20,
    "1,5",
    "+1",
    "\udcff",
    "1\n",
    "None",
    "\x1b[2J",
]
NOT_A_NUMBER += ["\x1b[2J"]
NO_URL = ["", " ", "ftp://h", "http://h:99999/v1", "http://a b", "http://[::1/v1", "h:1"]


def commands() -> Iterator[str]:
    """The modules with a parser of their own: all that end in `run_main(main)`."""
    for path in sorted(ROOT.rglob("*.py")):
        if "    run_main(main" in path.read_text(encoding="utf-8"):
            yield ".".join(("sprint", *path.relative_to(ROOT).with_suffix("").parts))


class _FoundError(Exception):
    def __init__(self, parser: argparse.ArgumentParser) -> None:
        self.parser = parser


def parser_of(module: str) -> argparse.ArgumentParser:
    """The parser of a command, taken as it begins to parse."""

    def found(parser: argparse.ArgumentParser, *_: object) -> None:
        if parser.add_help:
            raise _FoundError(parser)

    with pytest.MonkeyPatch.context() as patch:
        known = argparse.ArgumentParser.parse_known_args
        patch.setattr(
            argparse.ArgumentParser,
            "parse_known_args",
            lambda parser, *given: (
                known(parser, [], None) if not parser.add_help else found(parser)
            ),
        )
        patch.setattr(argparse.ArgumentParser, "parse_args", found)
        loaded = importlib.import_module(module)
        parse = getattr(loaded, "parse_arguments", None) or loaded.main
        with pytest.raises(_FoundError) as ended:
            parse()
    return ended.value.parser


TYPED = [
    (module, action.option_strings[0], action.type)
    for module in commands()
    for action in parser_of(module)._actions
    if action.type is not None and action.type is not Path and action.option_strings
]
NUMERIC = [one for one in TYPED if inspect.getmodule(one[2]) is cli and one[2].__name__[0] != "_"]


def refusal(module: str, flag: str, value: str, capsys: pytest.CaptureFixture[str]) -> str:
    parser = parser_of(module)
    for action in parser._actions:
        action.required = False
    with pytest.raises(SystemExit) as ended:
        parser.parse_args([f"{flag}={value}"])
    assert ended.value.code == 2
    return capsys.readouterr().err


def test_every_command_is_found() -> None:
    assert len([*commands()]) >= 12
    assert len(NUMERIC) > 40


def test_no_flag_takes_any_number_at_all() -> None:
    assert [one[:2] for one in TYPED if one[2] in (int, float)] == []


@pytest.mark.parametrize(("module", "flag"), [one[:2] for one in NUMERIC])
def test_a_flag_with_a_number_refuses_what_is_none(
    module: str, flag: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for value in NOT_A_NUMBER:
        said = refusal(module, flag, value, capsys)
        assert said.startswith(f"Error: argument {flag}: expected "), said
        assert len(said.splitlines()) == 1
        assert re.search(re.escape(repr(value[:40])).replace(r"\\", r"\\+"), said), said


@pytest.mark.parametrize(
    ("module", "flag"), [one[:2] for one in TYPED if one[1].endswith("server_url")]
)
def test_a_flag_with_a_server_refuses_what_is_none(
    module: str, flag: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for value in NO_URL:
        said = refusal(module, flag, value, capsys)
        assert said.startswith(f"Error: argument {flag}: "), said
        assert "is no URL of a server" in said


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        (cli.temperature, ["0", "0.6", "2", ".5", "1e-1"]),
        (cli.top_p, ["1", "0.95"]),
        (cli.positive, ["1", "007", "1000000000"]),
        (cli.seed, ["0", "4294967295"]),
    ],
)
def test_what_is_a_number(kind: type, values: list[str]) -> None:
    assert [kind(value) for value in values] == [type(kind(value))(value) for value in values]


def test_limits() -> None:
    for kind, value in ((cli.top_p, "0"), (cli.top_p, "1.1"), (cli.temperature, "2.1")):
        with pytest.raises(argparse.ArgumentTypeError, match=re.escape(repr(value))):
            kind(value)
    assert evaluation.temperature is cli.temperature
