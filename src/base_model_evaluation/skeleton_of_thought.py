"""Skeleton-of-Thought (arXiv 2307.15337): a list of points that are worked out in parallel.

There are three kinds of calls: the skeleton; one call per point, once the skeleton is complete; and
the conclusion, which sees all points and gives the final answer. A reasoning model thinks first in
each call; later calls see only what it writes after its thought.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

from ..utils.api.completion import Completion
from ..utils.concurrency.tasks import all_at_once
from ..utils.errors import FormatError
from ..utils.grammar import after_thought, plain_content, render, request_context, within_thought
from ..utils.records import CallPlace, Phase, PlanSegment, Problem, Result, Trajectory
from .asking import SERIAL_PROMPT, Asker, BaselineSolver, Reply, Unanswered
from .config import SkeletonSettings

# `1. …`, `2) …`, `**3.** …`, `**4. …**`; numbers of bounded length, so that the match is linear.
_POINT = re.compile(r"^( {0,8})(\*{0,2})(\d{1,3})\\?[.):](\*{0,2})[ \t]*(\S.*)$", re.MULTILINE)


class Skeleton(NamedTuple):
    """`text` is the complete reply, including the thought of a reasoning model."""

    text: str
    points: tuple[str, ...]

    @classmethod
    def of(cls, completion: Completion, max_points: int) -> Skeleton:
        """Raises FormatError for a reply that was cut off or has no valid list."""
        if completion.cut_off:
            raise FormatError("The skeleton was cut off at its token limit.")
        return cls(completion.text, read_points(after_thought(completion.text), max_points))


def read_points(reply: str, max_points: int) -> tuple[str, ...]:
    """The points of a numbered list, in order; lines below a point belong to it, and so do lists
    that are indented further than the first point.

    Raises FormatError unless they are numbered 1, 2, 3, … with at most `max_points`.
    """
    found = [match for match in _POINT.finditer(reply) if not _is_number(match)]
    found = [match for match in found if len(match[1]) <= len(found[0][1]) + 1]
    if not found:
        raise FormatError("The skeleton has no numbered points: expected lines such as `1. …`.")
    numbers = [int(match[3]) for match in found]
    if numbers != list(range(1, len(found) + 1)):
        raise FormatError(
            f"The points of a skeleton should be numbered 1 to {len(found)}, but they are "
            f"{', '.join(map(str, numbers[:20]))}."
        )
    if len(found) > max_points:
        raise FormatError(f"The skeleton has {len(found)} points, more than {max_points}.")
    ends = [match.start() for match in found[1:]] + [len(reply)]
    return tuple(_text(match, reply[:end]) for match, end in zip(found, ends, strict=True))


def _is_number(match: re.Match[str]) -> bool:
    """Text such as `1.5 is more` and `10:30` is not a point."""
    return match[4] == "" and match.string[match.start(5) - 1] in ".:" and match[5][0].isdigit()


def _text(match: re.Match[str], reply: str) -> str:
    text = reply[match.start(5) :].strip()
    bold = bool(match[2]) and not match[4]  # opened before the number and closed after the text
    return text.replace("**", "", 1).strip() if bold else text


def point_material(points: Sequence[str], number: int) -> str:
    """The prompt for point `number`: all points, then its own."""
    listed = "\n".join(f"{order}. {point}" for order, point in enumerate(points, 1))
    return f"Skeleton:\n{listed}\n\nPoint to work out: {number}. {points[number - 1]}"


def conclusion_material(points: Sequence[str], worked_out: Sequence[str]) -> str:
    """The prompt for the conclusion; empty without points."""
    parts = [
        f"{order}. {point}\n{text}"
        for order, (point, text) in enumerate(zip(points, worked_out, strict=True), 1)
    ]
    return "\n\n".join(["Points:", *parts]) if parts else ""


SKELETON_PROMPT = "skeleton_prompt"
POINT_PROMPT = "skeleton_point_prompt"
CONCLUSION_PROMPT = "skeleton_conclusion_prompt"

NO_RESULT = "This point has no result."
"""What the conclusion sees for a point without a result."""


class SkeletonSolver(BaselineSolver[SkeletonSettings]):
    """Solves problems by skeleton, points and conclusion.

    A trajectory has one phase, whose plan is the skeleton followed by an empty prompt for each
    point, and the conclusion as final answer. So its sequential tokens are those of the skeleton,
    the longest point and the conclusion.
    """

    async def solve(self, problem: Problem) -> Result:
        """Never fails because of model output; raises ServerError if no server answers.

        Without a valid skeleton after `max_attempts` requests, the method falls back to serial
        reasoning, and the problem is marked. The result is not final if the skeleton, a point or
        the conclusion is missing because of transient errors.
        """
        with self.servers.for_problem(problem.id) as server:
            asker = Asker(server, self.settings, problem)
            skeleton = await self._skeleton(asker)
            if isinstance(skeleton, Unanswered) and skeleton.may_pass:
                return asker.result("", "", final=False)
            if isinstance(skeleton, Unanswered):
                asker.mark("", "no skeleton: falls back to serial reasoning")
                skeleton = Skeleton("", ())
            worked_out = await self._points(asker, skeleton.points)
            replies = [Reply("", "") if isinstance(one, Unanswered) else one for one in worked_out]
            conclusion = await self._conclusion(asker, skeleton.points, replies)
        texts = [reply.text for reply in replies]
        phases = (_phase(skeleton.text, texts),) if texts else ()
        reply = Reply("", "") if isinstance(conclusion, Unanswered) else conclusion
        trajectory = Trajectory(problem.question, phases, plain_content(reply.text) or None)
        return asker.result(
            render(trajectory),
            reply.answer,
            final=not any(
                isinstance(one, Unanswered) and one.may_pass for one in (*worked_out, conclusion)
            ),
        )

    async def _skeleton(self, asker: Asker) -> Skeleton | Unanswered:
        return await asker.ask(
            self._context(SKELETON_PROMPT, asker.problem),
            partial(Skeleton.of, max_points=self.settings.max_points),
            place=CallPlace("planner", 1),
            what="skeleton",
        )

    async def _points(self, asker: Asker, points: Sequence[str]) -> list[Reply | Unanswered]:
        """The replies for all points; points without a reply are marked."""
        ready = asker.ledger.elapsed()

        async def work_out(number: int) -> Reply | Unanswered:
            what = f"point {number}"
            reply = await asker.ask(
                self._context(POINT_PROMPT, asker.problem, point_material(points, number)),
                Reply.of,
                place=CallPlace("executor", 1, number),
                what=what,
                ready=ready,
                needed=False,  # the other points may be enough
            )
            if isinstance(reply, Reply):
                asker.mark_if_cut(what, reply)
            if isinstance(reply, Unanswered) or self._result(reply) is None:
                asker.mark(what, "no result")
            return reply

        return await all_at_once(work_out(number) for number in range(1, len(points) + 1))

    async def _conclusion(
        self, asker: Asker, points: Sequence[str], replies: Sequence[Reply]
    ) -> Reply | Unanswered:
        material = conclusion_material(
            points, [self._result(reply) or NO_RESULT for reply in replies]
        )
        name = CONCLUSION_PROMPT if points else SERIAL_PROMPT
        reply = await asker.ask(
            self._context(name, asker.problem, material),
            Reply.of,
            place=CallPlace("planner", 2),
            what="conclusion",
            needed=not points,
        )
        if isinstance(reply, Reply):
            asker.mark_if_cut("conclusion", reply)
        return reply

    def _result(self, reply: Reply) -> str | None:
        """What the conclusion sees of a point; None of a thought that was cut off."""
        if reply.cut_off and within_thought(reply.text, opened=self.think):
            return None
        return after_thought(reply.text) or None

    def _context(self, name: str, problem: Problem, material: str = "") -> str:
        return request_context(self.prompts[name], problem.question, material, think=self.think)


def _phase(skeleton: str, texts: Sequence[str]) -> Phase:
    plan = [PlanSegment(plain_content(skeleton), "")]
    plan += [PlanSegment("", "") for _ in texts[1:]]
    return Phase(tuple(plan), tuple(plain_content(text) for text in texts))
