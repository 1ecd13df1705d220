"""One row: from a thought, its components and its DAG to trajectories, or a reason to drop it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache

from ..utils.errors import FormatError
from ..utils.grammar import parse, render, serial_text, training_text
from ..utils.latency.priced_path import TimePrices, priced_seconds
from ..utils.latency.text_work import text_rounds
from ..utils.records import Thought, Trajectory
from ..utils.redaction import redacted
from ..utils.thoughts.inline import ComponentText, component_text
from ..utils.thoughts.packing import Packing, inline_lone_executions, pack_components
from ..utils.thoughts.stage_folders import Separated
from ..utils.tokens.counting import count_tokens
from ..utils.tokens.special import special_tokens_at
from ..utils.tokens.tokenizers import special_tokens_before, token_counter
from .answers import closing_statement
from .config import Limits, PromptOrder
from .filters import Reason, why_dropped, why_too_long
from .order_gain import OrderGain, gain_of
from .row_statistics import RowStatistics, shape_of
from .structures import (
    CURATED,
    Structure,
    StructureChoice,
    chosen,
    other_structures,
    serial_trajectory,
)
from .trajectory import build_trajectory, comments_left_out


@dataclass(frozen=True)
class Curation:
    """How to curate rows. `tokenizer` counts tokens; without one, lengths are in words.

    With `prices`, all structures of a row are made and priced, and `structure` says which to keep.
    `serial_opening` is the first line of serial answers, "" for none.
    """

    limits: Limits
    min_execution_lines: int
    sprint_prompt: str
    serial_prompt: str
    prompt_order: PromptOrder
    tokenizer: str | None = None
    structure: StructureChoice = CURATED
    prices: TimePrices | None = None
    serial_opening: str = ""

    @property
    def unit(self) -> str:
        """The unit of lengths."""
        return f"tokens of {self.tokenizer}" if self.tokenizer else "words"

    def count(self, text: str) -> int:
        """The length of a text."""
        return _length(self.tokenizer, text)

    def training_length(self, context: str, completion: str) -> int:
        """The length of a training sample, with its special tokens; 0 if there is no limit.

        Stage 4 tokenizes context and completion separately, with the tokenizer's leading special
        tokens before them and the end-of-text token after them.
        """
        if self.tokenizer is None or self.limits.max_length is None:
            return 0
        around = special_tokens_before(self.tokenizer) + 1
        return self.count(context) + self.count(completion) + around


@lru_cache(maxsize=128)
def _length(tokenizer: str | None, text: str) -> int:
    """Remembered, because the two orders of a trajectory consist of the same texts."""
    return token_counter(tokenizer)(text) if tokenizer else len(text.split())


_special_tokens = lru_cache(maxsize=4)(special_tokens_at)


@dataclass(frozen=True)
class Packed:
    """A thought packed into phases, before the filters.

    `trajectories` has one for each order of the prompts; `repaired` counts executions merged into
    plans, and comments that no plan carries.
    """

    thought: Thought
    trajectories: Mapping[PromptOrder, Trajectory]
    shape: RowStatistics
    repaired: Mapping[str, int]
    others: Mapping[Structure, Trajectory] = field(default_factory=dict)
    """Its other structures, in the order of the prompts that is written."""


@dataclass(frozen=True)
class Curated:
    """A row of the fine-tuning data; `sequential` and `total` are the trajectory's lengths.

    `solution` is the final answer of the trajectory. `gain` compares its orders, whichever it was
    written in.
    """

    thought: Thought
    trajectory: str
    solution: str
    sequential: int
    total: int
    gain: OrderGain = field(default_factory=OrderGain)
    structure: Structure = CURATED
    priced: Mapping[Structure, float] = field(default_factory=dict)
    """Seconds of each structure that the row could have; empty without prices."""
    others: tuple[Curated, ...] = ()
    """The same row in its other structures, if several are kept."""

    def row(self) -> dict[str, str | int]:
        """The columns: SPRINT trains on `trajectory`, RFT on `thought` followed by `solution`.

        Both end on the same answer, so they differ only in structure. Texts do not contain a key,
        although files of earlier stages may.
        """
        problem = self.thought.problem
        texts = {
            "id": problem.id,
            "level": problem.level,
            "subject": problem.subject,
            "question": problem.question,
            "answer": problem.answer,
            "solution": self.solution,
            "thought": self.thought.text,
            "trajectory": self.trajectory,
            "structure": self.structure,
        }
        return {"index": problem.index} | {name: redacted(text) for name, text in texts.items()}


def pack(
    thought: Thought, separated: Separated, parents: dict[int, list[int]], curation: Curation
) -> Packed:
    """Pack the components of a thought into phases, and write their trajectory."""
    packing = pack_components(separated.components, parents, curation.min_execution_lines)
    phases = packing.phases
    merged = sum(
        bool(before.execution) and not after.execution
        for before, after in zip(separated.components, packing.components, strict=True)
    )
    texts = _texts(packing, separated)
    problem = thought.problem
    given = (problem.question, texts, parents, phases, closing_statement(problem))
    by_order: dict[PromptOrder, Trajectory] = {
        "original": build_trajectory(*given),
        "longest_first": build_trajectory(*given, longest_first=curation.count),
    }
    return Packed(
        thought,
        by_order,
        shape_of(parents, phases),
        {"merged_execution": merged, "dropped_comment": comments_left_out(texts, phases)},
        _others(thought, separated, parents, packing, by_order, curation)
        if curation.prices is not None
        else {},
    )


def _others(
    thought: Thought,
    separated: Separated,
    parents: dict[int, list[int]],
    packing: Packing,
    by_order: Mapping[PromptOrder, Trajectory],
    curation: Curation,
) -> dict[Structure, Trajectory]:
    """The structures of a thought, except the curated one."""
    problem, solution = thought.problem, closing_statement(thought.problem)
    inlined = inline_lone_executions(packing, parents)
    return other_structures(
        by_order[curation.prompt_order],
        build_trajectory(
            problem.question,
            _texts(inlined, separated),
            parents,
            inlined.phases,
            solution,
            longest_first=curation.count if curation.prompt_order == "longest_first" else None,
        ),
        serial_trajectory(problem.question, thought.text, solution, curation.serial_opening),
    )


def _texts(packing: Packing, separated: Separated) -> list[ComponentText]:
    return [component_text(component, separated.lines) for component in packing.components]


def passed(packed: Packed, is_correct: bool, curation: Curation) -> Curated | Reason:
    """The row for training, or the first reason to drop it.

    A structure that breaks a limit is left out; the reason is that of the curated one. Whether the
    answer is right and the row parallel enough does not depend on the structure.
    """
    curated, components = packed.trajectories[curation.prompt_order], packed.shape.components
    reason = why_dropped(curated, components, is_correct, curation.limits)
    if reason in (Reason.WRONG_ANSWER, Reason.SERIAL):
        return reason
    thought = packed.thought
    solution = closing_statement(thought.problem)
    first = reason or written(thought, curated, solution, curation)
    made: dict[Structure, Curated | Reason] = {"curated": first}
    for name, trajectory in packed.others.items():
        made[name] = why_dropped(trajectory, None, is_correct, curation.limits) or written(
            thought, trajectory, solution, curation, name
        )
    rows = {name: row for name, row in made.items() if isinstance(row, Curated)}
    priced = _priced({"curated": curated, **packed.others}, rows, curation)
    kept = chosen(curation.structure, rows, priced)
    if isinstance(first, Reason) and not kept:
        return first
    orders = packed.trajectories
    gain = gain_of(
        count_tokens(orders["original"], curation.count),
        count_tokens(orders["longest_first"], curation.count),
    )
    return replace(kept[0], gain=gain, priced=priced, others=tuple(kept[1:]))


def _priced(
    trajectories: Mapping[Structure, Trajectory], rows: Iterable[Structure], curation: Curation
) -> dict[Structure, float]:
    """Seconds of the structures that `rows` names; none without prices."""
    if curation.prices is None:
        return {}
    return {
        name: priced_seconds(text_rounds(trajectories[name], curation.count), curation.prices)
        for name in rows
    }


def written(
    thought: Thought,
    trajectory: Trajectory,
    solution: str,
    curation: Curation,
    structure: Structure = CURATED,
) -> Curated | Reason:
    """The row with this trajectory, or why it cannot be trained on: its tags or its length."""
    try:
        text = render(trajectory, think=False)
    except FormatError:
        return Reason.TAGS
    sizes = training_lengths(thought, text, solution, curation)
    if reason := why_too_long(*sizes, curation.limits):
        return reason
    lengths = count_tokens(trajectory, curation.count)
    return Curated(thought, text, solution, lengths.sequential, lengths.total, structure=structure)


def training_lengths(
    thought: Thought, trajectory: str, solution: str, curation: Curation
) -> tuple[int, int]:
    """Of the trajectory and of the serial thought, as stage 4 trains them: without the special
    tokens of its tokenizer in the texts. A missing thought has length 0.
    """
    if curation.tokenizer is None or curation.limits.max_length is None:
        return 0, 0
    clean = _special_tokens(curation.tokenizer).remove
    texts = thought.problem.question, thought.text, solution
    whole = training_text(curation.sprint_prompt, parse(clean(trajectory)))
    serial = serial_text(curation.serial_prompt, *map(clean, texts))
    length = curation.training_length
    return length(*whole), length(*serial) if thought.text.strip() else 0
