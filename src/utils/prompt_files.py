"""Every text sent to a model is in src/prompts, one .txt file each, or in PROMPTS_DIR."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from .errors import InputError

SHIPPED = Path(__file__).resolve().parent.parent / "prompts"


def load_prompt(name: str) -> str:
    """The prompt `name` (without suffix), stripped; a file in PROMPTS_DIR takes precedence."""
    replaced = os.environ.get("PROMPTS_DIR")
    folders = [Path(replaced), SHIPPED] if replaced else [SHIPPED]
    if not folders[0].is_dir():
        raise InputError(f"PROMPTS_DIR is {replaced}, not a folder: correct or unset it.")
    for folder in folders:
        path = folder / f"{name}.txt"
        if path.is_file():
            if text := _read(path):
                return text
            raise InputError(f"{path} is empty: write the prompt into it, or remove the file.")
    looked = " and ".join(str(folder) for folder in folders)
    raise InputError(f"No prompt {name}.txt in {looked}: put the file there or unset PROMPTS_DIR.")


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig").strip()
    except UnicodeError as error:
        raise InputError(f"The prompt {path} is not UTF-8 text: save it as UTF-8.") from error
    except OSError as error:
        raise InputError(
            f"The prompt {path} cannot be read ({error.strerror}): make it readable, or remove it."
        ) from error


def prompt_hash(text: str) -> str:
    """Twelve hexadecimal digits that identify a prompt's text in run.json and in caches."""
    return hashlib.sha256(text.encode()).hexdigest()[:12]
