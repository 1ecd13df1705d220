from __future__ import annotations

from pathlib import Path

import pytest
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
    (prompts / f"{NAME}.txt").write_text("Mine.")
    monkeypatch.setenv("PROMPTS_DIR", str(prompts))
    with pytest.raises(InputError, match=rf"{NAME} was '.*' and is now '.*'\): restore them"):
        require_same_prompts(answers, [NAME])
    (answers / RECORD).unlink()
    require_same_prompts(answers, [NAME])


def test_a_damaged_record(tmp_path: Path) -> None:
    (tmp_path / RECORD).write_text("{")
    with pytest.raises(InputError, match="is damaged"):
        require_same_prompts(tmp_path, [NAME])
