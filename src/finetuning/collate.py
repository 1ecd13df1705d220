"""Batches samples, padded on the right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch

from .presentations import IGNORED

Row = Mapping[str, Any]
Batch = dict[str, torch.Tensor]


class RightPadding:
    """Collates rows of `data.build_samples` into one batch.

    A causal model then needs no mask: padding comes after every token with loss. `trie` rows have
    `ends`, which `branches.attend_by_branch` makes the model use.
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
            "labels": learned,  # required by the trainer, which uses shift_labels for the loss
            "shift_labels": learned,
            "position_ids": padded("position_ids", places),
            "ends": padded("ends", [width] * width),  # one chain, separate from the rest
        }
