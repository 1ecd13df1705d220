"""Folders of files as repositories of data sets have them: configurations, splits, shards."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import datasets
import pytest
from sprint.utils.data.loading import DataSource, load_problems
from sprint.utils.data.local_folders import (
    choose_configuration,
    data_files,
    missing_shards,
    splits_of,
)
from sprint.utils.errors import InputError


@pytest.fixture(autouse=True)
def _own_cache(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path_factory.mktemp("cache"))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", True)


def put(root: Path, name: str) -> None:
    """A file with a row, whose answer is the name of the file."""
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"problem": "?", "answer": name}))


def answers(root: Path, subset: str = "default", split: str = "default") -> list[str]:
    return [it.answer for it in load_problems(DataSource(str(root), subset, split))]


@pytest.mark.parametrize(
    ("names", "splits"),
    [
        (["data/train-00000-of-00002.parquet"], {"train"}),
        (["test-00000-of-00001-ab12.csv", "extra-00000-of-00001.csv"], {"test", "extra"}),
        (["train.csv", "dev.csv", "my_test.csv"], {"train", "validation", "test"}),
        (["train/a/1.json", "test/a/1.json"], {"train", "test"}),
        (["part1.jsonl", "part2.jsonl"], {"train"}),
        (["latest.jsonl", "contest.jsonl"], {"train"}),
        (["valid/x.json", "evaluation/y.json", "training.json"], {"validation", "test", "train"}),
    ],
)  # fmt: skip
def test_names_tell_splits(names: list[str], splits: set[str]) -> None:
    assert set(splits_of(names)) == splits


def test_shards_are_joined_in_order(tmp_path: Path) -> None:
    for number in (1, 0, 2):
        put(tmp_path, f"data/train-0000{number}-of-00003.jsonl")
    assert answers(tmp_path) == [f"data/train-0000{n}-of-00003.jsonl" for n in range(3)]


def test_missing_shards_are_reported(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    put(tmp_path, "data/train-00001-of-00003.jsonl")
    assert len(answers(tmp_path)) == 1
    assert "2 files of this split are missing" in caplog.text
    assert missing_shards(["a/train-00000-of-00001.json", "b/train-00000-of-00002.json"]) == 1


def test_what_describes_the_data_is_no_data() -> None:
    names = ["README.md", "dataset_infos.json", ".git/x.json", "a/.cache/b.csv", "data/a.JSONL"]
    assert data_files(names) == ["data/a.JSONL"]


def test_folders_without_a_card_are_configurations(tmp_path: Path) -> None:
    put(tmp_path, "main/test-00000-of-00001.jsonl")
    put(tmp_path, "socratic/test-00000-of-00001.jsonl")
    assert answers(tmp_path, "socratic") == ["socratic/test-00000-of-00001.jsonl"]
    with pytest.raises(InputError, match="choose one of main, socratic with --subset"):
        answers(tmp_path)
    with pytest.raises(InputError, match="no subset 'other': choose one of main, socratic"):
        answers(tmp_path, "other")
    put(tmp_path, "default/test.jsonl")
    assert answers(tmp_path) == ["default/test.jsonl"]


CARD = """---
license: mit
configs:
- config_name: all
  default: true
  data_files:
  - split: train
    path: data/part-*.jsonl
  - split: test
    path: ["held/out[1].jsonl", "held/deep/**"]
- config_name: small
  data_files: data/part-1.jsonl
- config_name: folder
  data_dir: held
