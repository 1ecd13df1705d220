"""Naming a place in a row: columns whatever their case, and paths into lists and objects."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sprint.utils.data.cells import Value
from sprint.utils.data.column_paths import ColumnPath, find_field, find_name, follow
from sprint.utils.data.conversations import is_chat, messages_in, read_conversation

NAMES = st.text(st.characters(codec="utf-8"), min_size=1)


@given(st.lists(NAMES, unique=True, min_size=1), st.data())
def test_a_column_is_found_by_its_own_name(names: list[str], data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(names))
    assert find_field(names, name) == ColumnPath(name)


@pytest.mark.parametrize("wanted", ["Correct Answer", "correct_answer", "CORRECT-ANSWER"])
def test_names_match_whatever_their_writing(wanted: str) -> None:
    assert find_name(["Answer", "Correct Answer"], wanted) == "Correct Answer"


def test_a_name_of_signs_alone_matches_itself_only() -> None:
    assert find_name(["_", "-"], "-") == "-"
    assert find_name(["_"], "-") is None


@given(
    st.recursive(
        st.none() | NAMES,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    ),
    st.lists(st.sampled_from(["0", "-1", "7", "a", ""]) | NAMES, max_size=4),
)
def test_any_path_leads_to_a_value_or_to_none(value: Value, path: list[str]) -> None:
    found = follow(value, path)
    assert found is None or isinstance(found, str | list | dict)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("0.a", "x"),
        ("-1.b.c", "z"),
        ("1.B.C", "z"),
        ("1.b_c", None),
        ("1.b.c.d", None),
        ("2", None),
        ("-3", None),
        ("0.d.e", "dotted"),
        ("0.json.k.0", "v"),
    ],
)
def test_what_stands_at_the_end_of_a_path(path: str, expected: str | None) -> None:
    value: Value = [{"a": "x", "d.e": "dotted", "json": '{"k": ["v"]}'}, {"b": {"c": "z"}}]
    assert follow(value, path.split(".")) == expected


def test_an_exchange() -> None:
    messages: Value = [
        {"role": "system", "content": "Think."},
        {"role": "User", "content": [{"type": "text", "text": "One "}, {"text": "question"}]},
        {"role": "user", "content": "and more?"},
        {"role": "assistant", "content": "<think>So.</think>Yes."},
        {"role": "user", "content": "Another?"},
        {"role": "assistant", "content": "<think>Not this.</think>No."},
    ]
    assert is_chat(messages)
    exchange = read_conversation(messages)
    assert exchange.question == "One question\n\nand more?"
    assert (exchange.reply.thought, exchange.reply.answer) == ("So.", "Yes.")


def test_messages_as_an_object_of_lists() -> None:
    columns: Value = {"from": ["human", "gpt"], "value": ["Why?", "<think>So.</think>Thus."]}
    messages = messages_in(columns)
    assert is_chat(messages)
    assert read_conversation(messages).question == "Why?"
    assert messages_in({"role": "user", "content": "?"}) == {"role": "user", "content": "?"}
    assert messages_in({"role": ["user"], "content": []}) == {"role": ["user"], "content": []}


def test_a_thought_in_a_part_of_its_own() -> None:
    reply = [{"type": "thinking", "thinking": "So."}, {"type": "text", "text": "Thus."}]
    messages: Value = [{"role": "assistant", "content": reply}]
    assert is_chat(messages)
    exchange = read_conversation(messages)
    assert (exchange.reply.thought, exchange.reply.answer) == ("So.", "Thus.")


@pytest.mark.parametrize(
    "value", [None, "text", [], ["text"], [{"role": "user"}], [{"a": "b"}], {"role": "user"}]
)
def test_what_is_no_chat(value: Value) -> None:
    assert not is_chat(value)
