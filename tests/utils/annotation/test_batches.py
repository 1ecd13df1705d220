"""Asking in batches, against a scripted server that has them: rounds, faults, and kills."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from sprint.utils.annotation.annotator import BatchAnnotator, ModelAnnotator
from sprint.utils.annotation.batch_files import BatchFolder
from sprint.utils.annotation.cost_limit import MoneyBudget
from sprint.utils.annotation.dialogue import ask_until_sound
from sprint.utils.annotation.prices import flat_price
from sprint.utils.annotation.responses import ResponseStore
from sprint.utils.annotation.spending import SpendingLedger
from sprint.utils.annotation.stored_chat import StoredChat
from sprint.utils.api.batch_server import BatchServer, BatchStatus
from sprint.utils.api.retry import BATCHED, Backoff, without_waits
from sprint.utils.api.sampling import Sampling
from sprint.utils.api.server import ModelServer
from sprint.utils.errors import CallError, CostError, FormatError, InputError, ServerError
from sprint.utils.files import atomic
from sprint.utils.files.atomic import write_text
from sprint.utils.redaction import MARK
from support.fake_batches import FakeBatch, FakeBatchServer, card_of
from support.fake_server import MODEL, Answer, FakeServer, Fault, Refusal, Reply, Request
from support.limits import PATIENCE

ROWS = ("1+1?", "2+2?", "3+3?", "4+4?")
PRICE = flat_price(1_000_000.0, 1_000_000.0, batch=False)
"""A dollar a token."""


class Killed(BaseException):
    """What stands for SIGKILL within the process: no `except` of ours catches it."""


@pytest.fixture
def server() -> Iterator[FakeBatchServer]:
    with FakeBatchServer() as server:
        server.script = adds
        yield server
    assert server.script_errors == []


def adds(request: Request) -> Answer:
    """The sum, after a malformed answer to 3+3 and a truncated one to 4+4."""
    first, again = request.body["messages"][0]["content"], len(request.body["messages"]) > 1
    match first, again:
        case "3+3?", False:
            return Reply.of("six\u2028I think")
        case "4+4?", False:
            return Reply(("8",), truncated=True)
    return Reply.of(str(2 * int(first[0])))


async def as_number(answer: str) -> int:
    if not answer.isdigit():
        raise FormatError("That is no number.")
    return int(answer)


class Run:
    """One run over ROWS, whose answers go to files in `folder`/out."""

    def __init__(self, server: FakeServer, folder: Path, **options: Any) -> None:
        self.server, self.folder, self.options = server, folder, options
        self.budget = options.pop("budget", MoneyBudget())
        self.price = options.pop("price", None)
        self.rows = options.pop("rows", ROWS)
        self.failed = dict[str, str]()
        self.summary = ""
        (folder / "out").mkdir(exist_ok=True)

    def __call__(self, kind: Callable[..., ModelAnnotator] | None = None) -> dict[str, str]:
        """The files that stand at the end, by their row."""
        with without_waits():
            asyncio.run(self._main(kind))
        return self.files

    @property
    def files(self) -> dict[str, str]:
        paths = sorted((self.folder / "out").iterdir())
        return {path.name: path.read_text() for path in paths if not path.name.startswith(".")}

    async def _main(self, kind: Callable[..., ModelAnnotator] | None) -> None:
        rows = [row for row in self.rows if row not in self.files]
        async with (
            asyncio.timeout(PATIENCE),
            ModelServer(self.server.url, MODEL) as client,
        ):
            chat = StoredChat(
                client,
                Sampling(100, temperature=0.0),
                ResponseStore(self.folder / "store"),
                backoff=Backoff(4),
                budget=self.budget,
                price=self.price,
            )
            settings = {"share": "all", "poll": 0.0, "batch_size": 100} | self.options
            annotator = kind(chat, 4) if kind else BatchAnnotator(chat, 4, **settings)

            async def work(row: str) -> None:
                try:
                    found = await ask_until_sound(chat, row, as_number, 3)
                except (FormatError, CallError) as error:
                    self.failed[row] = str(error)
                    return
                write_text(self.folder / "out" / row, found.answer)

            await annotator.run(rows, work, label="sums")
            self.summary = chat.summary()


SUMS = {"1+1?": "2", "2+2?": "4", "3+3?": "6", "4+4?": "8"}


def test_each_round_is_a_batch_until_no_row_needs_an_answer(
    server: FakeBatchServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = Run(server, tmp_path)
    assert run() == SUMS
    assert [len(batch.lines) for batch in server.batches] == [4, 2]
    assert server.requests == []
    assert "Requests: 6 sent, 0 answers from the store; 1 answers truncated" in run.summary
    assert "2 requests for a better answer" in run.summary
    assert "sums: 4 rows ask fake/model" in capsys.readouterr().out
    assert BatchFolder(tmp_path / "store", "all").open_batches() == []
    left = [path.name for path in (tmp_path / "store" / "batches").rglob("*") if path.is_file()]
    assert left == []


def test_a_line_is_a_request_with_its_key(server: FakeBatchServer, tmp_path: Path) -> None:
    Run(server, tmp_path)()
    line = server.batches[0].lines[0]
    assert (line["method"], line["url"]) == ("POST", "/v1/chat/completions")
    assert line["body"]["messages"] == [{"role": "user", "content": "1+1?"}]
    stored = ResponseStore(tmp_path / "store").get(line["custom_id"])
    assert stored is not None
    assert stored.text == "2"
    assert stored.batch
    written = json.loads(ResponseStore(tmp_path / "store").path(line["custom_id"]).read_bytes())
    received = json.loads(written["received"])
    assert received["custom_id"] == line["custom_id"]
    assert received["response"]["body"]["choices"][0]["message"]["content"] == "2"


def test_batches_and_single_requests_share_the_store(
    server: FakeBatchServer, tmp_path: Path
) -> None:
    Run(server, tmp_path)(ModelAnnotator)
    asked = len(server.requests)
    for path in (tmp_path / "out").iterdir():
        path.unlink()
    assert Run(server, tmp_path)() == SUMS
    assert (asked, server.batches) == (6, [])


def test_a_batch_holds_no_more_than_its_size(server: FakeBatchServer, tmp_path: Path) -> None:
    assert Run(server, tmp_path, batch_size=3)() == SUMS
    assert [len(batch.lines) for batch in server.batches] == [3, 1, 2]


def test_a_batch_is_waited_for(server: FakeBatchServer, tmp_path: Path) -> None:
    server.outcome = lambda batch: "completed" if batch.looks == 3 else "in_progress"
    assert Run(server, tmp_path)() == SUMS
    assert [batch.looks for batch in server.batches] == [3, 3]


def test_what_expired_is_asked_again(server: FakeBatchServer, tmp_path: Path) -> None:
    late = {"1+1?", "2+2?"}

    def script(request: Request) -> Answer:
        if request.context in late:
            late.remove(request.context)
            return Reply.of(Fault.CUT)
        return adds(request)

    server.script = script
    run = Run(server, tmp_path)
    assert run() == SUMS
    assert [len(batch.lines) for batch in server.batches] == [4, 4]
    assert "retries: in a batch 2." in run.summary


@pytest.mark.parametrize(
    ("fault", "times", "reason"),
    [
        (Refusal(400, "too long"), 1, "In a batch the server reported: too long"),
        (Refusal(500, "engine died"), 3, "In a batch the server reported: engine died"),
        (Reply.of(Fault.CUT), 3, "In a batch the server reported: not in time"),
        (
            Reply((), fields={"choices": [], "usage": {}}),
            3,
            "In a batch the server reported: The server answered without a choice.",
        ),
    ],
)
def test_a_hopeless_request_fails_its_row_after_bounded_tries(
    server: FakeBatchServer, tmp_path: Path, fault: Answer, times: int, reason: str
) -> None:
    server.script = lambda request: fault if request.context == "2+2?" else adds(request)
    run = Run(server, tmp_path)
    assert set(run()) == set(ROWS) - {"2+2?"}
    assert run.failed == {"2+2?": reason}
    asked = Counter(
        line["body"]["messages"][0]["content"] for batch in server.batches for line in batch.lines
    )
    assert asked["2+2?"] == times


def test_a_parameter_that_is_refused_in_a_batch_is_left_out_of_the_next(
    server: FakeBatchServer, tmp_path: Path
) -> None:
    def script(request: Request) -> Answer:
        if "temperature" in request.body:
            return Refusal(400, f"{request.context}: 'temperature' does not support 0.0.")
        return adds(request)

    server.script = script
    assert Run(server, tmp_path)() == SUMS
    assert [len(batch.lines) for batch in server.batches] == [4, 4, 2]


def test_an_answer_in_a_batch_that_cannot_be_read_is_stored_and_asked_again_with_its_fault(
    server: FakeBatchServer, tmp_path: Path
) -> None:
    def script(request: Request) -> Answer:
        unreadable = request.context == "2+2?"
        choices = [{"message": {"content": [1]}, "finish_reason": "stop"}]
        return Reply((), fields={"choices": choices}) if unreadable else adds(request)

    server.script = script
    assert Run(server, tmp_path)() == SUMS
    assert set(server.asked_keys.values()) == {1}
    (again,) = (line for line in server.batches[1].lines if "2+2?" in str(line))
    assert "It contains no text" in again["body"]["messages"][-1]["content"]


def test_an_unfinished_answer_in_a_batch_is_paid_for_and_asked_again(
    server: FakeBatchServer, tmp_path: Path
) -> None:
    def script(request: Request) -> Answer:
        unfinished = request.context == "2+2?"
        return Reply(("4",), ending="content_filter") if unfinished else adds(request)

    server.script = script
    run = Run(server, tmp_path)
    assert set(run()) == set(SUMS) - {"2+2?"}
    assert max(server.asked_keys.values()) == BATCHED.tries
    stored = [one.finish_reason for one in ResponseStore(tmp_path / "store").all()]
    assert stored.count("content_filter") == BATCHED.tries


@pytest.mark.parametrize("status", ["failed", "cancelled"])
def test_a_batch_that_is_not_carried_out_ends_the_run(
    server: FakeBatchServer, tmp_path: Path, status: str
) -> None:
    def outcome(_: FakeBatch) -> str:
        return status

    server.outcome = outcome
    with pytest.raises(ServerError, match=f"batch_0 {status}"):
        Run(server, tmp_path)()
    assert BatchFolder(tmp_path / "store", "all").open_batches() == []


def test_a_server_without_batches(fake_server: FakeServer, tmp_path: Path) -> None:
    with pytest.raises(ServerError, match="has no Batch API"):
        Run(fake_server, tmp_path)()


def killed_while_it_waits(monkeypatch: pytest.MonkeyPatch, run: Run) -> None:
    async def killed(*_: object) -> BatchStatus:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(BatchServer, "status", killed)
        with pytest.raises(Killed):
            run()


def killed_before_it_submits(monkeypatch: pytest.MonkeyPatch, run: Run) -> None:
    async def killed(*_: object) -> str:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(BatchServer, "submit", killed)
        with pytest.raises(Killed):
            run()


def test_what_was_not_submitted_passes_the_limit_of_the_run_that_submits_it(
    server: FakeBatchServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    killed_before_it_submits(monkeypatch, Run(server, tmp_path))
    capsys.readouterr()
    with pytest.raises(CostError, match="Stopped by --max_cost 100"):
        Run(server, tmp_path, price=PRICE, budget=MoneyBudget(limit=100.0))()
    assert server.batches == []
    assert "sums: 4 rows ask fake/model" in capsys.readouterr().out
    assert Run(server, tmp_path)() == SUMS
    assert set(server.asked_keys.values()) == {1}


@pytest.mark.parametrize("share", ["all", "all.shard_1_of_2"])
def test_single_requests_are_refused_while_a_batch_is_under_way(
    server: FakeBatchServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, share: str
) -> None:
    killed_while_it_waits(monkeypatch, Run(server, tmp_path, share=share))
    with pytest.raises(InputError, match=f"4 requests of an earlier run with --batch.*{share}"):
        Run(server, tmp_path)(ModelAnnotator)
    assert Run(server, tmp_path, share=share)() == SUMS
    assert set(server.asked_keys.values()) == {1}


def test_two_processes_do_not_share_batches(server: FakeBatchServer, tmp_path: Path) -> None:
    with (
        BatchFolder(tmp_path / "store", "all").locked(),
        pytest.raises(InputError, match="Another run is working on the batches"),
    ):
        Run(server, tmp_path)()


def test_two_shares_run_at_once(
    server: FakeBatchServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second runs from its beginning to its end while the first has a batch under way."""
    first, second = (
        Run(server, tmp_path, share=share, rows=rows)
        for share, rows in (("1", ROWS[:2]), ("2", ROWS[2:]))
    )
    killed_while_it_waits(monkeypatch, first)
    with BatchFolder(tmp_path / "store", "1").locked():
        assert set(second()) == set(ROWS[2:])
    assert first() == SUMS
    assert set(server.asked_keys.values()) == {1}


