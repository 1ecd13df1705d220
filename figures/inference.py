"""How SPRINT infers: planner and executors on an axis of sequential tokens, to scale.

The lengths are made up, and all that is drawn or written is computed from them: where an executor
starts, what the critical path is, how many tokens are saved.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from style import (
    BODY,
    EXECUTION,
    FAINT,
    INK,
    PAPER,
    PLAN,
    PROMPT,
    RULE,
    TITLE,
    Canvas,
    Part,
)

WIDTH, HEIGHT = 900, 556
AXIS = 96
"""x of token 0."""
SPAN = 788
"""Width of the serial bar."""
BAR = 30
PLANNER, SERIAL = 86, 366
LANES = (264, 224, 184, 144)
"""Top of each executor's lane. Later prompts take higher ones, so no arrow crosses a bar."""
KEY = 566
"""Left edge of the explanations."""
CRITICAL: dict[str, Any] = {"color": "#b3261e", "lw": 3.2, "zorder": 6, "solid_joinstyle": "miter"}
ANSWER = Part("#dfe3e8", FAINT)
POOL = Part(PAPER, RULE)
FORMULA = (
    r"sequential tokens $=\ \sum_{i}\ \max_{k}\ (P_{i.k} + E_{i.k})\ +$ tokens of the final answer"
)
CAPTION = (
    r"$P_{i.k}$: tokens of plan $i$ up to the end of prompt $k$.   "
    r"$E_{i.k}$: tokens of execution $k$ of phase $i$.",
    r"The whole plan is one more candidate, with $E = 0$.   Lengths are illustrative, to scale.",
)


@dataclass(frozen=True)
class Task:
    """Tokens of the planner's text before a prompt, of the prompt and of its execution."""

    plan: int
    prompt: int
    execution: int


@dataclass(frozen=True)
class Round:
    """A phase: its tasks in prompt order, and the tokens of the plan after the last prompt."""

    tasks: tuple[Task, ...]
    tail: int

    @property
    def prompt_ends(self) -> tuple[int, ...]:
        """P_i.k: the tokens of the plan up to the end of prompt k."""
        ends, total = [], 0
        for task in self.tasks:
            total += task.plan + task.prompt
            ends.append(total)
        return tuple(ends)

    @property
    def candidates(self) -> tuple[int, ...]:
        """P_i.k + E_i.k for every prompt, and last the whole plan."""
        ends = zip(self.prompt_ends, self.tasks, strict=True)
        return (*(end + task.execution for end, task in ends), self.prompt_ends[-1] + self.tail)

    @property
    def critical(self) -> int:
        """The place of the task that ends last, counted from 0."""
        return self.candidates[:-1].index(max(self.candidates[:-1]))

    @property
    def sequential_tokens(self) -> int:
        return max(self.candidates)

    @property
    def serial_parts(self) -> tuple[tuple[int, Part], ...]:
        """What a serial thought writes for the same work: no prompts."""
        parts = [p for t in self.tasks for p in ((t.plan, PLAN), (t.execution, EXECUTION))]
        return (*parts, (self.tail, PLAN))


ROUNDS = (
    Round((Task(52, 36, 200), Task(32, 36, 290), Task(32, 36, 180), Task(32, 36, 120)), 24),
    Round((Task(48, 36, 270), Task(32, 36, 170)), 20),
)
FINAL_ANSWER = 112
SERIAL_PARTS = (*(p for r in ROUNDS for p in r.serial_parts), (FINAL_ANSWER, ANSWER))
SERIAL_TOKENS = sum(tokens for tokens, _ in SERIAL_PARTS)
SPRINT_TOKENS = sum(r.sequential_tokens for r in ROUNDS) + FINAL_ANSWER


def place(tokens: float) -> float:
    """x of a number of sequential tokens."""
    return AXIS + tokens * SPAN / SERIAL_TOKENS


