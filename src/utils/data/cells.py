"""The value of a cell: text, a list or an object, in any file format.

Single values are text, exactly as in a text format, or in the shortest form that reads back as the
same value. NaN, null and a label without a class are missing.
"""

from __future__ import annotations

import ast
import json
import math
import re
from collections.abc import Mapping, Sequence
from datetime import date, time
from decimal import Decimal
from typing import Any, TypeAlias

from ..files.unicode import valid_unicode

Value: TypeAlias = "str | list[Value] | dict[str, Value] | None"
Row: TypeAlias = Mapping[str, Value]

CONSTANTS = {"NaN": None, "Infinity": "Infinity", "-Infinity": "-Infinity"}

DECODER = json.JSONDecoder(
    parse_int=str, parse_float=str, parse_constant=CONSTANTS.__getitem__, strict=False
)
"""Numbers keep their digits; strings may contain line breaks. Call `plain` on the result."""

MOST_PRINTED = 2_000_000
"""Maximum characters of a list as Python prints it."""
_PRINTED = re.compile(r"[\s\[{]*(?:['\"]|True|False|None|\d)")


def plain(value: Any) -> Value:
    """A Python value as a cell. Raises RecursionError if it is nested too deeply."""
    match value:
        case None | str():
            return value
        case bool():
            return "true" if value else "false"
        case float():
            return _float_text(value)
        case Decimal():
            return format(value, "f") if value.is_finite() else None
        case bytes():
            return _decoded(value)
        case date() | time():
            return str(value)
        case Mapping():
            return {str(key): plain(part) for key, part in value.items()}
        case list() | tuple():
            return [plain(part) for part in value]
    return str(value)


def _float_text(value: float) -> str | None:
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return None if math.isnan(value) else repr(value)


def _decoded(value: bytes) -> str | None:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return None


def read_json(text: str) -> Value:
    """Raises ValueError if it is not JSON, or is nested too deeply."""
    try:
        return plain(DECODER.decode(text))
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error


def structure(value: Value) -> Value:
    """A text that is a list or an object, as in tables, parsed; otherwise the value itself.

    It may be JSON, or printed by Python, as pandas writes it to CSV.
    """
    if isinstance(value, str) and value.lstrip()[:1] in ("[", "{"):
        try:
            found = read_json(value)
        except ValueError:
            return _read_printed(value)
        return found if isinstance(found, list | dict) else value
    return value


def _read_printed(text: str) -> Value:
    """A list or a dict that Python has printed; the text itself if it is neither."""
    if len(text) > MOST_PRINTED or not _PRINTED.match(text):
        return text
    try:
        found = ast.literal_eval(text.strip())
        # NumPy arrays lack commas, and would be read as a single text.
        is_whole = isinstance(found, list | dict) and repr(found) == text.strip()
        return plain(found) if is_whole else text
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return text


def encode(value: Value) -> str:
    """A cell for the cache. Lone surrogates, which UTF-8 cannot encode, become U+FFFD."""
    cell = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return cell if cell.isascii() else valid_unicode(cell)


def decode(cell: str | None) -> Value:
    """The cell written by `encode`; None if a row lacks the column."""
    value: Value = None if cell is None else json.loads(cell)
    return value


def array_values(array: Any, feature: Any = None) -> list[Value]:
    """The values of an Arrow array. `feature`, of `datasets`, names the classes of labels."""
    import pyarrow as pa

    kind, is_type = array.type, pa.types
    if isinstance(array, pa.ChunkedArray):
        return [value for chunk in array.chunks for value in array_values(chunk, feature)]
    if type(feature).__name__ == "Json" or str(kind).startswith("extension<arrow.json"):
        texts = array.cast(pa.string()) if not hasattr(array, "storage") else array.storage
        return [None if text is None else read_json(str(text)) for text in texts.to_pylist()]
    if isinstance(array, pa.ExtensionArray):
        return array_values(array.storage, feature)
    if is_type.is_dictionary(kind):
        return array_values(array.dictionary_decode(), feature)
    if type(feature).__name__ == "ClassLabel":
        return [_class_name(label, feature.names or []) for label in array.to_pylist()]
    if is_type.is_struct(kind):
        return _struct_values(array, feature)
    if is_type.is_list(kind) or is_type.is_large_list(kind) or is_type.is_fixed_size_list(kind):
        return _list_values(array, feature)
    if is_type.is_float16(kind) or is_type.is_float32(kind):
        return _short_float_values(array)
    if is_type.is_map(kind):
        return [
            None if pairs is None else {str(key): plain(part) for key, part in pairs}
            for pairs in array.to_pylist()
        ]
    return [plain(value) for value in array.to_pylist()]


def _class_name(label: int | None, names: Sequence[str]) -> str | None:
    if label is None or label < 0:
        return None
    return names[label] if label < len(names) else str(label)


def _struct_values(array: Any, feature: Any) -> list[Value]:
    columns: dict[str, list[Value]] = {}
    for place, field in enumerate(array.type):
        part = feature.get(field.name) if isinstance(feature, Mapping) else None
        columns[field.name] = array_values(array.field(place), part)
    return [
        {name: values[place] for name, values in columns.items()} if there else None
        for place, there in enumerate(array.is_valid().to_pylist())
    ]


def _list_values(array: Any, feature: Any) -> list[Value]:
    import pyarrow.compute as pc

    if isinstance(feature, list) and feature:
        part = feature[0]
    else:
        part = getattr(feature, "feature", None)
    flat = array_values(array.flatten(), part)
    rows = list[Value]()
    at = 0
    for length in pc.list_value_length(array).to_pylist():
        if length is None:
            rows.append(None)
        else:
            rows.append(flat[at : at + length])
            at += length
    return rows


def _short_float_values(array: Any) -> list[Value]:
    """Floats of less than 64 bits: 0.1, not Python's 0.10000000149011612."""
    import numpy as np

    shorter = np.float16 if array.type.bit_width == 16 else np.float32
    return [
        None if value is None or math.isnan(value) else plain(float(str(shorter(value))))
        for value in array.to_pylist()
    ]
