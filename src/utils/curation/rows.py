"""Annotating the rows of a stage, by the built-in rules or by a model; what became of each."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from ..processes import run_in_processes
from .annotation import Chat, Tally
from .annotator import ModelAnnotator
from .faults import FaultFiles, RowFault

Item = TypeVar("Item")


@dataclass(frozen=True)
class RowOutcome:
    """Row `index` has its files, mended as `repairs` count; or it failed, for the reason given."""

    index: int
    repairs: Mapping[str, int] = field(default_factory=dict)
    fault: RowFault | None = None

    def enter(self, tally: Tally) -> None:
        if self.fault is not None:
            tally.failed[self.index] = self.fault.words
        else:
            tally.add(self.repairs)


async def annotate_rows(
    items: Sequence[Item],
    annotator: ModelAnnotator | None,
    by_rules: Callable[[Item], RowOutcome],
    by_model: Callable[[Chat, Item], Awaitable[RowOutcome]],
    *,
    faults: FaultFiles,
    processes: int,
    label: str,
) -> Tally:
    """Annotate every item, with the rules in several processes where there is no `annotator`."""
    tally = Tally()

    def enter(row: RowOutcome) -> None:
        faults.note(row.index, row.fault)
        row.enter(tally)

    if annotator is None:
        await run_in_processes(items, by_rules, enter, processes=processes, label=label)
        return tally
    chat = annotator.chat

    async def work(item: Item) -> None:
        enter(await by_model(chat, item))

    await annotator.run(items, work, label=label)
    return tally
