"""The ledger of money: what stands in it whenever a run is killed, and what it lets through."""

from __future__ import annotations

import asyncio
import errno
import json
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sprint.utils.annotation import cost_limit as budgets
from sprint.utils.annotation.cost_limit import MoneyBudget
from sprint.utils.annotation.reservations import Spending
from sprint.utils.annotation.spending import LEDGER, SPENDING, SpendingLedger
from sprint.utils.errors import SaveError
from support.limits import PATIENCE

LIMIT = 1.0


class Store:
    """Answers that are stored: what each cost, by its key and its reservation."""

    def __init__(self) -> None:
        self.answers = dict[tuple[str, str], float]()

    def total(self) -> float:
        return sum(self.answers.values())

    def find(self, key: str, reservation: str) -> float | None:
        return self.answers.get((key, reservation))


@contextmanager
def run(folder: Path, store: Store) -> Iterator[SpendingLedger]:
    """A run; what it has not settled when the block ends is what a kill leaves."""
    ledger = SpendingLedger(folder)
    with ledger.opened(store.total, store.find):
        yield ledger


def text(folder: Path) -> Path:
    return folder / SPENDING / LEDGER


def test_a_reservation_is_on_disk_before_it_is_given_and_counts_after_a_kill(
    tmp_path: Path,
) -> None:
    store = Store()
    with run(tmp_path, store) as ledger:
        assert ledger.reserve(0.6, LIMIT, "key")
        assert b'"most": 0.6' in text(tmp_path).read_bytes()
    with run(tmp_path, store) as ledger:
        assert ledger.without_answer() == 0.6
        assert ledger.reserve(0.5, LIMIT, "key") is None
        assert ledger.reserve(0.4, LIMIT, "key")


def test_an_answer_that_a_killed_run_has_stored_counts_with_its_cost(tmp_path: Path) -> None:
    store = Store()
    with run(tmp_path, store) as ledger:
        name = ledger.reserve(0.6, LIMIT, "key")
        assert name
        store.answers["key", name] = 0.1
        ledger.reserve(0.2, LIMIT, "key")  # the same request once more, without an answer
    with run(tmp_path, store) as ledger:
        assert float(ledger.sums.spent) == 0.1
        assert ledger.without_answer() == 0.2


def test_runs_at_once_share_the_limit(tmp_path: Path) -> None:
    store = Store()
    with run(tmp_path, store) as first, run(tmp_path, store) as second:
        name = first.reserve(0.6, LIMIT, "a")
        assert name
        assert second.reserve(0.6, LIMIT, "b") is None
        assert second.others_at_work()
        first.settle(name, 0.1, stored=True)
        assert not second.others_at_work()
        assert second.reserve(0.9, LIMIT, "b")


def test_a_run_that_was_killed_is_not_waited_for(tmp_path: Path) -> None:
    store = Store()
    with run(tmp_path, store) as first:
        with run(tmp_path, store) as killed:
            killed.reserve(0.6, LIMIT, "a")
        assert not first.others_at_work()
        assert first.without_answer() == 0.6


def test_the_ledger_begins_anew_with_each_run_that_is_alone(tmp_path: Path) -> None:
    store = Store()
    for number in range(50):
        with run(tmp_path, store) as ledger:
            name = ledger.reserve(0.01, None, "key")
            assert name
            if number % 2:
                ledger.settle(name, 0.01, stored=False)
    with run(tmp_path, store) as ledger:
        assert ledger.without_answer() == 0.5
    assert len(text(tmp_path).read_bytes().splitlines()) == 1 + 25


@pytest.mark.parametrize(
    "damage",
    [
        b'{"reserve": "x", "mo',
        b"\0" * 50,
        b'{"reserve": "x"}\n',
        b"[" * 100_000,
        b"\xff\n",
        b"7\n",
        b'{"reserve": "x", "most": NaN, "run": "r", "key": "k"}\n',
        b'{"settle": ["x"], "cost": -1}',
        *(
            json.dumps({"reserve": "x", "most": 0.1, "run": "r", "key": "k"} | {name: odd}).encode()
            for name in ("run", "key")
            for odd in ("../x", "/etc/x", "a**[/", "a\0b", "\ud83d", "x" * 300, 5)
        ),
    ],
)
def test_a_damaged_line_counts_as_the_largest_reservation(tmp_path: Path, damage: bytes) -> None:
    store = Store()
    with run(tmp_path, store) as ledger:
        ledger.reserve(0.3, LIMIT, "a")
    with text(tmp_path).open("ab") as file:
        file.write(damage)
    for _ in range(2):  # it goes on to count when the ledger begins anew
        with run(tmp_path, store) as ledger:
            assert ledger.without_answer() == 0.6
    with run(tmp_path, store) as ledger:
        name = ledger.reserve(0.4, LIMIT, "a")
        assert name
        ledger.settle(name, 0.1, stored=False)
        assert ledger.without_answer() == 0.7


def test_what_is_appended_behind_a_torn_line_is_read(tmp_path: Path) -> None:
    with run(tmp_path, Store()) as first:
        with text(tmp_path).open("ab") as file:
            file.write(b'{"reserve": "x", "mo')
        assert first.reserve(0.3, LIMIT, "a")
        with run(tmp_path, Store()) as second:
            assert (second.sums.damaged, float(second.sums.held)) == (1, 0.3)


