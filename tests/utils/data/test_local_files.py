"""Local files: every format gives the same text for the same value, alone and in a folder."""

from __future__ import annotations

import csv
import gzip
import json
import os
from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import datasets
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sprint.utils.data import arrow_writer, json_rows
from sprint.utils.data.cache import read_files
from sprint.utils.data.cells import Value, decode, encode, plain, read_json
from sprint.utils.data.loading import DataSource, load_problems, load_rows
from sprint.utils.errors import InputError

Write = Callable[[Path, Sequence[Any]], Path]


@pytest.fixture(autouse=True)
def _own_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")


def jsonl(folder: Path, answers: Sequence[Any]) -> Path:
    lines = [json.dumps({"problem": "?", "answer": answer}) for answer in answers]
    path = folder / "test.jsonl"
    path.write_text("\n".join(lines), "utf-8")
    return path


def json_list(folder: Path, answers: Sequence[Any]) -> Path:
    path = folder / "test.json"
    path.write_text(json.dumps([{"problem": "?", "answer": answer} for answer in answers]), "utf-8")
    return path


def json_objects(folder: Path, answers: Sequence[Any]) -> Path:
    """One after another, over several lines, in a file that ends in .json."""
    rows = [json.dumps({"problem": "?", "answer": it}, indent=1) for it in answers]
    path = folder / "test.json"
    path.write_text("\n".join(rows), "utf-8")
    return path


def json_under_a_key(folder: Path, answers: Sequence[Any]) -> Path:
    rows = [{"problem": "?", "answer": answer} for answer in answers]
    path = folder / "test.json"
    path.write_text(json.dumps({"version": "1", "data": rows}), "utf-8")
    return path


def json_columns(folder: Path, answers: Sequence[Any]) -> Path:
    """As `DataFrame.to_json` writes a table."""
    columns = {"problem": ["?"] * len(answers), "answer": answers}
    table = {name: dict(enumerate(cells)) for name, cells in columns.items()}
    path = folder / "test.json"
    path.write_text(json.dumps(table), "utf-8")
    return path


def table(folder: Path, answers: Sequence[Any], ending: str = "csv", mark: str = ",") -> Path:
    path = folder / f"test.{ending}"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, delimiter=mark).writerows([["problem", "answer"], *_text_rows(answers)])
    return path


def _text_rows(answers: Sequence[Any]) -> list[list[str]]:
    texts = [it if isinstance(it, str) else "" if it is None else json.dumps(it) for it in answers]
    return [["?", text] for text in texts]


def tabs(folder: Path, answers: Sequence[Any]) -> Path:
    return table(folder, answers, "tsv", "\t")


def compressed(folder: Path, answers: Sequence[Any]) -> Path:
    path = jsonl(folder, answers)
    packed = folder / "test.jsonl.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    path.unlink()
    return packed


def parquet(folder: Path, answers: Sequence[Any]) -> Path:
    path = folder / "test.parquet"
    pq.write_table(pa.table({"problem": ["?"] * len(answers), "answer": list(answers)}), path)
    return path


def arrow(folder: Path, answers: Sequence[Any]) -> Path:
    rows = pa.table({"problem": ["?"] * len(answers), "answer": list(answers)})
    path = folder / "test.arrow"
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, rows.schema) as writer:
        writer.write_table(rows)
    return path


ANY_FORMAT: list[Write] = [
    jsonl,
    json_list,
    json_objects,
    json_under_a_key,
    json_columns,
    table,
    tabs,
    compressed,
    parquet,
    arrow,
]


def answers_of(path: Path) -> list[str]:
    return [problem.answer for problem in load_problems(DataSource(str(path)))]


TEXTS = ["None", "null", "NA", "nan", "007", "1e5", "TRUE", "2024-05-01", "10:00", "0.10", "[1, 2]"]


