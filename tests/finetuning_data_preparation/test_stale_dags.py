"""A DAG stands for the components that it was made from, and for no others."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from sprint import component_separation as separation
from sprint import finetuning_data_preparation as preparation
from sprint.utils.config import from_command_line
from sprint.utils.errors import InputError
from sprint.utils.grammar.lines import render_numbered
from sprint.utils.thoughts.stage_folders import DagFolder, SeparationFolder, check_separation
from support.annotated import create_dags, through_two_stages

THOUGHT = """Okay, there are P and Q, and I need their sum.

First, let me work out P. P starts at 7. 7 + 5 = 12. 12 - 3 = 9. So P ends at 9.

Next, I need to find Q. Q starts at 2. 2 + 1 = 3. 3 + 9 = 12. So Q ends at 12.

Now let me add up the results. P gives 9. Q gives 12. 9 + 12 = 21. So it is $\\boxed{21}$."""
ONE_STEP = "### Component 1\n- **Plan:** Line 1\n- **Prompt:** Add.\n- **Execution:** Lines 2-{}\n"
BY_ANOTHER = ["--component_separation_model", "another"]


@pytest.fixture
def flags(tmp_path: Path) -> list[str]:
    """Flags for a thought that the first two stages are through with."""
    row = {"problem": "The sum?", "answer": "21", "thought": THOUGHT}
    return through_two_stages(tmp_path, [row])


def prepare(flags: list[str]) -> dict[str, Any]:
    preparation.run(from_command_line(preparation.PreparationConfig, flags))
    report: dict[str, Any] = json.loads(Path(flags[3], "curation_report.json").read_text("utf-8"))
    return report


def separate_in_one_step(flags: list[str], model: str) -> None:
    """Components of another annotator, in files older than the DAG."""
    logs = Path(flags[3])
    lines = SeparationFolder(logs, "rules", "few_default").read_lines(0)
    folder = SeparationFolder(logs, model, "few_default")
    answer = ONE_STEP.format(len(lines))
    for path in (folder.answers, folder.inline):
        path.mkdir(parents=True, exist_ok=True)
    folder.write(0, render_numbered(lines), answer, check_separation(answer, lines))
    for path in (folder.answer_path(0), folder.numbered_path(0), folder.inline_path(0)):
        os.utime(path, (0, 0))


def parents(flags: list[str]) -> dict[str, list[int]]:
    dag: dict[str, list[int]] = json.loads(
        DagFolder(Path(flags[3]), "rules", "few_default").dag_path(0).read_text("utf-8")
    )
    return dag


def test_the_dag_of_another_separation_is_made_again(flags: list[str]) -> None:
    separate_in_one_step(flags, "another")
    picture = DagFolder(Path(flags[3]), "rules", "few_default").picture_path(0)
    before = picture.read_bytes()
    create_dags([*flags, *BY_ANOTHER])
    assert parents(flags) == {"1": []}
    assert picture.read_bytes() != before


@pytest.mark.parametrize("model", ["rules", "another"])
def test_a_dag_of_other_components_is_not_packed(flags: list[str], model: str) -> None:
    separate_in_one_step(flags, model)
    with pytest.raises(InputError, match="None of 1 rows was kept"):
        prepare([*flags, "--component_separation_model", model])
    report = json.loads(Path(flags[3], "curation_report.json").read_text("utf-8"))
    assert report["dropped_rows"] == {"dag_of_other_components": [0]}


def test_components_with_other_prompts_need_another_dag(flags: list[str]) -> None:
    """The DAG would even fit: its numbers are theirs."""
    path = SeparationFolder(Path(flags[3]), "rules", "few_default").answer_path(0)
    changed = path.read_text("utf-8").replace("Work out P.", "Compute P.")
    path.write_text(changed, encoding="utf-8")
    with pytest.raises(InputError, match="None of 1 rows was kept"):
        prepare(flags)
    create_dags(flags)
    assert prepare(flags)["kept"] == 1


def test_a_dag_without_a_word_of_its_components_is_made_again(flags: list[str]) -> None:
    folder = DagFolder(Path(flags[3]), "rules", "few_default")
    folder.fingerprint_path(0).unlink()
    before = folder.dag_path(0).read_bytes()
    create_dags(flags)
    assert folder.fingerprint_path(0).is_file()
    assert folder.dag_path(0).read_bytes() == before


def test_components_made_again_as_they_were_keep_their_dag(flags: list[str]) -> None:
    folder = SeparationFolder(Path(flags[3]), "rules", "few_default")
    folder.answer_path(0).unlink()
    separation.run(from_command_line(separation.SeparationConfig, flags))
    dag = DagFolder(Path(flags[3]), "rules", "few_default").dag_path(0)
    os.utime(dag, (0, 0))
    create_dags(flags)
    assert dag.stat().st_mtime == 0
