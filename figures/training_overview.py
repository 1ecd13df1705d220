"""How SPRINT makes its training data: from one serial thought to a trajectory in phases.

One small problem runs through the whole picture. Its components, parents and phases are data, and
every panel is drawn from them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from style import (
    BODY,
    COMMENT,
    EXECUTION,
    FAINT,
    INK,
    NEUTRAL,
    PLAN,
    PROMPT,
    RULE,
    TITLE,
    Canvas,
    Part,
)

WIDTH, HEIGHT = 900, 868
LEFT, MIDDLE, RIGHT = (8, 312), (342, 280), (644, 248)
"""(x, width) of the three columns."""
TOP, BELOW, BOTTOM = (8, 300), (336, 370), (734, 126)
"""(y, height) of the three rows."""
EMPTY = Part("none", RULE, ":")
ANSWER = Part("#dfe3e8", FAINT)


@dataclass(frozen=True)
class Step:
    """A component: the lines of its parts ("" if it has none), parents, phase."""

    number: int
    plan: str
    prompt: str
    execution: str
    comment: str
    parents: tuple[int, ...]
    phase: int


@dataclass(frozen=True)
class Line:
    """Lines of the thought that belong to one part of a component."""

    numbers: str
    text: str
    part: Part


STEPS = (
    Step(1, "1–2", "", "", "", (), 1),
    Step(2, "3", "count 4s", "4–8", "", (1,), 1),
    Step(3, "9", "count 6s", "10–14", "", (1,), 1),
    Step(4, "15", "count 12s", "16–19", "", (1,), 1),
    Step(5, "20", "combine", "21–24", "", (2, 3, 4), 2),
    Step(6, "25", "check", "26–31", "32", (1,), 1),
)

THOUGHT = (
    Line("1–2", "Count both kinds, take off the overlap.", PLAN),
    Line("3", "First, the multiples of 4.", PLAN),
    Line("4–8", "4, 8, 12, … 100: that makes 25.", EXECUTION),
    Line("9", "Next, the multiples of 6.", PLAN),
    Line("10–14", "6, 12, 18, … 96: that makes 16.", EXECUTION),
    Line("15", "The overlap is the multiples of 12.", PLAN),
    Line("16–19", "12, 24, … 96: that makes 8.", EXECUTION),
    Line("20", "Now put the counts together.", PLAN),
    Line("21–24", "25 + 16 − 8 = 41 − 8 = 33.", EXECUTION),
    Line("25", "Wait, let me check in blocks of 12.", PLAN),
    Line("26–31", "4, 6, 8, 12: four a block, … 33.", EXECUTION),
    Line("32", "OK, 33 again.", COMMENT),
)

TRAJECTORY: tuple[tuple[str, Part | None], ...] = (
    ("<Plan_1>", PLAN),
    ("Count both kinds, take off …", None),
    ("<prompt_1.1> Count 4s. </prompt_1.1>", PROMPT),
    ("…", None),
    ("-----", None),
    ("Wait, let me check in blocks of 12.", None),
    ("<prompt_1.4> Check. </prompt_1.4>", PROMPT),
    ("</Plan_1>", PLAN),
    ("<Execution_1>", EXECUTION),
    ("<execution_1.1>", EXECUTION),
    ("4, 8, 12, … 100: that makes 25.", None),
    ("</execution_1.1>", EXECUTION),
    ("… </Execution_1>", EXECUTION),
    ("<Plan_2>", PLAN),
    ("Observation about execution_1.4: OK …", None),
    ("Based on execution_1.1, …:", None),
    ("<prompt_2.1> Combine. </prompt_2.1>", PROMPT),
    ("</Plan_2> … </Execution_2>", PLAN),
    ("<Final_answer>", ANSWER),
    ("There are \\boxed{33} such numbers.", None),
    ("</Final_answer>", ANSWER),
)

FILTERS = (
    ("final answer is correct", "33 = reference answer"),
    ("components ÷ phases ≥ 1.5", "here 6 ÷ 2 = 3"),
    ("phases ≤ max_phases − 1", "one round is left for the answer"),
    ("at most 8 prompts in a plan", "one executor for each"),
    ("fits the training length", "nothing is truncated"),
)


def draw_training_overview() -> Canvas:
    """The whole picture: a row of panels to the right, a row back, then the two trainings."""
    canvas = Canvas(WIDTH, HEIGHT)
    _draw_thought(canvas)
    _draw_components(canvas)
    _draw_dag(canvas)
    _draw_phases(canvas)
    _draw_filters(canvas)
    _draw_trajectory(canvas)
    _draw_training(canvas)
    _draw_flow(canvas)
    return canvas


def _draw_thought(canvas: Canvas) -> None:
    x, y = LEFT[0], TOP[0]
    canvas.panel(x, y, LEFT[1], TOP[1], 1, "Raw thought (serial)")
    canvas.text(x + 12, y + 44, "How many of 1 … 100 are multiples of 4 or 6?", style="italic")
    for row, line in enumerate(THOUGHT):
        middle = y + 72 + 19.3 * row
        canvas.text(x + 48, middle, line.numbers, ha="right", color=FAINT)
        canvas.text(x + 58, middle, line.text)


def _draw_components(canvas: Canvas) -> None:
    x, y = MIDDLE[0], TOP[0]
    canvas.panel(x, y, MIDDLE[1], TOP[1], 2, "Component separation")
    columns = (
        (28, 36, "plan", PLAN),
        (68, 72, "prompt", PROMPT),
        (144, 62, "execution", EXECUTION),
        (210, 60, "comment", COMMENT),
    )
    for offset, width, title, part in columns:
        canvas.text(x + offset + width / 2, y + 46, title, ha="center", color=part.edge)
    for row, step in enumerate(STEPS):
        top = y + 60 + 31 * row
        canvas.text(x + 16, top + 13, str(step.number), ha="center", weight="bold", size=BODY)
        labels = (step.plan, step.prompt, step.execution, step.comment)
        for (offset, width, _, part), label in zip(columns, labels, strict=True):
            canvas.box(x + offset, top, width, 26, part if label else EMPTY, label)
    canvas.text(x + 12, y + 262, "Numbers are lines of the thought;", color=FAINT)
    canvas.text(x + 12, y + 280, "the annotator writes the prompts.", color=FAINT)


def _draw_dag(canvas: Canvas) -> None:
    x, y = RIGHT[0], TOP[0]
    canvas.panel(x, y, RIGHT[1], TOP[1], 3, "Dependency DAG")
    places = {1: (124, 66), 2: (34, 138), 3: (94, 138), 4: (154, 138), 6: (214, 138), 5: (94, 210)}
    for step in STEPS:
        for parent in step.parents:
            start, end = places[parent], places[step.number]
            canvas.arrow(
                (x + start[0], y + start[1]),
                (x + end[0], y + end[1]),
                shrinkA=14 * 0.72,
                shrinkB=15 * 0.72,
                color=FAINT,
            )
    for step in STEPS:
        place = places[step.number]
        part = EXECUTION if step.execution else PLAN
        canvas.disc(x + place[0], y + place[1], 14, part, str(step.number), size=BODY)
    canvas.text(x + 146, y + 66, "plan only", color=PLAN.edge)
    canvas.text(x + 116, y + 210, "needs 2, 3 and 4", color=EXECUTION.edge)
    canvas.text(x + 12, y + 250, "parent dictionary", color=FAINT)
    pairs = ", ".join(f"{s.number}:{list(s.parents)}".replace(" ", "") for s in STEPS[:4])
    canvas.text(x + 12, y + 266, "{" + pairs + ",", family="monospace")
    pairs = ", ".join(f"{s.number}:{list(s.parents)}".replace(" ", "") for s in STEPS[4:])
    canvas.text(x + 12, y + 283, " " + pairs + "}", family="monospace")


def _draw_phases(canvas: Canvas) -> None:
    x, y = RIGHT[0], BELOW[0]
    canvas.panel(x, y, RIGHT[1], BELOW[1], 4, "Packing into phases")
    top = y + 40
    for phase in (1, 2):
        members = [step for step in STEPS if step.phase == phase]
        executed = [step for step in members if step.execution]
        canvas.text(x + 12, top + 10, f"phase {phase}", weight="bold")
        canvas.box(x + 12, top + 24, 224, 38, PLAN)
        canvas.text(x + 20, top + 43, "plan")
        for place, step in enumerate(members):
            offset = x + 54 + 33 * place
            if place and step.number != members[place - 1].number + 1:
                offset += 14
                canvas.line([offset - 9] * 2, [top + 27, top + 59], ls="--", zorder=4)
            canvas.box(offset, top + 29, 30, 28, NEUTRAL, str(step.number), weight="bold")
        for place, step in enumerate(executed):
            offset = x + 12 + 57 * place
            canvas.arrow((offset + 26, top + 62), (offset + 26, top + 74), head=7, lw=0.9)
            canvas.box(offset, top + 75, 53, 30, EXECUTION, f"exec. {step.number}")
        if phase == 1:
            canvas.line([x + 12, x + 236], [top + 110, top + 110])
            canvas.text(x + 12, top + 123, "at the same time", color=FAINT)
            canvas.text(x + 208, top + 123, "results", ha="right", color=FAINT)
            canvas.arrow((x + 217, top + 110), (x + 217, top + 169), lw=1.0)
        top += 145
    canvas.text(x + 12, y + 334, "phase(S) = max over parents p of", color=FAINT)
    canvas.text(x + 12, y + 352, "phase(p) + (1 if p has an execution)", color=FAINT)


def _draw_filters(canvas: Canvas) -> None:
    x, y = MIDDLE[0], BELOW[0]
    canvas.panel(x, y, MIDDLE[1], BELOW[1], 5, "Filters")
    for row, (rule, note) in enumerate(FILTERS):
        top = y + 40 + 54 * row
        canvas.box(x + 12, top, MIDDLE[1] - 24, 43)
        canvas.text(x + 28, top + 21, "✓", ha="center", size=TITLE, color=EXECUTION.edge)
        canvas.text(x + 44, top + 14, rule, size=BODY)
        canvas.text(x + 44, top + 31, note, color=FAINT)
    canvas.text(x + 12, y + 334, "What is dropped is reported", color=FAINT)
    canvas.text(x + 12, y + 352, "with its reason.", color=FAINT)


def _draw_trajectory(canvas: Canvas) -> None:
    x, y = LEFT[0], BELOW[0]
    canvas.panel(x, y, LEFT[1], BELOW[1], 6, "Training trajectory")
    for row, (text, part) in enumerate(TRAJECTORY):
        middle = y + 44 + 15.5 * row
        if part:
            canvas.box(x + 9, middle - 7.3, LEFT[1] - 18, 14.6, part, lw=0, radius=2, zorder=1)
        canvas.text(x + 13, middle, text, family="monospace")


def _draw_training(canvas: Canvas) -> None:
    y, height = BOTTOM
    canvas.panel(8, y, WIDTH - 16, height, 7, "Fine-tuning: same base model, same problems")
    lanes = (
        ("6", "SPRINT trajectories", "SPRINT model", "plans and executes in rounds"),
        ("1", "serial thoughts, same problems", "RFT model", "thinks serially: the baseline"),
    )
    for lane, (source, data, model, note) in enumerate(lanes):
        middle = y + 56 + 44 * lane
        canvas.box(24, middle - 17, 290, 34, NEUTRAL, data, size=BODY)
        canvas.badge(42, middle, source)
        canvas.arrow((314, middle), (372, middle))
        canvas.box(374, middle - 17, 64, 34, NEUTRAL, "SFT", size=BODY, weight="bold")
        canvas.arrow((438, middle), (506, middle))
        canvas.box(508, middle - 17, 150, 34, Part(INK, INK))
        canvas.text(583, middle, model, ha="center", size=BODY, weight="bold", color="white")
        canvas.text(670, middle, note)


def _draw_flow(canvas: Canvas) -> None:
    """The arrows between the panels."""
    heavy: dict[str, Any] = {"lw": 2.4, "head": 16, "color": INK}
    upper, lower = TOP[0] + TOP[1] / 2, BELOW[0] + BELOW[1] / 2
    canvas.arrow((LEFT[0] + LEFT[1] + 3, upper), (MIDDLE[0] - 2, upper), **heavy)
    canvas.arrow((MIDDLE[0] + MIDDLE[1] + 2, upper), (RIGHT[0] - 2, upper), **heavy)
    down = RIGHT[0] + RIGHT[1] / 2
    canvas.arrow((down, TOP[0] + TOP[1] + 2), (down, BELOW[0] - 2), **heavy)
    canvas.arrow((RIGHT[0] - 2, lower), (MIDDLE[0] + MIDDLE[1] + 2, lower), **heavy)
    canvas.arrow((MIDDLE[0] - 2, lower), (LEFT[0] + LEFT[1] + 3, lower), **heavy)
    down = LEFT[0] + LEFT[1] / 2
    canvas.arrow((down, BELOW[0] + BELOW[1] + 2), (down, BOTTOM[0] - 2), **heavy)
