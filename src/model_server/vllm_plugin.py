"""What vLLM loads in each of its processes: an entry point of `vllm.general_plugins`."""

from __future__ import annotations

import torch


def allow_amx() -> None:
    """Request Linux's permission to use Intel's AMX tile registers, if the processor has them.

    Without it, the first tile instruction ends a process by SIGILL. vLLM's attention for bfloat16
    uses tiles and does not request it: it relies on oneDNN, which does so before its first matrix
    product with tiles, and a small model may never reach one.
    """
    if torch.cpu._is_amx_tile_supported():
        torch.cpu._init_amx()
