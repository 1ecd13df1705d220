"""The columns of public data sets of thoughts, with rows of our own: what is read from each."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import datasets
import pandas as pd
import pytest
from sprint.utils.data.cells import structure
from sprint.utils.data.loading import DataSource, load_problems, load_thoughts
from sprint.utils.errors import InputError
from sprint.utils.records import Thought

QUESTION = "How many legs do three dogs have?"
THOUGHT = "A dog has 4 legs.\nThree have 3 * 4 = 12."
OTHER = "A dog has 5 legs.\nThree have 15."
SAID = "They have $\\boxed{12}$ legs."
TAGGED = f"<think>\n{THOUGHT}\n</think>\n\n{SAID}"
OPEN = f"<think>\n{THOUGHT} and so on"
BEGUN = (
    f"<|begin_of_thought|>\n\n{THOUGHT}\n\n<|end_of_thought|>\n\n"
    f"<|begin_of_solution|>\n\n{SAID}\n\n<|end_of_solution|>"
)
WORKED = "3 * 4 = 12, so \\boxed{12}."


def roles(question: str, reply: str, **more: Any) -> list[dict[str, Any]]:
    return [{"role": "user", "content": question}, {"role": "assistant", "content": reply} | more]


def turns(question: str, reply: str, user: str = "user", model: str = "assistant") -> Any:
    return [{"from": user, "value": question}, {"from": model, "value": reply}]


@dataclass(frozen=True)
class Public:
    """A data set's row, and what is to be read from it."""

    name: str
    row: Mapping[str, Any]
    answer: str = "12"
    solution: str = SAID
    id: str = "0"


