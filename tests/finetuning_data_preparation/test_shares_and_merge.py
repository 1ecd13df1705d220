"""Stage 3 in shares, in several processes and interrupted: the same files as in one go."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from sprint import component_separation as separation
from sprint import dag_creation
from sprint import finetuning_data_preparation as preparation
from sprint.finetuning_data_preparation import outputs as finishing
from sprint.finetuning_data_preparation import stage
from sprint.finetuning_data_preparation.config import CurationSettings, PreparationConfig
from sprint.finetuning_data_preparation.curation_report import Report
from sprint.finetuning_data_preparation.shard_parts import PartsFolder
from sprint.utils.concurrency import processes
from sprint.utils.config import from_command_line
from sprint.utils.errors import InputError
from sprint.utils.files.locks import locked
from support.damaged import DAMAGED

THOUGHT = """Okay, there are P and Q, and I need their sum.

First, let me work out P. P starts at {p}. {p} + 5 = 12. 12 - 3 = 9. So P ends at 9.

Next, I need to find Q. Q starts at 2. 2 + 1 = 3. 3 + 9 = 12. So Q ends at 12.

Now let me add up the results. P gives 9. Q gives 12. 9 + 12 = 21. So the sum is 21."""
COUNT = 11
MADE = ("finetuning_data", "trajectory_data", "curation_report.json", "curation_report.png")


@pytest.fixture
def flags(tmp_path: Path) -> list[str]:
    """A dataset of which every third row is wrong, and that stages 1 and 2 are through with."""
    rows = [
        {
            "problem": f"The sum? ({number})",
            "answer": "22" if number % 3 == 1 else "21",
            "solution": "It is $\\boxed{21}$.",
            "thought": THOUGHT.format(p=number),
        }
        for number in range(COUNT)
    ]
    path = tmp_path / "few.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    flags = ["--data_hub_path", str(path), "--logs_dir", str(tmp_path / "logs")]
    annotate(flags)
    return flags


def annotate(flags: list[str], *more: str) -> None:
    """Stages 1 and 2, with pictures of the first five DAGs."""
    flags = [*flags, *more]
    separation.run(from_command_line(separation.SeparationConfig, flags))
    flags = [*flags, "--max_pictures", "5"]
    dag_creation.run(from_command_line(dag_creation.DagConfig, flags))


def prepare(flags: list[str], *more: str) -> None:
    preparation.run(from_command_line(preparation.PreparationConfig, [*flags, *more]))


def files(flags: list[str], *names: str) -> dict[str, bytes]:
    """All files below the logs folder, or below some of what is in it."""
    logs = Path(flags[3])
    return {
        str(path.relative_to(logs)): path.read_bytes()
        for name in names or ("",)
        for path in [logs / name, *(logs / name).rglob("*")]
        if path.is_file()
    }


@pytest.mark.parametrize("count", [2, 3, COUNT + 2])
def test_merged_shares_are_what_one_run_makes(flags: list[str], count: int) -> None:
    prepare(flags)
    whole = files(flags, *MADE)
    for name in whole:
        Path(flags[3], name).unlink()
    for number in reversed(range(1, count + 1)):
        prepare(flags, "--shard", f"{number}/{count}")
    prepare(flags, "--merge")
    assert files(flags, *MADE) == whole


def test_shards_of_the_first_stages_share_a_folder(flags: list[str], tmp_path: Path) -> None:
    elsewhere = [*flags[:3], str(tmp_path / "others")]
    for number in (2, 1, 3):
        annotate(elsewhere, "--shard", f"{number}/3")
    assert files(elsewhere) == files(flags)


def test_files_that_a_crash_of_the_machine_left_empty_are_made_again(flags: list[str]) -> None:
    whole = files(flags)
    for kind in ("numbered_thought_3.txt", "dag_creation_4.txt", "created_dag_5.json"):
        (path,) = Path(flags[3]).rglob(kind)
        path.write_bytes(b"")
    annotate(flags)
    assert files(flags) == whole


def test_the_number_of_processes_changes_nothing(
    flags: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "WORTH_A_PROCESS", 1)
    elsewhere = [*flags[:3], str(tmp_path / "others")]
    annotate(elsewhere, "--num_processes", "3")
    prepare(elsewhere, "--num_processes", "2")
    prepare(flags, "--num_processes", "1")
    assert files(elsewhere) == files(flags)


def test_a_merge_that_was_cut_off_can_be_run_again(
    flags: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in (1, 2):
        prepare(flags, "--shard", f"{number}/2")
    with monkeypatch.context() as patch:
        patch.setattr(finishing, "write_json", lambda *_: (_ for _ in ()).throw(OSError("full")))
        with pytest.raises(OSError, match="full"):
            prepare(flags, "--merge")
    prepare(flags, "--merge")
    merged = files(flags, *MADE)
    prepare(flags)
    assert files(flags, *MADE) == merged


def test_a_push_that_failed_can_be_repeated(
    flags: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stage, "check_push", lambda name, kind: None)
    answers: list[str | InputError] = [InputError("Cannot push"), "https://hub/me/data"]

    def push(*_: object, **__: object) -> str:
        answer = answers.pop(0)
        if isinstance(answer, InputError):
            raise answer
        return answer

    monkeypatch.setattr(stage, "push", push)
    for number in (1, 2):
        prepare(flags, "--shard", f"{number}/2")
    with pytest.raises(InputError, match="Cannot push"):
        prepare(flags, "--merge", "--push_to_hub", "me/data")
    prepare(flags, "--merge", "--push_to_hub", "me/data")
    assert answers == []


def test_parts_are_gone_after_the_merge(flags: list[str]) -> None:
    for number in (1, 2):
        prepare(flags, "--shard", f"{number}/2")
    prepare(flags, "--merge")
    assert [path.name for path in Path(flags[3], "finetuning_data").iterdir()] == ["few_default"]


def test_a_share_that_is_missing_is_named(flags: list[str]) -> None:
    prepare(flags, "--shard", "2/3")
    with pytest.raises(InputError, match=r"2 of 3 parts are missing.*--shard 1/3, 3/3 first"):
        prepare(flags, "--merge")


def test_shares_with_other_settings_are_not_mixed(flags: list[str]) -> None:
    prepare(flags, "--shard", "1/2")
    prepare(flags, "--shard", "2/2", "--max_phases", "5")
    with pytest.raises(InputError, match=r"max_phases was 5 and is now 12.*run --shard 2/2 again"):
        prepare(flags, "--merge")


def test_shares_of_a_dataset_that_has_changed_are_not_mixed(flags: list[str]) -> None:
    path = Path(flags[1])
    rows = path.read_text("utf-8").splitlines(keepends=True)
    prepare(flags, "--shard", "1/2")
    path.write_text("".join(rows[:-3]), encoding="utf-8")
    prepare(flags, "--shard", "2/2")
    with pytest.raises(
        InputError, match=r"part_2.json is .* than part_1.json .*rows was 11 and .*"
    ):
        prepare(flags, "--merge")
    prepare(flags, "--shard", "1/2")
    prepare(flags, "--merge")


def test_shares_of_other_rows_are_not_mixed(flags: list[str]) -> None:
    path = Path(flags[1])
    rows = [json.loads(row) for row in path.read_text("utf-8").splitlines()]
    for share, name in (("1/2", "a"), ("2/2", "b")):
        named = [json.dumps(row | {"id": f"{name}{n}"}) + "\n" for n, row in enumerate(rows)]
        path.write_text("".join(named), encoding="utf-8")
        prepare(flags, "--shard", share)
    with pytest.raises(InputError, match=r"hash_of_ids was '\w+' and is now '\w+'"):
        prepare(flags, "--merge")


def test_shares_of_an_earlier_version_are_merged(flags: list[str]) -> None:
    for number in (1, 2):
        prepare(flags, "--shard", f"{number}/2")
    for path in Path(flags[3]).rglob("part_*.json"):
        part = json.loads(path.read_text("utf-8"))
        del part["source"]
        path.write_text(json.dumps(part), encoding="utf-8")
    prepare(flags, "--merge")


@pytest.mark.parametrize(
    ("held", "shared", "more"),
    [
        (".few_default.lock", False, ()),
        (".few_default.lock", False, ("--merge",)),
        (".few_default.lock", False, ("--shard", "1/2")),
        (".few_default.lock", True, ()),
        ("few_default.parts_2/.part_1.lock", False, ("--shard", "1/2")),
    ],
    ids=["whole", "merge", "share beside a whole", "whole beside a share", "same share"],
)
def test_two_runs_at_once_do_not_mix(
    flags: list[str], held: str, shared: bool, more: tuple[str, ...]
) -> None:
    for number in (1, 2):
        prepare(flags, "--shard", f"{number}/2")
    path = Path(flags[3], "finetuning_data", held)
    with locked(path, "it", shared=shared):
        before = files(flags, "finetuning_data")
        with pytest.raises(InputError, match=r"Another run is working on .*few_default"):
            prepare(flags, *more)
        assert files(flags, "finetuning_data") == before


def test_shares_are_curated_side_by_side(flags: list[str]) -> None:
    prepare(flags, "--shard", "1/2")
    data = Path(flags[3], "finetuning_data")
    with (
        locked(data / ".few_default.lock", "it", shared=True),
        locked(data / "few_default.parts_2" / ".part_1.lock", "it"),
    ):
        prepare(flags, "--shard", "2/2")
    prepare(flags, "--merge")


def test_nothing_to_merge(flags: list[str]) -> None:
    with pytest.raises(InputError, match="found none"):
        prepare(flags, "--merge")


def test_parts_of_two_runs_are_not_guessed_at(flags: list[str]) -> None:
    prepare(flags, "--shard", "1/2")
    prepare(flags, "--shard", "1/3")
    with pytest.raises(InputError, match=r"found those of \[2, 3\] shares"):
        prepare(flags, "--merge")


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["--merge", "--shard", "1/2"], "leave out --shard"),
        (["--shard", "1/2", "--push_to_hub", "me/data"], "together with --merge"),
        (["--push_to_hub", "me/da ta"], "the name of a dataset"),
    ],
)
def test_flags_that_cannot_work_are_refused_at_once(
    flags: list[str], more: list[str], message: str
) -> None:
    before = files(flags)
    with pytest.raises(InputError, match=message):
        prepare(flags, *more)
    assert files(flags) == before


OTHER_FORMS: list[dict[str, Any]] = [
    {"settings": 1},
    {"source": [1]},
    {"report": {}},
    {"report": []},
    {"kept": "1"},
    {"kept": -1},
    {"kept": 10**400},
    {"dropped_rows": {"width": 3}},
    {"dropped_rows": {"width": ["0"]}},
    {"repairs": [["a", 1]]},
    {"tokens": {"total": "many"}},
    {"lines": {"total": None}},
    {"distributions": {"unheard_of": {"kept": {"counts": {"1": 1}}}}},
    {"distributions": {"width": {"kept": {"counts": {"wide": 1}}}}},
    {"distributions": {"width": {"kept": {"counts": {"nan": 1}}}}},
    {"distributions": {"width": {"kept": {"counts": {"1": 10**300}}}}},
]
"""What stands in a part in place of its own: fields of the file, or else of its report."""


@pytest.mark.parametrize("change", [*DAMAGED.values(), *OTHER_FORMS])
def test_a_damaged_part_is_one_sentence(tmp_path: Path, change: bytes | dict[str, Any]) -> None:
    settings = CurationSettings(PreparationConfig(data_hub_path="a/b"), "a", "b")
    parts = PartsFolder(tmp_path / "data", 2)
    for number in (1, 2):
        with parts.write(number, settings, {}, Report(kept=1)):
            pass
    path = parts.path / "part_2.json"
    if isinstance(change, dict):
        whole = json.loads(path.read_text())
        of_file = {name: value for name, value in change.items() if name in whole}
        change = json.dumps(whole | {"report": whole["report"] | change} | of_file).encode()
    assert parts.report(settings).kept == 2
    path.write_bytes(change)
    with pytest.raises(InputError, match=r"part_2\.json is damaged .*--shard 2/2 again") as caught:
        parts.report(settings)
    assert "\n" not in str(caught.value)
