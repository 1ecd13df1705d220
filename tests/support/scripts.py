"""Scripts for the fake server that are made from a trajectory, and a trajectory to begin with."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from sprint.utils.grammar import CallText, trajectory_calls
from sprint.utils.records import Phase, PlanSegment, Problem, Trajectory

from .fake_server import Answer, Gate, Reply, Request, Script

INSTRUCTION = "Solve in rounds."
QUESTION = "Is 2*3+4*5 even, and if x < 7 and y > 2, what is 2*3+4*5?"

PROBLEM = Problem(
    id="test_sums_7", index=7, question=QUESTION, answer="26", solution="\\boxed{26}", level="2"
)

TRAJECTORY = Trajectory(
    question=QUESTION,
    phases=(
        Phase(
            (
                PlanSegment("Two products are needed.", "Work out 2*3."),
                PlanSegment("-----\n\nThe other one stands alone.", "Work out 4*5."),
                PlanSegment("Both can be done at the same time, whatever x < 7 means."),
            ),
            ("2*3=6.", "4*5=20, since 4*5 is twice 2*5=10."),
        ),
        Phase((PlanSegment("Based on execution_1.1, execution_1.2:\nNothing new is needed."),)),
        Phase((PlanSegment("The sum is left.", "Work out 6+20."),), ("6+20=26.",)),
    ),
    final_answer="The sum is \\boxed{26}.",
)
"""Two prompts, a plan without one, one prompt, and the answer."""


OTHER_PROBLEM = replace(PROBLEM, id="test_sums_8", index=8, question=f"{QUESTION} Say it again.")
OTHER_TRAJECTORY = replace(TRAJECTORY, question=OTHER_PROBLEM.question)


class Scripted:
    """Answers each context with the replies set for it, one after another, the last one forever."""

    def __init__(self, calls: Iterable[CallText]) -> None:
        self.replies: dict[str, list[Answer]] = {}
        for call in calls:
            self.set(call.context, Reply.of(call.completion))

    def set(self, context: str, *replies: Answer) -> None:
        self.replies[context] = list(replies)

    def __call__(self, request: Request) -> Answer:
        if request.context not in self.replies:
            raise LookupError(f"nobody wrote this context: …{request.context[-300:]}")
        replies = self.replies[request.context]
        return replies.pop(0) if len(replies) > 1 else replies[0]


def calls_of(
    trajectory: Trajectory = TRAJECTORY, instruction: str = INSTRUCTION
) -> tuple[CallText, ...]:
    return trajectory_calls(instruction, trajectory)


def planner_call(phase: int) -> CallText:
    """The planner's call at `phase` of TRAJECTORY."""
    return next(call for call in calls_of() if (call.role, call.phase) == ("planner", phase))


def executor_call(phase: int, number: int) -> CallText:
    """The call of execution `phase`.`number` of TRAJECTORY."""
    wanted = ("executor", phase, number)
    return next(call for call in calls_of() if (call.role, call.phase, call.number) == wanted)


def ending_after_its_first_executor(script: Script, gate: Gate) -> Script:
    """`script`, whose first plan ends when its first executor has begun."""

    def answer(request: Request) -> Answer:
        reply = script(request)
        assert isinstance(reply, Reply)
        if "</prompt_1.1>" in reply.text:
            start, tag, rest = reply.text.partition("</prompt_1.1>")
            return Reply.of(start + tag, gate, rest)
        gate.open()
        return reply

    return answer
