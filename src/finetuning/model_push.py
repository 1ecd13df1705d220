"""Pushing the trained model to the hub."""

from __future__ import annotations

from pathlib import Path

import huggingface_hub

from ..utils.data.push import check_push, make_repository, pushing
from .history import HISTORY


def prepare_push(name: str, *, private: bool) -> None:
    """Make the repository before the training; InputError where a push to it cannot succeed."""
    check_push(name, "model")
    with pushing(name, "Nothing was trained: give a name that your HF_TOKEN may write to."):
        repository, _ = make_repository(name, "model", private=private)
        huggingface_hub.HfApi().auth_check(repository, repo_type="model", write=True)


def push(folder: Path, name: str, *, private: bool) -> str:
    """Push the served folder; the address of the model on the hub.

    training.json names folders of this machine, so it stays here: the card has its figures.
    """
    with pushing(
        name, f"The model lies whole in {folder}; push it with hf upload {name} {folder}."
    ):
        repository, address = make_repository(name, "model", private=private)
        huggingface_hub.HfApi().upload_folder(
            repo_id=repository,
            folder_path=folder,
            repo_type="model",
            ignore_patterns=[HISTORY],
            commit_message="Model trained with SPRINT",
        )
    return address