@pytest.mark.parametrize("write", ANY_FORMAT)
def test_text_stays_text(write: Write, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    path = write(tmp_path / "folder", [*TEXTS, "12345678901234567890123", '{"a": 1}', "\\frac12"])
    expected = [*TEXTS, "12345678901234567890123", '{"a": 1}', "\\frac12"]
    assert answers_of(path) == answers_of(path.parent) == expected


NUMBERS: list[tuple[Any, str]] = [
    (0, "0"),
    (-7, "-7"),
    (27.0, "27.0"),
    (0.1, "0.1"),
    (1e22, "1e+22"),
    (True, "true"),
    (False, "false"),
    (float("nan"), ""),
    (None, ""),
]


@pytest.mark.parametrize(("value", "text"), NUMBERS)
@pytest.mark.parametrize("write", [it for it in ANY_FORMAT if it not in (table, tabs)])
def test_numbers_are_written_alike(write: Write, value: Any, text: str, tmp_path: Path) -> None:
    assert answers_of(write(tmp_path, [value])) == [text]


SCALARS = st.one_of(
    st.text(st.characters(codec="utf-8", exclude_characters="\r\x00")),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.booleans(),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(SCALARS, min_size=1, max_size=5))
@example(["", " ", "\n", '"', ",", "'", "\u2028"])
@example([10**30, "x", 0, True, 0.5])
def test_any_scalar_is_read_alike_from_every_text_format(answers: list[Any]) -> None:
    expected = [
        (answer if isinstance(answer, str) else json.dumps(answer)).strip() for answer in answers
    ]
    with TemporaryDirectory() as name:
        for number, write in enumerate((jsonl, json_list, json_objects, compressed, table, tabs)):
            folder = Path(name) / str(number)
            folder.mkdir()
            path = write(folder, answers)
            assert answers_of(path) == answers_of(folder) == expected
        as_text = [it if isinstance(it, str) else json.dumps(it) for it in answers]
        assert answers_of(parquet(Path(name), as_text)) == expected


@given(
    st.recursive(
        st.none() | st.text(st.characters(codec="utf-8")),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.text(st.characters(codec="utf-8")), inner, max_size=3)
        ),
        max_leaves=8,
    )
)
def test_a_cell_is_decoded_as_it_was_encoded(value: Value) -> None:
    assert decode(encode(value)) == value
    assert read_json(json.dumps(value)) == value


@pytest.mark.parametrize(
    ("values", "kind", "texts"),
    [
        ([0.1, 27.0, None], pa.float32(), ["0.1", "27.0", None]),
        ([Decimal("0.10"), Decimal(10**22)], pa.decimal128(30, 2), ["0.10", f"{10**22}.00"]),
        ([date(2024, 5, 1)], pa.date32(), ["2024-05-01"]),
        ([datetime(2024, 5, 1, 10)], pa.timestamp("us"), ["2024-05-01 10:00:00"]),
        ([2**63 - 1], pa.int64(), ["9223372036854775807"]),
        ([b"12", b"\xff"], pa.binary(), ["12", None]),
        (["a", "b", "a"], pa.dictionary(pa.int8(), pa.string()), ["a", "b", "a"]),
        ([[1.5], None, []], pa.list_(pa.float32()), [["1.5"], None, []]),
        ([{"a": [True]}, None], pa.struct({"a": pa.list_(pa.bool_())}), [{"a": ["true"]}, None]),
        ([float("inf")], pa.float64(), ["Infinity"]),
    ],
)
def test_types_of_columns(values: list[Any], kind: Any, texts: list[Value], tmp_path: Path) -> None:
    path = tmp_path / "data.parquet"
    pq.write_table(pa.table({"a": pa.array(values, kind)}), path)
    assert list(load_rows(DataSource(str(path))).column("a")) == texts
    datasets.Dataset(pa.table({"a": pa.array(values, kind)})).save_to_disk(tmp_path / "saved")
    assert list(load_rows(DataSource(str(tmp_path / "saved"))).column("a")) == texts


