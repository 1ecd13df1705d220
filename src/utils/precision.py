"""Fast training on a CPU: the number format, and no denormal numbers."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from math import inf
from pathlib import Path
from typing import NamedTuple

import torch

BFLOAT16_FLAGS = {"amx_bf16", "avx512_bf16", "bf16"}
"""Linux's names for the instructions, on x86 and ARM. Without them bfloat16 is emulated."""
WORTH = 0.9
"""The fraction of float32's time below which bfloat16 counts as fast: what lies between the matrix
products gets slower, by casts."""
ROWS, LARGEST, ROUNDS = 256, 2048, 6
"""Of a measurement: tokens, the largest size of a matrix, and repetitions."""

Sizes = Counter[tuple[int, int]]
"""How many matrices of each size (outputs, inputs) a model has."""


def bfloat16_is_fast(model: torch.nn.Module | None = None) -> bool:
    """Whether to train in bfloat16: if the GPU has it; on a CPU, which needs `model`, if products
    with matrices of the model's sizes are faster, forward and backward, in a short measurement.
    """
    if torch.cuda.is_available():
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    if model is None or not has_bfloat16():
        return False
    seconds = product_seconds(sizes_of(model))
    return seconds.bfloat16 < WORTH * seconds.float32


def has_bfloat16(cpuinfo: Path = Path("/proc/cpuinfo")) -> bool:
    """Whether the CPU has instructions for bfloat16."""
    try:
        lines = cpuinfo.read_text().splitlines()
    except OSError:
        return False
    flags = next((line for line in lines if line.startswith(("flags", "Features"))), "")
    return not BFLOAT16_FLAGS.isdisjoint(flags.split())


def sizes_of(model: torch.nn.Module) -> Sizes:
    """The sizes of the model's matrices."""
    return Counter((it.shape[0], it.shape[1]) for it in model.parameters() if it.dim() == 2)


class Seconds(NamedTuple):
    float32: float
    bfloat16: float


def product_seconds(sizes: Sizes) -> Seconds:
    """Of forward and backward products of ROWS tokens with one matrix of each size, times their
    number. Of a matrix over LARGEST a part is measured.
    """
    total = Seconds(0.0, 0.0)
    for (outputs, inputs), count in sizes.items():
        measured = _measure(min(outputs, LARGEST), min(inputs, LARGEST))
        weights = count * outputs * inputs
        total = Seconds(
            *(so_far + weights * it for so_far, it in zip(total, measured, strict=True))
        )
    return total


def _measure(outputs: int, inputs: int) -> Seconds:
    """Per weight: the least CPU time of one thread in several repetitions, in turn. Programs that
    run at the same time hardly change it.
    """
    weight = torch.ones(outputs, inputs, requires_grad=True)
    tokens = torch.ones(ROWS, inputs, requires_grad=True)
    least = [inf, inf]
    with _one_thread():
        for _ in range(ROUNDS):
            for bfloat16 in (False, True):
                began = time.thread_time()
                with torch.autocast("cpu", torch.bfloat16, enabled=bfloat16):
                    found = torch.nn.functional.linear(tokens, weight)
                torch.autograd.grad(found, (tokens, weight), torch.ones_like(found))
                least[bfloat16] = min(least[bfloat16], time.thread_time() - began)
    return Seconds(*(seconds / weight.numel() for seconds in least))


@contextmanager
def _one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


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
