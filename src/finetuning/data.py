"""From a folder of fine-tuning data to the token ids of a presentation."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
from datasets import Dataset, concatenate_datasets
from transformers import PreTrainedTokenizerBase

from ..utils.datasets_io import DataSource, load_rows
from ..utils.errors import InputError
from .presentations import COLUMNS, IGNORED, Presentation, Sample, is_sound, samples
from .trie import build_trie

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Counts:
    """What became of the rows of a split. `tokens` and `trained` are those of `samples`; those of a
    trajectory are one tree with `trie`, in which tokens that they share stand once.

    `malformed` rows are no trajectory with phases and a final answer; `overlong` samples have more
    tokens than allowed. Neither is trained on.
    """

    trajectories: int
    malformed: int
    samples: int
    overlong: int
    tokens: int
    trained: int


class Samples(NamedTuple):
    """Rows for `collate.RightPadding`, and what they were made of."""

    rows: Dataset
    counts: Counts


def build_samples(
    data: Path,
    split: str,
    presentation: Presentation,
    tokenizer: PreTrainedTokenizerBase,
    *,
    max_length: int,
    on_overlong: str = "drop",
) -> Samples:
    """The samples of a split; reports what was left out.

    A call longer than `max_length` tokens is counted and left out, of a trie as well; InputError
    with `on_overlong` "error", and where nothing is left.
    """
    table = load_rows(DataSource(str(data), split=split))
    lacking = [name for name in COLUMNS[presentation] if name not in table.column_names]
    if lacking:
        raise InputError(
            f"{data} has no column {', '.join(lacking)}, which {presentation} needs: give a folder "
            "that run/run_finetuning_data_preparation.sh has written."
        )
    rows, calls, overlong, malformed = _Rows(), 0, 0, 0
    for row in table:
        if not is_sound(row, presentation):
            malformed += 1
            continue
        found = samples(row, presentation, tokenizer)
        fitting = [sample for sample in found if len(sample.ids) <= max_length]
        overlong += len(found) - len(fitting)
        calls += len(fitting)
        if presentation != "trie":
            for sample in fitting:
                rows.add(_chain_row(sample))
        elif fitting:
            rows.add(_trie_row(fitting))
    counts = Counts(
        trajectories=len(table),
        malformed=malformed,
        samples=calls,
        overlong=overlong,
        tokens=rows.tokens,
        trained=rows.trained,
    )
    log.info(
        "%s: %d samples%s from %d trajectories, %d tokens, %d of them trained; %d samples over %d "
        "tokens and %d malformed trajectories left out",
        split,
        calls,
        f" in {rows.number} tries" if presentation == "trie" else "",
        len(table),
        counts.tokens,
        counts.trained,
        overlong,
        max_length,
        malformed,
    )
    if overlong and on_overlong == "error":
        raise InputError(
            f"{overlong} samples of {data} are longer than {max_length} tokens: raise "
            "--max_length, or let --on_overlong drop leave them out."
        )
    if not rows.number:
        raise InputError(
            f"{data} gives no sample of at most {max_length} tokens for its split {split!r} "
            f"({malformed} of {len(table)} rows are malformed): check the folder, or raise "
            "--max_length."
        )
    return Samples(rows.dataset(), counts)


def rows_hash(data: Path, split: str, presentation: Presentation) -> str:
    """Twelve digits for what is trained on: a folder may get other rows under the same path."""
    table = load_rows(DataSource(str(data), split=split))
    columns = [name for name in COLUMNS[presentation] if name in table.column_names]
    digest = hashlib.sha256()
    for row in table.select_columns(columns):
        digest.update(json.dumps(row, sort_keys=True).encode())
    return digest.hexdigest()[:12]


def filled_up(rows: Dataset, multiple: int) -> Dataset:
    """With rows at the end that carry no loss, so that their number is a multiple of `multiple`."""
    shortest = rows[min(range(len(rows)), key=rows["length"].__getitem__)]
    labels = "next_labels" if "next_labels" in shortest else "labels"
    filler = shortest | {labels: [IGNORED] * shortest["length"]}
    number = -len(rows) % multiple
    if not number:
        return rows
    return concatenate_datasets(
        [rows, Dataset.from_list([filler] * number, features=rows.features)]
    )


class _Rows:
    """Collects rows as Arrow tables of 32-bit numbers, since lists take ten times the memory."""

    AT_ONCE = 500

    def __init__(self) -> None:
        self.number = self.tokens = self.trained = 0
        self._tables, self._new = list[pa.Table](), list[dict[str, Any]]()

    def add(self, row: dict[str, Any]) -> None:
        self.number += 1
        self.tokens += row["length"]
        self.trained += _trained(row)
        self._new.append(row)
        if len(self._new) >= self.AT_ONCE:
            self._settle()

    def dataset(self) -> Dataset:
        self._settle()
        return Dataset(pa.concat_tables(self._tables))

    def _settle(self) -> None:
        if self._new:
            kinds = [
                (name, pa.list_(pa.int32()) if isinstance(value, list) else pa.int32())
                for name, value in self._new[0].items()
            ]
            self._tables.append(pa.Table.from_pylist(self._new, schema=pa.schema(kinds)))
            self._new = []


def _chain_row(sample: Sample) -> dict[str, Any]:
    return {"input_ids": sample.ids, "labels": sample.labels, "length": len(sample.ids)}


def _trie_row(calls: list[Sample]) -> dict[str, Any]:
    trie = build_trie(calls)
    return {
        "input_ids": trie.ids,
        "position_ids": trie.positions,
        "ends": trie.ends,
        "next_labels": trie.next_labels,
        "length": len(trie.ids),
    }


def _trained(row: Mapping[str, Any]) -> int:
    labels = row["next_labels"] if "next_labels" in row else row["labels"][1:]
    return sum(label != IGNORED for label in labels)
