from __future__ import annotations

import re
from pathlib import Path

import pytest
from sprint.utils.grammar import parse, render
from sprint.utils.records import Phase, PlanSegment, Trajectory


def plan(*prompts: str) -> str:
    return "<Plan_1>\n" + "\n".join(f"<prompt>{p}</prompt>" for p in prompts) + "\n</Plan_1>\n"


@pytest.mark.parametrize("text", ["", "<", "no tag at all, x < 3", "</Plan_1>", "</think>"])
def test_a_text_without_blocks_is_an_empty_trajectory(text: str) -> None:
    assert parse(text) == Trajectory("", (), None)


def test_a_number_too_long_to_be_one_is_no_tag() -> None:
    assert parse(f"<Plan_1>a <prompt_{'1' * 5000}> b</Plan_1>").phases[0].prompts == ()


def test_unclosed_tags_end_where_the_next_block_begins() -> None:
    text = (
        "<Question>\nq\n<think>\n<Plan_1>\na <prompt_1.1> b <prompt_1.2> c\n"
        "<Execution_1>\n<execution_1.1>\nd\n<execution_1.2>\ne\n"
        "<Plan_2>\nf\n<Final_answer>\n4\n</think>\nand more"
    )
    first = Phase((PlanSegment("a", "b"), PlanSegment("", "c")), ("d", "e"))
    assert parse(text) == Trajectory("q", (first, Phase((PlanSegment("f"),))), "4")


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        (["1.2", "1.1"], ("b", "a")),
        (["2", "1"], ("b", "a")),
        (["1.1", "1.1"], ("a", "b")),
        (["1.2", "1.3"], ("a", "b")),
        (["7.1", "9.2"], ("a", "b")),
    ],
)
def test_executions_go_by_number_where_it_makes_sense(
    numbers: list[str], expected: tuple[str, ...]
) -> None:
    blocks = "".join(
        f"<execution_{n}>{text}</execution_{n}>" for n, text in zip(numbers, "ab", strict=True)
    )
    text = plan("p", "q") + f"<Execution_1>{blocks}</Execution_1>"
    assert parse(text).phases[0].executions == expected


def test_executions_go_by_the_numbers_that_the_prompts_carry() -> None:
    text = (
        "<Plan_1><prompt_1.2>p</prompt_1.2><prompt_1.3>q</prompt_1.3></Plan_1>"
        "<Execution_1><execution_1.3>b</execution_1.3><execution_1.2>a</execution_1.2>"
    )
    assert parse(text).phases[0].executions == ("a", "b")


def test_a_missing_execution_is_empty() -> None:
    text = plan("p", "q", "r") + "<Execution_1><execution_1.2>b</execution_1.2></Execution_1>"
    assert parse(text).phases[0].executions == ("", "b", "")


def test_an_execution_too_many_gets_an_empty_prompt() -> None:
    block = "<Execution_1><execution_1.1>a</execution_1.1><execution_1.2>b</execution_1.2>"
    phase = parse(plan("p") + block).phases[0]
    assert phase == Phase((PlanSegment("", "p"), PlanSegment("", "")), ("a", "b"))


def test_text_in_an_execution_block_without_executions_is_one() -> None:
    text = plan("p") + "<Execution_1>\nIt is 4.\n</Execution_1>"
    assert parse(text).phases[0].executions == ("It is 4.",)


@pytest.mark.parametrize("sentence", ["No prompt to execute.", "no prompt to execute", "No pro"])
def test_no_prompt_to_execute_is_no_execution(sentence: str) -> None:
    assert parse(f"<Plan_1>a</Plan_1><Execution_1>\n{sentence}").phases[0].executions == ()


def test_a_reference_to_an_execution_does_not_end_the_plan() -> None:
    text = "<Plan_2>Based on <execution_1.1>: go\n<prompt_2.1> p </prompt_2.1></Plan_2>"
    assert parse(text).phases[0].plan == (PlanSegment("Based on \n: go", "p"),)


def test_dropped_tags_leave_no_new_tag_behind() -> None:
    phase = parse("<Plan_1>a <pl</prompt_1.1>an> b</Plan_1>").phases[0]
    assert phase.plan == (PlanSegment("a <pl\nan> b"),)


def test_of_several_final_answers_the_last_with_text_counts() -> None:
    answers = "<Final_answer>3</Final_answer><Final answer>4</Final_answer><final_answer>"
    assert parse(answers).final_answer == "4"


def test_published_trajectories_hold_what_their_tags_say(published_logs: Path) -> None:
    files = sorted(published_logs.rglob("planner_trajectory_*.txt"))
    assert len(files) == 40
    files += sorted(published_logs.rglob("trajectory_data_*.txt"))
    assert len(files) == 42
    for file in files:
        text = file.read_text(encoding="utf-8")
        trajectory = parse(text)
        assert len(trajectory.phases) == len(re.findall(r"<Plan_\d+>", text)), file.name
        for number, phase in enumerate(trajectory.phases, 1):
            prompts = re.findall(rf"<prompt_{number}\.\d+>", text)
            executions = re.findall(
                rf"<execution_{number}\.\d+>\n(.*?)\n</execution_{number}\.\d+>", text, re.S
            )
            assert len(phase.prompts) == len(prompts), file.name
            assert list(phase.executions) == [e.strip() for e in executions], file.name
        answer = re.search(r"<Final_answer>\n(.*?)\n</Final_answer>", text, re.S)
        assert answer is not None
        assert trajectory.final_answer == answer[1].strip()
        assert trajectory.question in text
        assert parse(render(trajectory)) == trajectory


def test_a_published_trajectory_cut_anywhere_is_read(published_logs: Path) -> None:
    file = min(published_logs.rglob("planner_trajectory_*.txt"), key=lambda f: f.stat().st_size)
    text = file.read_text(encoding="utf-8")
    phases = [len(parse(text[:end]).phases) for end in range(len(text) + 1)]
    assert phases == sorted(phases)
    assert phases[-1] == len(re.findall(r"<Plan_\d+>", text))