def test_what_a_batch_of_other_rows_holds_is_not_asked_twice(
    server: FakeBatchServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed_while_it_waits(monkeypatch, Run(server, tmp_path, share="half", rows=ROWS[:2]))
    whole = Run(server, tmp_path)
    with pytest.raises(InputError, match=r"2 requests are in batches of other rows.*batches/half"):
        whole()
    assert set(whole.files) == set(ROWS[2:])
    Run(server, tmp_path, share="half", rows=ROWS[:2])()
    assert Run(server, tmp_path)() == SUMS
    assert set(server.asked_keys.values()) == {1}


def test_the_limit_counts_the_batches_of_other_shares(
    server: FakeBatchServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = Run(server, tmp_path, share="1", rows=ROWS[:2], price=PRICE)
    killed_while_it_waits(monkeypatch, first)
    budget = MoneyBudget(limit=241.0, ledger=first.budget.ledger)
    with pytest.raises(CostError):
        Run(server, tmp_path, rows=ROWS[2:], price=PRICE, budget=budget)()
    assert len(server.batches) == 1


def test_a_batch_is_counted_once_though_its_collection_is_killed(
    server: FakeBatchServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed after each answer that it stores, once before and once after it has settled it."""
    server.script = lambda request: Reply.of(
        str(2 * int(request.body["messages"][0]["content"][0]))
    )
    settle = SpendingLedger.settle_part
    (tmp_path / "store").mkdir()

    def run(*, dies_before: bool = False, dies_after: bool = False) -> None:
        left = 1

        def settle_and_die(ledger: SpendingLedger, name: str, cost: float, most: float) -> None:
            nonlocal left
            left -= cost > 0
            if left < 0 and dies_before:
                raise Killed
            settle(ledger, name, cost, most)
            if left < 0 and dies_after:
                raise Killed

        budget = MoneyBudget(ledger=SpendingLedger(tmp_path / "store"))
        with monkeypatch.context() as patch:
            patch.setattr(SpendingLedger, "settle_part", settle_and_die)
            with budget.ledger.opened(total, ResponseStore(tmp_path / "store").cost_of):
                Run(server, tmp_path, price=PRICE, budget=budget)()

    def total() -> float:
        return sum(stored.cost or 0.0 for stored in ResponseStore(tmp_path / "store").all())

    for moment in ("dies_before", "dies_after"):
        with pytest.raises(Killed):
            run(**{moment: True})
    run()
    ledger = SpendingLedger(tmp_path / "store")
    ledger.look(total)
    assert (float(ledger.sums.spent), ledger.sums.held, ledger.sums.lost) == (8.0, 0, 0)
    assert set(server.asked_keys.values()) == {1}


@pytest.mark.parametrize("after", [False, True])
def test_killed_at_any_line_of_the_ledger_all_money_is_counted_once(
    server: FakeBatchServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, after: bool
) -> None:
    """Each run is killed at one of its first five lines, until one comes through."""
    append, left = SpendingLedger._append, 0
    (tmp_path / "store").mkdir()
    store = ResponseStore(tmp_path / "store")

    def total() -> float:
        return sum(stored.cost or 0.0 for stored in store.all())

    def append_and_die(ledger: SpendingLedger, *given: Any, **named: Any) -> None:
        nonlocal left
        left -= 1
        if left < 0 and not after:
            raise Killed
        append(ledger, *given, **named)
        if left < 0:
            raise Killed

    monkeypatch.setattr(SpendingLedger, "_append", append_and_die)
    for moment in range(100):
        left = moment % 5 if moment < 50 else 1_000
        budget = MoneyBudget(limit=1000.0, ledger=SpendingLedger(tmp_path / "store"))
        with (
            contextlib.suppress(Killed),
            budget.ledger.opened(total, store.cost_of),
        ):
            Run(server, tmp_path, price=PRICE, budget=budget)()
            break
    assert set(server.asked_keys.values()) == {1}
    left = 1_000
    ledger = SpendingLedger(tmp_path / "store")
    with ledger.opened(total, store.cost_of):
        assert (float(ledger.sums.spent), ledger.sums.open) == (total(), {})
        assert ledger.without_answer() == 0.0


def test_a_dry_run_sends_and_writes_nothing(
    server: FakeBatchServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert Run(server, tmp_path, dry_run=True)() == {}
    assert server.batches == []
    assert not (tmp_path / "store").exists()
    assert "4 requests with about" in capsys.readouterr().out
    assert Run(server, tmp_path)() == SUMS


def test_a_dry_run_does_not_count_what_is_under_way(
    server: FakeBatchServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    killed_while_it_waits(monkeypatch, Run(server, tmp_path, rows=ROWS[:3]))
    Run(server, tmp_path, dry_run=True)()
    said = capsys.readouterr().out
    assert "3 requests are in batches in progress" in said
    assert "; 1 requests with about" in said
    assert len(server.batches) == 1


def test_as_much_is_batched_as_the_limit_allows(server: FakeBatchServer, tmp_path: Path) -> None:
    """A request may cost 120 dollars at most and costs 2 or 4: two at a time fit, then one."""
    with pytest.raises(CostError, match=r"\$10.00 is spent"):
        Run(server, tmp_path, price=PRICE, budget=MoneyBudget(limit=241.0, spent=0.0))()
    assert [len(batch.lines) for batch in server.batches] == [2, 1, 1]


def test_the_batch_is_created_once_though_the_answer_is_lost(
    server: FakeBatchServer, tmp_path: Path
) -> None:
    answers = iter([web.Response(status=500)])
    server.on_created = lambda: next(answers, None)
    assert Run(server, tmp_path)() == SUMS
    assert [len(batch.lines) for batch in server.batches] == [4, 2]


def test_a_server_that_is_away_for_a_while_is_looked_at_again(
    server: FakeBatchServer, tmp_path: Path
) -> None:
    server.on_look = lambda batch: web.Response(status=503) if batch.looks <= 20 else None
    assert Run(server, tmp_path)() == SUMS


def test_a_server_that_stays_away_ends_the_run_and_the_next_goes_on(
    server: FakeBatchServer, tmp_path: Path
) -> None:
    server.on_look = lambda _: web.Response(status=503)
    with pytest.raises(ServerError, match="20 requests in a row failed"):
        Run(server, tmp_path)()
    server.on_look = lambda _: None
    assert Run(server, tmp_path)() == SUMS
    assert set(server.asked_keys.values()) == {1}


@pytest.mark.parametrize("after_rename", [False, True])
def test_killed_at_any_write_nothing_is_asked_twice(
    server: FakeBatchServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, after_rename: bool
) -> None:
    """Each run is killed at one of its first three writes, until one comes through."""
    write = atomic.write_bytes
    left = 0

    def write_and_die(path: Path, data: bytes, *, durable: bool = True) -> None:
        nonlocal left
        left -= 1
        if left < 0 and not after_rename:
            raise Killed
        write(path, data, durable=durable)
        if left < 0:
            raise Killed

    monkeypatch.setattr(atomic, "write_bytes", write_and_die)
    for number in range(100):
        left = number % 3
        try:
            files = Run(server, tmp_path)()
        except Killed:
            continue
        break
    assert files == SUMS
    assert number > 5
    assert set(server.asked_keys.values()) == {1}


class Odd(FakeBatchServer):
    """Its files of results come down as `downloads` say, one after another, and then well."""

    def __init__(self, *downloads: Callable[[bytes], bytes]) -> None:
        super().__init__()
        self.script = adds
        self.downloads = list(downloads)

    async def _content(self, http: web.Request) -> web.Response:
        data = self._files[http.match_info["id"]]
        return web.Response(body=self.downloads.pop(0)(data) if self.downloads else data)


@pytest.mark.parametrize(
    "download",
    [
        lambda _: b"<html>Try again later</html>",
        lambda data: data[: len(data) // 2],
        lambda data: data[:-30],
        lambda _: b"\x00" * 1000,
        lambda _: b"[" * 100_000 + b"\n",
        lambda _: b"7" * 5_000 + b"\n",
    ],
    ids=["web page", "half", "cut", "NULs", "deep", "digits"],
)
def test_a_download_that_is_none_is_asked_for_again(
    tmp_path: Path, download: Callable[[bytes], bytes]
) -> None:
    """What the batch answered has been paid for."""
    with Odd(download) as server:
        assert Run(server, tmp_path)() == SUMS
        assert set(server.asked_keys.values()) == {1}
        assert server.downloads == []


@pytest.mark.parametrize("key", ["../../../stray", "/tmp/stray", "0" * 64, "\x00", ""])
def test_an_answer_to_what_was_not_asked_is_not_stored(tmp_path: Path, key: str) -> None:
    def with_stray(data: bytes) -> bytes:
        line = json.loads(data.splitlines()[0])
        return data + json.dumps(line | {"custom_id": key}).encode() + b"\n"

    with Odd(with_stray) as server:
        run = Run(server, tmp_path)
        assert run() == SUMS
        stored = {path.stem for path in (tmp_path / "store").glob("??/*.json")}
        assert stored == set(server.asked_keys)
        assert not list(tmp_path.parent.glob("stray*"))


def show_first(server: FakeBatchServer, odd: dict[str, Any]) -> None:
    """The first look at a batch finds these fields in it."""

    def look(batch: FakeBatch) -> web.Response | None:
        return web.json_response(card_of(batch) | odd) if batch.looks == 1 else None

    server.on_look = look


@pytest.mark.parametrize(
    "odd",
    [
        {"request_counts": {"total": 4, "completed": 10**15, "failed": 0}},
        {"request_counts": {"total": 4, "completed": -(10**400), "failed": 0}},
    ],
    ids=["many", "negative"],
)
def test_odd_counts_of_a_batch_are_no_reason_to_wait(
    server: FakeBatchServer, tmp_path: Path, odd: dict[str, Any]
) -> None:
    show_first(server, odd)
    assert Run(server, tmp_path)() == SUMS


@pytest.mark.parametrize(
    "odd",
    [
        {"status": ["completed"]},
        {"status": None},
        {"status": "completed", "output_file_id": 5},
        {"status": "completed", "output_file_id": ["file-0"]},
        {"errors": {"data": [5]}},
        {"request_counts": {"completed": "many", "failed": {}}},
        {"request_counts": [1, 2]},
    ],
)
def test_a_batch_that_cannot_be_read_is_looked_at_again(
    server: FakeBatchServer, tmp_path: Path, odd: dict[str, Any]
) -> None:
    show_first(server, odd)
    assert Run(server, tmp_path)() == SUMS
    assert set(server.asked_keys.values()) == {1}


def test_a_key_in_results_reaches_no_file(
    server: FakeBatchServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not even for the time in which they are read: the run may be killed then."""
    key = 'kx-9/"Tq+83=_Wm'
    monkeypatch.setenv("SERVER_API_KEY", key)
    content = json.dumps({"custom_id": "a", "said": f"{key}{key}"}).encode() + b"\n"
    name, path = server._keep(content), tmp_path / "results"

    async def main() -> None:
        async with ModelServer(server.url, MODEL) as client:
            await BatchServer(client).download(name, path)

    asyncio.run(main())
    assert json.loads(path.read_bytes())["said"] == 2 * MARK
