"""Pushes to the hub: checks before any work is done, and the message for a failure."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import httpx2
import huggingface_hub
from huggingface_hub.errors import HFValidationError
from huggingface_hub.utils import validate_repo_id  # type: ignore[attr-defined]  # no __all__

from ..config.dot_env import read_key
from ..errors import InputError

RepositoryKind = Literal["dataset", "model"]


def check_push(name: str, kind: RepositoryKind) -> None:
    """Raise InputError, before any work is done, if a push to `name` cannot succeed."""
    try:
        validate_repo_id(name)
    except HFValidationError as error:
        example = {"dataset": "me/my-data", "model": "me/my-model"}[kind]
        raise InputError(
            f"--push_to_hub should be the name of a {kind} such as {example}: {error}"
        ) from error
    if huggingface_hub.constants.HF_HUB_OFFLINE:
        raise InputError("--push_to_hub needs the hub, but HF_HUB_OFFLINE is set: unset it.")
    read_key("HF_TOKEN")
    if huggingface_hub.get_token() is None:
        raise InputError(
            "--push_to_hub needs a token that can write: set HF_TOKEN in the environment or .env."
        )


def make_repository(name: str, kind: RepositoryKind, *, private: bool) -> tuple[str, str]:
    """Create the repository, or find it: its full name and its address."""
    url = huggingface_hub.HfApi().create_repo(
        name,
        repo_type=kind,
        private=private or None,  # None: the owner's own default
        exist_ok=True,
    )
    return url.repo_id, str(url)


@contextmanager
def pushing(name: str, advice: str) -> Iterator[None]:
    """If the hub refuses or does not answer, raise an InputError that ends with `advice`."""
    try:
        yield
    except (httpx2.HTTPError, OSError) as error:
        raise InputError(f"Cannot push to {name}: {error}. {advice}") from error
