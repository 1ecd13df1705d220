"""Killable worker processes that compare formulas, started on demand and reused.

Plain subprocesses with a line protocol, not a process pool of multiprocessing or pebble: their
`spawn` and `forkserver` import the caller's __main__ again, which breaks scripts without an
`if __name__` guard, and `fork` is unsafe in programs with threads, such as ours.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from typing import NamedTuple

from ..errors import SprintError
from .statuses import Verdict, wall_limit

_CLOSING_S = 2.0
_TIMEOUTS = (-signal.SIGPROF, -signal.SIGALRM)
"""Exit codes of a worker that reached a time limit."""


class Question(NamedTuple):
    """One comparison for a worker.

    More than `timeout_s` seconds of CPU time give the status timeout; so does a multiple of that in
    wall-clock time (see `wall_limit`), for a comparison that would wait forever.
    """

    gold: str
    answer: str
    timeout_s: float


class WorkerPool:
    """At most `size` processes. Thread-safe: each calling thread has a worker to itself."""

    def __init__(self, size: int) -> None:
        self._slots = threading.BoundedSemaphore(size)
        self._idle: list[_Worker] = []
        self._lock = threading.Lock()

    def ask(self, question: Question) -> Verdict:
        """The verdict of a worker. Raises SprintError if no worker can be started."""
        with self._slots:
            code = self._try(question)
            if isinstance(code, int) and code not in _TIMEOUTS:
                # It may have been killed from outside, for example by the kernel; twice is final.
                code = self._try(question)
        if isinstance(code, Verdict):
            return code
        if code in _TIMEOUTS:
            return Verdict("timeout", _timed_out(code, question.timeout_s), question.timeout_s)
        died = f"the worker died of it twice (exit code {code})"
        return Verdict("unparseable", died, question.timeout_s)

    def close(self) -> None:
        """Stop all idle workers."""
        with self._lock:
            workers, self._idle = self._idle, []
        for worker in workers:
            worker.close()

    def _try(self, question: Question) -> Verdict | int:
        with self._lock:
            worker = self._idle.pop() if self._idle else None
        worker = worker or _Worker()
        try:
            answer = worker.ask(question)
        except BaseException:
            worker.close()
            raise
        if isinstance(answer, Verdict):
            with self._lock:
                self._idle.append(worker)
        return answer


class _Worker:
    """One process, ready to answer."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            # -P: a file in the current folder must not shadow a module.
            [sys.executable, "-P", "-m", f"{__package__}.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            # The caller handles Ctrl-C; workers end with their stdin.
            start_new_session=True,
        )
        if self._read() != "ready\n":
            code = self._end()
            raise SprintError(
                f"expected the grading worker to start, but it ended with code {code}; "
                "its message is above. Run: pip install -r requirements.txt"
            )

    def ask(self, question: Question) -> Verdict | int:
        """The verdict, or the exit code of the worker if the question killed it."""
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(json.dumps(question._asdict()) + "\n")
            self._process.stdin.flush()
        line = self._read()
        if not line.endswith("\n"):
            return self._end()
        reply = json.loads(line)
        return Verdict(**reply)

    def close(self) -> None:
        self._process.kill()
        self._end()

    def _read(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline()

    def _end(self) -> int:
        """Release the process; returns its exit code."""
        for pipe in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(BrokenPipeError):
                if pipe is not None:
                    pipe.close()
        try:
            return self._process.wait(_CLOSING_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()


def _timed_out(code: int, timeout_s: float) -> str:
    if code == -signal.SIGPROF:
        return f"not decided within {timeout_s:g} s of processor time"
    return f"not decided within {wall_limit(timeout_s):g} s"


_shared: WorkerPool | None = None
_shared_lock = threading.Lock()


def shared_pool() -> WorkerPool:
    """The single pool of this process, created on first use and closed at interpreter exit."""
    global _shared
    with _shared_lock:
        if _shared is None:
            _shared = WorkerPool(pool_size())
            atexit.register(_shared.close)
        return _shared


def pool_size() -> int:
    return max(1, min(8, os.cpu_count() or 1))


def _forget_after_fork() -> None:
    """A forked child does not use its parent's workers, and starts its own on demand."""
    global _shared, _shared_lock
    if _shared is not None:
        atexit.unregister(_shared.close)
    _shared, _shared_lock = None, threading.Lock()


os.register_at_fork(after_in_child=_forget_after_fork)
