from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sprint.component_separation.phrases import imperative, judges
from sprint.component_separation.separation_rules import annotate, separate
from sprint.utils.grammar.lines import split_lines
from sprint.utils.thoughts.component_checks import check_components
from sprint.utils.thoughts.components import parse_component_answer
from sprint.utils.thoughts.inline import component_text

THOUGHT = """Okay, so there are 2 trains and I need the difference of their speeds.

First, let me work out the speed of the red one. It goes 120 km in 2 hours. 120 / 2 = 60. \
Wait, let me check that. 2 * 60 = 120. That fits.

Next, I need to find the speed of the blue one. It goes 80 km.

That takes 4 hours, so 80 / 4 = 20. Good.

Alternatively, maybe there is another way? Let me count the hours of both. 2 * 2 = 4.

Now let me take the difference of the two now. 60 - 20 = 40."""


def test_steps_are_found_by_what_announces_them() -> None:
    lines = split_lines(THOUGHT)
    texts = [component_text(component, lines) for component in separate(lines)]
    assert [(text.plan, text.prompt, text.execution, text.comment) for text in texts] == [
        (
            "Okay, so there are 2 trains and I need the difference of their speeds.",
            "Carry out this step: Okay, so there are 2 trains and I need the difference of their "
            "speeds.",
            "",
            "",
        ),
        (
            "First, let me work out the speed of the red one.",
            "Work out the speed of the red one.",
            "It goes 120 km in 2 hours. 120 / 2 = 60. Wait, let me check that. 2 * 60 = 120. "
            "That fits.",
            "",
        ),
        (
            "Next, I need to find the speed of the blue one.",
            "Find the speed of the blue one.",
            "It goes 80 km.\n\nThat takes 4 hours, so 80 / 4 = 20.",
            "Good.",
        ),
        (
            "Alternatively, maybe there is another way? Let me count the hours of both.",
            "Count the hours of both.",
            "2 * 2 = 4.",
            "",
        ),
        (
            "Now let me take the difference of the two now.",
            "Take the difference of the two.",
            "60 - 20 = 40.",
            "",
        ),
    ]


@pytest.mark.parametrize("line_break", ["\n\n", "\r\n\r\n", "\n  \n", "\n"])
def test_paragraphs_are_parted_in_many_ways(line_break: str) -> None:
    lines = split_lines(f"Let me add. 1 + 1 = 2.{line_break}Now let me double it. 2 * 2 = 4.")
    assert [component.lines for component in separate(lines)] == [(1, 2), (3, 4)]


@settings(max_examples=100)
@given(
    st.lists(
        st.sampled_from(
            ["First, let me add.", "So x = 4.", "Wait,", "Good.", "Now I see.", "\n", "\n\n", "?"]
        ),
        min_size=1,
        max_size=30,
    )
)
def test_the_answer_needs_no_mending(pieces: list[str]) -> None:
    lines = split_lines(" ".join(pieces))
    checked = check_components(parse_component_answer(annotate(lines)), len(lines))
    assert checked.repairs == {}
    assert all(component.prompt for component in checked.components)


@pytest.mark.parametrize(
    ("sentence", "task"),
    [
        ("Next, let me work out Q.", "Work out Q."),
        ("Now I need to find the remainder of R.", "Find the remainder of R."),
        ("Let me add up the results now.", "Add up the results."),
        ("Let me first work out P.", "Work out P."),
        ("So, let's just try to solve for x:", "Solve for x."),
        ("Okay, we should also check the case n = 2...", "Check the case n = 2."),
        ("To solve for x, I need to isolate it.", "Isolate it."),
        ("To find the area, half the base is taken.", "Find the area."),
    ],
)
def test_prompts_are_imperatives(sentence: str, task: str) -> None:
    assert imperative(sentence) == task


@pytest.mark.parametrize("sentence", ["Let me see.", "Hmm, let's think.", "The sum is 12."])
def test_what_announces_nothing_makes_no_prompt(sentence: str) -> None:
    assert imperative(sentence) is None


@pytest.mark.parametrize(
    ("sentence", "judged"),
    [
        ("That checks out.", True),
        ("Good.", True),
        ("So both agree.", True),
        ("Okay, that makes sense.", True),
        ("So the answer is 12.", False),
        ("It works for all even numbers n = 2k.", False),
    ],
)
def test_verdicts(sentence: str, judged: bool) -> None:
    assert judges(sentence) is judged
