"""Configurations in files, and the records that are given to a command again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sprint.agent_orchestration import SprintConfig
from sprint.base_model_evaluation import BaselineConfig, SelfConsistencyConfig
from sprint.utils.config import RECORD, Config, from_command_line, record
from sprint.utils.errors import InputError

MUST = {"planner_model": "p", "planner_server_url": "http://h/v1"}


def read(path: Path, text: str, kind: type[Config] = SprintConfig) -> Config:
    path.write_text(text)
    return from_command_line(kind, ["--config", str(path)])


def test_yaml_is_read_as_flags_are(tmp_path: Path) -> None:
    """YAML itself would take 1:50 for 110, `no` for False and 007 for 7."""
    config = read(
        tmp_path / "c.yaml",
        "planner_model: 007\nplanner_server_url: http://h/v1\nrange: 1:50\nsplit: no\n"
        "reuse_tokens: false\ntemperature: 1e-1\nexecutor_model: ~\ntokenizer:\n",
    )
    assert isinstance(config, SprintConfig)
    assert (config.planner_model, config.range, config.split) == ("007", "1:50", "no")
    assert (config.reuse_tokens, config.temperature) == (False, 0.1)
    assert (config.executor_model, config.tokenizer) == (None, None)


def test_a_record_gives_the_same_configuration_again(tmp_path: Path) -> None:
    config = SprintConfig(**MUST, num_workers=3, logs_dir=tmp_path, benchmark="gsm8k")
    text = json.dumps({"method": "SPRINT", RECORD: record(config)})
    assert read(tmp_path / "run.json", text) == config


def test_the_method_in_a_file_decides_on_the_fields(tmp_path: Path) -> None:
    config = SelfConsistencyConfig(model="m", server_url="http://h/v1", samples=3)
    again = read(tmp_path / "r.json", json.dumps(record(config)), BaselineConfig)
    assert again == config
    with pytest.raises(ValueError, match="SelfConsistencyConfig"):
        BaselineConfig(method="self-consistency", model="m", server_url="http://h/v1")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- a\n", "does not contain a mapping of fields"),
        ("word", "does not contain a mapping of fields"),
        ("1: 2\n? [a]\n: b\n", "YAML"),
        ("a: [", "is not valid YAML"),
        ("a: \x00", "is not valid YAML"),
        ("[" * 100_000, "is not valid YAML"),
        ("x" * (1 << 20) + "y", "more than 1048576 bytes"),
        ("planner_modell: m\n", "did you mean planner_model?"),
        ("frobnicate: m\n", "--help lists the fields"),
        (f"{RECORD}:\n  command: compare\n", "is the record of 'compare', not of 'orchestrate'"),
    ],
)
def test_a_file_that_cannot_be(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        read(tmp_path / "c.yaml", text)


def test_a_record_of_an_older_version_has_no_configuration(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    path.write_text(json.dumps({"method": "RFT", "model": "m", "versions": {"python": "3.11.7"}}))
    with pytest.raises(InputError, match="older version, which contains no configuration: give"):
        from_command_line(SprintConfig, ["--config", str(path)])


def test_json_that_cannot_be(tmp_path: Path) -> None:
    for text in ("[" * 100_000, "{", "[]", '{"configuration": 3}', '{"a": ' + "9" * 5000 + "}"):
        with pytest.raises(InputError, match="give --config"):
            read(tmp_path / "c.json", text)
    with pytest.raises(InputError, match="There is no file"):
        from_command_line(SprintConfig, ["--config", str(tmp_path / "none.json")])
    with pytest.raises(InputError, match="cannot be read"):
        from_command_line(SprintConfig, ["--config", str(tmp_path / "none.yaml")])


@pytest.mark.parametrize(
    "text",
    [
        "num_workers: 0\n",
        "num_workers: [3]\n",
        "planner_model: {a: b}\n",
        "tokenizer: [x]\n",
    ],
)
def test_a_value_in_a_file_is_named(
    tmp_path: Path, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        read(tmp_path / "c.yaml", "planner_server_url: http://h/v1\n" + text)
    told = capsys.readouterr().err
    name = text.partition(":")[0]
    assert told.startswith(f"Error: {name} in the --config file: expected ")
    assert len(told) < 200


def test_aliases_do_not_blow_up(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    levels = ["a0: &a0 [x]"]
    levels += [f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30)]
    (tmp_path / "c.yaml").write_text("\n".join(levels) + "\ntokenizer: *a29\n")
    with pytest.raises(InputError, match="no field of sprint orchestrate"):
        from_command_line(SprintConfig, ["--config", str(tmp_path / "c.yaml")])
