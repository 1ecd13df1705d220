"""The data of the page. All of it is sent to the page as JSON, under the names of the fields."""

from __future__ import annotations

from dataclasses import dataclass

from ...utils.grading import Status


@dataclass(frozen=True)
class Bar:
    """A bar of one stream on a timeline.

    `lane` 0 is the planner or a serial answer, k the executor of prompt k. `phase` and `prompt`
    identify the text (phase 0: all of it; a phase after the last: the final answer). `first` is the
    time of the first token; `path` is the part on the critical path.
    """

    lane: int
    start: float
    end: float
    phase: int
    prompt: int
    path: tuple[float, float] | None = None
    first: float | None = None
    kept: bool = True
    note: str = ""


@dataclass(frozen=True)
class Timeline:
    """`unit` is seconds, tokens or characters, for bars and end alike."""

    unit: str
    bars: tuple[Bar, ...]
    end: float


@dataclass(frozen=True)
class PlanPart:
    """A piece of a plan: text, and the prompt after it (None at the end of a plan)."""

    text: str
    prompt: str | None


@dataclass(frozen=True)
class PhaseText:
    plan: tuple[PlanPart, ...]
    executions: tuple[str, ...]


@dataclass(frozen=True)
class ProblemSummary:
    """One method on one problem, as listed; None if the folder does not contain the value.

    `sequential` and `total` in the unit of the page, `seconds` of wall clock, `priced` seconds of
    the priced path, `width` the most prompts in a phase; a serial answer has no phases and no
    width.
    """

    status: Status | None
    sequential: int | None
    total: int | None
    seconds: float | None
    phases: int | None
    width: int | None
    marked: bool
    judged: bool
    priced: float | None = None


@dataclass(frozen=True)
class View:
    """The texts of one method on one problem. `final` is the final answer or a serial answer.

    None if there is none. Texts that are too long for a page end in a note.
    """

    answer: str
    faults: str
    phases: tuple[PhaseText, ...]
    final: str | None
    serial: bool
    timelines: tuple[Timeline, ...]


@dataclass(frozen=True)
class ProblemRow:
    """One problem in the list, with a summary for each method (None: not in its folder)."""

    id: str
    level: str
    subject: str
    summaries: tuple[ProblemSummary | None, ...]


@dataclass(frozen=True)
class Page:
    """The page's data before a problem is opened. `unit`: tokens or characters."""

    methods: tuple[str, ...]
    dataset: str
    unit: str
    rows: tuple[ProblemRow, ...]


@dataclass(frozen=True)
class OpenProblem:
    """The data that an opened problem adds to its row."""

    question: str
    reference: str
    solution: str
    views: tuple[View | None, ...]
