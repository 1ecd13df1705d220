"""Annotating the rows of a stage, by the built-in rules or by a model; what became of each."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from ..processes import run_in_processes
from .annotation import Chat, Tally
from .annotator import ModelAnnotator

Item = TypeVar("Item")


@dataclass(frozen=True)
class RowOutcome:
    """Row `index` has its files, mended as `repairs` count; or it failed, for the reason given."""

    index: int
    repairs: Mapping[str, int] = field(default_factory=dict)
    fault: str = ""

    def enter(self, tally: Tally) -> None:
        if self.fault:
            tally.failed[self.index] = self.fault
        else:
            tally.add(self.repairs)


async def annotate_rows(
    items: Sequence[Item],
    annotator: ModelAnnotator | None,
    by_rules: Callable[[Item], RowOutcome],
    by_model: Callable[[Chat, Item], Awaitable[RowOutcome]],
    *,
    processes: int,
    label: str,
) -> Tally:
    """Annotate every item, with the rules in several processes where there is no `annotator`."""
    tally = Tally()
    if annotator is None:
        await run_in_processes(
            items, by_rules, lambda row: row.enter(tally), processes=processes, label=label
        )
        return tally
    chat = annotator.chat

    async def work(item: Item) -> None:
        (await by_model(chat, item)).enter(tally)

    await annotator.run(items, work, label=label)
    return tally
