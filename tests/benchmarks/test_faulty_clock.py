"""Faults that a seed decides, and places that stand for contexts."""

from __future__ import annotations

from collections import Counter

from faulty_clock import Shares, place
from support.scripts import calls_of


def test_the_same_request_has_the_same_fate() -> None:
    shares = Shares()
    fates = [shares.fate(0, "context", before) for before in range(20)]
    assert fates == [shares.fate(0, "context", before) for before in range(20)]
    assert fates != [shares.fate(1, "context", before) for before in range(20)]


def test_faults_have_their_shares() -> None:
    met = Counter(Shares().fate(0, str(number), 0) for number in range(5000))
    for name, share in vars(Shares()).items():
        assert abs(met[name] / 5000 - share) < 0.015
    assert met[""] > 4000


def test_every_call_has_a_place_of_its_own_whatever_stands_before_it() -> None:
    calls = calls_of()
    assert len({place(call.context) for call in calls}) == len(calls)
    for call in calls:
        changed = call.context.replace("2*3=6", "This task has no result")
        assert place(changed) == place(call.context)
