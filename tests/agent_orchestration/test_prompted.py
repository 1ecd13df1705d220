"""SPRINT-prompted: instruct models that were never trained plan and execute, by chat."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from sprint.agent_orchestration.config import PromptedConfig, SprintConfig
from sprint.agent_orchestration.prompted import few_shot_prompts, message_of
from sprint.analysis.report.run_report import report
from sprint.utils import evaluate_utils
from sprint.utils.config import from_command_line
from sprint.utils.grammar import CallText, asked_of, render
from sprint.utils.prompt_files import load_prompt
from support.commands import Outcome, run_command, write_problems
from support.fake_server import MODEL, Answer, FakeServer, Reply, Request, State
from support.scripts import PROBLEM, TRAJECTORY, calls_of, ending_after_its_first_executor
from support.tiny import tiny_tokenizer

RESULTS = Path("logs_full_trajectory") / "fake_model_SPRINT-prompted" / "problems_default"
CALLS = calls_of(TRAJECTORY, load_prompt("global_agent_prompt"))
PLANS = len(TRAJECTORY.phases)
BOXED = "2*3=6 and 4*5=20, so it is \\boxed{26}."


def instruct_message(call: CallText) -> str:
    """What an instruct model is told at the place of a call."""
    prompts = few_shot_prompts()
    return f"{prompts['few_shot_prompt']}\n\n{message_of(asked_of(call.context), prompts)}"


class InstructModel:
    """Writes the parts of TRAJECTORY as it is asked for them; `style` has its own habits."""

    def __init__(self, style: Callable[[str], str] = str) -> None:
        self.replies = {
            instruct_message(call): style(self.part(call.completion, call)) for call in CALLS
        }

    @staticmethod
    def part(completion: str, call: CallText) -> str:
        """It does not continue: it writes the opening tag, too."""
        opening = f"<execution_{call.phase}.{call.number}>\n" if call.role == "executor" else ""
        return opening + completion

    def __call__(self, request: Request) -> Answer:
        return Reply.of(self.replies[request.context])


def fenced(text: str) -> str:
    return f"Here is the next part:\n\n```xml\n{text}\n```\n\nLet me know what comes next!"


def shouting(text: str) -> str:
    return text.replace("Plan", "PLAN").replace("prompt", "Prompt").replace("Final_", "final ")


def unclosed(text: str) -> str:
    return text[: text.rindex("</")]


def run_prompted(folder: Path, server: FakeServer, *flags: str) -> Outcome:
    write_problems(folder / "problems.jsonl", [PROBLEM])
    tiny_tokenizer().save_pretrained(folder / "tokenizer")
    words = [
        *("--method", "SPRINT-prompted"),
        *("--test_hub_path", "problems.jsonl"),
        *("--planner_model", MODEL),
        *("--planner_server_url", server.url),
        *("--tokenizer", str(folder / "tokenizer")),
        *flags,
    ]
    return run_command("sprint.agent_orchestration", words, folder)


def solved(folder: Path, server: FakeServer, *flags: str) -> Path:
    outcome = run_prompted(folder, server, *flags)
    assert outcome.code == 0, outcome.err
    return folder / RESULTS


def row_of(results: Path) -> dict[str, str]:
    (row,) = evaluate_utils.read_results(results).to_dict("records")
    return row


def test_an_instruct_model_plans_executes_and_answers(
    tmp_path: Path, fake_server: FakeServer
) -> None:
    fake_server.script = InstructModel()
    results = solved(tmp_path, fake_server)
    assert (results / f"planner_trajectory_{PROBLEM.id}.txt").read_text() == render(TRAJECTORY)
    assert (row_of(results)["PredictedFinalAnswer"], row_of(results)["Faults"]) == ("26", "")
    assert len(fake_server.requests) == len(CALLS)
    assert all(request.temperature == 0.1 for request in fake_server.requests)
    # The same command again does only what is missing.
    solved(tmp_path, fake_server)
    assert len(fake_server.requests) == len(CALLS)


def test_the_folder_is_a_method_of_its_own(tmp_path: Path, fake_server: FakeServer) -> None:
    fake_server.script = InstructModel()
    results = solved(tmp_path, fake_server)
    run = json.loads((results / "run.json").read_text())
    assert (run["method"], run["apis"]) == ("SPRINT-prompted", ["chat", "chat"])
    assert sorted(run["prompts"]) == sorted([*few_shot_prompts(), "global_agent_prompt"])
    assert evaluate_utils.get_eval_metrics(evaluate_utils.read_results(results))[0] == 1
    assert evaluate_utils.get_seq_token_counts(results) > 0
    table = evaluate_utils.compare_folders([results])
    assert "SPRINT-prompted" in str(table)
    told = report(results)
    assert told.startswith("SPRINT-prompted: 1 problems")
    assert f"Plans: {PLANS} of {PLANS} (100.0 %) parsed on the first attempt." in told


@pytest.mark.parametrize("style", [fenced, shouting, unclosed])
@pytest.mark.parametrize("names_stops", [True, False])
def test_habits_of_instruct_models_are_no_faults(
    tmp_path: Path, fake_server: FakeServer, style: Callable[[str], str], names_stops: bool
) -> None:
    fake_server.script, fake_server.names_stops = InstructModel(style), names_stops
    results = solved(tmp_path, fake_server)
    assert (results / f"planner_trajectory_{PROBLEM.id}.txt").read_text() == render(TRAJECTORY)
    assert row_of(results)["Faults"] == ""
    assert len(fake_server.requests) == len(CALLS)
    assert f"Plans: {PLANS} of {PLANS} (" in report(results)


@pytest.mark.parametrize("answer", [BOXED, f"<Final_answer>\n{BOXED}\n</Final_answer>"])
def test_a_model_that_never_plans_answers_at_once(
    tmp_path: Path, fake_server: FakeServer, answer: str
) -> None:
    fake_server.script = lambda _: Reply.of(answer)
    results = solved(tmp_path, fake_server)
    assert (row_of(results)["PredictedFinalAnswer"], row_of(results)["Faults"]) == ("26", "")
    assert len(fake_server.requests) == 1
    assert "Plans: none; every problem was answered at once." in report(results)


@pytest.mark.parametrize(
    "garbage",
    [
        "I am not able to do that.",
        "<prompt_1.1></prompt_1.1></Plan_1><execution_1.1>",
        "<Plan_1>",
        "<think>Hm, a <Plan_1>",
        "```",
        "```\n</Final_answer>\n<Final_answer>",
    ],
)
def test_garbage_costs_bounded_attempts(
    tmp_path: Path, fake_server: FakeServer, garbage: str
) -> None:
    fake_server.script = lambda _: Reply.of(garbage)
    results = solved(tmp_path, fake_server, "--max_attempts", "2")
    assert row_of(results)["PredictedFinalAnswer"] in ("", garbage)
    assert "plan 1" in row_of(results)["Faults"]
    assert len(fake_server.requests) in (3, 4)  # two plans, then the final answer
    assert "write the final answer now" in fake_server.requests[-1].context.rpartition("-----")[2]
    assert "Plans: 0 of " in report(results)


def test_executors_start_while_the_plan_is_written(tmp_path: Path, fake_server: FakeServer) -> None:
    gate = fake_server.gate()
    fake_server.script = ending_after_its_first_executor(InstructModel(fenced), gate)
    assert row_of(solved(tmp_path, fake_server))["PredictedFinalAnswer"] == "26"


def test_the_message_counts_as_prompt_in_a_short_context(
    tmp_path: Path, fake_server: FakeServer
) -> None:
    """The rules and examples are part of what has to fit."""
    fake_server.script, fake_server.context = InstructModel(), 8000
    fake_server.card = {"max_model_len": 8000}
    results = solved(tmp_path, fake_server)
    assert row_of(results)["Faults"] == ""
    assert {request.state for request in fake_server.requests} == {State.ANSWERED}


@pytest.mark.parametrize(
    ("flag", "value", "fault"),
    [
        ("planner_api", "completions", "SPRINT-prompted needs the API chat"),
        ("executor_context", "published", "SPRINT-prompted needs the executor context prefix"),
    ],
)
def test_what_the_method_needs(
    flag: str, value: str, fault: str, tmp_path: Path, fake_server: FakeServer
) -> None:
    outcome = run_prompted(tmp_path, fake_server, f"--{flag}", value)
    assert outcome.code == 2
    assert fault in outcome.err
    assert fake_server.requests == []


def test_flags_and_python_name_the_method() -> None:
    words = ["--planner_model", "m", "--planner_server_url", "http://u"]
    config = from_command_line(SprintConfig, [*words, "--method", "SPRINT-prompted"])
    assert isinstance(config, PromptedConfig)
    assert from_command_line(SprintConfig, words).method == "SPRINT"
    with pytest.raises(ValueError, match="has the configuration PromptedConfig"):
        SprintConfig(planner_model="m", planner_server_url="http://u", method="SPRINT-prompted")
