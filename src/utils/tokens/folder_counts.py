"""Tokens of the trajectories in a result folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from ..errors import InputError
from ..grammar import parse
from ..grammar.tags import TagKind, find_tags
from ..results.reading import TrajectoryFile, read_run_info, trajectory_files
from .counting import TrajectoryCount, count_tokens
from .tokenizers import Tokenizer, token_counter

TokenizerSource = str | Path | Tokenizer | None


class TokenCount(NamedTuple):
    """Tokens of one problem's trajectory. A serial response is one phase without prompts.

    `total` is 0 if nothing was ever written: for example, the server refused the problem.
    """

    problem_id: str
    sequential: int
    total: int
    phases: int
    prompts: int
    trajectory: TrajectoryCount | None = None
    """Its tokens by phase; None for a serial response."""


def folder_token_counts(folder: Path, tokenizer: TokenizerSource = None) -> list[TokenCount]:
    """Token counts of every trajectory in the folder, by problem id.

    Without a `tokenizer` the one in run.json is used. Raises InputError if the folder contains no
    trajectories, or if there is no tokenizer.
    """
    files = trajectory_files(folder)
    if not files:
        raise InputError(
            f"{folder} should contain planner_trajectory_*.txt or base_model_trajectory_*.txt "
            "files, but has neither: give the folder that inference wrote for one dataset."
        )
    source = tokenizer if tokenizer is not None else read_run_info(folder).tokenizer
    if isinstance(source, str) and not source:
        raise InputError(
            f"No run.json in {folder} names a tokenizer: pass the name or path of the model's, "
            "or an object with encode(text, add_special_tokens=False)."
        )
    count = token_counter(source)
    return [count_file(file, count) for file in files]


def count_file(file: TrajectoryFile, count: Callable[[str], int]) -> TokenCount:
    """Token counts of one trajectory; tags of the grammar do not count."""
    text = file.read()
    if file.serial:
        response = without_think_tags(text)
        tokens = count(response) if response else 0
        return TokenCount(file.problem_id, tokens, tokens, phases=1, prompts=0)
    trajectory = parse(text)
    counted = count_tokens(trajectory, count)
    return TokenCount(
        file.problem_id,
        counted.sequential,
        counted.total,
        len(counted.phases),
        counted.prompts,
        counted,
    )


def without_think_tags(text: str) -> str:
    """A serial response without `<think>` and `</think>`, stripped."""
    result, end = "", 0
    for tag in find_tags(text):
        if tag.kind is TagKind.THINK:
            result += text[end : tag.start]
            end = tag.end
    return (result + text[end:]).strip()
