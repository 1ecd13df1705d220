"""The process in which formulas are compared: `python -m sprint.utils.grading.worker`.

One JSON object per line on stdin, `{"gold": …, "answer": …, "timeout_s": …}`, and one per line back
on stdout, a Verdict, after a first line `ready`. A comparison that takes more than `timeout_s`
seconds of CPU time ends the process by SIGPROF, and one that takes `wall_limit(timeout_s)` seconds
of wall-clock time by SIGALRM: the kernel does this, so no loop in C, no handler and no `except` of
any library can prevent it. CPU time, so that no answer times out because the machine is busy or the
process was paused.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import signal
import sys
import time

from .equality import Algebra, decide
from .statuses import Verdict, wall_limit

_MEMORY_BYTES = 2 << 30
_LIMITS = (signal.SIGPROF, signal.SIGALRM)


def _limit_resources() -> None:
    """Limit the resources of a hostile answer, and let the timers end the process."""
    for limit, value in ((resource.RLIMIT_AS, _MEMORY_BYTES), (resource.RLIMIT_CORE, 0)):
        # macOS refuses a limit on the address space.
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(limit, (value, resource.getrlimit(limit)[1]))
    for number in _LIMITS:
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _LIMITS)


def _limit_time(seconds: float) -> None:
    """Limit the time of the following work; 0 removes the limit."""
    signal.setitimer(signal.ITIMER_PROF, seconds)
    signal.setitimer(signal.ITIMER_REAL, wall_limit(seconds) if seconds else 0.0)


def _reply(line: str, algebra: Algebra) -> str:
    request = json.loads(line)
    begun = time.process_time()
    _limit_time(request["timeout_s"])
    try:
        verdict = decide(request["gold"], request["answer"], algebra)
    except MemoryError:
        verdict = Verdict("unparseable", "too large to compare")
    except Exception as error:  # noqa: BLE001  sympy raises all there is on odd input
        verdict = Verdict("unparseable", f"cannot be compared: {type(error).__name__}")
    _limit_time(0.0)
    return json.dumps(verdict._replace(seconds=time.process_time() - begun)._asdict())


def main() -> None:
    _limit_resources()
    # A library's output must not look like a reply.
    replies = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    # Imported here, so that no answer pays for the import, and its output does not interfere.
    from .algebra import equal

    print("ready", file=replies, flush=True)
    for line in sys.stdin:
        print(_reply(line, equal), file=replies, flush=True)


if __name__ == "__main__":
    main()