LAYOUTS = [
    Public("OpenThoughts-114k", {"system": "Think.", "conversations": turns(QUESTION, BEGUN)}),
    Public(
        "OpenThoughts-114k, metadata",
        {
            "problem": QUESTION,
            "deepseek_reasoning": THOUGHT,
            "deepseek_solution": SAID,
            "ground_truth_solution": WORKED,
            "domain": "math",
            "source": "x",
            "test_cases": None,
            "starter_code": None,
        },
        solution=WORKED,
    ),
    Public(
        "OpenThoughts-114k-math",
        {
            "source": "x",
            "problem": QUESTION,
            "solution": WORKED,
            "messages": roles(QUESTION, WORKED),
            "system": "Think.",
            "conversations": turns(f"Return a box. {QUESTION}", BEGUN),
            "generated_token_count": 40,
            "correct": True,
        },
        solution=WORKED,
    ),
    Public(
        "OpenThoughts2-1M",
        {
            "conversations": turns(QUESTION, TAGGED),
            "question": QUESTION,
            "source": "x",
            "id": 0,
        },
    ),
    Public(
        "OpenThoughts3-1.2M",
        {
            "difficulty": 7,
            "source": "x",
            "domain": "math",
            "conversations": turns(QUESTION, TAGGED, "human", "gpt"),
        },
    ),
    Public(
        "OpenR1-Math-220k",
        {
            "problem": QUESTION,
            "solution": WORKED,
            "answer": "12",
            "problem_type": "Algebra",
            "uuid": "u-1",
            "is_reasoning_complete": [True, True, True],
            "generations": [f"<think>\n{OTHER}\n</think>\nIt is 15.", TAGGED, TAGGED],
            "correctness_math_verify": [False, True, True],
            "correctness_llama": None,
            "finish_reasons": None,
            "correctness_count": 2,
            "messages": roles(QUESTION, f"<think>\n{OTHER}\n</think>\nIt is 15."),
        },
        solution=WORKED,
        id="u-1",
    ),
    Public(
        "s1K",
        {
            "solution": "12",
            "question": QUESTION,
            "cot_type": "math",
            "source_type": "x",
            "metadata": "{'a': 1}",
            "cot": None,
            "thinking_trajectories": [THOUGHT],
            "attempt": SAID,
        },
        solution="12",
    ),
    Public(
        "s1K-1.1",
        {
            "solution": "12",
            "question": QUESTION,
            "cot_type": "math",
            "source_type": "x",
            "metadata": "{}",
            "gemini_thinking_trajectory": OTHER,
            "gemini_attempt": "It is 15.",
            "deepseek_thinking_trajectory": THOUGHT,
            "deepseek_attempt": SAID,
            "gemini_grade": "No",
            "deepseek_grade": "Yes",
        },
        solution="12",
    ),
    Public(
        "s1K, as it is printed",
        {
            "question": QUESTION,
            "text": f"<|im_start|>think\n{THOUGHT}\n<|im_start|>answer\n{SAID}",
        },
    ),
    Public("LIMO", {"question": QUESTION, "solution": THOUGHT, "answer": "12"}, solution=THOUGHT),
    Public(
        "LIMO with an id",
        {"id": 0, "question": QUESTION, "solution": THOUGHT, "answer": "12"},
        solution=THOUGHT,
    ),
    Public("Bespoke-Stratos-17k", {"system": "s", "conversations": turns(QUESTION, BEGUN)}),
    Public(
        "AM-DeepSeek-R1-Distilled-1.4M",
        {
            "messages": [
                {
                    "role": "user",
                    "content": QUESTION,
                    "info": {
                        "source": "x",
                        "reference_answer": "12",
                        "test_case": None,
                        "think_content": None,
                        "answer_content": None,
                    },
                },
                {
                    "role": "assistant",
                    "content": f"<think>{THOUGHT}</think><answer>{SAID}</answer>",
                    "info": {
                        "source": "x",
                        "reference_answer": None,
                        "test_case": None,
                        "think_content": THOUGHT,
                        "answer_content": SAID,
                    },
                },
            ]
        },
    ),
    Public(
        "OpenMathReasoning",
        {
            "expected_answer": "12",
            "problem_type": "has_answer_extracted",
            "problem_source": "x",
            "generation_model": "DeepSeek-R1",
            "pass_rate_72b_tir": "0.5",
            "problem": QUESTION,
            "generated_solution": TAGGED,
            "inference_mode": "cot",
        },
    ),
    Public(
        "DeepMath-103K",
        {
            "question": QUESTION,
            "final_answer": "12",
            "difficulty": 4.5,
            "topic": "Mathematics -> Arithmetic",
            "r1_solution_1": f"{THOUGHT}\n</think>\n\n{SAID}",
            "r1_solution_2": f"{OTHER}\n</think>\n\nno",
            "r1_solution_3": f"{OTHER}\n</think>\n\nno",
        },
    ),
    Public(
        "Mixture-of-Thoughts",
        {"messages": roles(QUESTION, TAGGED), "num_tokens": 50, "source": "x"},
    ),
    Public(
        "Dolphin-R1",
        {
            "messages": [{"role": "user", "content": QUESTION}],
            "reasoning": THOUGHT,
            "answer": SAID,
            "model": "deepseek-r1",
        },
    ),
    Public("Light-R1-SFTData", {"conversations": turns(QUESTION, TAGGED)}),
    Public(
        "Llama-Nemotron-Post-Training",
        {
            "input": [{"role": "user", "content": QUESTION}],
            "output": TAGGED,
            "category": "math",
            "reasoning": "on",
            "generator": "DeepSeek-R1",
        },
    ),
    Public(
        "Chinese-DeepSeek-R1-Distill-data-110k",
        {
            "input": QUESTION,
            "reasoning_content": THOUGHT,
            "content": SAID,
            "repo_name": "x",
            "score": 10,
        },
    ),
    Public(
        "medical-o1-reasoning-SFT",
        {"Question": QUESTION, "Complex_CoT": THOUGHT, "Response": SAID},
    ),
    Public(
        "SYNTHETIC-1",
        {
            "problem_id": "p/1",
            "prompt": QUESTION,
            "gold_standard_solution": WORKED,
            "llm_response": TAGGED,
            "score": 1.0,
        },
        solution=WORKED,
        id="p_1",
    ),
    Public(
        "prompt and completion, as TRL has them",
        {
            "prompt": [{"role": "user", "content": QUESTION}],
            "completion": [{"role": "assistant", "content": TAGGED}],
        },
    ),
    Public(
        "Alpaca",
        {"instruction": QUESTION[:8], "input": QUESTION[8:], "output": TAGGED, "system": ""},
    ),
    Public(
        "columns that end as those of thoughts do",
        {
            "question": QUESTION,
            "reasoning_type": "deductive",
            "deepseek_r1_reasoning": THOUGHT,
            "deepseek_r1_tokens": 20,
            "solution": WORKED,
        },
        solution=WORKED,
    ),
    Public(
        "messages with reasoning_content",
        {"messages": roles(QUESTION, SAID, reasoning_content=THOUGHT), "answer": "12"},
    ),
    Public(
        "sky-t1, text in parts",
        {"conversations": [{"from": "human", "value": QUESTION}, {"from": "gpt", "value": BEGUN}]},
    ),
]


