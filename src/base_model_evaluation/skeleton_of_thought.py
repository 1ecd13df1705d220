"""Skeleton-of-Thought (arXiv 2307.15337): a list of points, all worked out at the same time.

Three kinds of calls: the skeleton, one call a point when the whole skeleton is there, and the
conclusion, which sees all points and gives the final answer. With a reasoning model each of them
thinks first; later calls are shown what it says after its thought.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from ..utils.concurrency.tasks import all_at_once
from ..utils.grammar import after_thought, plain_content, render, request_context, within_thought
from ..utils.records import Phase, PlanSegment, Problem, Result, Trajectory
from .asking import SERIAL_PROMPT, Asker, BaselineSolver, Reply, Unanswered
from .config import SkeletonSettings
from .skeleton import Skeleton, conclusion_material, point_material

SKELETON_PROMPT = "skeleton_prompt"
POINT_PROMPT = "skeleton_point_prompt"
CONCLUSION_PROMPT = "skeleton_conclusion_prompt"

NO_RESULT = "This point has no result."
"""What the conclusion is shown for a point that nothing was said about."""


class SkeletonSolver(BaselineSolver[SkeletonSettings]):
    """Solves problems by skeleton, points and conclusion.

    A trajectory is one phase, whose plan is the skeleton with an empty prompt for each point at its
    end, and the conclusion as final answer. So its sequential tokens are those of the skeleton, the
    longest point and the conclusion.
    """

    async def solve(self, problem: Problem) -> Result:
        """Never fails for what a model writes; raises ServerError where no server answers.

        Without a sound skeleton after `max_attempts` requests the question is asked as in serial
        reasoning, and the problem marked. The result is not final where skeleton, a point or
        the conclusion is missing since its calls failed in ways that may pass.
        """
        with self.servers.for_problem(problem.id) as server:
            asker = Asker(server, self.settings, problem)
            skeleton = await self._skeleton(asker)
            if isinstance(skeleton, Unanswered) and skeleton.may_pass:
                return asker.result("", "", final=False)
            if isinstance(skeleton, Unanswered):
                asker.mark("", "no skeleton: the question is asked as in serial reasoning")
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
            role="planner",
            phase=1,
            what="skeleton",
        )

    async def _points(self, asker: Asker, points: Sequence[str]) -> list[Reply | Unanswered]:
        """The replies for all points; those that no request led to are marked."""
        ready = asker.ledger.elapsed()

        async def work_out(number: int) -> Reply | Unanswered:
            what = f"point {number}"
            reply = await asker.ask(
                self._context(POINT_PROMPT, asker.problem, point_material(points, number)),
                Reply.of,
                role="executor",
                phase=1,
                prompt=number,
                what=what,
                ready=ready,
                needed=False,  # the other points may do
            )
            if isinstance(reply, Reply):
                asker.mark_if_cut(what, reply)
            if isinstance(reply, Unanswered) or self._result(reply) == NO_RESULT:
                asker.mark(what, "no result")
            return reply

        return await all_at_once(work_out(number) for number in range(1, len(points) + 1))

    async def _conclusion(
        self, asker: Asker, points: Sequence[str], replies: Sequence[Reply]
    ) -> Reply | Unanswered:
        material = conclusion_material(points, [self._result(reply) for reply in replies])
        name = CONCLUSION_PROMPT if points else SERIAL_PROMPT
        reply = await asker.ask(
            self._context(name, asker.problem, material),
            Reply.of,
            role="planner",
            phase=2,
            what="conclusion",
            needed=not points,
        )
        if isinstance(reply, Reply):
            asker.mark_if_cut("conclusion", reply)
        return reply

    def _result(self, reply: Reply) -> str:
        """What the conclusion is shown of a point: nothing of a thought that was cut off."""
        if reply.cut_off and within_thought(reply.text, opened=self.think):
            return NO_RESULT
        return after_thought(reply.text) or NO_RESULT

    def _context(self, name: str, problem: Problem, material: str = "") -> str:
        return request_context(self.prompts[name], problem.question, material, think=self.think)


def _phase(skeleton: str, texts: Sequence[str]) -> Phase:
    plan = [PlanSegment(plain_content(skeleton), "")]
    plan += [PlanSegment("", "") for _ in texts[1:]]
    return Phase(tuple(plan), tuple(plain_content(text) for text in texts))
