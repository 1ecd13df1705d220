"""Trajectories and hostile texts for property tests."""

from __future__ import annotations

from hypothesis import strategies as st
from sprint.utils.grammar import NO_PROMPT, SEPARATOR, contains_tag
from sprint.utils.records import Phase, PlanSegment, Trajectory

# Pieces that a careless reader would take for tags, or that sit at the edge of one.
TRICKY = [
    "x < 3 and y > 2", "<code>", "a<b", "$1<x<2$", "<plan", "/prompt_1.1>", "prompt_1.1>", "</",
    "<", ">", "<Plan_i>", "<prompt_1.2.3>", "<Plan_12345678>", "<execution_", SEPARATOR, NO_PROMPT,
    "Based on execution_1.1:", "\\boxed{4}", "−√2 ≤ é", "\n\n", "\r\n", " ", "₂", "<thin\u212a>",
]  # fmt: skip
TAGS = [
    "<Question>", "</Question>", "<think>", "</think>", "<Plan_1>", "</Plan_1>", "<plan>",
    "</PLAN 2>", "<prompt_1.1>", "</prompt_1.1>", "<Prompt_3>", "</prompt>", "<Execution_1>",
    "</Execution_1>", "<execution_1.1>", "</execution_1.1>", "<execution_2>", "</execution>",
    "<EXECUTION>", "<Final_answer>", "</Final answer>",
]  # fmt: skip

pieces = st.lists(st.one_of(st.sampled_from(TRICKY), st.text(max_size=6)), max_size=4)
contents = pieces.map(lambda p: "".join(p).strip()).filter(lambda text: not contains_tag(text))
texts = contents.filter(bool)
soup = st.lists(st.one_of(st.sampled_from(TAGS + TRICKY), st.text(max_size=4)), max_size=25).map(
    "".join
)


@st.composite
def plans(draw: st.DrawFn, prompts: st.SearchStrategy[str] = contents) -> tuple[PlanSegment, ...]:
    segments = draw(st.lists(st.builds(PlanSegment, contents, prompts), max_size=3))
    if draw(st.booleans()):
        segments.append(PlanSegment(draw(texts)))
    return tuple(segments)


@st.composite
def phases(draw: st.DrawFn) -> Phase:
    plan = draw(plans())
    count = sum(segment.prompt is not None for segment in plan)
    return Phase(plan, tuple(draw(st.lists(contents, min_size=count, max_size=count))))


trajectories = st.builds(
    Trajectory, contents, st.lists(phases(), max_size=3).map(tuple), st.none() | contents
)
