"""Every flag of every command refuses nonsense in one sentence that names flag and value."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Annotated, ClassVar, Literal

import pytest
import sprint
from sprint.commands import COMMANDS, config_of
from sprint.model_server.config import ServerConfig
from sprint.utils.config import Config, Positional, Variable, from_command_line, replace
from sprint.utils.config.fields import Field, fields_of
from sprint.utils.config.flags import help_of, make_parser
from sprint.utils.config.values import Bounds, Folder, Positive, Temperature
from train_base import TrainBaseConfig

ROOT = Path(sprint.__file__).parent

NOT_A_NUMBER = ["", " ", "nan", "-nan", "inf", "-inf", "1e400", "-1", "0x10", "1_000", "\uff13"]
NOT_A_NUMBER += ["\u00b2", "9" * 5000, "1" + "0" * 20, "1,5", "+1", "\udcff", "1\n", "None"]
NOT_A_NUMBER += ["\x1b[2J"]
NO_URL = ["", " ", "ftp://h", "http://h:99999/v1", "http://a b", "http://[::1/v1", "h:1"]

CONFIGS: list[type[Config]] = [*map(config_of, COMMANDS), ServerConfig, TrainBaseConfig]
FIELDS = [(kind, field) for kind in CONFIGS for field in fields_of(kind)]
NUMERIC = [one for one in FIELDS if isinstance(one[1].limits, Bounds)]


def named(one: object) -> str:
    return one.command if isinstance(one, type) else one.name  # type: ignore[attr-defined,no-any-return]


def refusal(
    kind: type[Config], field: Field, value: str, capsys: pytest.CaptureFixture[str]
) -> str:
    with pytest.raises(SystemExit) as ended:
        from_command_line(kind, [f"{field.flag}={value}"])
    assert ended.value.code == 2
    return capsys.readouterr().err


def test_every_command_is_found() -> None:
    modules = [
        path.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".")
        for path in ROOT.rglob("*.py")
        if "    run_main(main" in path.read_text(encoding="utf-8")
    ]
    known = {f"{one}.__main__" for one in COMMANDS.values()} | {*COMMANDS.values()}
    assert {*modules} - known == set()
    assert len(NUMERIC) > 40


def test_every_number_has_bounds() -> None:
    free = [
        (kind.command, field.name)
        for kind, field in FIELDS
        if field.kind in (int, float) and not isinstance(field.limits, Bounds)
    ]
    assert free == []


@pytest.mark.parametrize(("kind", "field"), NUMERIC, ids=named)
def test_a_flag_with_a_number_refuses_what_is_none(
    kind: type[Config], field: Field, capsys: pytest.CaptureFixture[str]
) -> None:
    for value in NOT_A_NUMBER:
        said = refusal(kind, field, value, capsys)
        assert said.startswith(f"Error: argument {field.flag}: expected "), said
        assert len(said.splitlines()) == 1
        assert re.search(re.escape(repr(value[:40])).replace(r"\\", r"\\+"), said), said


@pytest.mark.parametrize(
    ("kind", "field"), [one for one in FIELDS if one[1].name.endswith("server_url")], ids=named
)
def test_a_flag_with_a_server_refuses_what_is_none(
    kind: type[Config], field: Field, capsys: pytest.CaptureFixture[str]
) -> None:
    for value in NO_URL:
        said = refusal(kind, field, value, capsys)
        assert said.startswith(f"Error: argument {field.flag}: "), said
        assert "is not a valid server URL" in said


@pytest.mark.parametrize(
    ("kind", "field"),
    [one for one in FIELDS if one[1].limits and one[1].limits.expected == "the name of a model"],
    ids=named,
)
def test_a_model_needs_a_name(
    kind: type[Config], field: Field, capsys: pytest.CaptureFixture[str]
) -> None:
    for value in ("", " ", ".", "..", "/", "./"):
        said = refusal(kind, field, value, capsys)
        assert said.startswith(f"Error: argument {field.flag}: expected the name of a model, not ")


@pytest.mark.parametrize(("kind", "field"), FIELDS, ids=named)
def test_help_explains_every_flag_with_its_default(kind: type[Config], field: Field) -> None:
    assert len(field.doc) > 5
    text = help_of(field)
    assert ("(default: " in text) == bool(field.default)
    assert ("(required" in text) == field.info.is_required()
    shown = field.positional.name if field.positional is not None else field.flag
    assert shown in make_parser(kind).format_help()


class RowsConfig(Config):
    """Some rows.

    More of them.
    """

    range: str = ":"
    """Which."""


class CommandConfig(RowsConfig):
    """A command."""

    command: ClassVar[str] = "try"

    model: str
    """Its name."""
    logs_dir: Annotated[Folder, Variable("LOGS_DIR")] = Path("logs")
    """Folder."""
    count: Positive = 3
    """How many."""
    heat: Temperature | None = None
    """How hot; by default it is not said."""
    kind: Literal["one", "two"] = "one"
    """Which kind."""
    quick: bool = True
    """Whether it is 5 % quicker."""
    also: tuple[str, ...] = ()
    """Given several times."""
    folders: Annotated[tuple[Path, ...], Positional("FOLDER")] = ()
    """Folders."""


def made(*words: str) -> CommandConfig:
    return from_command_line(CommandConfig, ["--model", "m", *words])


def test_each_kind_of_field() -> None:
    config = made("--no-quick", "--also", "a,b", "--also", "None", "f 1", "f2", "--heat", ".5")
    assert config.quick is False
    assert config.also == ("a,b", "None")
    assert config.folders == (Path("f 1"), Path("f2"))
    assert (config.count, config.heat, config.kind, config.range) == (3, 0.5, "one", ":")


def test_a_configuration_cannot_be_changed() -> None:
    config = made()
    with pytest.raises(ValueError, match="frozen"):
        config.count = 4  # type: ignore[misc]
    assert replace(config, count="5").count == 5
    with pytest.raises(ValueError, match="expected a whole number"):
        replace(config, count=0)


def test_python_is_checked_as_flags_are() -> None:
    for wrong in ({"count": True}, {"count": 1.5}, {"heat": math.nan}, {"hot": 1}, {"kind": "x"}):
        with pytest.raises(ValueError, match=next(iter(wrong))):
            CommandConfig(**{"model": "m", **wrong})


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "the following arguments are required: --model"),
        (["--model", "m", "--kind", "three"], "argument --kind: expected 'one' or 'two', not"),
        (["--model", "m", "--mod", "x"], "unrecognized arguments: --mod"),
        (
            ["--model", "m", "--logs_dir", "/dev/null"],
            "argument --logs_dir: expected a folder, not",
        ),
        (["--model"], "argument --model: expected one argument"),
    ],
)
def test_what_is_wrong_is_one_sentence(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        from_command_line(CommandConfig, words)
    told = capsys.readouterr().err
    assert ended.value.code == 2
    assert told.startswith(f"Error: {said}")
    assert told.endswith(" (--help explains every flag).\n")


def test_what_goes_before_what(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A flag before a file, a file before the environment, and that before the default."""
    path = tmp_path / "some.yaml"
    path.write_text("count: 7\nlogs_dir: in_file\n")
    assert made().logs_dir == Path("logs")
    monkeypatch.setenv("LOGS_DIR", "in_environment")
    assert made().logs_dir == Path("in_environment")
    assert made("--config", str(path)).logs_dir == Path("in_file")
    config = made("--config", str(path), "--logs_dir", "in_flag")
    assert (config.logs_dir, config.count) == (Path("in_flag"), 7)
    assert CommandConfig(model="m").logs_dir == Path("logs")


def test_help_has_groups(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        from_command_line(CommandConfig, ["--help"])
    assert ended.value.code == 0
    told = capsys.readouterr().out
    assert told.startswith("usage: sprint try FOLDER [FLAG ...]\n\nA command.")
    assert "\nSome rows:\n  --range RANGE" in told
    assert "Whether it is 5 % quicker. (default: yes)" in told
    assert "How many. (default: 3; from 1)" in " ".join(told.split())
