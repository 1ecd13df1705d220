"""Pushes the fine-tuning data to the hub."""

from __future__ import annotations

from pathlib import Path

import datasets
import huggingface_hub

from ..utils.data.push import make_repository, pushing
from .card import PICTURE


def push(folder: Path, name: str, *, private: bool) -> str:
    """Push the dataset in `folder` with its card; returns its address on the hub."""
    with pushing(name, f"The complete data is in {folder}; the same command pushes it again."):
        repository, address = make_repository(name, "dataset", private=private)
        # The card first: `datasets` adds its own metadata on columns and splits.
        huggingface_hub.HfApi().upload_folder(
            repo_id=repository,
            folder_path=folder,
            repo_type="dataset",
            allow_patterns=["README.md", PICTURE],
            commit_message="Card and report of the curation",
        )
        datasets.load_from_disk(str(folder)).push_to_hub(repository)
    return address
