"""The optimizer of the tiny base model."""

from __future__ import annotations

import pytest
import torch
from sample_base.muon import Muon, orthogonalise


@pytest.mark.parametrize("shape", [(2, 16, 16), (1, 8, 24), (3, 24, 8)])
def test_singular_values_become_nearly_one(shape: tuple[int, int, int]) -> None:
    torch.manual_seed(0)
    matrices = torch.randn(shape) * torch.tensor([1e-3, 1.0, 50.0])[: shape[0], None, None]
    left, _, right = torch.linalg.svd(matrices, full_matrices=False)
    # In the basis of the singular vectors the result is diagonal.
    diagonal = left.mT @ orthogonalise(matrices) @ right.mT
    values = diagonal.diagonal(dim1=1, dim2=2)
    assert ((values > 0.4) & (values < 1.4)).all()
    assert (diagonal - torch.diag_embed(values)).abs().max() < 1e-3


def test_a_matrix_goes_the_way_of_its_gradient_by_the_learning_rate() -> None:
    weight = torch.nn.Parameter(torch.zeros(4, 4))
    weight.grad = torch.eye(4) * 1e-4
    Muon([weight], lr=0.1).step()
    assert torch.allclose(weight.detach(), -0.1 * orthogonalise(torch.eye(4)[None])[0])


def test_matrices_without_gradient_stay() -> None:
    weight = torch.nn.Parameter(torch.ones(2, 3))
    Muon([weight], lr=0.1).step()
    assert torch.equal(weight.detach(), torch.ones(2, 3))
