"""Token ids of earlier calls stand in later requests wherever the texts are the same."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st
from sprint.utils.api.token_trace import Known, TokenTrace, ids_of


class Vocabulary:
    """Every piece of text that is asked for becomes a token of its own."""

    def __init__(self) -> None:
        self.pieces: list[str] = []

    def __call__(self, text: str) -> list[int]:
        self.pieces.append(text)
        return [len(self.pieces) - 1]

    def read(self, ids: Sequence[int]) -> str:
        return "".join(self.pieces[one] for one in ids)

    def trace(self, prompt: str, *pieces: str) -> TokenTrace:
        trace = TokenTrace(prompt)
        trace.begin(self(prompt))
        for piece in pieces:
            trace.add(piece, self(piece))
        return trace


TEXT = st.text("ab<>\n", max_size=6)


@given(TEXT, st.lists(TEXT, max_size=5), TEXT, st.data())
def test_ids_spell_the_text_whatever_is_known(
    prompt: str, pieces: list[str], rest: str, data: st.DataObject
) -> None:
    words = Vocabulary()
    trace = words.trace(prompt, *pieces)
    kept = data.draw(st.integers(0, len(trace.text)))
    text = trace.text[:kept] + rest
    inner = words.trace(data.draw(TEXT), data.draw(TEXT), data.draw(TEXT)).generated()
    known = [Known(0, trace), Known(data.draw(st.integers(0, len(text))), inner)]
    assert words.read(ids_of(text, known, words)) == text


def test_a_context_extends_the_tokens_of_the_call_before() -> None:
    words = Vocabulary()
    trace = words.trace("question ", "<Plan>", "do ", "it", ">\n\n", "more")
    ids = ids_of("question <Plan>do it>\n</Plan>", [Known(0, trace)], words)
    assert ids[:4] == trace.ids[:4]
    assert words.pieces[ids[4]] == ">\n</Plan>"


def test_the_last_token_is_split_anew_with_what_follows() -> None:
    words = Vocabulary()
    trace = words.trace("p", "a", ">")
    ids = ids_of("pa>\n", [Known(0, trace)], words)
    assert [words.pieces[one] for one in ids] == ["p", "a", ">\n"]


def test_what_was_sent_stays_as_it_was_sent() -> None:
    words = Vocabulary()
    trace = words.trace("prompt", "reply")
    assert ids_of("prompt", [Known(0, trace)], words) == trace.ids[:1]
    ids = ids_of("prompt other", [Known(0, trace)], words)
    assert [words.pieces[one] for one in ids] == ["prompt", " other"]


def test_texts_in_the_middle_keep_their_tokens() -> None:
    words = Vocabulary()
    plan = words.trace("p", "lan", ">")
    execution = words.trace("elsewhere", "2*3", "=6", ".").generated()
    ids = ids_of("plan>[2*3=6.]", [Known(0, plan), Known(6, execution)], words)
    assert [words.pieces[one] for one in ids] == ["p", "lan", ">[", "2*3", "=6", ".]"]


def test_a_token_without_text_may_be_half_a_character() -> None:
    trace = TokenTrace("p")
    trace.begin([0])
    trace.add("a", [1])
    trace.add("", [2])
    trace.add("é", [3])
    assert trace.marks == [(1, 1), (2, 2), (3, 4)]


def test_text_without_ids_ends_what_is_known() -> None:
    trace = TokenTrace("p")
    trace.begin([0])
    trace.add("a", [1])
    trace.add("b", [])
    trace.add("c", [2])
    assert trace.marks == [(1, 1), (2, 2)]


def test_a_server_that_tells_no_ids_leaves_nothing_known() -> None:
    words = Vocabulary()
    trace = TokenTrace("p")
    trace.add("a", [])
    ids = ids_of("pab", [Known(0, trace), Known(1, trace.generated())], words)
    assert [words.pieces[one] for one in ids] == ["pab"]


def test_a_repeated_request_begins_again() -> None:
    """The first try may have received a token whose text was held back."""
    trace = TokenTrace("ab", with_logprobs=True)
    trace.begin([1, 2])
    trace.add("", [3], [-0.5])
    trace.begin([1, 2])
    trace.add("c", [4], [-0.25])
    assert (trace.text, trace.ids, trace.logprobs) == ("abc", [1, 2, 4], [-0.25])
    assert trace.generated().ids == [4]
