"""What vLLM's processes load: they may use the tile registers of AMX, and wait without yielding."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import ctypes
import json
from importlib.metadata import entry_points

ARCH_PRCTL, ARCH_GET_XCOMP_PERM, XTILEDATA = 158, 0x1022, 18


def permitted():
    features = ctypes.c_uint64()
    assert ctypes.CDLL(None).syscall(ARCH_PRCTL, ARCH_GET_XCOMP_PERM, ctypes.byref(features)) == 0
    return bool(features.value >> XTILEDATA & 1)


before = permitted()
for plugin in entry_points(group="vllm.general_plugins"):
    plugin.load()()
print(json.dumps([before, permitted()]))
"""


@pytest.mark.numeric
def test_a_process_that_loads_vllms_plugins_may_use_tiles() -> None:
    if " amx_tile " not in Path("/proc/cpuinfo").read_text():
        pytest.skip("the processor has no AMX")
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], check=True, capture_output=True, text=True
    )
    assert json.loads(done.stdout) == [False, True]


WAITING = """
import json
import os
from importlib.metadata import entry_points

for plugin in entry_points(group="vllm.general_plugins"):
    plugin.load()()
from vllm.distributed.device_communicators import shm_broadcast

yields = []
os.sched_yield = lambda: yields.append(1)
shm_broadcast.sched_yield()
print(json.dumps(len(yields)))
"""


@pytest.mark.vllm
def test_a_process_that_waits_on_a_cpu_does_not_yield() -> None:
    """Else a client beside it gets no processor time for seconds, on Linux 6.18 with two cores."""
    environment = os.environ | {"CUDA_VISIBLE_DEVICES": ""}
    done = subprocess.run(
        [sys.executable, "-c", WAITING], check=True, capture_output=True, text=True, env=environment
    )
    assert done.stdout.splitlines()[-1] == "0"
