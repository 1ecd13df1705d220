"""The spending ledger: the maximum cost of a request is on disk before the request is sent.

In spending/ next to the stored responses: ledger.jsonl, a JSON object per line, and a lock. A
reservation is written and flushed to disk before its request is sent. It is settled when the answer
is stored, or when it is known that nothing will be billed. An unsettled reservation counts with its
maximum cost: the run was killed, or the connection broke, and the server may have billed it. All
runs of a stage and model share the file, so it has the sum over all of them.
"""

from __future__ import annotations

import logging
import os
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from ..errors import SaveError
from ..files.atomic import write_chunks
from ..files.locks import in_order, is_held, locked
from .reservations import BATCH, NOTHING, Reservation, Spending, money, reserve_line, written

log = logging.getLogger(__name__)

SPENDING, LEDGER, LOCK, RUN = "spending", "ledger.jsonl", "lock", ".run"


class SpendingLedger:
    """The ledger in `folder`; without a folder, of this run only, in memory."""

    def __init__(self, folder: Path | None = None, spent: float = 0.0) -> None:
        self.folder = folder / SPENDING if folder is not None else None
        self.run = uuid.uuid4().hex[:12]
        self.sums = Spending(money(spent))
        self._made, self._offset, self._torn = 0, 0, False

    @property
    def path(self) -> Path | None:
        return self.folder / LEDGER if self.folder is not None else None

    @contextmanager
    def opened(
        self, stored: Callable[[], float], find: Callable[[str, str], float | None]
    ) -> Iterator[None]:
        """Use the ledger while the block runs. Its folder's parent exists.

        `stored` is the cost of all stored answers; `find` returns the cost of the answer to a
        request (by key) with a given reservation (by name), None if there is no such answer.
        """
        assert self.folder is not None
        with self._usable():
            self.folder.mkdir(exist_ok=True)
        with locked(self._run_path(self.run), f"the reservations in {self.folder}"):
            with self._turn():
                self._settle_found(find)
                alone = not any(map(self._lives, self._other_runs()))
                if alone or not self.sums.begun:
                    self.sums.spent = money(stored())
                    lines = list(self.sums.lines())
                    if alone:
                        self._replace(lines)
                    else:
                        self._append(lines[:1])
            yield

    def look(self, stored: Callable[[], float]) -> None:
        """Read the ledger without writing."""
        with self._usable():
            self._read_new()
        self.sums.spent = money(stored())

    def fits(self, most: float, limit: float | None) -> bool:
        """Whether another `most` stays within `limit`, as far as known here."""
        return self.sums.fits(money(most), limit)

    def reserve(self, most: float, limit: float | None, key: str) -> str | None:
        """The name of a reservation written to disk; None if it does not fit."""
        self._made += 1
        name = f"{self.run}-{self._made}"
        made = Reservation(money(most), self.run, key)
        return name if self.reserve_all({name: made}, limit) else None

    def reserve_all(self, made: Mapping[str, Reservation], limit: float | None = None) -> bool:
        """Write all of the reservations, or none if they do not fit together."""
        with self._turn():
            if not self.sums.fits(sum((one.most for one in made.values()), NOTHING), limit):
                return False
            self._append([reserve_line(*one) for one in made.items()], durable=True)
        return True

    def settle(self, name: str, cost: float, *, stored: bool) -> None:
        """Settle the request at this cost, with or without a stored answer."""
        with self._turn():
            self._append([{"settle": name, "cost": cost, "stored": stored}])

    def settle_part(self, name: str, cost: float, most: float) -> None:
        """Settle one request of a batch, for which `most` was reserved, at this cost."""
        with self._turn():
            self._append([{"part": name, "cost": cost, "most": most}])

    def others_at_work(self) -> bool:
        """Whether another live run has a reservation that it may release."""
        with self._turn():
            runs = {made.run for made in self.sums.open.values()}
        return any(self._lives(run) for run in runs - {self.run, BATCH})

    def without_answer(self) -> float:
        """The cost of requests whose answer nobody waits for any more, in US dollars."""
        dead = [made.most for made in self.sums.open.values() if not self._waits(made.run)]
        return float(self.sums.lost + self.sums.unreadable() + sum(dead, NOTHING))

    def _waits(self, run: str) -> bool:
        return run in (self.run, BATCH) or self._lives(run)

    def _settle_found(self, find: Callable[[str, str], float | None]) -> None:
        """Settle requests whose run stored the answer but was killed before settling."""
        for name, made in list(self.sums.open.items()):
            if not self._waits(made.run) and (cost := find(made.key, name)) is not None:
                self._append([{"settle": name, "cost": cost, "stored": True}])

    def _run_path(self, run: str) -> Path:
        assert self.folder is not None
        return self.folder / f"{run}{RUN}"

    def _other_runs(self) -> list[str]:
        assert self.folder is not None
        found = {path.name.removesuffix(RUN) for path in self.folder.glob(f"*{RUN}")}
        return sorted(found - {self.run})

    def _lives(self, run: str) -> bool:
        with self._usable():
            return self.folder is not None and is_held(self._run_path(run))

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """While the block runs no other process writes, and all their lines are counted."""
        with ExitStack() as turn:
            if self.folder is not None:
                with self._usable():
                    turn.enter_context(in_order(self.folder / LOCK))
                    self._read_new()
            yield

    @contextmanager
    def _usable(self) -> Iterator[None]:
        """SaveError for a system error while using the ledger."""
        try:
            yield
        except OSError as error:
            raise SaveError(
                f"Cannot use {self.path} ({error.strerror or error}), and no request is sent "
                "without it: free up space or fix the problem, then run the same command again."
            ) from error

    def _read_new(self) -> None:
        if self.path is None or not self.path.is_file():
            return
        with self.path.open("rb") as file:
            if os.fstat(file.fileno()).st_size < self._offset:
                self._offset = 0  # removed and started again meanwhile
            file.seek(self._offset)
            for line in file:
                self._count(line)

    def _count(self, line: bytes) -> None:
        self._offset += len(line)
        self._torn = not line.endswith(b"\n")
        if line.strip():
            before = self.sums.damaged
            self.sums.take(line)
            if self.sums.damaged > before:
                log.warning(
                    "%s contains an unreadable line, which counts as its largest reservation: %r",
                    self.path,
                    line[:80],
                )

    def _append(self, lines: Iterable[Mapping[str, object]], *, durable: bool = False) -> None:
        """Called within a turn. With `durable` the lines survive a crash of the machine."""
        data = b"".join(map(written, lines))
        if self.path is None:
            for line in data.splitlines(keepends=True):
                self.sums.take(line)
            return
        with self._usable():
            self._write((b"\n" if self._torn else b"") + data, durable)
            self._read_new()

    def _write(self, data: bytes, durable: bool) -> None:
        assert self.path is not None
        handle = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW, 0o644)
        try:
            size = os.fstat(handle).st_size
            try:
                while data:
                    data = data[os.write(handle, data) :]
                if durable:
                    os.fsync(handle)
            except OSError:
                os.ftruncate(handle, size)  # no partial line
                raise
        finally:
            os.close(handle)

    def _replace(self, lines: Iterable[Mapping[str, object]]) -> None:
        """Rewrite the file with these lines; no other run has read it yet."""
        assert self.path is not None
        for run in self._other_runs():
            self._run_path(run).unlink(missing_ok=True)
        with self._usable():
            write_chunks(self.path, map(written, lines))
        self.sums, self._offset, self._torn = Spending(), 0, False
        self._read_new()
