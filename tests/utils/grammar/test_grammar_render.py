from __future__ import annotations

import pytest
from sprint.utils.errors import FormatError
from sprint.utils.grammar import SEPARATOR, render, render_plan
from sprint.utils.records import Phase, PlanSegment, Trajectory

TRAJECTORY = Trajectory(
    question="What is $2+2$ if $1 < 2$?",
    phases=(
        Phase(
            (
                PlanSegment("Add.", "Compute 2+2."),
                PlanSegment(f"{SEPARATOR}\n\nCheck.", "Compute 4-2."),
            ),
            ("2+2=4", ""),
        ),
        Phase((PlanSegment("Based on execution_1.1, execution_1.2:\nDone."),)),
    ),
    final_answer="It is \\boxed{4}.",
)

TEXT = """\
<Question>
What is $2+2$ if $1 < 2$?
</Question>

<think>
<Plan_1>
Add.

<prompt_1.1> Compute 2+2. </prompt_1.1>

-----

Check.

<prompt_1.2> Compute 4-2. </prompt_1.2>
</Plan_1>

<Execution_1>
<execution_1.1>
2+2=4
</execution_1.1>

<execution_1.2>

</execution_1.2>
</Execution_1>

<Plan_2>
Based on execution_1.1, execution_1.2:
Done.
</Plan_2>

<Execution_2>
No prompt to execute.
</Execution_2>

<Final_answer>
It is \\boxed{4}.
</Final_answer>
</think>"""


def test_the_written_form_is_that_of_the_design() -> None:
    assert render(TRAJECTORY) == TEXT


def test_training_data_has_no_think_lines() -> None:
    expected = TEXT.replace("<think>\n", "").replace("\n</think>", "")
    assert render(TRAJECTORY, think=False) == expected


def test_a_segment_without_text_is_its_prompt() -> None:
    plan = (PlanSegment("", "a"), PlanSegment("", "b"))
    expected = "<Plan_3>\n<prompt_3.1> a </prompt_3.1>\n\n<prompt_3.2> b </prompt_3.2>\n</Plan_3>"
    assert render_plan(plan, 3) == expected


@pytest.mark.parametrize(
    ("trajectory", "reason"),
    [
        (Trajectory("a <Plan_1> b", (), None), "question contains '<Plan_1>'"),
        (Trajectory("q", (), "4 </FINAL_ANSWER>"), "final answer contains '</FINAL_ANSWER>'"),
        (Trajectory("q", (), " 4"), "final answer has white space"),
        (Trajectory("q\n", (), None), "question has white space"),
        (Trajectory("q", (Phase((PlanSegment("t", "p"),)),), None), "1 prompts but 0 executions"),
        (Trajectory("q", (Phase((), ("e",)),), None), "0 prompts but 1 executions"),
        (Trajectory("q", (Phase((PlanSegment(""),)),), None), "segment 1 of plan 1 has no prompt"),
        (
            Trajectory("q", (Phase((PlanSegment("a"), PlanSegment("b"))),), None),
            "segment 1 of plan 1 has no prompt",
        ),
        (
            Trajectory("q", (Phase((PlanSegment("", "a</prompt>"),), ("e",)),), None),
            "prompt 1.1 contains",
        ),
        (
            Trajectory("q", (Phase((PlanSegment("", "a"),), ("<think>",)),), None),
            "execution 1.1 contains",
        ),
    ],
)
def test_what_could_not_be_read_back_is_not_written(trajectory: Trajectory, reason: str) -> None:
    with pytest.raises(FormatError, match=reason):
        render(trajectory)
