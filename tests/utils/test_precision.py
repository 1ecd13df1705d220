"""Which processors compute in bfloat16: those that are faster in it, if they have it at all."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from sprint.utils import precision
from sprint.utils.precision import (
    Seconds,
    bfloat16_is_fast,
    denormals_flushed,
    has_bfloat16,
    product_seconds,
    sizes_of,
)


@pytest.fixture(autouse=True)
def without_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)


def two_matrices() -> torch.nn.Module:
    """One of 3 x 4, one of 5 x 3, and vectors."""
    return torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.Linear(3, 5))


@pytest.mark.parametrize(
    ("cpuinfo", "has"),
    [
        ("processor\t: 0\nflags\t\t: fpu avx512f avx512_bf16 sha\n", True),
        ("flags\t\t: fpu avx512f amx_bf16\n", True),
        ("Features\t: fp asimd bf16 i8mm\n", True),
        ("flags\t\t: fpu avx2 avx512f avx512_vnni\n", False),
        ("model name\t: bf16 inside\n", False),
        ("", False),
    ],
)
def test_flags_of_the_processor(tmp_path: Path, cpuinfo: str, has: bool) -> None:
    path = tmp_path / "cpuinfo"
    path.write_text(cpuinfo)
    assert has_bfloat16(path) is has


def test_an_unknown_processor_has_no_bfloat16(tmp_path: Path) -> None:
    assert not has_bfloat16(tmp_path / "nothing")


@pytest.mark.parametrize(
    ("has", "seconds", "fast"), [(True, 0.5, True), (True, 0.95, False), (False, 0.5, False)]
)
def test_a_measurement_decides(
    monkeypatch: pytest.MonkeyPatch, has: bool, seconds: float, fast: bool
) -> None:
    monkeypatch.setattr(precision, "has_bfloat16", lambda: has)
    monkeypatch.setattr(precision, "product_seconds", lambda sizes: Seconds(1.0, seconds))
    assert bfloat16_is_fast(two_matrices()) is fast


def test_without_a_model_or_a_gpu_it_is_float32() -> None:
    assert not bfloat16_is_fast()


def test_sizes_are_those_of_matrices() -> None:
    assert sizes_of(two_matrices()) == {(3, 4): 1, (5, 3): 1}


def test_of_a_large_matrix_a_part_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    measured, linear = list[torch.Size](), torch.nn.functional.linear

    def recorded(tokens: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
        measured.append(weight.shape)
        return linear(tokens, weight)

    monkeypatch.setattr(torch.nn.functional, "linear", recorded)
    monkeypatch.setattr(precision, "LARGEST", 8)
    assert all(seconds > 0 for seconds in product_seconds(sizes_of(torch.nn.Linear(4, 100))))
    assert set(measured) == {(8, 4)}


def test_denormals_are_flushed_in_the_block_alone() -> None:
    small = torch.tensor([1e-39])
    with denormals_flushed():
        assert (small * 0.5).item() == 0
    assert (small * 0.5).item() > 0
