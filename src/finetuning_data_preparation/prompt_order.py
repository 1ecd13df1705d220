"""The order of the work in a plan: the longest executions first.

The planner streams its plan, and an executor starts when its prompt closes. With P_k the tokens of
the plan up to the end of prompt k, and E_k those of its execution, a phase takes max over k of
(P_k + E_k) sequential tokens, and at least its complete plan. This is one machine (the planner)
whose jobs (the pieces of the plan) have delivery times (the executions). The longest delivery time
first is optimal (Jackson 1955, "Scheduling a production line to minimize maximum tardiness"); if
some jobs must precede others, so is the order found from its end: of all jobs that may be last, the
one with the shortest delivery time (Lawler 1973, "Optimal sequencing of a single machine subject to
precedence constraints"). How long a job takes the planner does not matter to either rule.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from ..utils.records import ParentDict
from ..utils.thoughts.inline import ComponentText
from ..utils.tokens.counting import TokenCounter


def longest_first(deliveries: Sequence[int], before: Sequence[Collection[int]]) -> list[int]:
    """The order of the jobs 0, 1, … in which the last delivery is earliest (Lawler's rule).

    `deliveries` are delivery times; `before` are the jobs that must precede each job, all with
    smaller numbers. Equal jobs keep their order.
    """
    left = set(range(len(deliveries)))
    backwards = list[int]()
    while left:
        needed = {job for other in left for job in before[other]}
        # With the jobs that are left, the last one ends at the same time, whichever it is.
        last = min(left - needed, key=lambda job: (deliveries[job], -job))
        left.remove(last)
        backwards.append(last)
    return backwards[::-1]


def pieces_of(members: Sequence[ComponentText], parents: ParentDict) -> list[list[ComponentText]]:
    """Cut the components of a plan, in the order of the thought, into the pieces that may move.

    A train of thought (components adjacent in the thought) is one piece if it has one prompt, at
    its end. Else it is cut after each prompt: its prompts are independent, because no plan knows
    the result of its own prompts, and each is a job with its own delivery time. Plan-only
    components stay with the prompt that they lead to, though the DAG may not say so. They are a
    piece of their own if they follow the last prompt, or if components elsewhere in the plan depend
    on them: else these would have to wait for that prompt, too.
    """
    pieces = _cut(members, lambda part: bool(part.execution))
    home = _homes(pieces)
    shared = {
        parent
        for part in members
        for parent in parents[part.number]
        if home.get(parent, home[part.number]) != home[part.number]
    }
    return _cut(members, lambda part: bool(part.execution) or part.number in shared)


def _cut(
    members: Sequence[ComponentText], is_end: Callable[[ComponentText], bool]
) -> list[list[ComponentText]]:
    """Runs of components that are adjacent in the thought, cut after each end."""
    pieces = list[list[ComponentText]]()
    for part in members:
        last = pieces[-1][-1] if pieces else None
        if last is None or is_end(last) or part.number != last.number + 1:
            pieces.append([])
        pieces[-1].append(part)
    return pieces


def _homes(pieces: Sequence[Sequence[ComponentText]]) -> dict[int, int]:
    """Component -> the index of its piece."""
    return {part.number: index for index, piece in enumerate(pieces) for part in piece}


def with_longest_first(
    members: Sequence[ComponentText], parents: ParentDict, count: TokenCounter
) -> list[ComponentText]:
    """The components of a plan, given in the order of the thought, with the longest work first.

    A piece follows the pieces with parents of its components: a plan-only component is known only
    after it was written. Pieces without a prompt come last, unless others depend on them.

    Optimal for the pieces as they are, if each costs a separator. Neighbours of the thought that
    stay neighbours need none, so another order may be shorter by a separator (or a line `Based on`)
    for each piece: compare the result with the order of the thought.
    """
    pieces = pieces_of(members, parents)
    home = _homes(pieces)
    before = [
        {home[parent] for part in piece for parent in parents[part.number] if parent in home}
        - {job}
        for job, piece in enumerate(pieces)
    ]
    works = [piece[-1].execution for piece in pieces]
    deliveries = [count(work) if work else 0 for work in works]
    return [part for job in longest_first(deliveries, before) for part in pieces[job]]
