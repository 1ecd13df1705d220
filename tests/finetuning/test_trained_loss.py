"""The loss of the trained tokens: that of the model itself, without logits anywhere else."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from sprint.finetuning import trained_loss
from sprint.finetuning.presentations import IGNORED
from sprint.finetuning.trained_loss import LOSS, ROUTER_LOSS, add_trained_loss, next_labels
from support.models import model_of
from support.tiny import tiny_model
from transformers import PreTrainedModel

WORDS = 32
FAMILIES: dict[str, dict[str, Any]] = {
    "llama": {},
    "gemma2": {"final_logit_softcapping": 0.1},
    "cohere": {"logit_scale": 3.0},
    "granite": {"logits_scaling": 0.1},
    "gpt2": {},
    "opt": {},
}


def small_model(family: str) -> PreTrainedModel:
    return model_of(family, WORDS, **FAMILIES[family]).eval()


def batch_of(count: int = 2, length: int = 9) -> dict[str, torch.Tensor]:
    ids = torch.randint(0, WORDS, (count, length), generator=torch.Generator().manual_seed(1))
    labels = ids.clone()
    labels[0, :5] = labels[1:, 7:] = IGNORED
    return {"input_ids": ids, "labels": labels}


def gradient(model: PreTrainedModel, loss: torch.Tensor) -> torch.Tensor:
    model.zero_grad()
    loss.backward()
    return torch.cat([it.grad.flatten() for it in model.parameters() if it.grad is not None])


@pytest.mark.parametrize("most", [trained_loss.MOST_LOGITS, 3 * WORDS])
@pytest.mark.parametrize("family", FAMILIES)
def test_loss_and_gradients_are_those_of_the_model(
    family: str, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Computed at once, and in parts of three positions."""
    monkeypatch.setattr(trained_loss, "MOST_LOGITS", most)
    model, batch = small_model(family), batch_of()
    expected = model(**batch).loss
    wanted = gradient(model, expected)
    add_trained_loss(model)
    labels = next_labels(batch)
    total = model(input_ids=batch["input_ids"], next_labels=labels)[LOSS]
    found = total / (labels != IGNORED).sum()
    assert found.item() == pytest.approx(expected.item(), rel=1e-5)
    assert (gradient(model, found) - wanted).norm() <= 1e-5 * wanted.norm()
    assert torch.equal(model(**batch).loss, expected), "an ordinary call is as it was"


@pytest.mark.parametrize("family", FAMILIES)
def test_nothing_is_computed_with_weights_that_are_elsewhere(
    family: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """ZeRO-3 leaves empty tensors until the trainer gathers them."""
    monkeypatch.setattr("sprint.finetuning.base_model.is_deepspeed_zero3_enabled", lambda: True)
    model, batch = small_model(family), batch_of()
    expected, weights = model(**batch).loss, [it.data for it in model.parameters()]
    for it in model.parameters():
        it.data = torch.empty(0)
    add_trained_loss(model)
    for it, weight in zip(model.parameters(), weights, strict=True):
        it.data = weight
    labels = next_labels(batch)
    found = model(input_ids=batch["input_ids"], next_labels=labels)[LOSS]
    assert (found / (labels != IGNORED).sum()).item() == pytest.approx(expected.item(), rel=1e-5)


def test_a_mixture_of_experts_gives_its_auxiliary_loss() -> None:
    model = model_of("mixtral", WORDS, num_local_experts=2, num_experts_per_tok=1).eval()
    batch = batch_of()
    expected = model(**batch, output_router_logits=True).aux_loss
    add_trained_loss(model)
    ids, labels = batch["input_ids"], next_labels(batch)
    found = model(input_ids=ids, next_labels=labels, output_router_logits=True)
    assert torch.equal(found[ROUTER_LOSS], expected)
    assert ROUTER_LOSS not in model(input_ids=ids, next_labels=labels)


def test_logits_are_computed_at_trained_positions_alone() -> None:
    model, batch = tiny_model(), batch_of()
    add_trained_loss(model)
    computed = list[torch.Size]()
    head = model.get_output_embeddings()
    head.register_forward_hook(lambda module, args, output: computed.append(output.shape))
    labels = next_labels(batch)
    model(input_ids=batch["input_ids"], next_labels=labels)
    assert [shape[:2] for shape in computed] == [(1, int((labels != IGNORED).sum()))]


def test_no_trained_token_has_a_loss_of_zero_with_gradients() -> None:
    model, batch = small_model("llama"), batch_of()
    add_trained_loss(model)
    labels = torch.full_like(batch["labels"], IGNORED)
    loss = model(input_ids=batch["input_ids"], next_labels=labels)[LOSS]
    assert loss.item() == 0
    assert not gradient(model, loss).any()


def test_the_last_label_of_a_chain_is_no_next_token() -> None:
    labels = torch.tensor([[IGNORED, 6, 7]])
    assert next_labels({"labels": labels}).tolist() == [[6, 7, IGNORED]]
    shifted = {"labels": labels, "shift_labels": labels}
    assert next_labels(shifted).tolist() == labels.tolist()
