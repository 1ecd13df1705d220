from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sprint.utils.errors import FormatError
from sprint.utils.grammar.lines import parse_numbered, render_numbered, split_lines

ALPHABET = [*"$.?{}\\ 。\n", "$$", "...", "\n\n", "\\(", "\\)", "\\[", "\\]", "\\boxed{", "1."]
WORDS = ["So", "x", "e.g.", "3.14", "-4", "</Line 1>\n", "<Line 2> "]
pieces = st.lists(st.sampled_from([*ALPHABET, *WORDS]), max_size=40)


def split(text: str) -> list[str]:
    return [line.strip() for line in split_lines(text)]


@settings(max_examples=300)
@given(pieces.map("".join) | st.text(max_size=60))
def test_nothing_is_lost(text: str) -> None:
    lines = split_lines(text)
    assert "".join(lines) == text
    assert all(lines)
    assert not any(line[0].isspace() for line in lines[1:])


@settings(max_examples=300)
@given(pieces.map("".join))
def test_numbering_is_read_back(text: str) -> None:
    lines = split_lines(text)
    try:
        numbered = render_numbered(lines)
    except FormatError:
        assert "<Line " in text
        return
    assert parse_numbered(numbered) == lines


def test_sentences_and_paragraphs() -> None:
    assert split_lines("One is 1. Two? Yes!\n\nThree:\nx = 3") == [
        "One is 1. ",
        "Two? ",
        "Yes!\n\n",
        "Three:\n",
        "x = 3",
    ]


@pytest.mark.parametrize(
    "whole",
    [
        "It is about 3.14 here.",
        "Take an odd number, e.g. Seven, and go on.",
        "Ask Dr. Who about it.",
        "See Eq. 5 and No. 7 for this.",
        "The U.S. Army, as Smith et al. (2020) say.",
        "By Thm. 2, Def. 3, Ex. 4, Prop. 5 and pp. 6-7 it holds.",
        "It was on Jan. 5 then.",
        "It is 0.5, or .5, or 1,234.56 here.",
        "Step 1. Add them.",
        "Case b) n is even.",
        "(iii) Roman.",
        "1. First do this.",
        "**2.** Then do that.",
        "a) One of them.",
        "We get $f(x) = 1. So y$ there.",
        "We get \\(a. B\\) and \\[c. D\n\nE\\] here.",
        "So $$a = 1. B = 2.$$ and $$\nC. D\n\nE\n$$ hold.",
        "\\begin{align*}\na &= b. \\\\\nC &= d.\n\\end{align*}",
        "\\begin{cases} a. B \\\\\n\n c \\end{cases} done",
        "\\begin{cases} a \\begin{cases} B.\n\nC. \\end{cases} D.\n\nE. \\end{cases} done",
        "\\begin{align}\n" + "A &= b. \\\\\n" * 900 + "\\end{align}",
        "So \\boxed{\\text{No. It is {not}. Ever}} is it.",
        "So 1, 2, 3, ... , 8 and 1 + ... + 9 hold.",
        "Hmm... maybe not.",
        "Points (1,0), etc. , up to (7,0).",
        "It stands on p. 12 of it.",
        "See Sec. III and Fig. IV (a) there.",
        "So $ x = 3. Then y = 4 $ holds.",
        "See Fig. A and Eq. B there.",
        "They climb Mt. Everest.",
        "It takes max. 5 and min. 3 steps of 12 ft. 5 inches.",
        "Then Sammy Davis Jr. Smith sang.",
    ],
)
def test_stays_whole(whole: str) -> None:
    assert split(whole) == [whole]


def test_a_step_keeps_its_number_within_a_paragraph_too() -> None:
    assert split("Add them. Step 2. Do that. Done.") == ["Add them.", "Step 2. Do that.", "Done."]
    assert split("See the fig. I think so.") == ["See the fig.", "I think so."]
    assert split("It is the max. So we stop.") == ["It is the max.", "So we stop."]


@pytest.mark.parametrize("formula", ["$x = 1.$", "\\(x = 1.\\)", "$$\nx = 1.\n$$", "\\[ x. \\]"])
def test_a_sentence_may_end_within_its_mathematics(formula: str) -> None:
    assert split(f"So {formula} Then we go on.") == [f"So {formula}", "Then we go on."]
    assert split(f"So {formula} and then.") == [f"So {formula} and then."]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("It costs $5.", "Then $6 more."),
        ("It costs $ 5, so x = 5.", "Then $ 6 more."),
        ("It costs $ 5, so x = 5.", "Then $6 more."),
        ("It is 5 $ each, so x = 5.", "Then it is 6 $ more."),
        ("We have a $ here.", "Then we pay a $ more."),
    ],
)
def test_money_is_not_mathematics(first: str, second: str) -> None:
    assert split(f"{first} {second}") == [first, second]


def test_a_number_ends_a_sentence_but_not_a_list_item() -> None:
    assert split("Let me check P. 9 is more. 12 is more.\n12. It is.") == [
        "Let me check P.",
        "9 is more.",
        "12 is more.",
        "12. It is.",
    ]


def test_a_list_may_stand_within_a_paragraph() -> None:
    assert split("There are: 1. First. 2. Second. So x is: 5. Then we go on.") == [
        "There are: 1. First.",
        "2. Second.",
        "So x is: 5.",
        "Then we go on.",
    ]


def test_no_is_a_sentence_of_its_own() -> None:
    assert split('Wait, no. I see. No. X is 2. Let me see. "Right." So.') == [
        "Wait, no.",
        "I see.",
        "No.",
        "X is 2.",
        "Let me see.",
        '"Right."',
        "So.",
    ]


def test_unclosed_mathematics_does_not_swallow_the_rest() -> None:
    assert split("Take \\( a. Then \\[ b. Then $c. End.") == [
        "Take \\( a.",
        "Then \\[ b.",
        "Then $c.",
        "End.",
    ]


def test_numbered_shows_one_line_each() -> None:
    assert render_numbered(["One. ", "Two."]) == "<Line 1> One. </Line 1>\n<Line 2> Two.</Line 2>\n"


@pytest.mark.parametrize("text", ["no tags", "<Line 1> a", "<Line 2> a</Line 2>\n", "<Line 1> "])
def test_broken_numbering_is_refused(text: str) -> None:
    with pytest.raises(FormatError, match="Line 1"):
        parse_numbered(text)
