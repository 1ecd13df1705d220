"""Turns a folder of fine-tuning data into the token ids of a presentation."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, astuple, dataclass
from pathlib import Path
from typing import NamedTuple

from datasets import Dataset, concatenate_datasets
from transformers import PreTrainedTokenizerBase

from ..utils.data.arrow_writer import ArrowWriter
from ..utils.data.loading import DataSource, load_rows
from ..utils.data.table import Table
from ..utils.errors import InputError
from ..utils.files.atomic import write_json
from ..utils.files.json_file import DamagedError, counts, read_object
from ..utils.grammar import parse
from ..utils.records import Trajectory
from ..utils.tokens.special import special_tokens_of
from .config import OverlongPolicy, Presentation, SpecialTokenPolicy
from .presentations import (
    COLUMNS,
    IGNORED,
    DatasetRow,
    clean_samples,
    is_sound,
    without_special_tokens,
)
from .sample_rows import CHAINS, TRIES, chain_row, trained_tokens, trie_rows

log = logging.getLogger(__name__)

AT_ONCE = 500
"""Rows of a file that are kept in memory while it is written."""


@dataclass(frozen=True)
class Counts:
    """Counts for the rows of a split. `tokens` and `trained` count `samples`; with `trie` a
    trajectory is one tree, in which shared tokens count once.

    `malformed` rows are not a trajectory with phases and a final answer; `overlong` samples have
    too many tokens. Neither is trained on. `marked` rows contain special tokens in their texts,
    `special_tokens` in all: these are never trained on, and "drop" drops their rows too.
    """

    trajectories: int = 0
    malformed: int = 0
    samples: int = 0
    overlong: int = 0
    tokens: int = 0
    trained: int = 0
    marked: int = 0
    special_tokens: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(*map(sum, zip(astuple(self), astuple(other), strict=True)))


class Team(NamedTuple):
    """The processes of a training, with this process's `rank`; `wait` waits for all of them."""

    rank: int
    size: int
    wait: Callable[[], object]


ALONE = Team(0, 1, lambda: None)


class Samples(NamedTuple):
    """Rows for `sample_rows.RightPadding`, and their counts."""

    rows: Dataset
    counts: Counts


def training_rows(data: Path, split: str, presentation: Presentation) -> Table:
    """The rows of a split. InputError if they lack what the presentation reads."""
    table = load_rows(DataSource(str(data), split=split))
    for name in COLUMNS[presentation]:
        if not table.is_text(name):
            has = name in table.column_names
            found = f"no text in its column {name}" if has else f"no column {name}"
            raise InputError(
                f"{data} has {found}, which {presentation} needs: give a folder written by "
                "run/run_finetuning_data_preparation.sh."
            )
    if presentation == "serial" and not any(
        isinstance(cell, str) and cell.strip() for cell in table.column("thought")
    ):
        raise InputError(
            f"{data} has no thoughts, which serial trains on: it was made from finished "
            "trajectories. Choose another --presentation, or name the thoughts with "
            "--thought_column when you prepare the data."
        )
    return table


def distinct_rows(table: Table, presentation: Presentation) -> Sequence[int]:
    """The indices of the rows to train on.

    A thought with several trajectories, or with one that stage 3 repeats, is several rows, which
    `serial` cannot tell apart: it uses the first, as from the same thoughts without them.
    """
    if presentation != "serial":
        return range(len(table))
    first = dict[bytes, int]()
    names = COLUMNS[presentation]
    for index in range(len(table)):
        row = table.texts(index)
        texts = json.dumps([row[name] for name in names]).encode()
        first.setdefault(hashlib.sha256(texts).digest(), index)
    return [*first.values()]


def sound_trajectories(data: Path, presentation: Presentation) -> Iterator[Trajectory]:
    """The trajectories to train on."""
    table = training_rows(data, "train", presentation)
    for row in map(table.texts, range(len(table))):
        if is_sound(row, presentation):
            yield parse(row["trajectory"])


