"""Which processors have instructions for bfloat16, as Linux tells."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from sprint.utils.precision import bfloat16_is_fast, denormals_flushed


@pytest.mark.parametrize(
    ("cpuinfo", "fast"),
    [
        ("processor\t: 0\nflags\t\t: fpu avx512f avx512_bf16 sha\n", False),
        ("flags\t\t: fpu avx512f amx_bf16\n", True),
        ("Features\t: fp asimd bf16 i8mm\n", True),
        ("flags\t\t: fpu avx2 avx512f avx512_vnni\n", False),
        ("model name\t: bf16 inside\n", False),
        ("", False),
    ],
)
def test_flags_of_the_processor_decide(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cpuinfo: str, fast: bool
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    path = tmp_path / "cpuinfo"
    path.write_text(cpuinfo)
    assert bfloat16_is_fast(path) is fast


def test_an_unknown_processor_computes_in_float32(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert not bfloat16_is_fast(tmp_path / "nothing")


def test_denormals_are_flushed_in_the_block_alone() -> None:
    small = torch.tensor([1e-39])
    with denormals_flushed():
        assert (small * 0.5).item() == 0
    assert (small * 0.5).item() > 0