@pytest.mark.parametrize("save", ["parquet", "disk"])
def test_labels_are_the_names_of_their_classes(save: str, tmp_path: Path) -> None:
    label = datasets.ClassLabel(names=["even", "odd"])
    features = datasets.Features(
        {
            "problem": datasets.Value("string"),
            "answer": label,
            "all": datasets.List(label),
            "in": {"one": label},
        }
    )
    rows = {"problem": ["?"] * 3, "answer": [1, 0, -1], "all": [[0, 1], [], [1]]}
    inside = [{"one": 1}, {"one": 0}, {"one": 1}]
    whole = datasets.Dataset.from_dict(rows | {"in": inside}, features=features)
    path = tmp_path / "data.parquet"
    if save == "parquet":
        whole.to_parquet(path)
    else:
        whole.save_to_disk(path)
    table = load_rows(DataSource(str(path)))
    assert list(table.column("answer")) == ["odd", "even", None]
    assert table[0] == {
        "problem": "?",
        "answer": "odd",
        "all": ["even", "odd"],
        "in": {"one": "odd"},
    }


def test_categories_and_the_index_of_pandas(tmp_path: Path) -> None:
    frame = pd.DataFrame({"problem": ["a", "b"], "answer": pd.Categorical(["007", "None"])})
    frame.iloc[::-1].to_parquet(tmp_path / "data.parquet")
    table = load_rows(DataSource(str(tmp_path / "data.parquet")))
    assert table.column_names == ["problem", "answer"]
    assert list(table.column("answer")) == ["None", "007"]


