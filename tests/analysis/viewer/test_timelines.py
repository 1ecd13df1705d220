from __future__ import annotations

from copy import deepcopy
from itertools import pairwise
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from sprint.analysis.viewer.model import Bar, Timeline
from sprint.analysis.viewer.timelines import choose_unit, timeline_by_seconds, timeline_by_tokens
from sprint.utils.files.atomic import write_json
from sprint.utils.records import Phase, PlanSegment, Trajectory
from sprint.utils.tokens.counting import count_tokens
from support.result_folders import CALLS, call
from support.strategies import trajectories
from support.tiny import tiny_tokenizer


def path_of(timeline: Timeline) -> list[tuple[float, float]]:
    return sorted(bar.path for bar in timeline.bars if bar.path and bar.path[0] < bar.path[1])


def joined(pieces: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """The pieces, those that touch made one."""
    done: list[tuple[float, float]] = []
    for start, end in pieces:
        if done and done[-1][1] == start:
            done[-1] = (done[-1][0], end)
        else:
            done.append((start, end))
    return done


@given(trajectories)
def test_the_axis_counts_sequential_tokens(trajectory: Trajectory) -> None:
    timeline = timeline_by_tokens(count_tokens(trajectory, len), "tokens")
    assert timeline.end == count_tokens(trajectory, len).sequential
    assert joined(path_of(timeline)) == ([(0, timeline.end)] if timeline.end else [])
    assert all(
        bar.path is None or bar.start <= bar.path[0] <= bar.path[1] <= bar.end
        for bar in timeline.bars
    )


@given(trajectories)
def test_all_tokens_are_in_bars(trajectory: Trajectory) -> None:
    timeline = timeline_by_tokens(count_tokens(trajectory, len), "tokens")
    assert sum(bar.end - bar.start for bar in timeline.bars) == count_tokens(trajectory, len).total


def test_executors_start_where_their_prompts_end() -> None:
    plan = (PlanSegment("ab", "c"), PlanSegment("", "d"), PlanSegment("efg"))
    trajectory = Trajectory("Q", (Phase(plan, ("12345", "1")),), "xy")
    assert timeline_by_tokens(count_tokens(trajectory, len), "tokens").bars == (
        Bar(0, 0, 7, 1, 0, path=(0, 3)),
        Bar(1, 3, 8, 1, 1, path=(3, 8)),
        Bar(2, 4, 5, 1, 2),
        Bar(0, 8, 10, 2, 0, path=(8, 10)),
    )


def test_calls_are_bars_and_the_path_is_theirs() -> None:
    timeline = timeline_by_seconds(CALLS)
    assert (len(timeline.bars), timeline.end) == (len(CALLS), 15)
    assert path_of(timeline) == [(0, 2), (2, 4), (4, 9), (9, 10), (10, 11), (11, 14), (14, 15)]
    thrown, plan, first, *_ = timeline.bars
    assert (thrown.kept, "malformed" in thrown.note) == (False, True)
    assert (plan.path, plan.lane, plan.first) == ((2, 4), 0, 2.5)
    assert (first.lane, first.phase, first.prompt) == (1, 1, 1)


@given(
    st.lists(
        st.tuples(st.integers(1, 3), st.integers(0, 3), st.floats(0, 50), st.floats(0, 50)),
        max_size=12,
    )
)
def test_any_calls_have_a_path_without_overlap(
    places: list[tuple[int, int, float, float]],
) -> None:
    calls = [call(phase, prompt, start, start + more) for phase, prompt, start, more in places]
    timeline = timeline_by_seconds(calls)
    pieces = path_of(timeline)
    assert all(one[1] <= other[0] for one, other in pairwise(pieces))
    assert all(bar.end <= timeline.end for bar in timeline.bars)


def test_a_tokenizer_with_tokens_of_tags_counts_like_one_without(tmp_path: Path) -> None:
    units = []
    for name, token in (("tags", "<Plan_1>\n"), ("other", "<Note_1>\n")):
        folders = [tmp_path / f"{name}_{number}" for number in (0, 1)]
        for number, folder in enumerate(folders):
            tokenizer = deepcopy(tiny_tokenizer())
            tokenizer.add_tokens([token] * number)
            tokenizer.save_pretrained(folder / "model")
            write_json(folder / "run.json", {"tokenizer": str(folder / "model")})
        units.append(choose_unit(folders, None).name)
    assert units == ["tokens", "characters"]
