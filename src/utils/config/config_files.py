"""Configurations from files: YAML or JSON with field names, or the record of a run."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..errors import InputError, reason_of
from ..files.json_file import read_object
from .base import Config

RECORD = "configuration"
"""In run.json and training.json: the resolved configuration and its command."""
COMMAND = "command"
VERSIONS = "versions"
"""In run.json and training.json, also in those of versions that wrote no RECORD."""
LARGEST = 1 << 20
"""Maximum bytes of a YAML file."""


def record(config: Config) -> dict[str, Any]:
    """The entry under RECORD, with which --config can repeat the command."""
    return {COMMAND: config.command, **config.model_dump(mode="json", exclude_none=True)}


def read_config(path: Path, command: str) -> dict[str, Any]:
    """The fields that a file sets. YAML values stay text and are parsed like flags.

    Raises InputError if it cannot be read, is not a mapping, or records another command.
    """
    advice = "give --config a YAML file with field names, or the run.json of a run"
    if path.suffix.lower() == ".json":
        try:
            content = read_object(path, advice)
        except FileNotFoundError as error:
            raise InputError(f"There is no file {path}: {advice}.") from error
        if RECORD not in content and isinstance(content.get(VERSIONS), Mapping):
            raise InputError(
                f"{path} is the record of a run of an older version, which contains no "
                f"configuration: {advice} of this version, or repeat its flags."
            )
        found = content.get(RECORD, content)
    else:
        found = _read_yaml(path, advice)
        if isinstance(found, Mapping):
            found = found.get(RECORD, found)
    if not isinstance(found, Mapping) or not all(isinstance(name, str) for name in found):
        raise InputError(f"{path} does not contain a mapping of fields to values: {advice}.")
    fields = dict(found)
    recorded = fields.pop(COMMAND, command)
    if recorded != command:
        raise InputError(
            f"{path} is the record of {str(recorded)[:100]!r}, not of {command!r}: give it to that "
            "command."
        )
    return fields


def _read_yaml(path: Path, advice: str) -> object:
    # Imported here: few commands are given a file.
    import yaml

    try:
        with path.open("rb") as file:
            text = file.read(LARGEST + 1)
        if len(text) > LARGEST:
            raise InputError(f"{path} has more than {LARGEST} bytes: {advice}.")
        # Every scalar stays text: YAML itself would read the range 1:50 as the number 110.
        content = yaml.load(text.decode(), Loader=yaml.BaseLoader)
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}): {advice}.") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise InputError(f"{path} is not valid YAML ({reason_of(error)}): {advice}.") from error
    if isinstance(content, dict):
        return {
            name: value
            for name, value in content.items()
            if not (isinstance(value, str) and value in ("", "~", "null"))
        }
    return content