def draw_inference() -> Canvas:
    """The whole picture: SPRINT's lanes, the serial bar beneath them, explanations."""
    canvas = Canvas(WIDTH, HEIGHT)
    _draw_legend(canvas)
    _draw_lanes(canvas)
    start = 0
    for number, phase in enumerate(ROUNDS, start=1):
        _draw_round(canvas, number, phase, start)
        start += phase.sequential_tokens
    _draw_bar(canvas, start, FINAL_ANSWER, PLANNER, ANSWER, "answer")
    canvas.line([place(start), place(SPRINT_TOKENS)], [PLANNER + BAR] * 2, **CRITICAL)
    _draw_badges(canvas)
    _draw_serial(canvas)
    _draw_key(canvas)
    _draw_formula(canvas)
    return canvas


def _draw_bar(
    canvas: Canvas, start: float, tokens: float, top: float, part: Part, label: str = ""
) -> None:
    left, right = place(start), place(start + tokens)
    canvas.box(left, top, right - left, BAR, part, label, radius=1.5)


def _draw_legend(canvas: Canvas) -> None:
    entries = (
        ("plan", 34, PLAN),
        ("prompt $i.k$", 68, PROMPT),
        ("execution $E_{i.k}$", 96, EXECUTION),
        ("answer", 50, ANSWER),
    )
    x = 10.0
    for name, width, part in entries:
        canvas.box(x, 12, 22, 14, part, radius=1.5)
        canvas.text(x + 28, 19, name)
        x += 38 + width
    canvas.line([x + 4, x + 34], [19, 19], **CRITICAL)
    canvas.text(x + 40, 19, "critical path")


def _draw_lanes(canvas: Canvas) -> None:
    canvas.text(10, PLANNER + BAR / 2, "Planner", size=BODY, weight="bold")
    middle = (LANES[0] + LANES[-1] + BAR) / 2
    canvas.text(10, middle - 8, "Executor", size=BODY, weight="bold")
    canvas.text(10, middle + 9, "pool", size=BODY, weight="bold")
    top, height = LANES[-1] - 8, LANES[0] + BAR + 16 - LANES[-1]
    width = place(SPRINT_TOKENS - FINAL_ANSWER) - AXIS + 16
    canvas.box(AXIS - 8, top, width, height, POOL, radius=5, zorder=0)


def _draw_round(canvas: Canvas, number: int, phase: Round, start: int) -> None:
    """A phase: the plan, an arrow from each prompt to its execution, the critical path."""
    join = start + phase.sequential_tokens
    _draw_span(canvas, start, join, f"phase {number}")
    canvas.line([place(start), place(join)], [PLANNER + BAR / 2] * 2, color=FAINT, ls=":")
    written = start
    for order, (task, end) in enumerate(zip(phase.tasks, phase.prompt_ends, strict=True)):
        name, lane, closes = f"{number}.{order + 1}", LANES[order], start + end
        _draw_bar(canvas, written, task.plan, PLANNER, PLAN)
        _draw_bar(canvas, closes - task.prompt, task.prompt, PLANNER, PROMPT)
        canvas.text(place(closes - task.prompt / 2), PLANNER - 9, name, ha="center")
        _draw_bar(canvas, closes, task.execution, lane, EXECUTION, f"$E_{{{name}}}$")
        if order != phase.critical:
            canvas.arrow((place(closes), PLANNER + BAR), (place(closes), lane), head=8)
        rest = [place(closes + task.execution), place(join)]
        canvas.line(rest, [lane + BAR / 2] * 2, color=FAINT, ls=":")
        written = closes
    _draw_bar(canvas, written, phase.tail, PLANNER, PLAN)
    canvas.line([place(join)] * 2, [PLANNER + BAR, LANES[0] + BAR], color=FAINT, ls=":")
    turn, lane = place(start + phase.prompt_ends[phase.critical]), LANES[phase.critical]
    xs = [place(start), turn, turn, place(join), place(join)]
    ys = [PLANNER + BAR, PLANNER + BAR, lane + BAR, lane + BAR, PLANNER + BAR]
    canvas.line(xs, ys, **CRITICAL)


def _draw_span(canvas: Canvas, start: int, end: int, name: str) -> None:
    """A bracket over a phase."""
    left, right, y = place(start) + 2, place(end) - 2, PLANNER - 24
    canvas.line([left, left, right, right], [y + 5, y, y, y + 5], color=FAINT)
    canvas.text((left + right) / 2, y - 9, name, ha="center", weight="bold")


