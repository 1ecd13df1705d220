"""Parses a thought's parent dictionary as data, checks it, and writes it."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from ..errors import FormatError
from ..grammar.plain import behind_thought
from ..records import ParentDict

MAX_ANSWER = 200_000
"""An answer longer than this many characters is not a dictionary of components."""

_BODY = re.compile(r"\{([^{}]*)\}")
_NAME = r"[\"']?(?:Component\s*)?(?<!\d)(\d{1,6})(?!\d)[\"']?"
_ENTRY = re.compile(rf"{_NAME}\s*:\s*[\[(]([^\[\]()]*)[\])]", flags=re.IGNORECASE)
_KEY = re.compile(rf"{_NAME}\s*:", flags=re.IGNORECASE)
_PARENT = re.compile(_NAME, flags=re.IGNORECASE)
_BETWEEN = re.compile(r"(?:[\s,]|#[^\n]*(?:\n|\Z))*")


@dataclass(frozen=True)
class CheckedDag:
    """A valid parent dictionary, and how often each kind of repair was needed."""

    parents: dict[int, list[int]]
    repairs: Mapping[str, int]


def parse_dag_answer(text: str, components: Collection[int]) -> CheckedDag:
    """The last dictionary in a model's answer, checked against the component numbers.

    It is matched as text after a reasoning model's `</think>`, and never executed. Keys and parents
    may be `2`, `"2"` or `"Component 2"`. Later snippets about half of the components or fewer are
    skipped as examples. An earlier dictionary is a draft: it does not replace an invalid last one,
    which raises FormatError.
    """
    text = behind_thought(text)
    if len(text) > MAX_ANSWER:
        raise FormatError(
            f"The answer has {len(text)} characters, and the limit is {MAX_ANSWER}: "
            "write only the dictionary."
        )
    dictionaries = [body for body in _BODY.findall(text) if _ENTRY.search(body)]
    if not dictionaries:
        raise FormatError(
            'The answer contains no dictionary: write one such as {"1": [], "2": [1]}.'
        )
    whole = [body for body in dictionaries if 2 * len(_named(body, components)) > len(components)]
    return check_parents(_parse_entries((whole or dictionaries)[-1]), components)


def _named(body: str, components: Collection[int]) -> set[int]:
    """The components that a dictionary has entries for, regardless of the values."""
    return {int(number) for number in _KEY.findall(body)} & set(components)


def _parse_entries(body: str) -> dict[int, list[int]]:
    parents: dict[int, list[int]] = {}
    position = 0
    for entry in _ENTRY.finditer(body):
        _require_nothing(body[position : entry.start()])
        _require_nothing(_PARENT.sub("", entry[2]))
        found = [int(number) for number in _PARENT.findall(entry[2])]
        if parents.setdefault(int(entry[1]), found) != found:
            raise FormatError(f"Component {entry[1]} has two different entries: write one.")
        position = entry.end()
    _require_nothing(body[position:])
    return parents


def _require_nothing(rest: str) -> None:
    if not _BETWEEN.fullmatch(rest):
        raise FormatError(
            f"In the dictionary, {rest.strip()[:60]!r} is neither a component nor a list of "
            'parents: write a dictionary such as {"1": [], "2": [1]}.'
        )


def check_parents(parents: ParentDict, components: Collection[int]) -> CheckedDag:
    """Check that the nodes are the components and that all parents are smaller.

    Dropped and counted, because they carry no information: `unknown_node`, `repeated_parent`,
    `own_parent`. Raises FormatError for a component without an entry, for a parent that is not a
    component or comes later, and for a component, other than the first, whose only parent is
    itself: dropping that parent would be a guess in favour of the DAG.
    """
    missing = sorted(set(components) - parents.keys())
    if missing:
        listed = ", ".join(map(str, missing[:10]))
        raise FormatError(
            f"The dictionary has no entry for component {listed}: add an entry for each."
        )
    _require_earlier(parents, components)
    _require_others(parents, components)
    repairs = Counter(unknown_node=len(parents.keys() - set(components)))
    checked: dict[int, list[int]] = {}
    for node in sorted(components):
        unique = sorted(set(parents[node]))
        repairs["repeated_parent"] += len(parents[node]) - len(unique)
        checked[node] = [parent for parent in unique if parent != node]
        repairs["own_parent"] += len(unique) - len(checked[node])
    return CheckedDag(checked, {kind: count for kind, count in sorted(repairs.items()) if count})


def _require_earlier(parents: ParentDict, components: Collection[int]) -> None:
    for node in sorted(components):
        for parent in parents[node]:
            if parent not in components:
                fault = "which is not a component"
            elif parent > node:
                fault = "which comes after it"
            else:
                continue
            raise FormatError(
                f"Component {node} has the parent {parent}, {fault}: list only components that "
                "come before it."
            )


def _require_others(parents: ParentDict, components: Collection[int]) -> None:
    for node in sorted(components)[1:]:
        if set(parents[node]) == {node}:
            raise FormatError(
                f"Component {node} has only itself as a parent: list the earlier components that "
                "it needs, or none."
            )


def render_parents(parents: ParentDict) -> str:
    """The text of created_dag_i.json: `{"1": [], "2": [1]}`."""
    return json.dumps({str(node): list(parents[node]) for node in sorted(parents)})
