from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from sprint.utils.annotation.dialogue import SHOWN, Annotation, ModelReply, Tally, ask_until_sound
from sprint.utils.errors import FormatError, SprintError


def ask(answers: list[str], max_attempts: int) -> tuple[Annotation[int], list[int]]:
    """Ask for a number; also how many messages each request had."""
    sent = list[int]()

    async def chat(messages: Sequence[dict[str, str]]) -> ModelReply:
        sent.append(len(messages))
        return ModelReply(answers[len(sent) - 1].rstrip("…"), answers[len(sent) - 1].endswith("…"))

    async def check(answer: str) -> int:
        if not answer.isdigit():
            raise FormatError(f"{answer} is no number.")
        return int(answer)

    return asyncio.run(ask_until_sound(chat, "A number?", check, max_attempts)), sent


def test_a_sound_answer_is_taken_at_once() -> None:
    assert ask(["4", "5"], 3) == (Annotation("4", 4, 1), [1])


def test_a_faulty_answer_is_asked_again_within_the_conversation() -> None:
    assert ask(["four", "4"], 3) == (Annotation("4", 4, 2), [1, 3])


def test_attempts_are_bounded_and_the_last_fault_is_named() -> None:
    with pytest.raises(FormatError, match=r"in 2 attempts .*; the last fault: five is no number\."):
        ask(["four", "five", "6"], 2)


def test_an_answer_that_was_cut_off_never_passes() -> None:
    """`4…` stands for an answer that is sound as far as it goes."""
    assert ask(["4…", "42"], 3) == (Annotation("42", 42, 2), [1, 3])
    with pytest.raises(FormatError, match="reached the token limit"):
        ask(["4…", "4…"], 2)


def test_half_a_character_is_asked_again_and_not_sent_back() -> None:
    """JSON can contain it, but no file or dataset can."""
    sent = list[Sequence[dict[str, str]]]()

    async def chat(messages: Sequence[dict[str, str]]) -> ModelReply:
        sent.append([*messages])
        return ModelReply("four \ud83d" if len(sent) == 1 else "four 😀")

    async def any_text(answer: str) -> str:
        return answer

    found = asyncio.run(ask_until_sound(chat, "A number?", any_text, 3))
    assert found == Annotation("four 😀", "four 😀", 2)
    assert sent[1][1] == {"role": "assistant", "content": "four ?"}
    assert "lone surrogate" in sent[1][2]["content"]


def test_summary() -> None:
    tally = Tally()
    tally.add({"gap": 2})
    tally.add({"gap": 1})
    tally.failed[7] = "No."
    assert tally.summary("DAGs", earlier=3) == (
        "DAGs: 2 written, 3 already done, 1 failed.\nRepaired: gap 3.\nRow 7 failed: No."
    )


def test_the_summary_of_a_dry_run_points_to_no_file() -> None:
    tally = Tally(done=2, failed=dict.fromkeys(range(SHOWN + 1), "No."))
    said = tally.summary("DAGs", earlier=3, dry_run=True).splitlines()
    assert said[0] == f"DAGs: 2 could be written at once, 3 already done, {SHOWN + 1} failed."
    assert said[-2:] == ["And 1 more failed.", "Dry run: nothing was sent or written."]


def test_nothing_but_failures_is_an_error() -> None:
    tally = Tally(failed={7: "No."})
    tally.require_some(earlier=1)
    with pytest.raises(SprintError, match=r"All 1 rows failed. Row 7: No\."):
        tally.require_some(earlier=0)
