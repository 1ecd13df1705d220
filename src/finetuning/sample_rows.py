"""Samples as rows of Arrow files and of batches: see `collate.RightPadding`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow as pa

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
