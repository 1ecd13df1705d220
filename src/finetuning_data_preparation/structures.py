"""The structures of a trajectory: the same thought with more or less of it handed out.

`curated` is what the annotators found. `inlined` writes executions that run beside nothing into
their plans, and what then follows the last round into the final answer: nothing is handed out
there, so that a plan would only cost another call. `serial` hands out nothing: the final answer
holds the whole thought. All end on the same answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final, Literal, TypeVar

from ..utils.grammar import whole_answer
from ..utils.records import Phase, Trajectory

Structure = Literal["curated", "inlined", "serial"]
StructureChoice = Literal["curated", "fastest", "mixed"]
"""What to keep of each row: the curated structure, the fastest one, or all."""
CURATED: Final = "curated"
"""The structure of every row unless another one is asked for."""
ItemT = TypeVar("ItemT")


def with_end_in_answer(trajectory: Trajectory) -> Trajectory:
    """A last plan without prompts becomes the beginning of the final answer."""
    if not trajectory.phases or trajectory.phases[-1].prompts:
        return trajectory
    *phases, last = trajectory.phases
    answer = whole_answer(_text(last), trajectory.final_answer or "")
    return replace(trajectory, phases=tuple(phases), final_answer=answer)


def serial_trajectory(question: str, thought: str, solution: str, opening: str = "") -> Trajectory:
    """No plan; `opening` is a line that serial answers alone begin with."""
    answer = whole_answer(thought, solution)
    return Trajectory(question.strip(), (), f"{opening}\n\n{answer}" if opening else answer)


def other_structures(
    curated: Trajectory, inlined: Trajectory, serial: Trajectory
) -> dict[Structure, Trajectory]:
    """Those that differ from `curated`: inlining may change nothing, or leave nothing to hand out.

    `inlined` is packed with its lone executions in the plans, up to its end.
    """
    inlined = with_end_in_answer(inlined)
    if inlined.phases and inlined != curated:
        return {"inlined": inlined, "serial": serial}
    return {"serial": serial}


def chosen(
    choice: StructureChoice, rows: Mapping[Structure, ItemT], priced: Mapping[Structure, float]
) -> list[ItemT]:
    """The rows to keep, the fastest first; of equally fast ones the one nearer to the curated.

    `priced` are the seconds of each; `curated` needs none.
    """
    if choice == "curated":
        return [rows["curated"]] if "curated" in rows else []
    fastest_first = [rows[name] for name in sorted(rows, key=priced.__getitem__)]
    return fastest_first[:1] if choice == "fastest" else fastest_first


def _text(plan: Phase) -> str:
    """The text of a plan without prompts."""
    return "\n\n".join(segment.text for segment in plan.plan)
