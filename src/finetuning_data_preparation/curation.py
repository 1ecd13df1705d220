"""One row: from a thought, its components and its DAG to a trajectory, or a reason to drop it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from ..utils.errors import FormatError
from ..utils.grammar import parse, render, serial_text, training_text
from ..utils.records import Thought, Trajectory
from ..utils.redaction import redacted
from ..utils.thoughts.inline import component_text
from ..utils.thoughts.packing import pack_components
from ..utils.thoughts.stage_folders import Separated
from ..utils.tokens.counting import count_tokens
from ..utils.tokens.special import special_tokens_at
from ..utils.tokens.tokenizers import special_tokens_before, token_counter
from .answers import closing_statement
from .config import Limits, PromptOrder
from .filters import Reason, why_dropped, why_too_long
from .order_gain import OrderGain, gain_of
from .row_statistics import RowStatistics, shape_of
from .trajectory import build_trajectory, comments_left_out


@dataclass(frozen=True)
class Curation:
    """How to curate rows. `tokenizer` counts tokens; without one, lengths are in words."""

    limits: Limits
    min_execution_lines: int
    sprint_prompt: str
    serial_prompt: str
    prompt_order: PromptOrder
    tokenizer: str | None = None

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
    gain: OrderGain

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
    texts = [component_text(component, separated.lines) for component in packing.components]
    problem = thought.problem
    given = (problem.question, texts, parents, phases, closing_statement(problem))
    return Packed(
        thought,
        {
            "original": build_trajectory(*given),
            "longest_first": build_trajectory(*given, longest_first=curation.count),
        },
        shape_of(parents, phases),
        {"merged_execution": merged, "dropped_comment": comments_left_out(texts, phases)},
    )


def passed(packed: Packed, is_correct: bool, curation: Curation) -> Curated | Reason:
    """The row for training, or the first reason to drop it."""
    thought, limits = packed.thought, curation.limits
    trajectory = packed.trajectories[curation.prompt_order]
    if reason := why_dropped(trajectory, packed.shape.components, is_correct, limits):
        return reason
    try:
        text = render(trajectory, think=False)
    except FormatError:
        return Reason.TAGS
    solution = closing_statement(thought.problem)
    sizes = training_lengths(thought, text, solution, curation)
    if reason := why_too_long(*sizes, limits):
        return reason
    by_order = {
        order: count_tokens(each, curation.count) for order, each in packed.trajectories.items()
    }
    lengths = by_order[curation.prompt_order]
    gain = gain_of(by_order["original"], by_order["longest_first"])
    return Curated(thought, text, solution, lengths.sequential, lengths.total, gain)


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
