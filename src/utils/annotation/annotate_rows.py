"""Annotates the rows of a stage, by the built-in rules or by a model, and reports the outcome."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Generic, Protocol, TypeVar

from ..concurrency.processes import Workers, run_in_processes, useful_processes
from ..errors import CallError, FormatError
from ..records import Thought
from .config import AnnotationConfig
from .dialogue import Tally, ask_until_sound
from .open_annotator import open_annotator
from .prompt_record import require_same_annotation
from .row_faults import FaultFiles, RowFault

Row = TypeVar("Row")


class Rows(Protocol[Row]):
    """A stage's row handling except the annotation. Picklable, for worker processes."""

    prompt: ClassVar[str]
    """The name of the prompt that a model is sent."""

    def prepare(self, thought: Thought, /) -> Row | RowFault:
        """The annotator's input, or why there is none."""
        ...

    def answer_by_rules(self, row: Row, /) -> str:
        """The answer of the built-in rules for a row."""
        ...

    def request(self, row: Row, /) -> str:
        """The request to a model about a row."""
        ...

    def accept(self, row: Row, answer: str, /, *, durable: bool) -> Mapping[str, int]:
        """Check the answer and write the files of the row; returns how the answer was repaired.

        Raises FormatError with the fault. `durable`: whether to wait for the disk.
        """
        ...


@dataclass(frozen=True)
class RowOutcome:
    """Row `index` has its files, with `repairs` counted; or it failed for the given `reason`."""

    index: int
    repairs: Mapping[str, int] = field(default_factory=dict)
    fault: RowFault | None = None

    def enter(self, tally: Tally) -> None:
        if self.fault is not None:
            tally.failed[self.index] = self.fault.words
        else:
            tally.add(self.repairs)


@dataclass(frozen=True)
class AnnotateByRules(Generic[Row]):
    """Process one row from start to end, in a worker process."""

    rows: Rows[Row]

    def __call__(self, thought: Thought) -> RowOutcome:
        index, row = thought.problem.index, self.rows.prepare(thought)
        if isinstance(row, RowFault):
            return RowOutcome(index, fault=row)
        try:
            # Cheap to repeat after a crash of the machine: not worth waiting for the disk.
            repairs = self.rows.accept(row, self.rows.answer_by_rules(row), durable=False)
        except FormatError as error:
            return RowOutcome(index, fault=RowFault.of(error))
        return RowOutcome(index, repairs)


async def annotate_rows(
    config: AnnotationConfig,
    thoughts: Sequence[Thought],
    rows: Rows[Row],
    faults: FaultFiles,
    make_folders: Callable[[], None],
    *,
    label: str,
) -> Tally:
    """Annotate every thought: by the rules, or by asking the model that `config` names.

    CPU work runs in separate processes. `make_folders` is called once the model
    is known to be served. Beside the answers, `faults` says why a row failed; a dry run writes
    nothing.
    """
    tally = Tally()

    def enter(row: RowOutcome) -> None:
        if not config.dry_run:
            faults.note(row.index, row.fault)
        row.enter(tally)

    async with open_annotator(config) as annotator:
        make_folders()
        if annotator is None:
            await run_in_processes(
                thoughts,
                AnnotateByRules(rows),
                enter,
                processes=config.num_processes,
                label=label,
            )
            return tally
        chat = annotator.chat
        require_same_annotation(faults.folder, [rows.prompt], chat, record=not config.dry_run)
        async with Workers(useful_processes(config.num_processes, len(thoughts))) as workers:

            async def ask(thought: Thought) -> RowOutcome:
                index, row = thought.problem.index, await workers.call(rows.prepare, thought)
                if isinstance(row, RowFault):
                    return RowOutcome(index, fault=row)

                async def accept(answer: str) -> Mapping[str, int]:
                    return await workers.call(rows.accept, row, answer, durable=True)

                try:
                    found = await ask_until_sound(
                        chat, rows.request(row), accept, config.max_attempts
                    )
                except (FormatError, CallError) as error:
                    return RowOutcome(index, fault=RowFault.of(error))
                return RowOutcome(index, found.checked)

            async def annotate(thought: Thought) -> None:
                enter(await ask(thought))

            await annotator.run(thoughts, annotate, at_once=2 * workers.count, label=label)
    return tally
