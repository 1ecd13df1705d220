"""The facade as people use it: a fresh Python in the root of the repository, no installed name."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from support.limits import PROCESS_PATIENCE
from tokenizers import Tokenizer, models, pre_tokenizers

ROOT = Path(__file__).resolve().parents[2]

SNIPPET = r"""
import sys, os
import pandas as pd
sys.path.append("src/utils/")
import evaluate_utils
folder_path = {folder!r}
output_df = pd.read_csv(os.path.join(folder_path, "agent_orchestration_output.csv"))
accuracy = evaluate_utils.get_eval_metrics(output_df)[0]
sequential_token_count = evaluate_utils.get_seq_token_counts(folder_path)
print(accuracy, sequential_token_count)
"""


def test_notebook_snippet_in_a_fresh_python(tmp_path: Path) -> None:
    tokenizer = Tokenizer(models.WordLevel({"[UNK]": 0}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    (tmp_path / "run.json").write_text(json.dumps({"tokenizer": str(tmp_path)}))
    (tmp_path / "agent_orchestration_output.csv").write_text(
        "ProblemIdx,PredictedFinalAnswer,TrueFinalAnswer,ElapsedTime,Question,PlannerTrajectory,"
        'Solution\none,"It is $\\boxed{\\sqrt{8}}$",2\\sqrt{2},1.5,?,,\ntwo,,4,0.5,?,,\n'
    )
    (tmp_path / "planner_trajectory_refused.txt").write_text("")  # is not in the mean
    for name in ("one", "two"):
        (tmp_path / f"planner_trajectory_{name}.txt").write_text(
            "<think>\n<Plan_1>\na b c\n</Plan_1>\n\n<Final_answer>\nd\n</Final_answer>\n</think>"
        )
    done = subprocess.run(
        [sys.executable, "-"],
        input=SNIPPET.format(folder=str(tmp_path)),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=PROCESS_PATIENCE,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("0.5 4.0\n", "")


def test_notebook_snippet_on_the_logs_in_the_repository() -> None:
    done = subprocess.run(
        [sys.executable, "-"],
        input=SNIPPET.format(folder="logs_full_trajectory/SPRINT/test_default"),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=PROCESS_PATIENCE,
        check=False,
    )
    assert done.stderr == ""
    accuracy, sequential = map(float, done.stdout.split())
    assert accuracy >= 0.8
    assert 200 < sequential < 1000


def test_what_pandas_alters_is_said_in_the_snippet_and_not_by_the_reader(tmp_path: Path) -> None:
    (tmp_path / "agent_orchestration_output.csv").write_text(
        "TrueFinalAnswer,PredictedFinalAnswer\nNone,None\nx,y\n"
    )
    (tmp_path / "planner_trajectory_one.txt").write_text("")
    snippet = SNIPPET.replace("sequential_token_count = ", "sequential_token_count = 0 #")
    reader = snippet.replace(
        "pd.read_csv(os.path.join(folder_path, ", "evaluate_utils.read_results("
    )
    reader = reader.replace('"agent_orchestration_output.csv"))', "folder_path)")
    done = [
        subprocess.run(
            [sys.executable, "-"],
            input=code.format(folder=str(tmp_path)),
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=PROCESS_PATIENCE,
            check=False,
        )
        for code in (snippet, reader)
    ]
    assert [one.stdout for one in done] == ["0.0 0\n", "0.5 0\n"]
    assert "AlteredAnswersWarning: 1 of 2 rows of TrueFinalAnswer" in done[0].stderr
    assert done[1].stderr == ""


def test_no_module_of_the_facades_folder_shadows_the_standard_library() -> None:
    names = {path.stem for path in (ROOT / "src" / "utils").iterdir() if path.suffix != ".pyc"}
    assert names & set(sys.stdlib_module_names) == set()
