from __future__ import annotations

from pathlib import Path

import pytest
from sprint.utils.curation.faults import FaultFiles, FaultKind, RowFault
from sprint.utils.curation.prompt_record import RECORD, require_same_prompts
from sprint.utils.errors import InputError

NAME = "dag_creation_prompt"


def test_the_same_prompts_are_welcome_and_others_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers, prompts = tmp_path / "answers", tmp_path / "prompts"
    answers.mkdir()
    prompts.mkdir()
    for _ in range(2):
        require_same_prompts(answers, [NAME])
        (answers / "dag_creation_0.txt").write_text("{}")
    (prompts / f"{NAME}.txt").write_text("Mine.")
    monkeypatch.setenv("PROMPTS_DIR", str(prompts))
    with pytest.raises(InputError, match=rf"{NAME} was '.*' and is now '.*'\): restore them"):
        require_same_prompts(answers, [NAME])
    (answers / RECORD).unlink()
    require_same_prompts(answers, [NAME])


def test_prompts_that_no_row_was_annotated_with_may_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a run in which every row failed, say."""
    answers, prompts = tmp_path / "answers", tmp_path / "prompts"
    answers.mkdir()
    prompts.mkdir()
    require_same_prompts(answers, [NAME])
    FaultFiles(answers).note(0, RowFault(FaultKind.MALFORMED, "No dictionary."))
    (prompts / f"{NAME}.txt").write_text("Mine.")
    monkeypatch.setenv("PROMPTS_DIR", str(prompts))
    require_same_prompts(answers, [NAME])
    (answers / "dag_creation_0.txt").write_text("{}")
    require_same_prompts(answers, [NAME])
    monkeypatch.delenv("PROMPTS_DIR")
    with pytest.raises(InputError, match="annotated with other prompts"):
        require_same_prompts(answers, [NAME])


def test_a_damaged_record(tmp_path: Path) -> None:
    (tmp_path / RECORD).write_text("{")
    (tmp_path / "dag_creation_0.txt").write_text("{}")
    with pytest.raises(InputError, match="is damaged"):
        require_same_prompts(tmp_path, [NAME])


def test_prompts_are_compared_without_a_record_of_them(tmp_path: Path) -> None:
    require_same_prompts(tmp_path / "not there", [NAME], record=False)
    assert list(tmp_path.iterdir()) == []
    (tmp_path / RECORD).write_text('{"dag_creation_prompt": "another"}')
    (tmp_path / "dag_creation_0.txt").write_text("{}")
    with pytest.raises(InputError, match="annotated with other prompts"):
        require_same_prompts(tmp_path, [NAME], record=False)