@pytest.fixture(autouse=True)
def _own_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")


def as_parquet(folder: Path, rows: list[Mapping[str, Any]]) -> str:
    """A clone of a repository of the hub."""
    (folder / "clone" / "data").mkdir(parents=True)
    path = folder / "clone" / "data" / "train-00000-of-00001.parquet"
    datasets.Dataset.from_list([dict(row) for row in rows]).to_parquet(path)
    return str(folder / "clone")


def as_jsonl(folder: Path, rows: list[Mapping[str, Any]]) -> str:
    path = folder / "data.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return str(path)


def as_json(folder: Path, rows: list[Mapping[str, Any]]) -> str:
    path = folder / "data.json"
    path.write_text(json.dumps(rows, indent=1), "utf-8")
    return str(path)


def as_saved(folder: Path, rows: list[Mapping[str, Any]]) -> str:
    datasets.Dataset.from_list([dict(row) for row in rows]).save_to_disk(folder / "saved")
    return str(folder / "saved")


def as_csv(folder: Path, rows: list[Mapping[str, Any]]) -> str:
    """Lists and objects are JSON in their cells."""
    import csv

    path = folder / "data.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        for row in rows:
            writer.writerow(
                {
                    key: json.dumps(value) if isinstance(value, list | dict) else value
                    for key, value in row.items()
                }
            )
    return str(path)


def only(source: DataSource) -> Thought:
    (thought,) = load_thoughts(source)
    return thought


@pytest.mark.parametrize("write", [as_parquet, as_jsonl, as_json, as_saved, as_csv])
@pytest.mark.parametrize("public", LAYOUTS, ids=[public.name for public in LAYOUTS])
def test_a_public_layout_is_read(public: Public, write: Any, tmp_path: Path) -> None:
    thought = only(DataSource(write(tmp_path, [public.row])))
    problem = thought.problem
    assert thought.text.strip() == THOUGHT
    assert problem.question.replace("\n\n", " ") == QUESTION
    assert (problem.answer, problem.solution, problem.id) == (
        public.answer,
        public.solution,
        public.id,
    )


