"""Fast training on a CPU: the number format, and no denormal numbers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch

BFLOAT16_FLAGS = {"amx_bf16", "bf16"}
"""Linux's names for the instructions, on x86 and ARM. Without them bfloat16 is slower than float32
on a CPU; with avx512_bf16 alone it still takes more than one and a half times as long."""


def bfloat16_is_fast(cpuinfo: Path = Path("/proc/cpuinfo")) -> bool:
    """Whether the GPU, or else the CPU, has native bfloat16."""
    if torch.cuda.is_available():
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    try:
        lines = cpuinfo.read_text().splitlines()
    except OSError:
        return False
    flags = next((line for line in lines if line.startswith(("flags", "Features"))), "")
    return not BFLOAT16_FLAGS.isdisjoint(flags.split())


@contextmanager
def denormals_flushed() -> Iterator[None]:
    """Flush numbers below 1e-38 to zero in the block: gradients of near-certain tokens are that
    small, and a CPU is several times slower with them.

    Enter it before torch computes anything: torch's threads keep the mode they start with.
    """
    torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.set_flush_denormal(False)
