"""What vLLM loads in each of its processes: the entry points of `vllm.general_plugins`."""

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


def spin_without_yielding() -> None:
    """On a CPU, let vLLM's processes wait for each other without giving up their turn.

    They wait in a loop of `sched_yield`. Linux 6.18 charges a process for each turn that it gives
    up, and on two cores the processes beside it, such as the client, then get none for seconds.
    vLLM has another loop for old versions of Python, without that call.
    """
    if torch.cuda.is_available():
        return
    from vllm.distributed import utils

    utils.USE_SCHED_YIELD = False
