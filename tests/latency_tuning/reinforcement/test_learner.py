"""The update: its gradient, what it learns, and its state on disk."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from math import exp
from pathlib import Path

import pytest
import torch
from sprint.finetuning.trained_loss import LOSS
from sprint.latency_tuning.reinforcement.learner import Learner, WeightedCall, estimate
from sprint.latency_tuning.reinforcement.rewards import RewardRule, RolloutOutcome, advantages
from sprint.latency_tuning.reinforcement.rollouts import Rollout
from sprint.latency_tuning.reinforcement.step_figures import StepFigures, UpdateFigures
from sprint.latency_tuning.reinforcement.stop_rules import StopRules
from sprint.utils.errors import InputError
from sprint.utils.records import CallTokens
from support.tiny import save_tiny_model, tiny_model
from torch.nn.functional import log_softmax
from transformers import AutoModelForCausalLM

QUESTION = (7, 8, 9)
SERIAL, PLANNED = 20, 30
"""The first tokens of two structures."""
RULES = StopRules(faults=0.05, serial=0.95, mismatch=0.01, loss=0.03)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("model")
    save_tiny_model(folder)
    return folder


def learner_of(folder: Path, rate: float = 1e-3) -> Learner:
    return Learner(str(folder), rate, gradient_checkpointing=False)


def learn(learner: Learner, rollouts: Iterable[Sequence[WeightedCall]]) -> UpdateFigures:
    figures = learner.accumulate(rollouts)
    learner.update()
    return figures


def alone(model: torch.nn.Module, tokens: CallTokens) -> torch.Tensor:
    """The log-probabilities of a call's generated tokens, computed by itself."""
    ids = torch.tensor([[*tokens.prompt_ids, *tokens.ids]])
    logits = model(input_ids=ids).logits[0, len(tokens.prompt_ids) - 1 : -1]
    return log_softmax(logits, -1).gather(1, torch.tensor(tokens.ids)[:, None])[:, 0]


def call(prompt: Sequence[int], ids: Sequence[int], weight: float) -> WeightedCall:
    return WeightedCall(CallTokens(tuple(prompt), tuple(ids), (0.0,) * len(ids)), weight)


def a_rollout() -> list[WeightedCall]:
    """A plan with two executions, the next plan that reads them, and an attempt that was discarded:
    with the same prompt as the plan, and other tokens.
    """
    plan, one, two = [11, 12, 13, 14], [15, 16, 17], [18, 19]
    answer = [*QUESTION, *plan, 40, *one, 41, *two]
    return [
        call(QUESTION, [11, 50, 51], -0.3),
        call(QUESTION, plan, 0.7),
        call([*QUESTION, *plan[:2], 40], one, 0.7),
        call([*QUESTION, *plan, 41], two, 0.7),
        call(answer, [60, 61], 0.7),
    ]


def test_gradient_is_that_of_reinforce_on_separate_calls(folder: Path) -> None:
    learner, calls, total = learner_of(folder), a_rollout(), 17
    learner.losses_of(calls, total)[0][LOSS].backward()
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    loss = -sum(one.weight * alone(model, one.tokens).sum() for one in calls) / total
    loss.backward()
    for (name, found), expected in zip(
        learner.model.named_parameters(), model.parameters(), strict=True
    ):
        assert found.grad is not None, name
        assert expected.grad is not None, name
        scale = float(expected.grad.abs().max())
        assert torch.allclose(found.grad, expected.grad, atol=1e-5 * scale + 1e-9), name


@pytest.mark.parametrize("shift", [0.25, -0.25])
def test_mismatch_is_the_distance_between_server_and_trainer(folder: Path, shift: float) -> None:
    learner = learner_of(folder)
    model = tiny_model()
    calls = []
    for one in a_rollout():
        with torch.no_grad():
            logprobs = alone(model, one.tokens) + shift
        tokens = CallTokens(one.tokens.prompt_ids, one.tokens.ids, tuple(logprobs.tolist()))
        calls.append(WeightedCall(tokens, one.weight))
    figures = learn(learner, [calls])
    assert figures.tokens == sum(len(one.tokens.ids) for one in calls)
    assert figures.mismatch == pytest.approx(exp(-shift) - 1 + shift, abs=1e-4)
    assert figures.divergence == pytest.approx(0, abs=1e-6)  # before its first update
    assert learn(learner, [calls]).divergence > 0


def test_differences_of_both_signs_do_not_cancel() -> None:
    shifts = torch.tensor([0.3, -0.3])
    assert (estimate(shifts, torch.zeros(2)) > 0.03).all()
    assert estimate(shifts, shifts).tolist() == [0, 0]


