"""How the calls of SPRINT inference sample."""

from __future__ import annotations

from ..utils.api.sampling import Sampling, derived_seed
from .config import Settings


def sampling(
    settings: Settings,
    max_tokens: int,
    stop: tuple[str, ...],
    *,
    useless: int,
    deadline: float | None,
    place: tuple[str, int, int],
    priority: int = 0,
) -> Sampling:
    """How a call samples. `useless`: so many replies of the model were; `place` has its own seed.

    A call that only failed on its way is repeated as it was, so that its result is what it would
    have been.
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


def too_slow(seconds: float) -> str:
    return f"it had not ended after {seconds:g} s"
