"""The limit on open files, including connections and locks: checked before it is reached."""

from __future__ import annotations

import logging
import resource
from contextlib import suppress

from ..errors import InputError
from .processes import core_count

log = logging.getLogger(__name__)

RESERVE = 24 + min(32, core_count() + 4)
"""Files that a process has open besides its connections: its own, and one for each asyncio thread
that writes results."""
LEAST = 48
"""The minimum number of files for any command."""
MOST_CONNECTIONS = 1000
"""Connections of one HTTP client."""
OF_A_CONNECTION = 2
"""Files: a closed one may still be open when the next one is opened."""
OF_A_LOCK = 1


def fitting(wanted: int, each: int, what: str) -> int:
    """How many of `wanted` calls, of `each` files, may be in flight at a time: at least one.

    Raises the soft limit of this process and its children towards the hard limit as far as
    necessary. If fewer fit, there is one warning; `what` is the flag that wants them. Raises
    InputError if the limit is too low for anything.
    """
    needed = wanted * each + RESERVE
    limit = _raised(needed)
    if limit >= needed:
        return wanted
    room = max(1, (limit - RESERVE) // each)
    log.warning(
        "The limit on open files is %d, fewer than %s can need: at most %d calls are in flight at "
        "a time, and the others wait. Raise the limit with `ulimit -n %d`, or lower the flag.",
        limit,
        what,
        room,
        needed,
    )
    return room


def connections(clients: int) -> int:
    """How many connections each of `clients` HTTP clients of this process may open."""
    return max(1, min(MOST_CONNECTIONS, (_limit() - RESERVE) // OF_A_CONNECTION // clients))


def _raised(wanted: int) -> int:
    """The limit after raising it to `wanted`, as far as the system allows."""
    if _limit() < wanted:
        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        with suppress(ValueError, OSError):  # some systems have a lower limit
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    if (limit := _limit()) < LEAST:
        raise InputError(
            f"The limit on open files is {limit}, but at least {LEAST} are needed: raise it with "
            f"`ulimit -n {wanted}`."
        )
    return limit


def _limit() -> int:
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return 1 << 30 if soft == resource.RLIM_INFINITY else soft
