"""Finished trajectories: read strictly, repaired by name, or refused by name."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sprint.utils.grammar import (
    Finished,
    Malformation,
    NotFinishedError,
    Repair,
    parse,
    parse_finished,
    render,
)
from sprint.utils.records import Phase, Trajectory
from support.limits import processor_patience
from support.scripts import TRAJECTORY
from support.strategies import plans, soup, texts

TEXT = render(TRAJECTORY)
BARE = TEXT.partition("</Question>\n\n")[2]
PUBLISHED = Path(__file__).resolve().parents[3] / ".." / "shared" / "data" / "published_logs"
INSTRUCTION = "Solve it in rounds: <Question>\nExample?\n</Question>\n<Plan_1>\nNo.\n</Plan_1>"


@st.composite
def finished(draw: st.DrawFn) -> Trajectory:
    """Any trajectory that has all its parts; without phases its answer is one of them."""
    phases = []
    for plan in draw(st.lists(plans(prompts=texts).filter(bool), max_size=3)):
        prompts = sum(segment.prompt is not None for segment in plan)
        done = draw(st.lists(texts, min_size=prompts, max_size=prompts))
        phases.append(Phase(plan, tuple(done)))
    return Trajectory(draw(texts), tuple(phases), draw(texts))


def repairs(text: str, question: str = "", instruction: str = "") -> set[Repair]:
    found = parse_finished(text, question, instruction)
    assert found.trajectory == TRAJECTORY
    return set(found.repairs)


def refusal(text: str, question: str = "", instruction: str = "") -> Malformation:
    with pytest.raises(NotFinishedError) as refused:
        parse_finished(text, question, instruction)
    return refused.value.kind


@given(finished(), st.booleans())
def test_what_was_rendered_needs_no_repair(trajectory: Trajectory, think: bool) -> None:
    text = render(trajectory, think=think)
    assert parse_finished(text) == Finished(trajectory, frozenset())
    bare = text.partition("</Question>")[2]
    assert parse_finished(bare, trajectory.question) == Finished(trajectory, frozenset())


@given(soup, soup)
def test_any_text_is_read_or_refused(text: str, question: str) -> None:
    try:
        found = parse_finished(text, question)
    except NotFinishedError:
        return
    assert parse(render(found.trajectory)) == found.trajectory


@pytest.mark.parametrize(
    ("text", "repair"),
    [
        (TEXT.replace("\n\n", "\n \n"), Repair.LAYOUT),
        (TEXT.replace("prompt", "PROMPT", 1), Repair.LAYOUT),
        (re.sub(r"<Execution_2>.*</Execution_2>", "", TEXT, flags=re.DOTALL), Repair.LAYOUT),
        (TEXT.replace("Plan_2", "Plan_3"), Repair.RENUMBERED),
        (re.sub(r"(?<=prompt)_\d\.\d", "", TEXT), Repair.RENUMBERED),
        (f"{TEXT}\n\nThe answer is 26.<|im_end|>", Repair.TAIL),
        (TEXT.replace("\n", "\r\n"), Repair.LAYOUT),
    ],
)
def test_repairs(text: str, repair: Repair) -> None:
    assert text != TEXT
    if repair is Repair.LAYOUT:
        found = parse_finished(text)
        assert [it.prompts for it in found.trajectory.phases] == [
            it.prompts for it in TRAJECTORY.phases
        ]
        assert found.repairs == {repair}
    else:
        assert repairs(text) == {repair}


WHOLE = "2*3=6, 4*5=20, 6+20=26.\n\nThe sum is \\boxed{26}."
AT_ONCE = render(Trajectory(TRAJECTORY.question, (), WHOLE))


@pytest.mark.parametrize("before", ["", "<think>\n", "<|im_start|>assistant\n", "Be brief.\n\n"])
def test_an_answer_may_hold_the_whole_thought(before: str) -> None:
    answer = AT_ONCE.partition("<think>\n")[2]
    found = parse_finished(f"{before}{answer}", TRAJECTORY.question, "Be brief.")
    assert found.trajectory == Trajectory(TRAJECTORY.question, (), WHOLE)
    assert parse_finished(AT_ONCE).trajectory == found.trajectory


@pytest.mark.parametrize(
    ("before", "kind"),
    [("", Malformation.NO_PLAN), (AT_ONCE.partition("<think>")[0], Malformation.OUTSIDE)],
)
def test_a_thought_before_an_answer_without_plans_is_not_lost(
    before: str, kind: Malformation
) -> None:
    text = f"{before}<think>\nFirst 2*3.{AT_ONCE.partition('<think>')[2]}"
    assert refusal(text, TRAJECTORY.question) is kind


def test_executions_go_to_the_prompts_whose_numbers_they_have() -> None:
    one, two = re.findall(r"<execution_1\.\d>.*?</execution_1\.\d>", TEXT, re.DOTALL)
    swapped = TEXT.replace(one, "@").replace(two, one).replace("@", two)
    assert repairs(swapped) == {Repair.REORDERED}


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("", Malformation.NO_PLAN),
        ("The answer is 26.", Malformation.NO_PLAN),
        (BARE, Malformation.NO_QUESTION),
        (f"Solve this: 2*3?\n\n{BARE}", Malformation.NO_QUESTION),
        (TEXT.partition("<Final_answer>")[0], Malformation.NO_ANSWER),
        (TEXT.replace("The sum is \\boxed{26}.", ""), Malformation.NO_ANSWER),
        (TEXT.replace("Work out 6+20.", ""), Malformation.EMPTY),
        (TEXT.replace("6+20=26.", ""), Malformation.EMPTY),
        (re.sub(r"<execution_3.*</execution_3.1>", "", TEXT, flags=re.DOTALL), Malformation.EMPTY),
        (TEXT.replace("</prompt_1.1>", ""), Malformation.TAGS),
        (TEXT.replace("</Plan_2>", ""), Malformation.TAGS),
        (TEXT.replace("</Final_answer>", ""), Malformation.TAGS),
        (TEXT.replace("</Question>", ""), Malformation.TAGS),
        (TEXT + TEXT, Malformation.SEVERAL),
        (TEXT.replace("<Execution_3>", "Now.\n<Execution_3>"), Malformation.OUTSIDE),
        (TEXT.replace("<think>", "<think>\nOkay."), Malformation.OUTSIDE),
    ],
)
def test_refusals(text: str, kind: Malformation) -> None:
    assert refusal(text) is kind


@pytest.mark.parametrize(
    "head",
    [
        "",
        f"{INSTRUCTION}\n\n",
        f"{INSTRUCTION} End with <Final_answer>...</Final_answer>.\n\n".replace("</Plan_1>", ""),
        "Write <Plan_1>, <Plan_2> and so on, and <Final_answer> at the end.\n\n",
        "<|im_start|>system\nBe kind.<|im_end|>\n<|im_start|>user\nSolve it.\n",
        "<｜begin▁of▁sentence｜><｜User｜>",
    ],
)
def test_what_stands_before_the_question_is_left_out(head: str) -> None:
    assert repairs(head + TEXT) == set()
    assert repairs(head + TEXT, TRAJECTORY.question) == set()
    turn = TEXT.replace("</Question>", "</Question><|im_end|>\n<|im_start|>assistant")
    assert repairs(head + turn) == set()


def test_a_text_with_other_line_ends_is_the_same_trajectory() -> None:
    text, question = TEXT.replace("\n", "\r\n"), TRAJECTORY.question
    assert parse_finished(text, question, "Solve.\n").trajectory == TRAJECTORY


def test_the_question_between_a_known_instruction_and_the_plan() -> None:
    text = f"<s>[INST] Solve it.\n\n{TRAJECTORY.question} [/INST]\n{BARE}</s>"
    assert repairs(text, instruction="Solve it.") == set()
    assert refusal(text, instruction="Another one.") is Malformation.NO_QUESTION
    assert repairs(text, f"Solve it. {TRAJECTORY.question}", "Solve it.") == set()


def test_the_question_of_the_text_goes_before_that_of_the_column() -> None:
    assert repairs(TEXT, "Another one?") == {Repair.OTHER_QUESTION}
    assert repairs(TEXT, f" {TRAJECTORY.question}\n") == set()
    asked = TEXT.partition("<think>")[0]
    assert repairs(BARE, f"Solve it.\n\n{asked}") == set()


@pytest.mark.parametrize("piece", ["<Plan_1>", "<Question>", "</think>", "<execution_1.1>\n"])
def test_a_hostile_text_takes_linear_time(piece: str) -> None:
    with processor_patience(30):
        refusal(TEXT.partition("</Plan_1>")[0] + piece * 100_000)


@pytest.mark.skipif(not PUBLISHED.is_dir(), reason="the published logs are not here")
def test_published_trajectories() -> None:
    """One of 42 is malformed: the model closed prompts twice."""
    refused = []
    for path in sorted(PUBLISHED.glob("logs*/**/*trajectory_*.txt")):
        if "base_model" in path.name:
            continue
        text = path.read_text(encoding="utf-8")
        try:
            found = parse_finished(text)
        except NotFinishedError as error:
            refused.append((path.stem, error.kind))
        else:
            assert found.trajectory == parse(text)
            assert found.repairs <= {Repair.LAYOUT}
    assert refused == [("planner_trajectory_test_precalculus_1133", Malformation.TAGS)]