def test_a_discarded_gradient_leaves_the_weights_as_they_were(folder: Path) -> None:
    learner, first = learner_of(folder, 1.0), tiny_model()
    assert learner.accumulate([a_rollout()]).gradient > 0
    learner.discard()
    learner.update()
    for found, expected in zip(learner.model.parameters(), first.parameters(), strict=True):
        assert torch.equal(found, expected)


def test_calls_without_weight_change_nothing(folder: Path) -> None:
    learner = learner_of(folder)
    before = {name: value.clone() for name, value in learner.model.state_dict().items()}
    figures = learn(learner, [[call(QUESTION, [1, 2], 0.0)]])
    assert (figures.tokens, learner.updates) == (0, 1)
    for name, value in learner.model.state_dict().items():
        assert torch.equal(value, before[name])


class Bandit:
    """Two structures of one answer: which is sampled is up to the policy, and both are right."""

    def __init__(self, learner: Learner, seconds: dict[int, float]) -> None:
        self.learner, self.seconds = learner, seconds
        self.chance = random.Random(5)

    def serial_share(self) -> float:
        """The probability of the serial structure."""
        with torch.no_grad():
            logits = self.learner.model(input_ids=torch.tensor([QUESTION])).logits[0, -1]
        return float(logits[[SERIAL, PLANNED]].softmax(0)[0])

    def step(self) -> StepFigures:
        share = self.serial_share()
        chosen = [SERIAL if self.chance.random() < share else PLANNED for _ in range(16)]
        group = [RolloutOutcome(True, self.seconds[one]) for one in chosen]
        rewards = RewardRule(0.5, 0.5, 7 / 8).rewards(group)
        update = learn(
            self.learner,
            [
                [call(QUESTION, [one, 21, 22], weight)]
                for one, weight in zip(chosen, advantages(rewards), strict=True)
            ],
        )
        rollouts = [
            Rollout("q", "1", True, False, self.seconds[one], int(one == PLANNED), 2, ())
            for one in chosen
        ]
        return StepFigures.of(rollouts, rewards, UpdateFigures(tokens=update.tokens))


def test_the_cheaper_of_two_structures_is_learned(folder: Path) -> None:
    bandit = Bandit(learner_of(folder, 3e-3), {SERIAL: 2.0, PLANNED: 1.0})
    before = bandit.serial_share()
    for _ in range(60):
        bandit.step()
    assert bandit.serial_share() < 0.1 < before < 0.9


def test_a_reward_that_asks_for_collapse_is_stopped(folder: Path) -> None:
    bandit = Bandit(learner_of(folder, 3e-3), {SERIAL: 1.0, PLANNED: 2.0})
    reasons = []
    for number in range(200):
        reasons.append(RULES.after_rollouts(bandit.step(), is_first=number == 0))
        if reasons[-1]:
            break
    assert reasons[0] == ""
    assert "the model no longer hands out work" in reasons[-1]
    assert bandit.serial_share() > 0.9


def test_a_state_is_continued_from(folder: Path, tmp_path: Path) -> None:
    whole, begun, resumed = learner_of(folder), learner_of(folder), learner_of(folder)
    for learner in (whole, begun):
        learn(learner, [a_rollout()])
    begun.save(tmp_path / "state.pt")
    resumed.load(tmp_path / "state.pt")
    assert resumed.updates == 1
    for learner in (whole, resumed):
        learn(learner, [a_rollout()])
    for one, other in zip(whole.model.parameters(), resumed.model.parameters(), strict=True):
        assert torch.equal(one, other)


def test_a_damaged_state_is_named(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "state.pt").write_bytes(b"no state")
    with pytest.raises(InputError, match="remove its folder to begin again"):
        learner_of(folder).load(tmp_path / "state.pt")


def test_the_served_folder_has_the_present_weights(folder: Path, tmp_path: Path) -> None:
    learner = learner_of(folder, 1e-2)
    learn(learner, [a_rollout()])
    learner.save_served(tmp_path / "served")
    served = AutoModelForCausalLM.from_pretrained(tmp_path / "served", dtype=torch.float32)
    for found, expected in zip(served.parameters(), learner.model.parameters(), strict=True):
        assert torch.equal(found, expected.to(torch.bfloat16).float())
    first = tiny_model()
    assert not all(
        torch.equal(one, other.to(torch.bfloat16).float())
        for one, other in zip(served.parameters(), first.parameters(), strict=True)
    )
