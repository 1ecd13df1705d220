from __future__ import annotations

import math

import pytest
from sprint.component_separation.openings import weigh_starts

RESULT = "So we have 12.\n\n"


def weight(line: str, before: str = RESULT) -> float:
    return weigh_starts([before, line])[1]


@pytest.mark.parametrize(
    "line",
    [
        "**Final Answer**",
        "Wait, but let me double-check this.",
        "But just to make sure, I should look again.",
        "Just to recap:",
        "Alternatively, it is 5.",
        "Is there another way to see this?",
        "Case 2: the digit is 6.",
        "Next, let me work out Q.",
        "Hmm, so now I need to find it.",
        "Putting it all together, we are done.",
        "But let me expand it by hand.",
        "So, I think the answer is right.",
    ],
)
def test_what_announces_a_step(line: str) -> None:
    assert weight(line) > 2


@pytest.mark.parametrize(
    "line",
    [
        "x + 2 = 5.",
        "2. The second one is larger.",
        "The digits are 1 and 2.",
        "Similarly for the others.",
        "But it is odd.",
    ],
)
def test_what_goes_on_with_a_step(line: str) -> None:
    assert weight(line) < 2


def test_a_verdict_in_a_paragraph_of_its_own_rather_begins_a_step() -> None:
    assert weight("The digits are 1 and 2.") < weight("That confirms the answer.") > 0.75


def test_a_step_ends_with_a_result_and_never_with_a_colon() -> None:
    line = "Now let me add up."
    befores = ["So the equation is:\n\n", "x = 3\n\n", "It goes on.\n\n", RESULT]
    weights = [weight(line, before) for before in befores]
    assert weights == sorted(set(weights))


def test_steps_hardly_begin_within_a_paragraph() -> None:
    line = "Let me check that."
    within = weigh_starts([RESULT, "So it is 12. ", line])[2]
    assert within < weight(line, "So it is 12.\n") == weight(line)


def test_without_paragraphs_sentences_are_all_there_is() -> None:
    assert weight("Let me check that.", "So it is 12. ") == weight("Let me check that.")


def test_a_turn_that_is_taken_all_the_time_means_less() -> None:
    turns = [RESULT, "Alternatively, try 5.\n\n", "Alternatively, try 6.\n\n"]
    assert weigh_starts(turns)[1] < weight("Alternatively, try 5.\n\n")


def test_progress_does_not_wear_out() -> None:
    steps = [RESULT, "Next, let me find P.\n\n", "Next, let me find Q.\n\n"]
    assert weigh_starts(steps)[1] == weight("Next, let me find P.\n\n")


def test_the_first_line_begins_a_step() -> None:
    assert weigh_starts(["It is 5."]) == [math.inf]
    assert weigh_starts([]) == []