REFUSED = {
    "NuminaMath-CoT": (
        {
            "source": "x",
            "problem": QUESTION,
            "solution": WORKED,
            "messages": roles(QUESTION, WORKED),
        },
        "--thought_column solution",
    ),
    "hendrycks/math": (
        {"problem": QUESTION, "level": "Level 1", "type": "Algebra", "solution": WORKED},
        "--thought_column solution",
    ),
    "Big-Math": ({"problem": QUESTION, "answer": "12", "domain": ["a"]}, "--thought_column NAME"),
    "a chat": ({"messages": roles(QUESTION, SAID)}, "--thought_column messages.1.content"),
    "a chat of turns": ({"conversations": turns(QUESTION, SAID)}, "conversations.1.value"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_has_no_thought_is_refused_with_the_flag(name: str, tmp_path: Path) -> None:
    row, flag = REFUSED[name]
    with pytest.raises(InputError, match=flag.replace(".", r"\.")):
        load_thoughts(DataSource(as_jsonl(tmp_path, [row])))


def test_a_solution_is_the_thought_where_the_flag_says_so(tmp_path: Path) -> None:
    row, _ = REFUSED["NuminaMath-CoT"]
    thought = only(DataSource(as_jsonl(tmp_path, [row]), thought_column="solution"))
    assert (thought.text, thought.problem.answer) == (WORKED, "12")


@pytest.mark.parametrize("column", ["solution", "answer", "output", "Response"])
def test_thought_and_solution_in_one_text_are_told_apart(column: str, tmp_path: Path) -> None:
    thought = only(DataSource(as_jsonl(tmp_path, [{"problem": QUESTION, column: TAGGED}])))
    assert (thought.text, thought.problem.solution, thought.problem.answer) == (THOUGHT, SAID, "12")


def test_thoughts_that_the_first_rows_lack(tmp_path: Path) -> None:
    bare = {"problem": QUESTION, "answer": "12", "thinking": None, "reasoning": "on"}
    rows = [*[bare] * 30, *[bare | {"thinking": THOUGHT}] * 10]
    thoughts = load_thoughts(DataSource(as_jsonl(tmp_path, rows)))
    assert [it.text for it in thoughts] == [*[""] * 30, *[THOUGHT] * 10]


GENERATIONS = {
    "problem": QUESTION,
    "answer": "12",
    "generations": [OPEN, f"<think>\n{OTHER}\n</think>\nno", TAGGED],
}


@pytest.mark.parametrize(
    ("marks", "generation", "expected"),
    [
        ({"correctness_math_verify": [False, False, True]}, "first_correct", THOUGHT),
        ({"Is-Correct": ["no", "No", "Yes"]}, "first_correct", THOUGHT),
        ({"correctness_math_verify": [False] * 3}, "first_correct", OTHER),
        ({"correctness_math_verify": None}, "first_correct", OTHER),
        (
            {"correctness_math_verify": [None] * 3, "correctness_llama": [False, False, True]},
            "first_correct",
            THOUGHT,
        ),
        ({"correctness_math_verify": [True]}, "first_correct", OTHER),
        ({}, "first_complete", OTHER),
        ({"correctness_math_verify": [False, False, True]}, "first_complete", OTHER),
        ({"is_reasoning_complete": [False, False, True]}, "first_complete", THOUGHT),
        ({"finish_reasons": ["length", "length", "stop"]}, "first_correct", THOUGHT),
        ({}, "0", f"{THOUGHT} and so on"),
        ({"correctness_math_verify": [False, True, False]}, "2", THOUGHT),
    ],
)
def test_the_choice_among_generations(
    marks: Mapping[str, Any], generation: str, expected: str, tmp_path: Path
) -> None:
    source = DataSource(as_jsonl(tmp_path, [GENERATIONS | marks]), generation=generation)
    assert only(source).text == expected


def test_lists_as_pandas_writes_them_into_csv(tmp_path: Path) -> None:
    """They are printed by Python, and are no JSON."""
    marks = {"correctness_math_verify": [False, None, True]}
    pd.DataFrame([GENERATIONS | marks]).to_csv(tmp_path / "train.csv", index=False)
    assert only(DataSource(str(tmp_path / "train.csv"))).text == THOUGHT
    chat = {"messages": roles('What\'s "twelve"?', TAGGED)}
    pd.DataFrame([chat]).to_csv(tmp_path / "chat.csv", index=False)
    thought = only(DataSource(str(tmp_path / "chat.csv")))
    assert (thought.text, thought.problem.question) == (THOUGHT, 'What\'s "twelve"?')


def test_what_looks_like_a_printed_list() -> None:
    for text in ("['a' 'b']", "['a',\n 'b'", "{'a': open('x')}", "['" + "[" * 9999, "[1, 2)"):
        assert structure(text) == text
    assert structure(repr({"a": [True, None, "x'"]})) == {"a": ["true", None, "x'"]}


@pytest.mark.parametrize(
    "column", [{"reasoning": "high"}, {"thinking": "enabled"}, {"generation": "3"}]
)
def test_a_word_is_no_thought_beside_a_text_with_tags(
    column: Mapping[str, str], tmp_path: Path
) -> None:
    row = {"problem": QUESTION, "answer": "12", **column, "reply": TAGGED}
    assert only(DataSource(as_jsonl(tmp_path, [row]))).text == THOUGHT


@pytest.mark.parametrize("form", [lambda it: it, lambda it: roles(QUESTION, it)])
def test_what_was_rejected_is_not_read(form: Any, tmp_path: Path) -> None:
    bad = f"<think>\n{OTHER}\n</think>\n\nno"
    row = {"prompt": QUESTION, "rejected": form(bad), "chosen": form(TAGGED)}
    assert only(DataSource(as_jsonl(tmp_path, [row]))).text == THOUGHT


def test_a_generation_that_no_row_has(tmp_path: Path) -> None:
    source = DataSource(as_jsonl(tmp_path, [GENERATIONS]), generation="3")
    with pytest.raises(InputError, match=r"None of the 1 rows.*--generation"):
        load_thoughts(source)


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        ("chat.-1.content", THOUGHT),
        ("chat.1.content", THOUGHT),
        ("chat", THOUGHT),
        ("MORE.Best.Text", "In more."),
        ("dotted.name", "In a dotted column."),
        ("dotted.name.0", "In a dotted column."),
        ("packed.0.text", "In JSON."),
    ],
)
def test_a_place_within_a_column(column: str, expected: str, tmp_path: Path) -> None:
    row = {
        "problem": QUESTION,
        "answer": "12",
        "chat": roles(QUESTION, TAGGED),
        "more": {"best": {"text": "In more."}},
        "dotted": {"name": "Not this."},
        "dotted.name": ["In a dotted column."],
        "packed": json.dumps([{"text": "In JSON."}]),
    }
    assert only(DataSource(as_jsonl(tmp_path, [row]), thought_column=column)).text == expected


