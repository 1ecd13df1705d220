"""How the calls of SPRINT inference sample."""

from __future__ import annotations

from ..utils.api.sampling import Sampling
from .config import Settings


def sampling(
    settings: Settings,
    max_tokens: int,
    stop: tuple[str, ...],
    *,
    hotter: bool,
    deadline: float | None,
    priority: int = 0,
) -> Sampling:
    """How a call samples. `hotter`: it is asked again for what the model wrote.

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
    )
    return chosen.hotter() if hotter else chosen


def too_slow(seconds: float) -> str:
    return f"it had not ended after {seconds:g} s"
