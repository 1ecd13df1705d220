"""The folders of the curation stages on disk, and what they read from each other."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ..annotation.row_faults import FaultFiles
from ..errors import FormatError, InputError
from ..files.atomic import SET_LOGS_DIR, writable_folder, write_bytes, write_text
from ..grammar.lines import parse_numbered
from ..records import Component, Thought
from ..results.writing import model_folder_name
from .component_checks import check_components
from .components import parse_component_answer
from .dag import CheckedDag, parse_dag_answer
from .inline import render_inline

METADATA = 1000
"""Bytes at the beginning of a picture that include its metadata."""


def stage_folders(*paths: Path, dry_run: bool) -> None:
    """Create the folders of a stage; a dry run creates none.

    Raises InputError if the stage cannot write, or a dry run cannot read.
    """
    for path in paths:
        if not dry_run:
            writable_folder(path)
            continue
        try:
            (path / "any name").exists()
        except OSError as error:
            raise InputError(f"Cannot read {path} ({error.strerror}): {SET_LOGS_DIR}.") from error


@dataclass(frozen=True)
class Separated:
    """The components of a thought, and its lines."""

    lines: tuple[str, ...]
    components: tuple[Component, ...]
    repairs: Mapping[str, int]


def check_separation(answer: str, lines: Sequence[str]) -> Separated:
    """The valid components in an answer about `lines`. Raises FormatError with the fault."""
    checked = check_components(parse_component_answer(answer), len(lines))
    return Separated(tuple(lines), checked.components, checked.repairs)


class SeparationFolder:
    """The output of component separation with one model for one dataset."""

    def __init__(self, logs_dir: Path, model: str, dataset: str) -> None:
        name = model_folder_name(model)
        self.answers = logs_dir / f"component_separation_output_{name}" / dataset
        self.inline = logs_dir / f"component_inline_{name}" / dataset
        self.faults = FaultFiles(self.answers)

    def answer_path(self, index: int) -> Path:
        return self.answers / f"component_separation_{index}.txt"

    def numbered_path(self, index: int) -> Path:
        return self.answers / f"numbered_thought_{index}.txt"

    def inline_path(self, index: int) -> Path:
        return self.inline / f"component_inline_{index}.txt"

    def is_finished(self, index: int) -> bool:
        """The answer is written last: if it exists, so does the rest, unless a file is empty."""
        paths = (self.answer_path(index), self.numbered_path(index), self.inline_path(index))
        return paths[0].is_file() and not any(map(_is_empty, paths))

    def write(
        self,
        index: int,
        numbered: str,
        answer: str,
        separated: Separated,
        *,
        durable: bool = True,
    ) -> None:
        """Write the files of a row; `durable` as in write_bytes."""
        inline = render_inline(separated.components, separated.lines)
        write_text(self.numbered_path(index), numbered, durable=durable)
        write_text(self.inline_path(index), inline, durable=durable)
        write_text(self.answer_path(index), answer, durable=durable)

    def fingerprint(self, index: int) -> str:
        """Identifies the components of a row: a hash of answer and lines; "" without them."""
        paths = (self.answer_path(index), self.numbered_path(index))
        if not all(path.is_file() for path in paths):
            return ""
        each = (hashlib.sha256(path.read_bytes()).digest() for path in paths)
        return hashlib.sha256(b"".join(each)).hexdigest()

    def read_lines(self, index: int) -> list[str]:
        """The lines of the thought that was sent. Raises FormatError for a damaged file."""
        return parse_numbered(_read(self.numbered_path(index)))

    def require_lines_of(self, thought: Thought, lines: Sequence[str]) -> None:
        """Raise InputError if the lines that were sent belong to another thought."""
        if "".join(lines) != thought.text:
            index = thought.problem.index
            raise InputError(
                f"{self.numbered_path(index)} contains a different thought than row {index} of the "
                "dataset: the dataset has changed. Remove that folder, or choose another LOGS_DIR."
            )

    def read(self, index: int) -> Separated:
        """Raises FormatError for a damaged file."""
        return check_separation(_read(self.answer_path(index)), self.read_lines(index))


class DagFolder:
    """The output of DAG creation with one model for one dataset."""

    def __init__(self, logs_dir: Path, model: str, dataset: str) -> None:
        name = model_folder_name(model)
        self.answers = logs_dir / f"dag_creation_output_{name}" / dataset
        self.dags = logs_dir / f"created_dags_{name}" / dataset
        self.pictures = logs_dir / f"dags_viz_{name}" / dataset
        self.faults = FaultFiles(self.answers)

    def answer_path(self, index: int) -> Path:
        return self.answers / f"dag_creation_{index}.txt"

    def dag_path(self, index: int) -> Path:
        return self.dags / f"created_dag_{index}.json"

    def picture_path(self, index: int) -> Path:
        return self.pictures / f"dag_{index}.png"

    def fingerprint_path(self, index: int) -> Path:
        """The file with the fingerprint of the components that the DAG was created from."""
        return self.answers / f"components_{index}.sha256"

    def is_finished(self, index: int) -> bool:
        """The DAG is written after its answer: if it exists, both do, unless one is empty."""
        paths = (self.dag_path(index), self.answer_path(index))
        return paths[0].is_file() and not any(map(_is_empty, paths))

    def is_current(self, index: int, fingerprint: str) -> bool:
        """Whether the DAG exists and was created from the components with this fingerprint."""
        path = self.fingerprint_path(index)
        if not fingerprint or not self.is_finished(index) or not path.is_file():
            return False
        return path.read_bytes() == fingerprint.encode()

    def write(
        self,
        index: int,
        answer: str,
        dag: str,
        fingerprint: str,
        *,
        durable: bool = True,
    ) -> None:
        """Write the files of a row, except the picture; `durable` as in write_bytes.

        The fingerprint comes last: a killed run leaves that of the previous DAG, or none. A picture
        of the previous DAG is removed first.
        """
        self.picture_path(index).unlink(missing_ok=True)
        write_text(self.answer_path(index), answer, durable=durable)
        write_text(self.dag_path(index), dag, durable=durable)
        write_text(self.fingerprint_path(index), fingerprint, durable=durable)

    def has_picture(self, index: int, note: str) -> bool:
        """Whether the picture exists, with `note` in its metadata, which precedes the image."""
        path = self.picture_path(index)
        if not path.is_file():
            return False
        with path.open("rb") as file:
            return note.encode() in file.read(METADATA)

    def write_picture(self, index: int, picture: bytes) -> None:
        """Does not wait for the disk: a lost picture is drawn again."""
        write_bytes(self.picture_path(index), picture, durable=False)

    def read(self, index: int, components: Sequence[Component]) -> CheckedDag:
        """The DAG, and how its answer was repaired.

        Raises FormatError if it is not a DAG of these components.
        """
        numbers = [component.number for component in components]
        created = parse_dag_answer(_read(self.dag_path(index)), numbers)
        if not self.answer_path(index).is_file():
            return created
        return replace(
            created, repairs=parse_dag_answer(_read(self.answer_path(index)), numbers).repairs
        )


def _is_empty(path: Path) -> bool:
    """Whether a file is empty, as a crash of the machine may leave it."""
    return path.is_file() and path.stat().st_size == 0


def _read(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8", errors="surrogatepass")
    except (FileNotFoundError, UnicodeDecodeError) as error:
        raise FormatError(
            f"{path} is missing or not text ({error}): remove the files of this row, and rerun the "
            "stage that writes them."
        ) from error
