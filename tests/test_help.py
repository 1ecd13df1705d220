"""What `--help` of the stages says."""

from __future__ import annotations

import importlib
import re

import pytest

STAGES = [
    "component_separation",
    "dag_creation",
    "finetuning_data_preparation",
    "finetuning",
    "base_model_evaluation",
    "agent_orchestration",
]


@pytest.mark.parametrize("stage", STAGES)
def test_help_explains_every_flag_with_its_default(
    stage: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setattr("sys.argv", [stage, "--help"])
    module = importlib.import_module(f"sprint.{stage}.__main__")
    with pytest.raises(SystemExit):
        module.parse_arguments()
    flags = re.split(r"\n  (?=-)", capsys.readouterr().out)[2:]
    assert len(flags) > 5
    assert [flag.split()[0] for flag in flags if "(default: " not in flag] == []
