"""Sampling parameters for the calls of SPRINT inference."""

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
    """Sampling parameters of a call. `hotter`: it is a retry because of what the model wrote.

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
    )
    return chosen.hotter() if hotter else chosen


def too_slow(seconds: float) -> str:
    return f"it did not finish within {seconds:g} s"