def test_every_part_can_be_named(tmp_path: Path) -> None:
    row = {
        "q": {"text": QUESTION},
        "a": {"values": ["12", "13"]},
        "t": THOUGHT,
        "s": WORKED,
        "key": 0,
        "hard": 3,
        "field": "sums",
        "problem": "no",
        "answer": "no",
        "thought": "no thought",
        "level": "no",
    }
    source = DataSource(
        as_jsonl(tmp_path, [row, row | {"key": 7}]),
        question_column="q.text",
        answer_column="a.values.0",
        thought_column="t",
        solution_column="s",
        id_column="key",
        level_column="hard",
        subject_column="field",
    )
    one, other = load_thoughts(source)
    problem = one.problem
    assert (one.text, problem.question, problem.answer, problem.solution) == (
        THOUGHT,
        QUESTION,
        "12",
        WORKED,
    )
    assert (problem.id, problem.level, problem.subject) == ("0", "3", "sums")
    assert other.problem.id == "7"


@pytest.mark.parametrize("role", ["thought", "question", "answer", "solution", "id", "level"])
def test_a_column_that_is_named_must_be_there(role: str, tmp_path: Path) -> None:
    source = replace(DataSource(as_jsonl(tmp_path, [GENERATIONS])), **{f"{role}_column": "nothing"})
    with pytest.raises(InputError, match=rf"no column nothing: found .* Correct --{role}_column"):
        load_thoughts(source)


