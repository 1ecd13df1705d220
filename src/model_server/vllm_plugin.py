"""What vLLM loads in each of its processes: an entry point of `vllm.general_plugins`."""

from __future__ import annotations

import torch


def allow_amx() -> None:
    """Ask Linux for the tile registers of Intel's AMX, where the processor has them.

    Without that permission the first tile instruction ends a process by SIGILL. vLLM's attention
    for bfloat16 uses tiles and does not ask itself: it relies on oneDNN, which asks before its
    first matrix product with tiles, and which a small model may never call.
    """
    if torch.cpu._is_amx_tile_supported():
        torch.cpu._init_amx()