def test_the_index_that_pandas_writes_into_a_table(tmp_path: Path) -> None:
    pd.DataFrame({"problem": ["?"], "answer": ["NA"]}).to_csv(tmp_path / "data.csv")
    assert load_rows(DataSource(str(tmp_path / "data.csv")))[0] == {"problem": "?", "answer": "NA"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("name", ["a.jsonl", "a.json", "a.csv", "a.tsv"])
def test_byte_order_marks_and_line_ends(name: str, end: str, encoding: str, tmp_path: Path) -> None:
    rows = [{"problem": "é?", "answer": "1"}, {"problem": "≥?", "answer": "2"}]
    texts = {
        ".jsonl": [json.dumps(row, ensure_ascii=False) for row in rows],
        ".json": ["[", ",".join(json.dumps(row) for row in rows), "]"],
        ".csv": ["problem,answer", "é?,1", "≥?,2"],
        ".tsv": ["problem\tanswer", "é?\t1", "≥?\t2"],
    }
    path = tmp_path / name
    content = end.join([*texts[path.suffix], ""])
    mark = "\ufeff" if encoding == "utf-16-le" else ""
    path.write_bytes((mark + content).encode(encoding))
    problems = load_problems(DataSource(str(path)))
    assert [(it.question, it.answer) for it in problems] == [("é?", "1"), ("≥?", "2")]


def test_a_file_that_is_no_utf_8(tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_bytes("problem,answer\ncafé,1\n".encode("latin-1"))
    with pytest.raises(InputError, match=r"not UTF-8 text.*save it as UTF-8"):
        load_rows(DataSource(str(tmp_path / "data.csv")))


@pytest.mark.parametrize("name", ["x[1]", "a*b", "my data", "spår ü", "{a}", "%41", "?", "a#b"])
@pytest.mark.parametrize("ending", ["jsonl", "parquet"])
def test_paths_are_no_patterns(name: str, ending: str, tmp_path: Path) -> None:
    folder = tmp_path / name
    folder.mkdir()
    path = (jsonl if ending == "jsonl" else parquet)(folder, ["1"])
    path = path.rename(folder / f"{name}.{ending}")
    assert answers_of(path) == answers_of(folder) == ["1"]


@pytest.mark.parametrize("write", [jsonl, json_list, table, parquet])
def test_a_file_with_the_size_and_time_of_an_older_one(write: Write, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    for answer in ("7", "8"):
        path = write(folder, [answer])
        os.utime(path, (10**9, 10**9))
        assert answers_of(path) == answers_of(folder) == [answer]


def test_the_cache_is_read_where_nothing_has_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = jsonl(tmp_path, ["7"])
    assert answers_of(path) == ["7"]
    monkeypatch.setattr("sprint.utils.data.cache.file_rows", lambda path: pytest.fail("read again"))
    assert answers_of(path) == ["7"]


def test_a_long_list_is_read_piece_by_piece(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(json_rows, "CHUNK", 7)
    answers = ["[", "]", ",", "{", "}", '"', "\\", "x" * 50, 10**20, 0.5]
    expected = [it if isinstance(it, str) else json.dumps(it) for it in answers]
    for write in (json_list, json_objects):
        assert answers_of(write(tmp_path, answers)) == expected


def test_large_cells_make_small_batches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrow_writer, "MOST_TEXT", 100)
    assert answers_of(jsonl(tmp_path, ["x" * 90] * 5)) == ["x" * 90] * 5
    (cached,) = (tmp_path / "cache").rglob("*.arrow")
    with pa.memory_map(str(cached)) as file:
        assert len(list(pa.ipc.open_stream(file))) == 3


HOSTILE = {
    "nested.jsonl": ('{"problem": ' + "[" * 100_000, "is not valid JSON .*nested too deeply"),
    "nested.json": ('[{"problem": ' + "[" * 100_000 + "]" * 100_000 + "}]", "nested too deeply"),
    "scalar.jsonl": ('{"problem": "?"}\n7\n', "Line 2 of .* should be a JSON object"),
    "scalars.json": ("[7, 8]", "Object 1 of .* should be a JSON object"),
    "cut.json": ('[{"problem": "?", "answer": "1"},', "was cut off"),
    "half.json": ('[{"problem": "?", "answer": "1"}, {"prob', "Object 2 of .* is not valid JSON"),
    "twice.csv": ("problem,answer,answer\n1,2,3\n", "more than one column 'answer'"),
    "longer.csv": ("problem,answer\n1,2\n1,2,3\n", "Line 3 .*more fields than its header"),
    "quoted.csv": ('problem,answer\n"1,2\n', "is not valid CSV"),
    "pointer.parquet": ("version https://git-lfs.github.com/spec/v1\n", "git lfs pull"),
    "none.parquet": ("PAR1", "cannot be read as .parquet"),
    "none.arrow": ("nothing", "cannot be read as .arrow"),
    "none.jsonl.gz": ("nothing", "cannot be read as .jsonl"),
    "names.json": ("{}", "no rows|no question"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_one_sentence(name: str, tmp_path: Path) -> None:
    content, message = HOSTILE[name]
    (tmp_path / name).write_text(content)
    with pytest.raises(InputError, match=message) as raised:
        load_problems(DataSource(str(tmp_path / name)))
    assert "\n" not in str(raised.value)


def test_control_characters_and_half_characters(tmp_path: Path) -> None:
    path = tmp_path / "data.jsonl"
    path.write_text('{"problem": "a\tb\\u0000", "answer": "\\ud83d", "\\ud83d": ["\\ud83d"]}')
    (row,) = load_rows(DataSource(str(path)))
    assert row == {"problem": "a\tb\x00", "answer": "\ufffd", "\ufffd": ["\ufffd"]}


def test_cells_longer_than_the_limit_of_a_csv_reader(tmp_path: Path) -> None:
    assert answers_of(table(tmp_path, ["x" * 200_000])) == ["x" * 200_000]


def test_ten_thousand_columns(tmp_path: Path) -> None:
    row = {f"column {number}": number for number in range(10_000)}
    path = tmp_path / "data.jsonl"
    path.write_text(json.dumps(row | {"problem": "?", "answer": "1"}))
    assert answers_of(path) == ["1"]
    path.write_text(json.dumps(row))
    with pytest.raises(InputError, match="and 9960 more") as raised:
        load_problems(DataSource(str(path)))
    assert len(str(raised.value)) < 2000


def test_a_column_of_several_types(tmp_path: Path) -> None:
    path = jsonl(tmp_path, [7, "1/2", 3.5, True, None, ["8"], {"a": 9}])
    assert answers_of(path) == ["7", "1/2", "3.5", "true", "", "", ""]


def test_several_files_have_the_columns_of_all(tmp_path: Path) -> None:
    one, other = tmp_path / "a.jsonl", tmp_path / "b.csv"
    one.write_text('{"a": 1}\n')
    other.write_text("b,a\nx,2\n")
    assert list(read_files("both", [one, other])) == [{"a": "1", "b": None}, {"b": "x", "a": "2"}]


def test_what_plain_makes_of_a_tuple_and_of_keys_that_are_no_text() -> None:
    assert plain((1, {2: b"x"})) == ["1", {"2": "x"}]


def test_a_cache_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "taken").write_text("")
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "taken")
    with pytest.raises(InputError, match=r"Cannot write to the cache .*set HF_DATASETS_CACHE"):
        answers_of(jsonl(tmp_path, ["7"]))


@pytest.mark.parametrize("orient", ["columns", "index", "split", "records", "table"])
def test_the_json_of_pandas(orient: Any, tmp_path: Path) -> None:
    table = pd.DataFrame({"problem": ["a?", "b?", "c?"], "answer": ["007", "None", "1/2"]})
    table.to_json(tmp_path / "test.json", orient=orient)
    found = load_problems(DataSource(str(tmp_path / "test.json")))
    assert [(it.question, it.answer) for it in found] == [
        ("a?", "007"), ("b?", "None"), ("c?", "1/2")
    ]  # fmt: skip


def test_rows_by_their_ids(tmp_path: Path) -> None:
    rows = {name: {"problem": f"{name}?", "answer": name} for name in ("p7", "p2")}
    (tmp_path / "test.json").write_text(json.dumps(rows))
    found = load_problems(DataSource(str(tmp_path / "test.json")))
    assert [(it.id, it.question) for it in found] == [("p7", "p7?"), ("p2", "p2?")]


@pytest.mark.parametrize(
    "text",
    [
        "problem|answer\na, b;?|7\n",
        '"id, as given";problem;answer\n1;"a, b;?";7\n',
        'problem;answer;"level (1, 2, 3)"\n"a, b;?";7;2\n',
        '\n\nproblem,answer\n"a, b;?",7\n',
    ],
)
def test_the_delimiter_is_that_of_the_header(text: str, tmp_path: Path) -> None:
    (tmp_path / "test.csv").write_text(text)
    found = load_problems(DataSource(str(tmp_path / "test.csv")))
    assert [(it.question, it.answer) for it in found] == [("a, b;?", "7")]


def test_the_line_of_a_csv_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "test.csv").write_text('problem,answer\na?,1\n"A" is?,2\n')
    with pytest.raises(InputError, match=r"Line 3 of .* is not valid CSV .*: put a field"):
        load_problems(DataSource(str(tmp_path / "test.csv")))


def test_blanks_behind_the_commas_of_a_csv(tmp_path: Path) -> None:
    (tmp_path / "test.csv").write_text("problem, answer, id\na?, 7, x3\nb?, 8, \n")
    found = load_problems(DataSource(str(tmp_path / "test.csv")))
    assert [(it.id, it.answer) for it in found] == [("x3", "7"), ("1", "8")]


def test_a_column_whose_name_holds_a_nul(tmp_path: Path) -> None:
    """As in UTF-16 without a byte order mark."""
    (tmp_path / "test.csv").write_bytes("problem,answer\na?,7\n".encode("utf-16-le"))
    with pytest.raises(InputError, match=r"test\.csv has a column .* Save it as UTF-8"):
        load_problems(DataSource(str(tmp_path / "test.csv")))