def test_one_line_says_what_was_taken_and_what_rows_lack(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    rows = [
        {"Problem": QUESTION, "Solution": WORKED, "reasoning_content": THOUGHT, "UID": "a"},
        {"Problem": QUESTION, "Solution": "It is proved.\nSo.", "reasoning_content": THOUGHT},
        {"Problem": None, "Solution": WORKED, "reasoning_content": None, "UID": 3},
    ]
    thoughts = load_thoughts(DataSource(as_jsonl(tmp_path, rows)))
    (line,) = [record.getMessage() for record in caplog.records]
    assert "question = Problem; thought = reasoning_content; solution = Solution" in line
    assert "answer = the last box of the solution (Solution)" in line
    assert "3 rows, 1 without thought, 1 without question, 1 without reference answer." in line
    assert [thought.problem.answer for thought in thoughts] == ["12", "", "12"]


@pytest.mark.parametrize("columns", ["problem answer id", "Problem Answer ID", "PROBLEM ANSWER Id"])
def test_columns_match_whatever_their_case(columns: str, tmp_path: Path) -> None:
    row = dict(zip(columns.split(), [QUESTION, 12, "2024-I-3"], strict=True))
    (problem,) = load_problems(DataSource(as_jsonl(tmp_path, [row])))
    assert (problem.question, problem.answer, problem.id) == (QUESTION, "12", "2024-I-3")


def test_answers_behind_hashes(tmp_path: Path) -> None:
    worked = "3*4 = <<3*4=12>>12\n#### 1,012"
    path = as_jsonl(tmp_path, [{"question": QUESTION, "answer": worked}])
    (problem,) = load_problems(DataSource(path))
    assert (problem.answer, problem.solution) == ("1,012", worked)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("A dog has 4 legs.\nSo the answer is 12.", "12"),
        ("$\\boxed{12}$", "12"),
        ("Each dog has four legs, as everybody knows who has seen one of them, and we are asked "
         "for those of three. Therefore, the answer is 12.", "12"),
        ("So the answer is 4 for one dog.\n#### 12", "12"),
        ("$x = 3$,\n$y = 4$", "$x = 3$,\n$y = 4$"),
        ("\\begin{pmatrix}\n1 \\\\\n2\n\\end{pmatrix}",) * 2,
    ],
)  # fmt: skip
def test_an_answer_that_tells_how_it_was_found(answer: str, expected: str, tmp_path: Path) -> None:
    (problem,) = load_problems(
        DataSource(as_jsonl(tmp_path, [{"problem": QUESTION, "answer": answer}]))
    )
    assert problem.answer == expected
    assert problem.solution == ("" if expected == answer else answer)


@pytest.mark.parametrize(
    "columns",
    [
        {"reward_model": {"style": "rule", "ground_truth": "12"}},
        {"reward_model": {"style": "rule", "ground_truth": '["12"]'}},
        {"verification_info": '{"ground_truth": "12"}'},
        {"metadata": '{"expected_answer": 12}'},
        {"answer": None, "answer_number": 12},
    ],
)
@pytest.mark.parametrize("write", [as_parquet, as_jsonl])
def test_answers_of_data_for_reinforcement_learning(
    columns: Mapping[str, Any], write: Any, tmp_path: Path
) -> None:
    row = {"prompt": [{"role": "user", "content": QUESTION}], "ability": "math", **columns}
    (problem,) = load_problems(DataSource(write(tmp_path, [row])))
    assert (problem.question, problem.answer) == (QUESTION, "12")


@pytest.mark.parametrize("options", [["4", "12"], {"label": ["A", "B"], "text": ["4", "12"]}])
def test_options_that_stand_in_a_column_are_reported(
    options: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    rows = [{"question": QUESTION, "choices": options, "answerKey": "B"}]
    (problem,) = load_problems(DataSource(as_jsonl(tmp_path, rows)))
    assert problem.answer == "B"
    assert "column choices contains options, which the model does not see" in caplog.text


def test_an_answer_column_that_is_empty(tmp_path: Path) -> None:
    path = as_jsonl(tmp_path, [{"problem": QUESTION, "answer": "", "solution": WORKED}])
    assert load_problems(DataSource(path))[0].answer == "12"


def test_a_test_set_whose_answers_stand_in_boxes(tmp_path: Path) -> None:
    row, _ = REFUSED["hendrycks/math"]
    (problem,) = load_problems(DataSource(as_jsonl(tmp_path, [row])))
    assert (problem.answer, problem.level, problem.subject) == ("12", "Level 1", "Algebra")