def _draw_badges(canvas: Canvas) -> None:
    """The places that the explanations speak of."""
    first = ROUNDS[0]
    canvas.badge(place(first.tasks[0].plan / 2), PLANNER + BAR / 2, "1")
    canvas.badge(place(first.prompt_ends[0]) - 14, LANES[0] - 20, "2")
    canvas.badge(place(first.sequential_tokens), LANES[0] + BAR + 2, "3")


def _draw_serial(canvas: Canvas) -> None:
    """The serial bar, and how much longer it is."""
    canvas.text(10, SERIAL + BAR / 2 - 8, "Serial", size=BODY, weight="bold")
    canvas.text(10, SERIAL + BAR / 2 + 9, "reasoning", size=BODY, weight="bold")
    start = 0
    for tokens, part in SERIAL_PARTS:
        _draw_bar(canvas, start, tokens, SERIAL, part)
        start += tokens
    end, y = place(SPRINT_TOKENS), SERIAL - 16
    canvas.line([end, end], [PLANNER + BAR + 4, SERIAL + BAR], ls="--", color=INK, zorder=1)
    canvas.line([place(SERIAL_TOKENS)] * 2, [y - 8, SERIAL], ls="--", color=INK, zorder=1)
    canvas.arrow((place(SERIAL_TOKENS), y), (end, y), head=10)
    saved = SERIAL_TOKENS - SPRINT_TOKENS
    share = f"{saved:,} fewer sequential tokens (−{saved / SERIAL_TOKENS:.0%})"
    canvas.text((end + place(SERIAL_TOKENS)) / 2, y - 11, share, ha="center", weight="bold")
    y = SERIAL + BAR + 16
    canvas.arrow((AXIS, y), (place(SERIAL_TOKENS) + 10, y), color=FAINT)
    for tick in range(0, SERIAL_TOKENS, 250):
        canvas.line([place(tick)] * 2, [y - 3, y + 3], color=FAINT)
        canvas.text(place(tick), y + 14, f"{tick:,}", ha="center", color=FAINT)
    canvas.text(10, y + 2, "time, in", color=FAINT)
    canvas.text(10, y + 17, "tokens", color=FAINT)


def _draw_key(canvas: Canvas) -> None:
    """What the numbers in the picture mean, and the sums."""
    steps = (
        ("1", ("The planner streams plan 1.",)),
        (
            "2",
            (
                "The moment </prompt_1.k> closes,",
                "executor k starts; the plan goes on.",
                "Its context, the plan so far, is cached.",
            ),
        ),
        ("3", ("Plan and executions done: results are", "joined in prompt order; plan 2 follows.")),
    )
    y = 30.0
    for label, lines in steps:
        canvas.badge(KEY + 10, y, label)
        for line in lines:
            canvas.text(KEY + 28, y, line, size=BODY)
            y += 17
        y += 8
    canvas.box(KEY, 166, WIDTH - 8 - KEY, 136, Part(PAPER, RULE), radius=5, zorder=0)
    y = 187.0
    for number, phase in enumerate(ROUNDS, start=1):
        canvas.text(KEY + 10, y, f"phase {number}")
        canvas.text(KEY + 72, y, f"max({', '.join(map(str, phase.candidates))})")
        canvas.text(WIDTH - 20, y, str(phase.sequential_tokens), ha="right")
        y += 22
    canvas.text(KEY + 10, y, "final answer")
    canvas.text(WIDTH - 20, y, str(FINAL_ANSWER), ha="right")
    canvas.line([KEY + 10, WIDTH - 20], [y + 12, y + 12], color=FAINT)
    y += 26
    for name, tokens in (("SPRINT", SPRINT_TOKENS), ("serial", SERIAL_TOKENS)):
        canvas.text(KEY + 10, y, f"{name}, sequential tokens", weight="bold")
        canvas.text(WIDTH - 20, y, f"{tokens:,}", ha="right", weight="bold")
        y += 20


def _draw_formula(canvas: Canvas) -> None:
    canvas.box(8, 450, WIDTH - 16, 98, Part(PAPER, RULE), radius=6, zorder=0)
    canvas.text(WIDTH / 2, 480, FORMULA, size=TITLE + 1, ha="center")
    for row, line in enumerate(CAPTION):
        canvas.text(WIDTH / 2, 514 + 19 * row, line, ha="center", color=INK)
