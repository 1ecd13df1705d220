"""The verdict on a round of self-training. Pure: without files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple


class Outcome(NamedTuple):
    """A problem after one model: whether its answer is right, and its priced path in seconds."""

    right: bool
    seconds: float


@dataclass(frozen=True)
class Paired:
    """A problem that both models tried."""

    problem: str
    level: str
    before: Outcome
    after: Outcome


class Means(NamedTuple):
    """Accuracies as fractions, priced paths in seconds."""

    problems: int
    right_before: float
    right_after: float
    seconds_before: float
    seconds_after: float

    @property
    def change(self) -> float:
        """Of the priced path, as a fraction; 0 if there was none."""
        return self.seconds_after / self.seconds_before - 1 if self.seconds_before else 0.0


ALL = "all"


@dataclass(frozen=True)
class RoundVerdict:
    """Whether a round is accepted, and why not ("" if it is). `groups`: by level, first all.

    `lost` are the problems that only the model before solved, `won` those that only the one after
    did.
    """

    groups: Mapping[str, Means]
    lost: tuple[str, ...]
    won: tuple[str, ...]
    reason: str

    @property
    def accepted(self) -> bool:
        return not self.reason

    def as_json(self) -> dict[str, Any]:
        groups = {name: means._asdict() for name, means in self.groups.items()}
        return {
            "accepted": self.accepted,
            "reason": self.reason,
            "groups": groups,
            "lost": [*self.lost],
            "won": [*self.won],
        }

    def as_text(self) -> str:
        """A Markdown table and sentences."""
        lines = [
            "| level | problems | accuracy | before | priced path (s) | before | change |",
            "|---|---:|---:|---:|---:|---:|---:|",
        ]
        for name, means in self.groups.items():
            lines.append(
                f"| {name} | {means.problems} | {means.right_after:.1%} | {means.right_before:.1%} "
                f"| {means.seconds_after:.3f} | {means.seconds_before:.3f} | {means.change:+.1%} |"
            )
        lines += ["", f"Solved before and not now: {', '.join(self.lost) or 'none'}."]
        lines += [f"Solved now and not before: {', '.join(self.won) or 'none'}."]
        lines += ["Accepted." if self.accepted else f"Not accepted: {self.reason}."]
        return "\n".join(lines)


def verdict_on(pairs: Sequence[Paired], max_loss: float) -> RoundVerdict:
    """The verdict; `pairs` is not empty, `max_loss` is a fraction of the problems."""
    levels = sorted({pair.level for pair in pairs if pair.level})
    groups = {ALL: _means(pairs)}
    groups |= {level: _means([it for it in pairs if it.level == level]) for level in levels}
    whole = groups[ALL]
    lost = tuple(it.problem for it in pairs if it.before.right and not it.after.right)
    won = tuple(it.problem for it in pairs if it.after.right and not it.before.right)
    reason = ""
    if len(lost) - len(won) > max_loss * len(pairs):
        reason = f"accuracy fell from {whole.right_before:.1%} to {whole.right_after:.1%}"
    elif whole.seconds_after >= whole.seconds_before:
        reason = (
            f"the priced path is not shorter: {whole.seconds_before:.3f} s before, "
            f"{whole.seconds_after:.3f} s now"
        )
    return RoundVerdict(groups, lost, won, reason)


def _means(pairs: Sequence[Paired]) -> Means:
    count = len(pairs)
    return Means(
        count,
        sum(it.before.right for it in pairs) / count,
        sum(it.after.right for it in pairs) / count,
        sum(it.before.seconds for it in pairs) / count,
        sum(it.after.seconds for it in pairs) / count,
    )
