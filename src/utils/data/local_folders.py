"""The files of a folder that make up a configuration (subset) and its splits: only names, no I/O.

The conventions are those of dataset repositories on the hub: the `configs` of the dataset card,
names such as `data/train-00000-of-00001.parquet`, and words such as `test` in names.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from ..defaults import DEFAULT
from ..errors import InputError
from .formats import format_of, without_compression

LONE_SPLIT = "train"
"""The split name for data without splits."""

SPLIT_WORDS = {
    "train": ("train", "training"),
    "validation": ("validation", "valid", "dev", "val"),
    "test": ("test", "testing", "eval", "evaluation"),
}
NO_DATA = (
    "config.json",
    "dataset_info.json",
    "dataset_infos.json",
    "dataset_dict.json",
    "state.json",
    "metadata.json",
    "package.json",
)
"""Files that describe the data."""
_SHARD = re.compile(r"(\w+(?:\.\w+)*)-\d{5}-of-(\d{5})\b.*")

Splits = Mapping[str, Sequence[str]]
"""The file names, relative to the folder, by split."""


def data_files(names: Sequence[str]) -> list[str]:
    """The files with rows, in order; hidden files and descriptions have none."""
    return sorted(
        name
        for name in names
        if format_of(name) is not None
        and PurePosixPath(name).name not in NO_DATA
        and not any(part.startswith((".", "__")) for part in PurePosixPath(name).parts)
    )


def read_card(folder: Path) -> Sequence[Mapping[str, Any]]:
    """The `configs` of the dataset card, README.md; none without a card that has them."""
    import yaml

    path = folder / "README.md"
    text = path.read_text("utf-8", errors="replace") if path.is_file() else ""
    found = re.match(r"\ufeff?---\s*\n(.*?)\n---\s*(?:\n|\Z)", text, re.DOTALL)
    try:
        card = yaml.safe_load(found[1]) if found else None
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise InputError(
            f"{path} has an invalid YAML header ({' '.join(str(error).split())[:100]}): fix it."
        ) from error
    configs = card.get("configs") if isinstance(card, dict) else None
    named = configs if isinstance(configs, list) else []
    return [one for one in named if isinstance(one, dict) and one.get("config_name")]


def has_configuration(folder: Path, subset: str) -> bool:
    """Whether a folder of files has a subset of that name."""
    names = [path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()]
    found, card = data_files(names), read_card(folder)
    if card:
        return subset in [str(config["config_name"]) for config in card]
    return bool(found) and (subset in _subfolders(found) or bool(_files_named(found, subset)))


def choose_configuration(
    dataset: str, names: Sequence[str], card: Sequence[Mapping[str, Any]], subset: str
) -> Splits:
    """The splits of a configuration; `default`: the default one, if there are several.

    Raises InputError if there is no such configuration, or if one must be chosen.
    """
    wanted = subset or DEFAULT
    if card:
        by_name = {str(config["config_name"]): config for config in card}
        default = [name for name, config in by_name.items() if config.get("default") is True]
        if wanted in by_name:
            return _of_card(dataset, names, by_name[wanted])
        if wanted == DEFAULT and (default or len(by_name) == 1):
            return _of_card(dataset, names, by_name[default[0] if default else next(iter(by_name))])
        raise _no_subset(dataset, subset, list(by_name))
    folders = _subfolders(names)
    if wanted in folders:
        return splits_of(folders[wanted])
    if wanted != DEFAULT:
        if files := _files_named(names, wanted):
            return {LONE_SPLIT: files}
        raise _no_subset(dataset, subset, list(folders))
    whole = splits_of(names)
    if len(folders) > 1 and not any(map(_split_word, folders)) and _all_in(names, folders):
        raise _no_subset(dataset, subset, list(folders))
    return whole


def _no_subset(dataset: str, subset: str, names: Sequence[str]) -> InputError:
    if not names:
        return InputError(f"{dataset} has no subset {subset!r}: omit the subset.")
    found = ", ".join(list(names)[:20])
    return InputError(f"{dataset} has no subset {subset!r}: choose one of {found} with --subset.")


def _subfolders(names: Sequence[str]) -> dict[str, list[str]]:
    """The files by their folder, below the folders that all of them share."""
    parts = [PurePosixPath(name).parts for name in names]
    depth = 0
    while all(len(it) > depth + 1 for it in parts) and len({it[depth] for it in parts}) == 1:
        depth += 1
    folders: dict[str, list[str]] = {}
    shared = parts[0][depth - 1] if depth else None
    for name, it in zip(names, parts, strict=True):
        if len(it) > depth + 1:
            folders.setdefault(it[depth], []).append(name)
    if not folders and shared and _split_word(shared) is None:
        folders[shared] = list(names)
    return folders


def _files_named(names: Sequence[str], subset: str) -> list[str]:
    """The files with the name of a subset, such as `gpqa_diamond.csv`."""
    return [it for it in names if PurePosixPath(without_compression(it)).stem == subset]


def _all_in(names: Sequence[str], folders: Mapping[str, Sequence[str]]) -> bool:
    return sum(map(len, folders.values())) == len(names)


def _of_card(dataset: str, names: Sequence[str], config: Mapping[str, Any]) -> Splits:
    """The splits of a card's entry: a pattern, several, or some for each split."""
    base = "/".join(PurePosixPath(str(config.get("data_dir") or "")).parts).strip("/")
    below = [name for name in names if not base or name.startswith(f"{base}/")]
    patterns = config.get("data_files")
    if patterns is None and below:
        return splits_of(below)
    if isinstance(patterns, dict) and "path" not in patterns:
        patterns = [{"split": split, "path": paths} for split, paths in patterns.items()]
    entries = patterns if isinstance(patterns, list) else [patterns]
    splits: dict[str, list[str]] = {}
    for entry in entries:
        if isinstance(entry, dict) and "path" in entry:
            split, paths = str(entry.get("split", LONE_SPLIT)), entry["path"]
        else:
            split, paths = LONE_SPLIT, entry
        for path in paths if isinstance(paths, list) else [paths]:
            pattern = f"{base}/{path}" if base else str(path)
            splits.setdefault(split, []).extend(_matching(names, pattern.removeprefix("./")))
    found = {split: list(dict.fromkeys(files)) for split, files in splits.items() if files}
    if not found:
        raise InputError(
            f"{dataset} lacks the files of its subset {config['config_name']!r}: expected "
            f"{str(patterns or base)[:100]}. Get them, or give the file itself."
        )
    return found