def build_samples(
    data: Path,
    split: str,
    presentation: Presentation,
    tokenizer: PreTrainedTokenizerBase,
    folder: Path,
    *,
    max_length: int,
    on_overlong: OverlongPolicy,
    special_tokens: SpecialTokenPolicy,
    team: Team = ALONE,
) -> Samples:
    """The samples of a split, in files in `folder`; logs what was dropped.

    Each process of a team builds its share of the rows and gets all of them in the end, in the
    order of the rows. A call longer than `max_length` tokens is counted and dropped, also from a
    trie; InputError with `on_overlong` "error", and if nothing is left.
    """
    table = training_rows(data, split, presentation)
    kept = distinct_rows(table, presentation)
    if len(kept) < len(table):
        log.info(
            "%s: %d of %d thoughts are repeated: each is used once",
            split,
            len(table) - len(kept),
            len(table),
        )
    files = [folder / f"{split}-{rank}-of-{team.size}.arrow" for rank in range(team.size)]
    first, last = (len(kept) * rank // team.size for rank in (team.rank, team.rank + 1))
    own = _write(
        map(table.texts, kept[first:last]),
        files[team.rank],
        presentation,
        tokenizer,
        max_length,
        special_tokens,
    )
    write_json(_counts_of(files[team.rank]), asdict(own))
    team.wait()
    total = sum(map(_read_counts, files), Counts())
    rows = concatenate_datasets([Dataset.from_file(str(file)) for file in files])
    log.info(
        "%s: %d samples%s from %d trajectories, %d tokens, %d of them trained; dropped %d samples "
        "over %d tokens and %d malformed trajectories",
        split,
        total.samples,
        f" in {len(rows)} tries" if presentation == "trie" else "",
        total.trajectories,
        total.tokens,
        total.trained,
        total.overlong,
        max_length,
        total.malformed,
    )
    if total.marked:
        log.warning(
            "%s: found %d special tokens in the texts of %d trajectories, such as an end-of-text "
            "token: %s",
            split,
            total.special_tokens,
            total.marked,
            "dropped the trajectories" if special_tokens == "drop" else "removed the tokens",
        )
    if total.overlong and on_overlong == "error":
        raise InputError(
            f"{total.overlong} samples of {data} are longer than {max_length} tokens: raise "
            "--max_length, or drop them with --on_overlong drop."
        )
    if not len(rows):
        raise InputError(
            f"{data} has no sample of at most {max_length} tokens in its split {split!r} "
            f"({total.malformed} of {len(table)} rows are malformed, {total.marked} contain "
            "special tokens): check the folder, raise --max_length, or use a model with more "
            "positions."
        )
    return Samples(rows, total)


def _write(
    rows: Iterable[DatasetRow],
    file: Path,
    presentation: Presentation,
    tokenizer: PreTrainedTokenizerBase,
    max_length: int,
    special_tokens: SpecialTokenPolicy,
) -> Counts:
    counts, special = Counts(), special_tokens_of(tokenizer)
    file.unlink(missing_ok=True)  # it may be memory-mapped and must not change
    with ArrowWriter(file, TRIES if presentation == "trie" else CHAINS, AT_ONCE) as writer:
        for marked_row in rows:
            row, marks = without_special_tokens(marked_row, presentation, special)
            if marks:
                counts += Counts(marked=1, special_tokens=marks)
                if special_tokens == "drop":
                    counts += Counts(trajectories=1)
                    continue
            if not is_sound(row, presentation):
                counts += Counts(trajectories=1, malformed=1)
                continue
            found = clean_samples(row, presentation, tokenizer)
            fitting = [sample for sample in found if len(sample.ids) <= max_length]
            made = trie_rows(fitting) if presentation == "trie" else map(chain_row, fitting)
            counts += Counts(
                trajectories=1, samples=len(fitting), overlong=len(found) - len(fitting)
            )
            for one in made:
                writer.add(one)
                counts += Counts(tokens=one["length"], trained=trained_tokens(one))
    return counts


def _counts_of(file: Path) -> Path:
    return file.with_suffix(".json")


def _read_counts(file: Path) -> Counts:
    path = _counts_of(file)
    content = read_object(path)
    try:
        return Counts(**counts(content))
    except (TypeError, ValueError) as error:
        raise DamagedError(path, "no counts of samples") from error


def rows_hash(data: Path, split: str, presentation: Presentation) -> str:
    """Twelve digits that identify the training data: the same path may contain other rows later."""
    table = load_rows(DataSource(str(data), split=split))
    columns = [name for name in COLUMNS[presentation] if name in table.column_names]
    digest = hashlib.sha256()
    for row in table.select_columns(columns):
        digest.update(json.dumps(row, sort_keys=True).encode())
    return digest.hexdigest()[:12]


def filled_up(rows: Dataset, multiple: int) -> Dataset:
    """Pads with rows without loss, so that their number is a multiple of `multiple`."""
    shortest = rows[min(range(len(rows)), key=rows["length"].__getitem__)]
    labels = "next_labels" if "next_labels" in shortest else "labels"
    filler = shortest | {labels: [IGNORED] * shortest["length"]}
    number = -len(rows) % multiple
    if not number:
        return rows
    return concatenate_datasets(
        [rows, Dataset.from_list([filler] * number, features=rows.features)]
    )
