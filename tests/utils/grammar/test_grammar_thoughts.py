"""A model's thought and what stands behind it, whichever tags tell them apart."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sprint.utils.grammar import SplitThought, split_thought
from support.strategies import soup

TAGS = [
    ("<think>", "</think>"),
    ("<thinking>", "</thinking>"),
    ("<thought>", "</thought>"),
    ("<reasoning>", "</reasoning>"),
    ("<reason>", "</reason>"),
    ("<seed:think>", "</seed:think>"),
    ("<|begin_of_thought|>", "<|end_of_thought|>"),
    ("<|im_start|>think", "<|im_start|>answer"),
    ("[THINK]", "[/THINK]"),
    ("◁think▷", "◁/think▷"),
    ("<|START_THINKING|>", "<|END_THINKING|>"),
    ("<antThinking>", "</antThinking>"),
    ("<unused94>thought", "<unused95>"),
    ("[unused16]", "[unused17]"),
    ("<|thinking|>", "<|/thinking|>"),
    ("<|inner_prefix|>", "<|inner_suffix|>"),
    ("<|channel>thought", "<channel|>"),
    (
        "<|channel|>analysis<|message|>",
        "<|end|><|start|>assistant<|channel|>final<|message|>",
    ),
]
PAIRED = [
    ("<scratchpad>", "</scratchpad>"),
    ("analysis", "assistantfinal"),
    ("Here is my thought process:", "Here is my response:"),
]
BARE = st.text(st.sampled_from("abc 12=+.,\n"), max_size=30)
SAID = BARE.map(lambda text: f"X{text}Y")


def test_an_opening_tag_may_have_an_attribute() -> None:
    assert split_thought('<think duration="3">\nhm\n</think>\n7') == SplitThought(
        "hm", "7", closed=True, opened=True
    )


@pytest.mark.parametrize(("opening", "closing"), TAGS + PAIRED)
@given(thought=SAID, answer=SAID)
def test_each_family_tells_thought_and_answer_apart(
    opening: str, closing: str, thought: str, answer: str
) -> None:
    breaks = "" if opening == "analysis" else "\n"
    text = f"{opening}{breaks}{thought}\n{closing}\n\n{answer}\n"
    assert split_thought(text) == SplitThought(thought, answer, closed=True, opened=True)
    assert split_thought(text.replace("\n", "\r\n")).answer == answer.replace("\n", "\r\n")


@pytest.mark.parametrize(("opening", "closing"), TAGS)
@given(thought=SAID, answer=SAID)
def test_a_chat_template_may_have_opened_the_thought(
    opening: str, closing: str, thought: str, answer: str
) -> None:
    text = f"{thought}\n{closing}\n{answer}"
    assert split_thought(text) == SplitThought(thought, answer, closed=True)


@pytest.mark.parametrize(("opening", "closing"), TAGS)
@given(thought=SAID)
def test_without_its_closing_tag_a_thought_goes_on(
    opening: str, closing: str, thought: str
) -> None:
    assert split_thought(f"{opening}\n{thought}") == SplitThought(thought, "", False, opened=True)


@given(BARE)
def test_a_text_without_tags_is_all_thought(text: str) -> None:
    assert split_thought(text) == SplitThought(text, "", closed=False)


@pytest.mark.parametrize(
    ("opening", "closing", "other", "its_end"),
    [(*one, *other) for one, other in itertools.permutations(TAGS, 2)],
)
def test_only_the_family_that_opened_counts(
    opening: str, closing: str, other: str, its_end: str
) -> None:
    text = f"{opening}\nNot {other} nor {its_end} end it.\n{closing}\n7"
    assert split_thought(text).answer == "7"
    assert split_thought(text.removesuffix(f"{closing}\n7")).answer == ""


@pytest.mark.parametrize(
    ("text", "thought", "answer", "closed"),
    [
        ("< Think >\na\n</ THINK >\nb", "a", "b", True),
        ("a</think>b</think> c", "a</think>b", "c", True),
        ("a</think>\nb</think>\n</think>", "a", "b", True),
        ("a\n</think>\n</think>", "a", "", True),
        ("Say `</think>` at last.\n</think>\n4", "Say `</think>` at last.", "4", True),
        (
            'a\n</think>\nThe tag "</think>" was mine: 4',
            "a",
            'The tag "</think>" was mine: 4',
            True,
        ),
        ('He says "yes"</think>"no"', 'He says "yes"', '"no"', True),
        ("x < think > y, 1 </think", "x < think > y, 1 </think", "", False),
        ("<think>\na\n</think>\nb\n<think>\nc", "a\n</think>\nb\n<think>\nc", "", False),
        ("Let me see.\n\n<think>\na\n</think>\nb", "a", "b", True),
        ("Let me see.\n\n<think>\na", "a", "", False),
        ("<|im_start|>assistant\n<think>\na\n</think>\nb<|im_end|>\n", "a", "b", True),
        ("a\n</think>\nb<｜end▁of▁sentence｜>", "a", "b", True),
        ("a\n</think>\nb</s></s>", "a", "b", True),
        ("It is b.<|eot_id|>", "It is b.", "", False),
        ("<think>\na\n<answer>b</answer>", "a", "b", True),
        ("<think>\na <answer>b</answer>, but", "a <answer>b</answer>, but", "", False),
        ("Here is my response: 4", "Here is my response: 4", "", False),
        ("analysis of 4", "analysis of 4", "", False),
    ],
)
def test_tags_as_they_occur(text: str, thought: str, answer: str, closed: bool) -> None:
    split = split_thought(text)
    assert (split.thought, split.answer, split.closed) == (thought, answer, closed)


@pytest.mark.parametrize(
    "wrapped",
    [
        "<answer>\nb\n</answer>",
        "<Output> b </Output>",
        "<|begin_of_solution|>\n\nb\n\n<|end_of_solution|>",
        "<|begin_of_solution|>b",
        "<|START_RESPONSE|>b<|END_RESPONSE|>",
        "<answer>b</answer><|im_end|>",
    ],
)
def test_the_answer_is_read_without_the_tags_around_it(wrapped: str) -> None:
    assert split_thought(f"a\n</think>\n{wrapped}").answer == "b"


@given(soup)
def test_any_text_is_split_without_gaining_anything(text: str) -> None:
    split = split_thought(text)
    assert split.thought in text
    assert split.answer in text
    assert split.closed or not split.answer


@pytest.mark.parametrize(
    "text",
    [
        "</think>" * 100_000,
        "<think>" + "\n<think>" * 100_000,
        "<|im_end|>" * 100_000,
        "a</think>" + "<answer>" * 100_000,
        "<" * 500_000,
        "<|start|>assistant" * 50_000,
        "<think>" + " " * 500_000 + "</answer>",
    ],
)
def test_long_runs_of_tags_are_read_in_linear_time(text: str) -> None:
    assert split_thought(text).answer in text