---
# Made up
"""


def test_the_card_names_configurations(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text(CARD)
    for name in ("data/part-1", "data/part-2", "held/out[1]", "held/deep/er/x", "other"):
        put(tmp_path, f"{name}.jsonl")
    assert answers(tmp_path) == ["held/out[1].jsonl", "held/deep/er/x.jsonl"]
    assert answers(tmp_path, split="train") == ["data/part-1.jsonl", "data/part-2.jsonl"]
    assert answers(tmp_path, "small") == ["data/part-1.jsonl"]
    assert answers(tmp_path, "folder") == ["held/deep/er/x.jsonl", "held/out[1].jsonl"]
    with pytest.raises(InputError, match="no subset 'large': choose one of all, small, folder"):
        answers(tmp_path, "large")
    with pytest.raises(InputError, match="no split 'dev': choose one of train, test"):
        answers(tmp_path, split="dev")


@pytest.mark.parametrize("card", ["---\n: [\n---\n", "---\n" + "[" * 5000 + "\n---\n"])
def test_a_card_that_is_no_yaml(card: str, tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text(card)
    put(tmp_path, "test.jsonl")
    with pytest.raises(InputError, match=r"README\.md has an invalid YAML header"):
        answers(tmp_path)


@pytest.mark.parametrize(
    "card", ["", "# no head", "---\nlicense: mit\n---\n", "---\nconfigs: 3\n---\n"]
)
def test_a_card_without_configurations(card: str, tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text(card)
    put(tmp_path, "test.jsonl")
    assert answers(tmp_path) == ["test.jsonl"]


@pytest.mark.parametrize("base", ["held", "./held/", "held/."])
def test_a_card_with_a_folder(base: str) -> None:
    card = [{"config_name": "a", "data_dir": base}]
    found = choose_configuration("x", ["held/test.csv", "other.csv"], card, "default")
    assert found == {"test": ["held/test.csv"]}


def test_a_card_with_files_by_split() -> None:
    card = [{"config_name": "a", "data_files": {"train": "1.csv", "hard": ["2.csv", "3*"]}}]
    found = choose_configuration("x", ["1.csv", "2.csv", "3b.csv"], card, "a")
    assert found == {"train": ["1.csv"], "hard": ["2.csv", "3b.csv"]}


@pytest.mark.parametrize(
    "entry", [{"data_files": "a/*.csv"}, {"data_files": "[z-a].csv"}, {"data_dir": "held"}]
)
def test_files_that_are_not_there_but_in_the_card(entry: dict[str, str]) -> None:
    card = [{"config_name": "a"} | entry]
    with pytest.raises(InputError, match="lacks the files of its subset 'a'"):
        choose_configuration("x", ["b/1.csv"], card, "a")


def test_what_is_left_out_is_reported(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    put(tmp_path, "test.jsonl")
    put(tmp_path, "notes.jsonl")
    put(tmp_path, "test_2.json")
    put(tmp_path, "test_3.jsonl")
    caplog.set_level(logging.WARNING)
    assert answers(tmp_path) == ["test.jsonl", "test_3.jsonl"]
    assert "notes.jsonl belongs to none of them: skipping it" in caplog.text
    assert "skipping test_2.json" in caplog.text


def test_a_file_for_each_row(tmp_path: Path) -> None:
    """As the original MATH data has them."""
    for split, subject, number in (
        ("train", "algebra", 1),
        ("test", "algebra", 2),
        ("test", "b", 3),
    ):
        path = tmp_path / split / subject / f"{number}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        row = {"problem": f"{number}?", "level": "Level 1", "solution": f"\\boxed{{{number}}}"}
        path.write_text(json.dumps(row, indent=2))
    problems = load_problems(DataSource(str(tmp_path)))
    assert [(it.question, it.answer) for it in problems] == [("2?", "2"), ("3?", "3")]


def test_a_folder_without_data(tmp_path: Path) -> None:
    (tmp_path / "model.bin").write_bytes(b"")
    with pytest.raises(InputError, match="contains no readable data"):
        answers(tmp_path)


def snapshot(cache: Path, name: str) -> Path:
    """The folder of a data set in the cache of the hub, as a download leaves it."""
    folder = cache / f"datasets--{name.replace('/', '--')}"
    (folder / "refs").mkdir(parents=True)
    (folder / "refs" / "main").write_text("0" * 40)
    return folder / "snapshots" / ("0" * 40)


def test_the_cache_of_the_hub_is_read_as_local_files_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    folder = snapshot(tmp_path / "hub", "made/up")
    folder.mkdir(parents=True)
    (folder / "README.md").write_text(CARD.replace("data/part-*.jsonl", "data/*.csv"))
    (folder / "data").mkdir()
    (folder / "data" / "x.csv").write_text("problem,answer\n?,007\n?,None\n")
    problems = load_problems(DataSource("made/up", split="train"))
    assert [it.answer for it in problems] == ["007", "None"]
