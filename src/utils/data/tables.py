"""Opens a dataset: a file, a folder of files, a folder saved by `datasets`, or a hub name."""

from __future__ import annotations

import logging
import stat
from pathlib import Path
from typing import Any

from ..defaults import DEFAULT
from ..errors import InputError, reason_of
from .cache import read_files
from .formats import READERS, format_of
from .hub import hub_folder
from .local_folders import (
    LONE_SPLIT,
    choose_configuration,
    data_files,
    missing_shards,
    of_one_format,
    read_card,
)
from .source import DataSource
from .table import Table

log = logging.getLogger(__name__)

MOST_NAMES = 100_000
"""Maximum files and folders in the folder of a dataset."""


def load_rows(source: DataSource, preferred: str = "train") -> Table:
    """The rows of a dataset. The split `default` is the only one, or `preferred`."""
    import datasets

    if not source.hub_path.strip():
        raise InputError("No dataset: give a name on the hub, a folder or a file.")
    datasets.disable_progress_bars()
    path = Path(source.hub_path)
    _refuse_odd_path(path)
    if path.is_file():
        return _load_file(path, source)
    if path.is_dir() and _is_saved(path):
        return _load_saved(path, source, preferred)
    if path.is_dir():
        _refuse_saved_ones(path)
        return _load_folder(path, source, preferred)
    if format_of(path.name) is not None:  # no hub name has such a suffix
        raise InputError(f"There is no file {path}: correct the path of the dataset.")
    folder = hub_folder(source.hub_path, source.subset, source.split)
    if folder is not None:
        return _load_folder(folder, source, preferred)
    return _load_by_datasets(source, preferred)


def _refuse_odd_path(path: Path) -> None:
    """Raise InputError for a path that cannot be a dataset, such as an endless device."""
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return
    except (OSError, ValueError) as error:  # ValueError: a character that no path can contain
        reason = error.strerror if isinstance(error, OSError) else str(error)
        shown = str(path)[:200]
        raise InputError(f"{shown!r} cannot be a dataset ({reason}): correct its path.") from error
    if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
        raise InputError(f"{path} is neither a file nor a folder: give one of the two.")
    if stat.S_ISDIR(mode) and path.resolve().parent == path.resolve():
        raise InputError(f"{path} is the root of the file system: give the folder of the dataset.")


def _names(folder: Path, source: DataSource) -> list[str]:
    found = list[str]()
    for number, path in enumerate(folder.rglob("*")):
        if number >= MOST_NAMES:
            raise InputError(
                f"{source.hub_path} contains more than {MOST_NAMES} files and folders: give the "
                "folder of the dataset alone."
            )
        if path.is_file():
            found.append(path.relative_to(folder).as_posix())
    return found


def _load_file(path: Path, source: DataSource) -> Table:
    if source.subset not in (DEFAULT, ""):
        raise InputError(
            f"{path} is a single file, which has no subset {source.subset!r}: omit the subset, or "
            "give the file that contains it."
        )
    if format_of(path.name) is None:
        raise InputError(f"{path} is none of {', '.join(READERS)}: convert it to one of these.")
    _refuse_split(source)
    return read_files(source.hub_path, [path])


def _load_folder(folder: Path, source: DataSource, preferred: str) -> Table:
    found = data_files(_names(folder, source))
    if not found:
        _refuse_scripts(folder)
        raise InputError(
            f"{source.hub_path} contains no readable data: expected files such as "
            f"{', '.join(READERS)}."
        )
    card = read_card(folder)
    splits = choose_configuration(source.hub_path, found, card, source.subset)
    if not card and source.subset in (DEFAULT, ""):
        unnamed = sorted({*found} - {name for files in splits.values() for name in files})
        if unnamed:
            log.warning(
                "%s has splits, and %s belongs to none of them: skipping it.",
                source.hub_path,
                ", ".join(unnamed[:5]),
            )
    files, others = of_one_format(splits[choose_split(list(splits), source, preferred)])
    if others:
        log.warning(
            "%s contains files of several formats: reading %d %s, skipping %s.",
            source.hub_path,
            len(files),
            format_of(files[0]),
            ", ".join(others[:5]),
        )
    if absent := missing_shards(files):
        log.warning(
            "%s is incomplete: %d files of this split are missing; reading the rest.",
            source.hub_path,
            absent,
        )
    return read_files(source.hub_path, [folder / name for name in files])


def _refuse_split(source: DataSource) -> None:
    """Raise InputError if a split other than the only one is requested."""
    if source.split not in (DEFAULT, LONE_SPLIT):
        raise InputError(
            f"{source.hub_path} has no splits, so there is no split {source.split!r}: omit the "
            "split, or give the file or folder of that split."
        )


def _is_saved(folder: Path) -> bool:
    """Whether `datasets` has saved a dataset there."""
    if (folder / "dataset_dict.json").is_file():
        return True
    return (folder / "dataset_info.json").is_file() and (folder / "state.json").is_file()


def _refuse_saved_ones(folder: Path) -> None:
    """Raise InputError for a folder of saved datasets, which would be read as one."""
    if names := sorted(it.name for it in folder.iterdir() if it.is_dir() and _is_saved(it)):
        raise InputError(
            f"{folder} is not a dataset but contains {', '.join(names[:5])}: give one of them, "
            f"such as {folder / names[0]}."
        )


def _refuse_scripts(folder: Path) -> None:
    if (folder / f"{folder.name}.py").is_file():
        raise InputError(
            f"Cannot load the dataset {folder}: it needs its script, and scripts are no longer "
            "run. Use a version with data files, such as Parquet."
        )


def _load_saved(path: Path, source: DataSource, preferred: str) -> Table:
    import datasets

    if source.subset not in (DEFAULT, ""):
        raise InputError(f"{path} is a saved dataset without subsets: omit {source.subset!r}.")
    try:
        loaded = datasets.load_from_disk(str(path))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _unreadable(source, error) from error
    return _split_of(loaded, source, preferred)


def _load_by_datasets(source: DataSource, preferred: str) -> Table:
    """Data that only `datasets` itself can open: other formats, or only in its cache."""
    import datasets

    subset = None if source.subset in (DEFAULT, "") else source.subset
    try:
        loaded = datasets.load_dataset(source.hub_path, subset)
    # RuntimeError: a dataset that needs a loading script, which is no longer run.
    except (OSError, ValueError, RuntimeError, datasets.exceptions.DatasetsError) as error:
        raise _unreadable(source, error) from error
    return _split_of(loaded, source, preferred)


def _unreadable(source: DataSource, error: Exception) -> InputError:
    return InputError(
        f"Cannot load the dataset {source.hub_path!r} (subset {source.subset!r}): give a name on "
        f"the hub, a folder, or a .jsonl/.parquet/.csv file. The loader reports: {reason_of(error)}"
    )


def _split_of(loaded: Any, source: DataSource, preferred: str) -> Table:
    import datasets

    if isinstance(loaded, datasets.Dataset):
        _refuse_split(source)
        return Table.of(source.hub_path, loaded)
    split = choose_split(list(loaded), source, preferred)
    return Table.of(source.hub_path, loaded[split])


def choose_split(splits: list[str], source: DataSource, preferred: str) -> str:
    """The requested split. InputError if it is missing, or if one must be chosen."""
    if source.split in splits:
        return source.split
    if source.split == DEFAULT:
        if len(splits) == 1:
            return splits[0]
        if preferred in splits:
            return preferred
    raise InputError(
        f"{source.hub_path} has no split {source.split!r}: choose one of {', '.join(splits)}."
    )
