"""What a client reads, whatever the model writes and however it comes."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st
from sprint.agent_orchestration.event_reporter import EventReporter
from sprint.serving.answering import SentAnswer
from sprint.serving.rendering import Delta, Rendering
from sprint.utils.errors import FormatError
from sprint.utils.grammar import contains_tag
from sprint.utils.methods.events import Event
from sprint.utils.methods.ledger import Ledger
from support.strategies import TAGS, TRICKY

pieces = st.lists(st.sampled_from([*TAGS, *TRICKY, "<pro", "mpt_1.1>", "<Plan_1>"]), max_size=25)


def shown(
    plans: Sequence[Sequence[str]], executions: Sequence[Sequence[str]], answer: Sequence[str]
) -> list[Delta]:
    """The deltas of a problem: plans of which all but the last are discarded, and the rest."""
    events, rendering = list[Event](), Rendering()
    reporter = EventReporter(lambda event: bool(events.append(event)), Ledger("x"))
    for number, plan in enumerate(plans):
        listen = reporter.planner(1, None)
        assert listen is not None
        for piece in plan:
            listen(piece)
        if number + 1 < len(plans):
            reporter.discarded(1)(FormatError("malformed"))
    reporter.plan_done(1)
    for number, execution in reversed([*enumerate(executions, 1)]):
        listen = reporter.executor(1, number, lambda _: False)
        for piece in execution:
            listen(piece)
        reporter.execution_done(1, number, "")
    reporter.joined(1)
    listen = reporter.planner(2, None, answers=True)
    assert listen is not None
    for piece in answer:
        listen(piece)
    deltas = [delta for event in events for delta in rendering.feed(event)]
    return [*deltas, *rendering.end()]


@settings(max_examples=200)
@given(st.lists(pieces, min_size=1, max_size=2), st.lists(pieces, max_size=3), pieces)
def test_no_tag_reaches_a_client(
    plans: list[list[str]], executions: list[list[str]], answer: list[str]
) -> None:
    deltas = shown([["<Plan_1>", *plan] for plan in plans], executions, answer)
    for field in ("reasoning", "content"):
        text = "".join(delta.text for delta in deltas if delta.field == field)
        assert not contains_tag(text), text


texts = st.text(alphabet="abc ", max_size=12)


@given(st.lists(texts, max_size=8), st.lists(texts.filter(bool), max_size=4))
def test_an_answer_is_sent_up_to_the_first_stop_text(parts: list[str], stops: list[str]) -> None:
    answer = SentAnswer(tuple(stops))
    sent = "".join(map(answer.feed, parts)) + answer.end()
    whole = "".join(parts)
    ends = [whole.find(stop) + len(stop) for stop in stops if stop in whole]
    hits = [whole.find(stop) for stop in stops if stop in whole]
    assert sent == answer.text
    assert answer.stopped == bool(hits)
    assert whole.startswith(sent)
    if not hits:
        assert sent == whole
    else:
        # Of stop texts that overlap, the one that is complete first may hit.
        assert min(hits) <= len(sent) < min(ends)


@given(st.lists(texts, max_size=5), st.lists(texts, max_size=5))
def test_what_was_sent_is_never_taken_back(first: list[str], second: list[str]) -> None:
    answer = SentAnswer()
    sent = "".join(map(answer.feed, first))
    answer.discard()
    sent += "".join(map(answer.feed, second)) + answer.end()
    if not answer.contradicted:
        assert sent == answer.text == "".join(second)
    assert answer.contradicted == (not "".join(second).startswith("".join(first)))
