"""The garbage collector runs seldom while streams are fed."""

from __future__ import annotations

import gc

import pytest
from sprint.utils.concurrency import garbage_collection


class Cycle:
    def __init__(self, ended: list[int], number: int) -> None:
        self.me, self.ended, self.number = self, ended, number

    def __del__(self) -> None:
        self.ended.append(self.number)


def test_it_collects_after_many_problems(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(garbage_collection, "PROBLEMS", 3)
    ended: list[int] = []
    with garbage_collection.rare_pauses() as rare:
        assert not gc.isenabled()
        for number in range(4):
            Cycle(ended, number)
            rare.solved()
        assert ended == [0, 1, 2]
    assert gc.isenabled()


def test_it_is_as_before_after_an_error() -> None:
    with pytest.raises(RuntimeError), garbage_collection.rare_pauses():
        raise RuntimeError
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0
