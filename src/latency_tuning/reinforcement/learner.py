"""The policy that learns: one update from the rollouts of a step.

The loss is REINFORCE on the tokens as they were generated: minus the sum over a rollout's calls of
the call's weight times the log-probability of its tokens, over the number of tokens in the step.
A rollout's calls are one trie, so that what they share is computed once (`finetuning/trie.py`).
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any, NamedTuple

import torch

from ...finetuning.base_model import FAULTS, load_model
from ...finetuning.branches import attend_by_branch
from ...finetuning.presentations import IGNORED, Sample
from ...finetuning.trained_loss import LOGPROBS, LOSS, add_trained_loss
from ...finetuning.trained_model import save_companions, save_weights
from ...finetuning.trie import build_trie
from ...utils.errors import InputError, SaveError
from ...utils.files.atomic import new_folder, saving
from ...utils.precision import bfloat16_is_fast
from ...utils.records import CallTokens
from .step_figures import UpdateFigures

MOST_GRADIENT = 1.0
"""The norm to which gradients are clipped."""
BETAS = (0.9, 0.99)


class WeightedCall(NamedTuple):
    """A call, and the weight of its generated tokens: above 0 makes them more likely."""

    tokens: CallTokens
    weight: float


class Learner:
    """A model in training, with its optimizer. Not for several processes."""

    def __init__(self, model: str, learning_rate: float, *, gradient_checkpointing: bool) -> None:
        """InputError if the folder `model` has no model that a trie can train."""
        self.name = model
        self.tokenizer, self.model, _ = load_model(model)
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        attend_by_branch(self.model)
        self.model.to(self.device)
        self.first = deepcopy(self.model).requires_grad_(False).eval()
        for policy in (self.model, self.first):
            add_trained_loss(policy)
        if gradient_checkpointing:
            self.model.gradient_checkpointing_enable({"use_reentrant": False})
        self.in_bfloat16 = bfloat16_is_fast(self.model)
        self.optimizer = torch.optim.AdamW(
            self.model.parameters(), lr=learning_rate, betas=BETAS, weight_decay=0.0
        )
        self.updates = 0

    def accumulate(self, rollouts: Iterable[Sequence[WeightedCall]]) -> UpdateFigures:
        """The gradient from the calls of each rollout, for `update` or `discard`."""
        weighted = [[one for one in calls if one.weight and one.tokens.ids] for calls in rollouts]
        weighted = [calls for calls in weighted if calls]
        if not weighted:
            return UpdateFigures()
        total = sum(len(one.tokens.ids) for calls in weighted for one in calls)
        mismatch = divergence = 0.0
        self.model.train()
        for calls in weighted:
            losses, at_server, first = self.losses_of(calls, total)
            losses[LOSS].backward()
            here = losses[LOGPROBS]
            mismatch += float(estimate(at_server, here).sum()) / total
            divergence += float(estimate(here, first).sum()) / total
        norm = torch.nn.utils.clip_grad_norm_(self.model.parameters(), MOST_GRADIENT)
        return UpdateFigures(total, mismatch, divergence, float(norm))

    def update(self) -> None:
        """One update by the gradient; none if there is no gradient."""
        self.updates += 1
        self.optimizer.step()
        self.optimizer.zero_grad()

    def discard(self) -> None:
        """Forget the gradient."""
        self.optimizer.zero_grad()

    def losses_of(
        self, calls: Sequence[WeightedCall], total: int
    ) -> tuple[dict[str, Any], torch.Tensor, torch.Tensor]:
        """The losses of a rollout, and the log-probabilities of its tokens at the server and in the
        first model, each (trained).
        """
        tokens = [one.tokens for one in calls]
        samples = [Sample([*one.prompt_ids, *one.ids], len(one.prompt_ids)) for one in tokens]
        trie = build_trie(samples)
        taught = [place for place, label in enumerate(trie.next_labels) if label != IGNORED]
        at_server, weights = list[float](), [0.0] * len(trie.ids)
        for place in taught:
            teacher = trie.teachers[place]
            weights[place] = calls[teacher].weight / total
            # The next token is one position further in its own call.
            generated = trie.positions[place] + 1 - samples[teacher].context_length
            at_server.append(tokens[teacher].logprobs[generated])

        def row(values: Sequence[float]) -> torch.Tensor:
            return torch.tensor([values], device=self.device)

        batch: dict[str, Any] = {
            "input_ids": row(trie.ids),
            "position_ids": row(trie.positions),
            "ends": row(trie.ends),
            "next_labels": row(trie.next_labels),
            "weights": row(weights),
        }
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.in_bfloat16):
            losses = self.model(**batch)
            with torch.no_grad():
                first = self.first(**batch)[LOGPROBS]
        return losses, torch.tensor(at_server, device=self.device), first

    def save_served(self, folder: Path) -> None:
        """Write a model folder that a server can load. SaveError if it cannot be written."""
        with new_folder(folder) as aside:
            save_weights(self.model, self._in_bfloat16(), [aside], aside)
            if failed := save_companions(self.model, self.tokenizer, aside):
                raise SaveError(f"{folder} cannot be written: {'; '.join(failed)}.")

    def _in_bfloat16(self) -> dict[str, torch.Tensor]:
        """The weights by name; a head that is tied to the embedding stays tied."""
        converted = dict[int, torch.Tensor]()
        for value in self.model.parameters():
            converted[value.data_ptr()] = value.detach().to(torch.bfloat16)
        state = self.model.state_dict()
        return {name: converted.get(value.data_ptr(), value) for name, value in state.items()}

    def save(self, path: Path) -> None:
        """Write all that `load` needs to a file; a crash leaves the state before."""
        aside = path.with_name(f".{path.name}.part")
        with saving(path):
            torch.save(
                {
                    "model": self.model.state_dict(),
                    "optimizer": self.optimizer.state_dict(),
                    "updates": self.updates,
                },
                aside,
            )
            with aside.open("rb") as file:
                os.fsync(file.fileno())
            aside.replace(path)

    def load(self, path: Path) -> None:
        """Continue from a state of `save`. InputError if it does not fit this model."""
        try:
            state = torch.load(path, map_location=self.device, weights_only=True)
            self.model.load_state_dict(state["model"])
            self.optimizer.load_state_dict(state["optimizer"])
            self.updates = int(state["updates"])
        except (EOFError, *FAULTS) as error:
            raise InputError(
                f"{path} is not the state of a training of {self.name}: remove its folder to begin "
                "again."
            ) from error


def estimate(before: torch.Tensor, after: torch.Tensor) -> torch.Tensor:
    """How far `after` is from `before`, for each token, from log-probabilities of tokens that were
    sampled with `before`: an estimate of the Kullback-Leibler divergence that is never negative, so
    that differences do not cancel (k3 of http://joschu.net/blog/kl-approx.html).
    """
    ratio = after - before
    return ratio.exp() - 1 - ratio