def test_without_the_file_nothing_counts_but_what_is_stored(tmp_path: Path) -> None:
    store = Store()
    store.answers["a", "of an earlier version"] = 0.2
    with run(tmp_path, store) as ledger:
        ledger.reserve(0.8, LIMIT, "b")
    text(tmp_path).unlink()
    with run(tmp_path, store) as ledger:
        assert (float(ledger.sums.spent), ledger.without_answer()) == (0.2, 0.0)


@pytest.mark.parametrize("name", [LEDGER, "lock"])
def test_a_ledger_that_cannot_be_used_lets_nothing_through(tmp_path: Path, name: str) -> None:
    with run(tmp_path, Store()) as ledger:
        text(tmp_path).with_name(name).unlink()
        text(tmp_path).with_name(name).mkdir()
        with pytest.raises(SaveError, match="and no request is sent without it"):
            ledger.reserve(0.1, LIMIT, "a")


def test_a_file_in_the_place_of_the_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / SPENDING).touch()
    with pytest.raises(SaveError, match=SPENDING), run(tmp_path, Store()):
        pass


def test_a_full_disk_leaves_no_half_of_a_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with run(tmp_path, Store()) as ledger:
        before, write = text(tmp_path).read_bytes(), os.write

        def half(handle: int, data: bytes) -> int:
            if len(data) < 20:
                raise OSError(errno.ENOSPC, "No space left on device")
            return write(handle, data[: len(data) // 2])

        with monkeypatch.context() as patch:
            patch.setattr(os, "write", half)
            with pytest.raises(SaveError, match="No space left"):
                ledger.reserve(0.1, LIMIT, "a")
        assert text(tmp_path).read_bytes() == before
        assert ledger.reserve(1.0, LIMIT, "a")


ACTIONS = st.lists(
    st.tuples(
        st.sampled_from(["send", "store", "settle", "lose", "kill", "kill"]),
        st.integers(0, 2),
        st.floats(0.01, 0.4),
        st.floats(0.0, 1.0),
    ),
    max_size=40,
)


@given(ACTIONS)
def test_whatever_is_killed_the_bill_stays_within_the_limit(
    tmp_path_factory: pytest.TempPathFactory, actions: list[tuple[str, int, float, float]]
) -> None:
    """Three runs at once, each killed and begun anew at any moment; the server bills at once."""
    folder, store, bill = tmp_path_factory.mktemp("runs"), Store(), 0.0
    stacks = [ExitStack() for _ in range(3)]
    ledgers = [stack.enter_context(run(folder, store)) for stack in stacks]
    flying = [list[tuple[str, float]]() for _ in range(3)]
    stored = [list[tuple[str, float]]() for _ in range(3)]
    for action, who, most, share in actions:
        ledger = ledgers[who]
        if action == "send" and (name := ledger.reserve(most, LIMIT, "key")):
            bill += most * share
            flying[who].append((name, most * share))
        elif action == "store" and flying[who]:
            name, cost = flying[who].pop()
            store.answers["key", name] = cost
            stored[who].append((name, cost))
        elif action == "settle" and stored[who]:
            name, cost = stored[who].pop()
            ledger.settle(name, cost, stored=True)
        elif action == "lose" and flying[who]:
            name, cost = flying[who].pop()
            ledger.settle(name, max(most, cost), stored=False)
        elif action == "kill":
            stacks[who].close()
            flying[who], stored[who] = [], []
            ledgers[who] = stacks[who].enter_context(run(folder, store))
        assert bill <= LIMIT + 1e-9
    for stack in stacks:
        stack.close()
    with run(folder, store) as ledger:
        assert bill <= float(ledger.sums.spent) + ledger.without_answer() + 1e-9


@given(st.binary(max_size=200) | st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5)
    | st.sampled_from(["reserve", "settle", "part", "spent"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["reserve", "settle", "part", "spent", "lost", "most", "run", "key", "cost",
                         "stored", "parts"]), inner, max_size=6), max_leaves=10,
).map(lambda value: json.dumps(value).encode()))  # fmt: skip
def test_no_line_stops_the_reading_or_frees_money(line: bytes) -> None:
    sums = Spending()
    sums.take(b'{"reserve": "a", "most": 0.5, "run": "r", "key": "k"}')
    sums.take(line)
    assert sums.held >= 0
    assert sums.spent >= 0
    assert sums.lost >= 0


def test_a_budget_waits_for_the_money_of_another_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, waits = Store(), asyncio.Event()
    monkeypatch.setattr(budgets.log, "warning", lambda _: waits.set())  # says that it waits
    with run(tmp_path, store) as other, run(tmp_path, store) as ledger:
        name = other.reserve(0.9, LIMIT, "a")
        assert name

        async def main() -> None:
            async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as group:
                asked = group.create_task(ask())
                await waits.wait()
                assert not asked.done()
                other.settle(name, 0.1, stored=True)

        async def ask() -> None:
            async with MoneyBudget(LIMIT, ledger=ledger).reserve(0.5, "b") as held:
                held.settle(0.2, stored=True)

        asyncio.run(main())
        assert float(ledger.sums.spent) == 0.3
