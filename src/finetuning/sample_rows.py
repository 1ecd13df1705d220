"""Samples as rows of Arrow files, and of batches: see `RightPadding`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa
import torch

from .presentations import IGNORED, Sample
from .trie import build_trie

_IDS = pa.list_(pa.int32())
CHAINS = pa.schema({"input_ids": _IDS, "labels": _IDS, "length": pa.int32()})
"""One row per sample."""
TRIES = pa.schema(
    {
        "input_ids": _IDS,
        "position_ids": _IDS,
        "ends": _IDS,
        "next_labels": _IDS,
        "length": pa.int32(),
    }
)
"""One row for all samples of a trajectory."""


def chain_row(sample: Sample) -> dict[str, Any]:
    return {"input_ids": sample.ids, "labels": sample.labels, "length": len(sample.ids)}


def trie_rows(calls: list[Sample]) -> Iterator[dict[str, Any]]:
    """One row for all calls of a trajectory, if any."""
    if calls:
        trie = build_trie(calls)
        yield {
            "input_ids": trie.ids,
            "position_ids": trie.positions,
            "ends": trie.ends,
            "next_labels": trie.next_labels,
            "length": len(trie.ids),
        }


def trained_tokens(row: Mapping[str, Any]) -> int:
    labels = row["next_labels"] if "next_labels" in row else row["labels"][1:]
    return sum(label != IGNORED for label in labels)


SampleRow = Mapping[str, Any]
TensorBatch = dict[str, torch.Tensor]


class RightPadding:
    """Collates rows of `data.build_samples` into one batch.

    A causal model then needs no mask: padding comes after every token with loss. `trie` rows have
    `ends`, which `branches.attend_by_branch` makes the model use.
    """

    def __init__(self, pad: int) -> None:
        self.pad = pad

    def __call__(self, rows: Sequence[SampleRow]) -> TensorBatch:
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
