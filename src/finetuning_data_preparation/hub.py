"""Pushing the fine-tuning data to the hub."""

from __future__ import annotations

from pathlib import Path

import datasets
import httpx2
import huggingface_hub
from huggingface_hub.errors import HFValidationError
from huggingface_hub.utils import validate_repo_id  # type: ignore[attr-defined]  # no __all__

from ..utils.errors import InputError
from .card import PICTURE


def check_push(name: str) -> None:
    """Raise InputError, before any work is done, where a push to `name` cannot succeed."""
    try:
        validate_repo_id(name)
    except HFValidationError as error:
        raise InputError(
            f"--push_to_hub should be the name of a dataset such as me/my-data: {error}"
        ) from error
    if huggingface_hub.constants.HF_HUB_OFFLINE:
        raise InputError("--push_to_hub needs the hub, but HF_HUB_OFFLINE is set: unset it.")
    if huggingface_hub.get_token() is None:
        raise InputError(
            "--push_to_hub needs a token that may write: set HF_TOKEN in the environment or .env."
        )


def push(folder: Path, name: str, *, private: bool) -> str:
    """Push the dataset in `folder` with its card; the address of the dataset on the hub."""
    api = huggingface_hub.HfApi()
    try:
        url = api.create_repo(
            name,
            repo_type="dataset",
            private=private or None,  # None leaves it to the owner's own default
            exist_ok=True,
        )
        # The card first: `datasets` adds to it what it knows of columns and splits.
        api.upload_folder(
            repo_id=url.repo_id,
            folder_path=folder,
            repo_type="dataset",
            allow_patterns=["README.md", PICTURE],
            commit_message="Card and report of the curation",
        )
        datasets.load_from_disk(str(folder)).push_to_hub(url.repo_id)
    except (httpx2.HTTPError, OSError) as error:
        raise InputError(
            f"Cannot push to {name}: {error}. The data lies whole in {folder}; the same command "
            "pushes it again."
        ) from error
    return str(url)
