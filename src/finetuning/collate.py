"""Samples into batches, padded on the right, and the mask that goes with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch

from .presentations import IGNORED

Row = Mapping[str, Any]
Batch = dict[str, torch.Tensor]


class RightPadding:
    """Puts rows of `data.build_samples` into one batch.

    A causal model needs no mask then: what is padded comes after every token that carries loss. The
    rows of `trie` bring `ends`, from which `see_ancestors_alone` makes their mask in the model.
    """

    def __init__(self, pad: int) -> None:
        self.pad = pad

    def __call__(self, rows: Sequence[Row]) -> Batch:
        """(batch, longest) each: input_ids, labels, position_ids; of tries shift_labels, ends."""
        width = max(len(row["input_ids"]) for row in rows)
        places = list(range(width))

        def padded(key: str, fill: Sequence[int]) -> torch.Tensor:
            return torch.tensor([[*row[key], *fill[len(row[key]) :]] for row in rows])

        ignored = [IGNORED] * width
        batch = {"input_ids": padded("input_ids", [self.pad] * width)}
        if "ends" not in rows[0]:
            positions = torch.tensor(places).expand(len(rows), width)
            return batch | {"labels": padded("labels", ignored), "position_ids": positions}
        learned = padded("next_labels", ignored)
        return batch | {
            "labels": learned,  # the trainer asks for them, and takes shift_labels where it counts
            "shift_labels": learned,
            "position_ids": padded("position_ids", places),
            "ends": padded("ends", [place + 1 for place in places]),
        }


def ancestor_mask(ends: torch.Tensor) -> torch.Tensor:
    """Who sees whom, (batch, 1, query, key), from the `ends` of tries, (batch, tokens)."""
    places = torch.arange(ends.shape[1], device=ends.device)
    before = places[:, None] >= places[None, :]
    return (before & (places[:, None] < ends[:, None, :]))[:, None]


def see_ancestors_alone(model: torch.nn.Module) -> None:
    """Lets `model` take `ends` in place of an attention mask.

    The mask is made within the model, on its device, so it travels through no wrapper or process.
    """

    def replace(module: torch.nn.Module, args: Any, kwargs: dict[str, Any]) -> Any:
        if "ends" in kwargs:
            kwargs["attention_mask"] = ancestor_mask(kwargs.pop("ends"))
        return args, kwargs

    model.register_forward_pre_hook(replace, with_kwargs=True)
