"""The embedding tables of a model: its input embedding, and the output embedding with its bias."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from transformers.integrations.deepspeed import is_deepspeed_zero3_enabled


def rows_of(model: Any) -> int:
    return int(model.get_input_embeddings().num_embeddings)


def grow(model: Any, rows: int, multiple: int = 1) -> int:
    """Give the model at least `rows` rows; returns how many are new, each the mean of the others.

    Vocabularies padded to more rows are kept. One that grows gets a multiple of `multiple` rows.
    """
    before = rows_of(model)
    if rows <= before:
        return 0
    model.resize_token_embeddings(rows, pad_to_multiple_of=multiple, mean_resizing=False)
    with _whole(model) as tables:
        for table in tables:
            table[before:] = table[:before].mean(dim=0)
    return rows_of(model) - before


def combine(model: Any, pieces: Mapping[int, Sequence[int]]) -> None:
    """Make each row in `pieces` a weighted mean of other rows, those of its pieces.

    Weights rise from the first piece to the last (1, 2, 3, …): tags with the same pieces in another
    order, such as `<prompt_1.2>` and `<prompt_2.1>`, would begin with the same row otherwise.
    """
    with _whole(model) as tables:
        for table in tables:
            for row, ids in pieces.items():
                weights = torch.arange(1, len(ids) + 1, device=table.device, dtype=table.dtype)
                table[row] = (weights / weights.sum()) @ table[list(ids)]


@contextmanager
def _whole(model: Any) -> Iterator[list[torch.Tensor]]:
    """The tables, to be changed; a process that has no part of a sharded one gets none."""
    head, rows = model.get_output_embeddings(), rows_of(model)
    tables = [model.get_input_embeddings().weight]
    if head is not None and head.weight is not tables[0]:
        tables.append(head.weight)
    if getattr(head, "bias", None) is not None:
        tables.append(head.bias)
    with _gathered(tables), torch.no_grad():
        yield [table for table in tables if len(table) == rows]


@contextmanager
def _gathered(tables: list[torch.Tensor]) -> Iterator[None]:
    """Under ZeRO-3 each process has a shard of them."""
    if is_deepspeed_zero3_enabled():
        from deepspeed import zero

        with zero.GatheredParameters(tables, modifier_rank=0):
            yield
    else:
        yield
