"""The files of a dataset on the hub, in the cache of `huggingface_hub`.

They are read like local files, so that both give the same values: the loaders of `datasets` read
"007" as a number, and "None" as missing.
"""

from __future__ import annotations

import glob
import logging
from collections.abc import Sequence
from pathlib import Path

from ..errors import InputError, reason_of
from .local_folders import choose_configuration, data_files, read_card

log = logging.getLogger(__name__)


def hub_folder(name: str, subset: str, split: str) -> Path | None:
    """The folder with the files of a split (of all splits for `default`), downloaded if necessary.

    Without a connection, the cached files. None if neither has files that can be read here. Raises
    InputError if the dataset has no such subset, or if neither can be reached.
    """
    import datasets
    import httpx2
    from huggingface_hub import HfApi
    from huggingface_hub.errors import HFValidationError

    if datasets.config.HF_HUB_OFFLINE:
        return _cached(name)
    try:
        names = data_files(HfApi().list_repo_files(name, repo_type="dataset"))
        if not names:
            return None
        card = read_card(_download(name, ["README.md"]))
        splits = choose_configuration(name, names, card, subset)
        files = splits.get(split) or [file for them in splits.values() for file in them]
        return _download(name, ["README.md", *files])
    except HFValidationError:
        return None
    except (OSError, httpx2.HTTPError) as error:
        reason = reason_of(error)
        if folder := _cached(name):
            log.warning("Using the cached %s because the hub failed: %s", name, reason)
        elif isinstance(error, httpx2.TransportError) and not _is_prepared(name):
            raise InputError(
                f"Cannot load the dataset {name!r}: the hub cannot be reached ({reason}), and it "
                "is not cached. Check the name and the connection, or give a folder or a file."
            ) from error
        return folder


def _is_prepared(name: str) -> bool:
    """Whether the cache of `datasets` has a dataset of that name."""
    import datasets

    return (Path(datasets.config.HF_DATASETS_CACHE) / name.replace("/", "___")).is_dir()


def _download(name: str, files: Sequence[str]) -> Path:
    from huggingface_hub import snapshot_download

    patterns = [glob.escape(file) for file in files]
    return Path(snapshot_download(name, repo_type="dataset", allow_patterns=patterns))


def _cached(name: str) -> Path | None:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError, IncompleteSnapshotError

    try:
        folder = Path(snapshot_download(name, repo_type="dataset", local_files_only=True))
    except IncompleteSnapshotError as error:  # perhaps other splits; shards are checked later
        folder = Path(error.snapshot_path)
    except (OSError, HFValidationError):
        return None
    names = [path.relative_to(folder).as_posix() for path in folder.rglob("*")]
    return folder if data_files(names) else None
