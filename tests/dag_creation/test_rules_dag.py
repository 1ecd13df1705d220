from __future__ import annotations

from sprint.dag_creation.dag_rules import annotate, infer_parents
from sprint.utils.thoughts.dag import parse_dag_answer
from sprint.utils.thoughts.inline import ComponentText

INTRO = ("I need all of them.", "")


def parents(*steps: tuple[str, str], question: str = "") -> dict[int, list[int]]:
    components = [
        ComponentText(number, "", plan, "Do it.", execution)
        for number, (plan, execution) in enumerate(steps, start=1)
    ]
    found = infer_parents(question, components)
    assert parse_dag_answer(annotate(question, components), found).parents == found
    return found


def test_tasks_with_a_named_quantity_each_stand_side_by_side() -> None:
    assert parents(
        INTRO,
        ("First, let me work out P.", "7 + 5 = 12, so P is 12."),
        ("Wait, let me check P.", "5 + 7 is 12."),
        ("Next, I need to find the value of Q.", "So Q is 7."),
        ("Then I should compute X.", "P and Q give X = 18."),
        ("Now let me find f(2).", "f(2) = 5."),
    ) == {1: [], 2: [1], 3: [2], 4: [1], 5: [2, 4], 6: [1]}


def test_tasks_without_an_introduction_are_independent() -> None:
    assert parents(("Let me find P.", "So P is 12."), ("Let me find Q.", "So Q is 7.")) == {
        1: [],
        2: [],
    }


def test_a_task_goes_on_from_a_step_that_is_none() -> None:
    assert parents(
        INTRO, ("Simplify.", "It gets shorter."), ("To solve for x, I divide.", "x = 58.")
    ) == {1: [], 2: [1], 3: [2]}


def test_a_step_goes_on_from_the_one_before_it() -> None:
    assert parents(INTRO, ("Expand.", "2x."), ("Collect.", "3x."), ("Solve.", "Done.")) == {
        1: [],
        2: [1],
        3: [2],
        4: [3],
    }


def test_results_are_used_by_name_and_by_value() -> None:
    assert parents(
        ("Area.", "12 * 15 = 180."),
        ("Alternatively, take the mean.", "So m is 4."),
        ("Alternatively, take the median.", "Let c = 5."),
        ("Next, divide.", "180 / m by c."),
    ) == {1: [], 2: [1], 3: [1], 4: [2, 3]}


def test_numbers_of_the_question_tie_no_steps() -> None:
    assert parents(
        INTRO,
        ("Area.", "12 * 12 = 144."),
        ("Another way is to count.", "144 of them."),
        question="Take 144.",
    ) == {1: [], 2: [1], 3: [1]}


def test_a_changed_value_is_another_result() -> None:
    assert parents(
        INTRO,
        ("Another way to try.", "x = 3."),
        ("Another way to try.", "x = 5 here."),
        ("Go on.", "x + 1 = 6."),
    ) == {1: [], 2: [1], 3: [1], 4: [3]}


def test_a_times_sign_is_no_quantity() -> None:
    assert parents(
        INTRO, ("Solve.", "x = 3."), ("Another way.", "y = 7."), ("Multiply.", "4 x 5 = 20.")
    ) == {1: [], 2: [1], 3: [1], 4: [3]}


def test_checks_follow_what_they_check() -> None:
    assert parents(
        INTRO,
        ("Add.", "2 + 3 = 5."),
        ("Wait, let me check that.", "3 + 2 = 5."),
        ("Let me verify once more.", "1 + 4 = 5."),
    ) == {1: [], 2: [1], 3: [2], 4: [2]}


def test_another_way_starts_where_the_problem_was_understood() -> None:
    assert parents(
        ("Set up.", "Two numbers."),
        ("Expand.", "It grows."),
        ("Solve.", "It is 59."),
        ("Alternatively, use the mean.", "Half of it."),
    ) == {1: [], 2: [1], 3: [2], 4: [1]}


def test_another_way_does_not_use_the_result_that_it_states_again() -> None:
    assert parents(
        INTRO,
        ("Divide.", "x = 11."),
        ("Alternatively, multiply.", "That gives x = 11 too."),
        ("Alternatively, start from there.", "Take x twice."),
    ) == {1: [], 2: [1], 3: [1], 4: [2]}


def test_cases_start_where_the_first_one_did() -> None:
    assert parents(
        INTRO,
        ("Set up.", "Even or odd."),
        ("Case 1: it is even.", "It works."),
        ("Case 2: it is odd.", "It fails."),
    ) == {1: [], 2: [1], 3: [2], 4: [2]}


def test_a_summing_up_needs_all_that_nobody_took() -> None:
    assert parents(
        ("Set up.", "Even or odd."),
        ("Case 1: it is even.", "It gives 4."),
        ("Case 2: it is odd.", "It gives 5."),
        ("Let me double-check that.", "Yes."),
        ("Now let me put the results together.", "9."),
    ) == {1: [], 2: [1], 3: [1], 4: [3], 5: [2, 4]}


def test_what_is_reached_through_another_step_is_left_out() -> None:
    assert parents(
        INTRO, ("Solve.", "a = 3."), ("Double it.", "b = 6."), ("Add.", "a + b is 9.")
    ) == {1: [], 2: [1], 3: [2], 4: [3]}
