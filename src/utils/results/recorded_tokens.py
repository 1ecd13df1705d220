"""The token ids of a problem's calls, in a file `tokens/<id>.json` of its result folder."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ..files.atomic import write_text
from ..files.json_file import DamagedError, read_object
from ..records import CallTokens

TOKENS = "tokens"
"""The folder in a result folder."""
ADVICE = "solve the problem again with --record_tokens, in another LOGS_DIR"


def write_tokens(folder: Path, problem_id: str, calls: Sequence[CallTokens]) -> None:
    """Of the calls of a problem, in the order of its ledger."""
    path = _path(folder, problem_id)
    path.parent.mkdir(exist_ok=True)
    write_text(path, json.dumps({"calls": [asdict(call) for call in calls]}) + "\n")


def read_tokens(folder: Path, problem_id: str) -> list[CallTokens] | None:
    """None if they were not recorded. Raises DamagedError for an invalid file."""
    path = _path(folder, problem_id)
    if not path.is_file():
        return None
    calls = read_object(path, ADVICE).get("calls")
    if not isinstance(calls, list):
        raise DamagedError(path, "no list of calls", ADVICE)
    return [_call(path, call) for call in calls]


def _path(folder: Path, problem_id: str) -> Path:
    return folder / TOKENS / f"{problem_id}.json"


def _call(path: Path, fields: Any) -> CallTokens:
    names = {"prompt_ids": int, "ids": int, "logprobs": float}
    if not isinstance(fields, dict) or fields.keys() != names.keys():
        raise DamagedError(path, f"a call without {', '.join(names)}", ADVICE)
    lists = {}
    for name, kind in names.items():
        numbers = fields[name]
        expected = (int,) if kind is int else (int, float)
        if not isinstance(numbers, list) or not all(type(one) in expected for one in numbers):
            raise DamagedError(path, f"{name} that are no numbers", ADVICE)
        lists[name] = tuple(map(kind, numbers))
    return CallTokens(**lists)
