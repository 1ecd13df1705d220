from __future__ import annotations

import json
from pathlib import Path

import pytest
from sprint.utils.annotation.cost_limit import MoneyBudget
from sprint.utils.annotation.prompt_record import RECORD, require_same_annotation
from sprint.utils.annotation.responses import ResponseStore
from sprint.utils.annotation.row_faults import FaultFiles, FaultKind, RowFault
from sprint.utils.annotation.stored_chat import StoredChat
from sprint.utils.api.retry import Backoff
from sprint.utils.api.sampling import Sampling
from sprint.utils.api.server import ModelServer
from sprint.utils.errors import InputError

NAME = "dag_creation_prompt"


def chat(
    folder: Path, url: str = "http://one:1/v1", model: str = "a/m", max_tokens: int = 100
) -> StoredChat:
    """What is asked; its store lies in `folder`."""
    return StoredChat(
        ModelServer(url, model),
        Sampling(max_tokens, temperature=0.0),
        ResponseStore(folder / "store"),
        backoff=Backoff(1),
        budget=MoneyBudget(),
        price=None,
    )


def annotated(folder: Path) -> Path:
    """The answers of a folder in which a row was annotated."""
    answers = folder / "few_default"
    answers.mkdir()
    require_same_annotation(answers, [NAME], chat(folder))
    (answers / "dag_creation_0.txt").write_text("{}")
    return answers


def test_the_same_prompts_are_welcome_and_others_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers, prompts = tmp_path / "answers", tmp_path / "prompts"
    answers.mkdir()
    prompts.mkdir()
    for _ in range(2):
        require_same_annotation(answers, [NAME], chat(tmp_path))
        (answers / "dag_creation_0.txt").write_text("{}")
    (prompts / f"{NAME}.txt").write_text("Mine.")
    monkeypatch.setenv("PROMPTS_DIR", str(prompts))
    with pytest.raises(InputError, match=rf"{NAME} was '.*' and is now '.*'\): restore them"):
        require_same_annotation(answers, [NAME], chat(tmp_path))
    (answers / RECORD).unlink()
    require_same_annotation(answers, [NAME], chat(tmp_path))


def test_prompts_that_no_row_was_annotated_with_may_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a run in which every row failed, say."""
    answers, prompts = tmp_path / "answers", tmp_path / "prompts"
    answers.mkdir()
    prompts.mkdir()
    require_same_annotation(answers, [NAME], chat(tmp_path))
    FaultFiles(answers).note(0, RowFault(FaultKind.MALFORMED, "No dictionary."))
    (prompts / f"{NAME}.txt").write_text("Mine.")
    monkeypatch.setenv("PROMPTS_DIR", str(prompts))
    require_same_annotation(answers, [NAME], chat(tmp_path))
    (answers / "dag_creation_0.txt").write_text("{}")
    require_same_annotation(answers, [NAME], chat(tmp_path))
    monkeypatch.delenv("PROMPTS_DIR")
    with pytest.raises(InputError, match="annotated with other prompts"):
        require_same_annotation(answers, [NAME], chat(tmp_path))


def test_a_damaged_record(tmp_path: Path) -> None:
    (tmp_path / RECORD).write_text("{")
    (tmp_path / "dag_creation_0.txt").write_text("{}")
    with pytest.raises(InputError, match="is damaged"):
        require_same_annotation(tmp_path, [NAME], chat(tmp_path))


def test_prompts_are_compared_without_a_record_of_them(tmp_path: Path) -> None:
    require_same_annotation(tmp_path / "not there", [NAME], chat(tmp_path), record=False)
    assert list(tmp_path.iterdir()) == []
    (tmp_path / RECORD).write_text('{"dag_creation_prompt": "another"}')
    (tmp_path / "dag_creation_0.txt").write_text("{}")
    with pytest.raises(InputError, match="annotated with other prompts"):
        require_same_annotation(tmp_path, [NAME], chat(tmp_path), record=False)


@pytest.mark.parametrize("record", [True, False])
def test_rows_of_another_model_are_not_mixed(tmp_path: Path, record: bool) -> None:
    answers, other = annotated(tmp_path), chat(tmp_path, model="b/m")
    difference = "model was 'a/m' and is now 'b/m'"
    with pytest.raises(InputError, match=rf"other prompts or settings \({difference}\)"):
        require_same_annotation(answers, [NAME], other, record=record)


def test_longer_answers_may_be_asked_for(tmp_path: Path) -> None:
    """Rows whose answers were cut off want them."""
    require_same_annotation(annotated(tmp_path), [NAME], chat(tmp_path, max_tokens=200))


def test_another_server_is_warned_of(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    answers, other = annotated(tmp_path), chat(tmp_path, url="http://one:2/v1")
    before = (answers / RECORD).read_bytes()
    for record, warnings in ((False, 1), (True, 2), (True, 2)):
        require_same_annotation(answers, [NAME], other, record=record)
        assert len(caplog.records) == warnings
    assert (
        "by the server at http://one:1/v1, and are now annotated by http://one:2/v1" in caplog.text
    )
    assert (answers / RECORD).read_bytes() == before


def test_a_folder_of_an_earlier_version_is_gone_on_with(tmp_path: Path) -> None:
    answers = annotated(tmp_path)
    record = json.loads((answers / RECORD).read_text())
    prompts = {name: value for name, value in record.items() if name.endswith("_prompt")}
    (answers / RECORD).write_text(json.dumps(prompts))
    require_same_annotation(answers, [NAME], chat(tmp_path))
    with pytest.raises(InputError, match="model was 'a/m' and is now 'b/m'"):
        require_same_annotation(answers, [NAME], chat(tmp_path, model="b/m"))
    (answers / RECORD).write_text(json.dumps(prompts | {NAME: "another"}))
    with pytest.raises(InputError, match=f"{NAME} was 'another'"):
        require_same_annotation(answers, [NAME], chat(tmp_path))
