"""Sets of real numbers against their members."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sprint.utils.grading.answer_types import Span
from sprint.utils.grading.lexing import Unreadable
from sprint.utils.grading.real_sets import Spans, complement, intersection, union
from sprint.utils.grading.trees import Letter, approximate, number

ENDS = st.integers(0, 6).map(number)
PIECES = st.lists(st.builds(Span, ENDS, ENDS, st.booleans(), st.booleans()), max_size=4)
PLACES = [place / 2 for place in range(-1, 14)]


def holds(span: Span, place: float) -> bool:
    low, high = approximate(span.low), approximate(span.high)
    assert low is not None
    assert high is not None
    above = low < place or (span.with_low and low == place)
    return above and (place < high or (span.with_high and place == high))


def members(spans: Sequence[Span]) -> list[float]:
    return [place for place in PLACES if any(holds(span, place) for span in spans)]


@given(PIECES)
def test_a_union_has_the_members_of_its_pieces_in_disjoint_intervals(pieces: list[Span]) -> None:
    spans = union(pieces)
    assert members(spans) == members(pieces)
    assert [place for place in PLACES if sum(holds(span, place) for span in spans) > 1] == []


@given(PIECES)
def test_a_complement_has_the_others_and_the_complement_of_it_is_the_set(
    pieces: list[Span],
) -> None:
    spans = union(pieces)
    assert members(complement(spans)) == [one for one in PLACES if one not in members(spans)]
    assert complement(complement(spans)) == spans


@given(PIECES, PIECES)
def test_an_intersection_has_what_both_have(one: list[Span], other: list[Span]) -> None:
    both: Spans = intersection(union(one), union(other))
    assert members(both) == [place for place in members(one) if place in members(other)]


def test_ends_that_are_no_constants_have_no_order() -> None:
    with pytest.raises(Unreadable):
        union([Span(Letter("a"), number(1), False, False)])