def _matching(names: Sequence[str], pattern: str) -> list[str]:
    if pattern in names:
        return [pattern]
    try:
        matcher = re.compile(_regex(pattern))
    except re.error:  # such as [z-a], which matches nothing
        return []
    return [name for name in names if matcher.fullmatch(name)]


def _regex(pattern: str) -> str:
    """A shell pattern as a regular expression; a folder's name matches all files below it."""
    pieces = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    parts = re.split(r"(\*\*/|\*\*|\*|\?|\[[^\]/]+\])", pattern.rstrip("/"))
    made = [
        pieces.get(part) or (part.replace("[!", "[^", 1) if place % 2 else re.escape(part))
        for place, part in enumerate(parts)
    ]
    return f"{''.join(made)}(?:/.*)?"


def splits_of(names: Sequence[str]) -> Splits:
    """The splits by name; files without a split are read only if no name gives one."""
    splits: dict[str, list[str]] = {}
    for name in names:
        if (split := _split(name)) is not None:
            splits.setdefault(split, []).append(name)
    return splits or {LONE_SPLIT: list(names)}


def _split(name: str) -> str | None:
    *folders, base = PurePosixPath(name).parts
    if shard := _SHARD.fullmatch(base):
        return _split_word(shard[1]) or shard[1]
    words = (_split_word(part) for part in (*folders, base))
    return next((word for word in words if word), None)


def _split_word(part: str) -> str | None:
    words = re.split(r"[-._ \d]+", part.lower())
    for word in words:
        for split, names in SPLIT_WORDS.items():
            if word in names:
                return split
    return None


def of_one_format(names: Sequence[str]) -> tuple[list[str], list[str]]:
    """The files in the most frequent format, and the others."""
    formats = Counter(format_of(name) for name in names)
    most = formats.most_common(1)[0][0]
    kept = [name for name in names if format_of(name) == most]
    return kept, [name for name in names if format_of(name) != most]


def missing_shards(names: Sequence[str]) -> int:
    """How many files of a series such as `train-00000-of-00004` are missing."""
    counts: dict[tuple[str, str], int] = {}
    there = Counter[tuple[str, str]]()
    for name in names:
        path = PurePosixPath(name)
        if shard := _SHARD.fullmatch(path.name):
            group = (str(path.parent), f"{shard[1]} {shard[2]}")
            counts[group] = int(shard[2])
            there[group] += 1
    return sum(max(0, count - there[group]) for group, count in counts.items())
