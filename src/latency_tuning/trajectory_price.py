"""The priced path of a trajectory from its text: samples are solved many at once, so that their
wall clock depends on the other problems in flight.
"""

from __future__ import annotations

from collections.abc import Callable

from ..utils.latency.price_list import load_prices
from ..utils.latency.priced_path import priced_seconds
from ..utils.latency.text_work import text_rounds
from ..utils.records import Trajectory
from ..utils.tokens.tokenizers import token_counter

SecondsOf = Callable[[Trajectory], float]


def trajectory_price(prices: str, tokenizer: str) -> SecondsOf:
    """The function that prices a trajectory; `prices` and `tokenizer` are file names or names."""
    seconds, count = load_prices(prices).time_prices, token_counter(tokenizer)
    return lambda trajectory: priced_seconds(text_rounds(trajectory, count), seconds)
