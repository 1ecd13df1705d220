"""The priced path of each problem in a result folder."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ..grammar import parse
from ..records import Call
from ..results.reading import TrajectoryFile
from ..tokens.counting import TokenCounter
from .ledger_work import ledger_rounds
from .priced_path import TimePrices, priced_seconds
from .text_work import serial_rounds, text_rounds


def priced_problems(
    calls: Mapping[str, Sequence[Call]],
    files: Iterable[TrajectoryFile],
    count: TokenCounter,
    prices: TimePrices,
) -> dict[str, float]:
    """Seconds by problem id: from its calls, or from its text where the ledger has none of them.

    A trajectory that was cut off is priced as far as it goes.
    """
    priced = {name: priced_seconds(ledger_rounds(mine), prices) for name, mine in calls.items()}
    for file in files:
        if file.problem_id not in priced:
            text = file.read()
            serial = file.serial
            rounds = serial_rounds("", text, count) if serial else text_rounds(parse(text), count)
            priced[file.problem_id] = priced_seconds(rounds, prices)
    return priced
