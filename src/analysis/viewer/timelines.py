"""Timelines of a problem: by seconds from its ledger, by tokens (or characters) from its text."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from ...utils.errors import InputError
from ...utils.files.json_file import read_object
from ...utils.grammar import belongs_to_grammar
from ...utils.records import Call
from ...utils.results.critical_path import EXECUTOR, critical_path
from ...utils.results.reading import read_run_info
from ...utils.tokens.counting import PhaseTokens, TrajectoryCount
from ...utils.tokens.tokenizers import Tokenizer, load_tokenizer
from .model import Bar, Timeline

CHARACTERS = "characters"


class Characters:
    """Replaces a tokenizer if there is none: each character counts."""

    def encode(self, text: str, /, *, add_special_tokens: bool = False) -> str:
        return text


class Unit(NamedTuple):
    """The unit of lengths; `why`: the reason for characters, if the user did not ask for them."""

    name: str
    tokenizer: Tokenizer
    why: str = ""


def choose_unit(folders: Sequence[Path], named: str | None) -> Unit:
    """Tokens, with the given tokenizer or that of all run.json files; else characters.

    Raises InputError if the given one cannot be loaded.
    """
    if named == CHARACTERS:
        return Unit(CHARACTERS, Characters())
    if named:
        return Unit("tokens", load_tokenizer(named))
    names = [read_run_info(folder).tokenizer for folder in folders]
    if len({_content(name) for name in names}) != 1 or not names[0]:
        return Unit(CHARACTERS, Characters(), "The run.json files name no common tokenizer")
    source = names[0]
    try:
        return Unit("tokens", load_tokenizer(source))
    except InputError:
        return Unit(CHARACTERS, Characters(), f"The tokenizer {source!r} cannot be loaded")


def _content(tokenizer: str) -> str:
    """The identity of a tokenizer: the file of a local one, else its name.

    Without tokens of tags, which do not count: a fine-tuned model may have them, its base not.
    """
    path = Path(tokenizer) / "tokenizer.json"
    if not tokenizer or not path.is_file():
        return tokenizer
    try:
        state = read_object(path)
        tokens = [it for it in state["added_tokens"] if not belongs_to_grammar(it["content"])]
    except (InputError, KeyError, TypeError):  # it is reported where it is loaded
        return tokenizer
    return json.dumps(state | {"added_tokens": tokens}, sort_keys=True)


def timeline_by_seconds(calls: Sequence[Call]) -> Timeline:
    """Every call as a bar, including discarded attempts."""
    on_path = {piece.call: (piece.start, piece.end) for piece in critical_path(calls)}
    bars = tuple(
        Bar(
            lane=call.prompt if call.role == EXECUTOR else 0,
            start=call.started,
            end=call.finished,
            phase=call.phase,
            prompt=call.prompt,
            path=on_path.get(call),
            first=call.first_token or None,
            kept=call.kept,
            note=_note(call),
        )
        for call in sorted(calls, key=lambda call: call.started)
    )
    return Timeline("seconds", bars, max((bar.end for bar in bars), default=0.0))


def timeline_by_tokens(counted: TrajectoryCount, unit: str) -> Timeline:
    """The trajectory as if each stream wrote one token at a time, as sequential tokens count.

    An executor starts where its prompt ends, and a phase where the longest stream of the previous
    phase ends; tags do not count (see `counting`).
    """
    bars, now = list[Bar](), 0
    for number, phase in enumerate(counted.phases, 1):
        of_phase = _phase_bars(phase, number, now)
        bars += of_phase
        now = max((int(bar.end) for bar in of_phase), default=now)
    if counted.final_answer:
        end = now + counted.final_answer
        bars.append(Bar(0, now, end, len(counted.phases) + 1, 0, path=(now, end)))
        now = end
    return Timeline(unit, tuple(bars), now)


def serial_timeline(tokens: int, unit: str) -> Timeline:
    """One chain of this many tokens."""
    return Timeline(unit, (Bar(0, 0, tokens, 0, 0, path=(0, tokens)),), tokens)


def _phase_bars(tokens: PhaseTokens, number: int, start: int) -> list[Bar]:
    """The plan, then its executions; the first of those that end last is on the path."""
    executed = [(start + before, start + before + own) for before, own in tokens.executions]
    planned, end = start + tokens.plan, start + tokens.sequential
    ends = [finish for _, finish in executed]
    longest = ends.index(end) if end > planned else None
    plan_on_path = (start, planned if longest is None else executed[longest][0])
    return [
        Bar(0, start, planned, number, 0, path=plan_on_path),
        *(
            Bar(k, begin, finish, number, k, path=(begin, finish) if k - 1 == longest else None)
            for k, (begin, finish) in enumerate(executed, 1)
        ),
    ]


def _note(call: Call) -> str:
    parts = [
        f"attempt {call.attempt}" if call.attempt > 1 else "",
        f"{call.completion_tokens} tokens",
        "" if call.kept else f"discarded: {call.error}",
    ]
    return ", ".join(part for part in parts if part)
