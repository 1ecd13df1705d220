"""The settings of SPRINT inference that decide what a problem's result is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ..utils.server import Sampling

ExecutorContext = Literal["prefix", "published"]
Dispatch = Literal["eager", "barrier"]


@dataclass(frozen=True)
class Settings:
    """Defaults are the paper's (arXiv 2506.05745) for a 7B reasoning model."""

    max_phases: int = 12
    """Planner calls a problem; at the last one the final answer is put in the planner's mouth."""
    plan_tokens: int = 8000
    """Tokens that one plan may generate; what is longer counts as malformed."""
    execution_tokens: int = 8000
    """Tokens that one execution may generate; what is longer is cut and the problem marked."""
    temperature: float = 0.6
    top_p: float = 0.95
    executor_context: ExecutorContext = "prefix"
    """`prefix`: the planner's own text up to the prompt; `published`: as the published code."""
    dispatch: Dispatch = "eager"
    """`eager`: an executor starts when its prompt closes; `barrier`: when the plan has ended."""
    max_attempts: int = 3
    """Requests for one plan or one execution before the problem goes on without it."""
    max_prompts: int = 16
    """Prompts in one plan; a plan with more counts as malformed."""
    call_deadline: float = 0.0
    """Seconds that one call may take, else it counts as failed; 0: no limit, as below."""
    executor_deadline: float = 0.0
    """Seconds from a prompt's closing tag; what its execution has by then stands, and says so."""
    problem_deadline: float = 0.0
    """Seconds that one problem may take; then it ends without an answer."""
    reuse_tokens: bool = True
    """Contexts extend the token ids of earlier calls, where the server tells them."""


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
