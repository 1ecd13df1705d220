"""When reinforcement stops, and why. Pure: without files."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite

from .step_figures import StepFigures, UpdateFigures

ROUNDING = 1e-9
"""Of a difference of accuracies."""


@dataclass(frozen=True)
class StopRules:
    """`faults`: the most of the first step's rollouts; `serial`: the most of any step's;
    `mismatch`: the most, in nats a token; `loss`: of accuracy on held-out problems, as a fraction.
    """

    faults: float
    serial: float
    mismatch: float
    loss: float

    def after_rollouts(self, step: StepFigures, *, is_first: bool) -> str:
        """Why not to go on after the rollouts of a step; "" to go on."""
        if is_first and step.faults > self.faults:
            return (
                f"{step.faults:.1%} of the first rollouts have faults, more than "
                f"{self.faults:.1%}: being right would outweigh being fast; train the model longer "
                "on trajectories first"
            )
        if step.serial > self.serial:
            return (
                f"{step.serial:.1%} of the rollouts are serial, more than {self.serial:.1%}: the "
                "model no longer hands out work"
            )
        return ""

    def after_gradient(self, update: UpdateFigures) -> str:
        """Why not to update the model; "" to do it."""
        if not update.mismatch <= self.mismatch:
            return (
                f"the server's log-probabilities differ by {update.mismatch:.4f} nats a token "
                f"from the trainer's, more than {self.mismatch:g}"
            )
        if not isfinite(update.gradient):
            return "the gradient is not finite"
        return ""

    def after_evaluation(self, before: float, now: float) -> str:
        """The same for the accuracies of the first and the present model on held-out problems."""
        if before - now > self.loss + ROUNDING:
            return f"accuracy fell from {before:.1%} to {now:.1%}"
        return ""
