"""The sampling parameters of one call of a problem."""

from __future__ import annotations

from ..api.sampling import Sampling, derived_seed
from ..records import CallPlace
from .config import SamplingConfig


def call_sampling(
    settings: SamplingConfig,
    place: CallPlace,
    max_tokens: int,
    *,
    useless: int,
    stop: tuple[str, ...] = (),
    deadline: float | None = None,
    priority: int = 0,
) -> Sampling:
    """Sampling parameters of a call, after `useless` unusable replies. `place` has its own seed.

    A call that only failed in transit is retried unchanged, so its result is the one it would have
    had.
    """
    chosen = Sampling(
        max_tokens=max_tokens,
        temperature=settings.temperature,
        top_p=settings.top_p,
        stop=stop,
        deadline=deadline,
        priority=priority,
        seed=derived_seed(settings.seed, *place, useless),
    )
    return chosen.hotter() if useless else chosen
