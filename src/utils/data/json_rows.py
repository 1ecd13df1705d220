"""Rows of JSON text, one per line or in a list, read piece by piece: a file can be large."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import IO

from ..errors import InputError
from ..files.unicode import valid_unicode
from .cells import DECODER, Row, Value, plain, read_json

log = logging.getLogger(__name__)

CHUNK = 1 << 20
"""Characters to read at once."""
MOST = 1 << 30
"""Maximum characters of one row."""
WRAPPERS = ("data", "rows", "examples", "samples", "instances", "items", "records", "problems")
"""Keys under which files keep their list of rows."""
_BLANK = re.compile(r"\s*")
_BLANK_OR_COMMA = re.compile(r"[\s,]*")


def jsonl_rows(file: IO[str], path: Path) -> Iterator[Row]:
    """The rows of a .jsonl file; a file with a JSON list is read as one."""
    lines = enumerate(file, start=1)
    first = next(((number, line) for number, line in lines if line.strip()), None)
    if first is None:
        return
    if first[1].lstrip().startswith("["):
        file.seek(0)
        yield from json_rows(file, path)
        return
    for number, line in chain([first], lines):
        if not line.strip():
            continue
        try:
            row = read_json(line)
        except ValueError as error:
            raise InputError(f"Line {number} of {path} is not valid JSON ({error}).") from error
        yield _object(row, f"Line {number} of {path}")


def json_rows(file: IO[str], path: Path) -> Iterator[Row]:
    """The rows of a .json file: a list of objects, consecutive objects, or a single object.

    A single object is a row, or has a list of rows under a key such as `data`, or has columns.
    """
    is_list = _begins_with_bracket(file)
    values = enumerate(_values(file, path, is_list), start=1)
    first = next(values, None)
    if first is None:
        return
    second = next(values, None)
    if second is None and not is_list:
        yield from _unwrapped(_object(first[1], f"Object 1 of {path}"))
        return
    for number, value in chain(filter(None, (first, second)), values):
        yield _object(value, f"Object {number} of {path}")


def _object(value: Value, where: str) -> Row:
    if not isinstance(value, dict):
        raise InputError(f"{where} should be a JSON object, but is {str(value)[:60]}.")
    if any(_has_half(key, text) for key, text in value.items()):
        log.warning("%s contains a lone surrogate: reading it as U+FFFD.", where)
    return {valid_unicode(key): cell for key, cell in value.items()}


def _has_half(key: str, value: Value) -> bool:
    texts = [key, value] if isinstance(value, str) else [key]
    return any(not text.isascii() and valid_unicode(text) != text for text in texts)


def _unwrapped(row: Row) -> Sequence[Row]:
    for key, value in row.items():
        if (key.lower() in WRAPPERS or len(row) == 1) and _is_list_of_rows(value):
            return value  # type: ignore[return-value]  # just checked
    if table := _split_table(row):
        return table
    columns = [_numbered(column) for column in row.values()]
    keys = {tuple(cells) for cells in columns if cells}
    if len(keys) == 1 and all(columns):
        return [
            {name: cells[key] for name, cells in zip(row, columns, strict=True)}
            for key in keys.pop()
        ]
    return _by_id(row) or [row]


def _split_table(row: Row) -> Sequence[Row]:
    """The rows of a table written by pandas with `orient="split"`."""
    names, lines = row.get("columns"), row.get("data")
    if not isinstance(names, list) or not isinstance(lines, list):
        return []
    rows = [cells for cells in lines if isinstance(cells, list) and len(cells) == len(names)]
    if len(rows) < len(lines):
        return []
    return [dict(zip(map(str, names), cells, strict=True)) for cells in rows]


def _by_id(row: Row) -> Sequence[Row]:
    """The rows of an object that has them by id."""
    rows = {key: value for key, value in row.items() if isinstance(value, dict) and value}
    if len(rows) < len(row) or len(set(map(frozenset, rows.values()))) != 1:
        return []
    return [{"id": key} | value for key, value in rows.items()]


def _numbered(column: Value) -> Mapping[str, Value]:
    """The cells of a column by number, as a list or in pandas' form."""
    if isinstance(column, list):
        return {str(number): cell for number, cell in enumerate(column)}
    return column if isinstance(column, dict) and "0" in column else {}


def _is_list_of_rows(value: Value) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(it, dict) for it in value)


def _begins_with_bracket(file: IO[str]) -> bool:
    start = ""
    while not start.strip() and (more := file.read(CHUNK)):
        start = more
    file.seek(0)
    return start.lstrip().startswith("[")


def _values(file: IO[str], path: Path, is_list: bool) -> Iterator[Value]:
    """The values of a text one after another; those of its list if it is one."""
    buffer, at, ended = "", 0, False
    begun = not is_list
    count = 0
    while True:
        at = (_BLANK_OR_COMMA if begun and is_list else _BLANK).match(buffer, at).end()  # type: ignore[union-attr]
        if at == len(buffer):
            if ended:
                break
            buffer, at = file.read(CHUNK), 0
            ended = not buffer
            continue
        if not begun:
            begun = True
            at += 1
            continue
        if is_list and buffer[at] == "]":
            return
        try:
            found, end = DECODER.raw_decode(buffer, at)
            value = plain(found)
        except RecursionError as error:
            raise InputError(f"Object {count + 1} of {path} is nested too deeply.") from error
        except ValueError as error:
            if ended or len(buffer) - at > MOST:
                raise InputError(
                    f"Object {count + 1} of {path} is not valid JSON ({error})."
                ) from error
            more = file.read(max(CHUNK, len(buffer) - at))
            buffer, at, ended = buffer[at:] + more, 0, not more
            continue
        if end == len(buffer) and not isinstance(found, dict | list) and not ended:
            more = file.read(CHUNK)  # a number may continue
            buffer, at, ended = buffer[at:] + more, 0, not more
            continue
        count += 1
        at = end
        yield value
    if is_list:
        raise InputError(f"The list in {path} has no end: the file was cut off, so get it again.")
