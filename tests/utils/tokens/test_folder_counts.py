from __future__ import annotations

import json
from pathlib import Path

import pytest
from sprint.utils.errors import InputError
from sprint.utils.evaluate_utils import get_seq_token_counts, get_token_counts
from sprint.utils.grammar import parse
from sprint.utils.tokens.folder_counts import without_think_tags

PUBLISHED = Path(__file__).resolve().parents[3] / ".." / "shared" / "data" / "published_logs"
PUBLISHED_SPRINT = PUBLISHED / "logs_full_trajectory" / "SPRINT" / "MATH-500_default"
PUBLISHED_RFT = PUBLISHED / "logs_base_model" / "base_model_output_RFT" / "MATH-500_default"

TRAJECTORY = """<Question>
not counted
</Question>

<think>
<Plan_1>
a b
<prompt_1.1> c </prompt_1.1>
d
<prompt_1.2> e </prompt_1.2>
</Plan_1>

<Execution_1>
<execution_1.1>
f g h i
</execution_1.1>

<execution_1.2>
j
</execution_1.2>
</Execution_1>

<Final_answer>
so 4
</Final_answer>
</think>
"""


class Words:
    def encode(self, text: str, add_special_tokens: bool = True) -> list[str]:
        return text.split() + ["special"] * add_special_tokens


def test_critical_path_of_a_sprint_folder(tmp_path: Path) -> None:
    (tmp_path / "planner_trajectory_one.txt").write_text(TRAJECTORY)
    row = get_token_counts(tmp_path, Words()).iloc[0].to_dict()
    assert row == {
        "ProblemIdx": "one",
        "SequentialTokens": 3 + 4 + 2,
        "TotalTokens": 5 + 5 + 2,
        "Phases": 1,
        "Prompts": 2,
    }


def test_all_tokens_of_a_serial_response_are_sequential(tmp_path: Path) -> None:
    (tmp_path / "base_model_trajectory_one.txt").write_text("a < b and c\n</think>\n\nd")
    (tmp_path / "base_model_trajectory_two.txt").write_text("")
    table = get_token_counts(tmp_path, Words())
    assert table["SequentialTokens"].tolist() == table["TotalTokens"].tolist() == [6, 0]
    assert get_seq_token_counts(tmp_path, Words()) == 6.0  # nothing was written for two


def test_only_think_tags_leave_a_serial_response() -> None:
    assert without_think_tags("<think>\nx <y> </prompt_1.1> z\n</think>") == "x <y> </prompt_1.1> z"


def test_tokenizer_of_run_json_is_the_default(tmp_path: Path) -> None:
    (tmp_path / "planner_trajectory_one.txt").write_text(TRAJECTORY)
    (tmp_path / "run.json").write_text(json.dumps({"tokenizer": str(tmp_path / "nowhere")}))
    with pytest.raises(InputError, match="nowhere"):
        get_seq_token_counts(tmp_path)
    assert get_seq_token_counts(tmp_path, Words()) == 9.0


@pytest.mark.parametrize("run", [None, "{}"])
def test_without_any_tokenizer_the_error_says_what_to_pass(tmp_path: Path, run: str | None) -> None:
    (tmp_path / "planner_trajectory_one.txt").write_text(TRAJECTORY)
    if run is not None:
        (tmp_path / "run.json").write_text(run)
    with pytest.raises(InputError, match="pass the name or path"):
        get_seq_token_counts(tmp_path)


def test_folder_without_trajectories_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="has neither"):
        get_seq_token_counts(tmp_path, Words())


def test_folder_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="does not exist"):
        get_seq_token_counts(tmp_path / "none", Words())


@pytest.mark.skipif(not PUBLISHED_SPRINT.is_dir(), reason="needs ../shared/data")
def test_published_sprint_logs_evaluate() -> None:
    table = get_token_counts(PUBLISHED_SPRINT, Words())
    assert len(table) == 40
    # The critical path is shorter than everything, and longer than any single text on it.
    assert (table["SequentialTokens"] <= table["TotalTokens"]).all()
    assert (table["SequentialTokens"] < table["TotalTokens"]).mean() > 0.9
    for row in table.itertuples():
        text = (PUBLISHED_SPRINT / f"planner_trajectory_{row.ProblemIdx}.txt").read_text()
        phases = parse(text).phases
        longest = [max(map(words, phase.executions), default=0) for phase in phases]
        assert row.SequentialTokens > sum(longest)


@pytest.mark.skipif(not PUBLISHED_RFT.is_dir(), reason="needs ../shared/data")
def test_published_serial_logs_evaluate() -> None:
    files = list(PUBLISHED_RFT.glob("*.txt"))
    total = sum(words(file.read_text().replace("</think>", "")) for file in files)
    assert get_seq_token_counts(PUBLISHED_RFT, Words()) == total / len(files)


def words(text: str) -> int:
    return len(text.split())
