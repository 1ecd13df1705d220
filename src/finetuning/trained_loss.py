"""The loss of the trained tokens, from logits at their positions alone.

Logits at every position would be most of the memory of a step with a large vocabulary, and on a CPU
much of its time. The backbone runs once; then the model's own forward, with hidden states in place
of its backbone, turns those at trained positions into logits. So a scale, a bias or a cap of the
logits is the model's own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial, wraps
from typing import Any, NoReturn

import torch
from torch import distributed
from torch.nn.functional import cross_entropy, pad
from torch.utils.checkpoint import checkpoint
from transformers import PreTrainedModel

from .base_model import is_whole
from .presentations import IGNORED

MOST_LOGITS = 1 << 27
"""Logits in memory at once (512 MiB in float32). More are computed in parts, and once again for the
backward pass."""
LOSS, ROUTER_LOSS, LOGPROBS = "loss", "router_loss", "logprobs"
"""The sum over trained tokens; the auxiliary loss of a mixture of experts, if it gives one; the
log-probabilities of the trained tokens, (trained), if they have weights."""

Losses = dict[str, torch.Tensor]


def next_labels(batch: Mapping[str, torch.Tensor]) -> torch.Tensor:
    """(batch, tokens): the next token to learn at each position, or IGNORED."""
    if "shift_labels" in batch:
        return batch["shift_labels"]
    return pad(batch["labels"][:, 1:], (0, 1), value=IGNORED)


def add_trained_loss(model: PreTrainedModel) -> None:
    """Makes `model(..., next_labels=(batch, tokens))` return its losses; other calls do not change.

    With `weights` (batch, tokens), the loss of each token is multiplied by its weight. Losses are
    computed within the model's forward, where parts that processes share are gathered.
    """
    forward, backbone = model.forward, model.base_model
    has_backbone = _calls(model if is_whole(model) else _without_weights(model))

    @wraps(forward)
    def with_losses(
        *args: Any,
        next_labels: torch.Tensor | None = None,
        weights: torch.Tensor | None = None,
        **options: Any,
    ) -> Any:
        if next_labels is None:
            return forward(*args, **options)
        trained = next_labels != IGNORED
        labels = next_labels[trained]
        factors = None if weights is None else weights[trained]
        if not has_backbone:
            output = forward(*args, **options)
            return _losses(output, output.logits[trained], labels, factors)
        found = backbone(*args, **options)

        def losses_of(
            hidden: torch.Tensor, labels: torch.Tensor, factors: torch.Tensor | None
        ) -> Losses:
            given = type(found)(**{**found, "last_hidden_state": hidden[None]})
            with _replaced(backbone, lambda *_, **__: given):
                output = forward(*args, **options)
            return _losses(output, output.logits[0], labels, factors)

        parts = _parts(len(labels), model.config.get_text_config().vocab_size, labels.device)
        run = losses_of if parts == 1 else partial(checkpoint, losses_of, use_reentrant=False)
        hidden = found.last_hidden_state[trained].tensor_split(parts)
        split = [None] * parts if factors is None else factors.tensor_split(parts)
        losses = list(map(run, hidden, labels.tensor_split(parts), split))
        whole = losses[0] | {LOSS: sum(it[LOSS] for it in losses)}
        if factors is not None:
            whole[LOGPROBS] = torch.cat([it[LOGPROBS] for it in losses])
        return whole

    model.forward = with_losses


def _losses(
    output: Any, logits: torch.Tensor, labels: torch.Tensor, factors: torch.Tensor | None
) -> Losses:
    """Of `logits` (trained, vocabulary), `labels` and `factors` (trained)."""
    if factors is None:
        found = {LOSS: cross_entropy(logits.float(), labels, reduction="sum")}
    else:
        each = cross_entropy(logits.float(), labels, reduction="none")
        found = {LOSS: each @ factors, LOGPROBS: -each.detach()}
    router = getattr(output, "aux_loss", None)
    return found if router is None else found | {ROUTER_LOSS: router}


def _parts(positions: int, vocabulary: int, device: torch.device) -> int:
    """In how many parts to compute the logits: equally many in all processes, because those that
    share a model gather its head for each part.
    """
    parts = torch.tensor(max(1, -(-positions * vocabulary // MOST_LOGITS)), device=device)
    if distributed.is_initialized():
        distributed.all_reduce(parts, distributed.ReduceOp.MAX)
    return int(parts)


class _CalledError(Exception):
    """Raised in place of a call."""


def _without_weights(model: PreTrainedModel) -> PreTrainedModel:
    """A model of the same class, to call where this process does not have all of the weights."""
    with torch.device("meta"):
        return type(model)(model.config)


def _calls(model: PreTrainedModel) -> bool:
    """Whether the model calls its backbone; most models do, and then nothing is computed."""

    def called(*_: Any, **__: Any) -> NoReturn:
        raise _CalledError

    ids = torch.zeros((1, 1), dtype=torch.long, device=model.device)
    try:
        with _replaced(model.base_model, called), torch.no_grad():
            model.forward(input_ids=ids)
    except _CalledError:
        return True
    return False


@contextmanager
def _replaced(module: torch.nn.Module, forward: Callable[..., Any]) -> Iterator[None]:
    """In the block, calls of `module` go to `forward`."""
    earlier = module.__dict__.get("forward")
    module.forward = forward
    try:
        yield
    finally:
        del module.forward
        if earlier is not None:
            module.forward = earlier
