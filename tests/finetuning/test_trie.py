"""The presentation `trie`: it holds every sample, nothing twice, and teaches the same."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sprint.finetuning.branches import attend_by_branch, branches_of
from sprint.finetuning.presentations import IGNORED, Sample, samples
from sprint.finetuning.sample_rows import RightPadding
from sprint.finetuning.tag_tokens import FEWEST, add_tag_tokens
from sprint.finetuning.trie import TrieSample, build_trie
from sprint.utils.grammar import render
from sprint.utils.records import Trajectory
from support.strategies import trajectories
from support.tiny import tiny_model, tiny_tokenizer

SHARED = [5, 6, 7]


@st.composite
def sample_lists(draw: st.DrawFn) -> list[Sample]:
    """Samples of three kinds of tokens, so that many begin alike."""
    found = []
    for _ in range(draw(st.integers(1, 6))):
        ids = draw(st.lists(st.integers(0, 2), min_size=1, max_size=8))
        found.append(Sample(ids, draw(st.integers(0, len(ids)))))
    return found


def path_to(trie: TrieSample, place: int) -> list[int]:
    """The tokens that the one at `place` sees, itself included."""
    return [trie.ids[key] for key in range(place + 1) if place < trie.ends[key]]


def lessons(found: Sequence[Sample]) -> list[tuple[list[int], int]]:
    """What is learned: after which tokens comes which."""
    return sorted(
        (sample.ids[:place], sample.ids[place])
        for sample in found
        for place in range(max(1, sample.context_length), len(sample.ids))
    )


@given(sample_lists())
def test_a_trie_teaches_what_its_samples_teach(found: list[Sample]) -> None:
    trie = build_trie(found)
    taught = [
        (path_to(trie, place), label)
        for place, label in enumerate(trie.next_labels)
        if label != IGNORED
    ]
    assert sorted(taught) == lessons(found)


@given(sample_lists())
def test_a_token_stands_at_the_position_of_its_sample(found: list[Sample]) -> None:
    trie = build_trie(found)
    for place, position in enumerate(trie.positions):
        assert len(path_to(trie, place)) == position + 1


def test_shared_beginnings_are_there_once() -> None:
    trie = build_trie([Sample([*SHARED, 8, 9], 3), Sample([*SHARED, 8, 10, 11], 5)])
    assert trie.ids == [5, 6, 7, 8, 10, 11, 9]
    assert trie.positions == [0, 1, 2, 3, 4, 5, 4]
    assert trie.ends == [7, 7, 7, 7, 6, 6, 7]
    assert trie.next_labels == [IGNORED, IGNORED, 8, 9, 11, IGNORED, IGNORED]


@given(sample_lists())
def test_the_longest_continuation_comes_first(found: list[Sample]) -> None:
    """So that the first branch of a token is its longest path, which needs no mask."""
    trie = build_trie(found)
    for place, end in enumerate(trie.ends):
        below = trie.positions[place:end]
        longest = max(below) - below[0]
        assert below[: longest + 1] == list(range(below[0], below[0] + longest + 1))


def test_what_is_taught_twice_is_there_twice() -> None:
    sample = Sample([*SHARED, 8], 3)
    assert build_trie([sample, sample]).ids == [5, 6, 7, 8, 5, 6, 7, 8]


@given(sample_lists())
def test_a_token_is_compared_with_its_ancestors_alone(found: list[Sample]) -> None:
    trie = build_trie(found)
    paths = list[list[int]]()
    place = 0
    for branch in branches_of(trie.ends):
        seen = paths[branch.parent][: branch.seen] if branch.seen else []
        paths.append([*seen, *range(place, place + branch.length)])
        place += branch.length
        for token in paths[-1][branch.seen :]:
            path = paths[-1][: paths[-1].index(token) + 1]
            assert path == [key for key in range(token + 1) if token < trie.ends[key]]
    assert place == len(trie.ids)


def test_padding_is_seen_by_no_other_token() -> None:
    tries = [build_trie([Sample([5, 6], 1)]), build_trie([Sample([5, 6, 7, 8], 1)])]
    batch = RightPadding(0)([as_row(trie) for trie in tries])
    assert [(b.length, b.seen) for b in branches_of(batch["ends"][0].tolist())] == [(2, 0), (2, 0)]
    assert batch["position_ids"].tolist() == [[0, 1, 2, 3], [0, 1, 2, 3]]
    assert batch["shift_labels"].tolist()[0] == [6, IGNORED, IGNORED, IGNORED]


def as_row(trie: TrieSample) -> dict[str, list[int]]:
    return {
        "input_ids": trie.ids,
        "position_ids": trie.positions,
        "ends": trie.ends,
        "next_labels": trie.next_labels,
    }


def chain_row(sample: Sample) -> dict[str, list[int]]:
    return {"input_ids": sample.ids, "labels": sample.labels}


@settings(max_examples=15, deadline=None)
@given(trajectories, st.booleans())
def test_loss_and_gradients_are_those_of_per_call(trajectory: Trajectory, tags: bool) -> None:
    """With tags as single tokens, too."""
    tokenizer, model = deepcopy(tiny_tokenizer()), tiny_model()
    if tags:
        add_tag_tokens("tiny", tokenizer, model, [trajectory] * FEWEST)
    row = {"trajectory": render(trajectory)}
    found = samples(row, "per_call", tokenizer)
    if not lessons(found):
        return
    attend_by_branch(model)
    collate = RightPadding(0)
    number = len(lessons(found))
    measured = []
    for rows in ([chain_row(sample) for sample in found], [as_row(build_trie(found))]):
        model.zero_grad()
        loss = model(**collate(rows), num_items_in_batch=number).loss
        loss.backward()
        gradient = torch.cat([value.grad.flatten() for value in model.parameters()])
        measured.append((loss.item(), gradient))
    (loss, gradient), (trie_loss, trie_gradient) = measured
    assert trie_loss == pytest.approx(loss, rel=1e-5)
    assert (gradient - trie_gradient).norm() <= 1e-4 * gradient.norm()
