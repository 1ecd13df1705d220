"""What a server runs on, for the record of its prices."""

from __future__ import annotations

import os
import platform
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

LOOPBACK = {"127.0.0.1", "localhost", "::1"}
CPUINFO = Path("/proc/cpuinfo")
GPUS = Path("/proc/driver/nvidia/gpus")


def hardware_of(servers: Sequence[str]) -> str:
    """This machine's hardware if all servers are on it; "" if one is not, or none is known."""
    local = all(urlsplit(server).hostname in LOOPBACK for server in servers)
    return this_hardware() if servers and local else ""


def this_hardware(cpuinfo: Path = CPUINFO, gpus: Path = GPUS) -> str:
    """GPUs where the driver lists any, and the processor with its cores."""
    cards = Counter(
        name for file in sorted(gpus.glob("*/information")) if (name := _value(file, "Model"))
    )
    listed = [f"{count} x {name}" for name, count in sorted(cards.items())]
    processor = _value(cpuinfo, "model name") or platform.machine()
    return ", ".join([*listed, f"{processor}, {os.cpu_count() or 1} cores"])


def _value(file: Path, name: str) -> str:
    """The first value of that name in lines `name: value`; "" if there is none."""
    try:
        lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    pairs = (line.partition(":") for line in lines)
    return next((value.strip() for key, _, value in pairs if key.strip() == name), "")
