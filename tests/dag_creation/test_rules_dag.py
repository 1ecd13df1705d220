from __future__ import annotations

from sprint.dag_creation.rules import annotate, infer_parents
from sprint.utils.curation.dag import parse_dag_answer
from sprint.utils.curation.inline import ComponentText

INTRO = ("I need all of them.", "")


def parents(*steps: tuple[str, str], question: str = "") -> dict[int, list[int]]:
    components = [
        ComponentText(number, "", plan, "Do it.", execution)
        for number, (plan, execution) in enumerate(steps, start=1)
    ]
    found = infer_parents(question, components)
    assert parse_dag_answer(annotate(question, components), found).parents == found
    return found


def test_named_quantities() -> None:
    assert parents(
        INTRO,
        ("First, let me work out P.", "P starts at 7. 7 + 5 = 12. So P ends at 12."),
        ("Next, let me work out Q.", "So Q is 12."),
        ("Then I need to find X.", "P ends at 12 and Q is 12, so X = 24."),
        ("Now f(2).", "f(2) = 5. A and I are words."),
        ("Now the last.", "X is 24. f(2) helps."),
    ) == {1: [], 2: [1], 3: [1], 4: [2, 3], 5: [1], 6: [4, 5]}


def test_the_latest_definition_counts_and_a_restatement_is_none() -> None:
    assert parents(
        ("Solve.", "x = 3."),
        ("Use it.", "With x = 3 we get y = 4."),
        ("Again.", "x = 5 here."),
        ("Use it.", "x + 1 = 6."),
        ("Use both.", "y and x."),
    ) == {1: [], 2: [1], 3: [], 4: [3], 5: [2, 3]}


def test_a_times_sign_is_no_quantity() -> None:
    assert parents(("Solve.", "x = 3."), ("Multiply.", "4 x 5 = 20.")) == {1: [], 2: []}


def test_distinctive_numbers() -> None:
    assert parents(
        ("Area.", "12 * 15 = 180. 9 - 2 = 7."),
        ("Half.", "1/2 + 1/4 = 3/4."),
        ("Other.", "7 * 144 = 1008."),
        ("Use.", "180 * 3/4 = 135."),
        question="Take 144.",
    ) == {1: [], 2: [], 3: [], 4: [1, 2]}


def test_a_check_follows_the_step_before_it() -> None:
    assert parents(INTRO, ("Add.", "2 + 3 = 5."), ("Wait, let me check that.", "3 + 2 = 5.")) == {
        1: [],
        2: [1],
        3: [2],
    }


def test_another_way_starts_where_the_first_did() -> None:
    assert parents(
        ("Set up.", "n = 118."),
        ("Solve with n.", "It is 59."),
        ("Let me check that.", "Fine."),
        ("Alternatively, use the mean.", "Half of it."),
    ) == {1: [], 2: [1], 3: [2], 4: [1]}


def test_a_summing_up_needs_all_that_nobody_took() -> None:
    assert parents(
        INTRO,
        ("First.", "It gives 4."),
        ("Second.", "It gives 5."),
        ("Let me double-check that.", "Yes."),
        ("Now let me put the results together.", "9."),
    ) == {1: [], 2: [1], 3: [1], 4: [3], 5: [2, 4]}
