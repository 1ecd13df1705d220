from __future__ import annotations

from pathlib import Path

import pytest
from sprint.utils.latency.hardware import hardware_of, this_hardware


def test_processor_and_gpus_are_named(tmp_path: Path) -> None:
    cpuinfo = tmp_path / "cpuinfo"
    cpuinfo.write_text("processor\t: 0\nmodel name\t: Fast CPU\n\nmodel name\t: Fast CPU\n")
    for number in range(2):
        (tmp_path / "gpus" / f"{number}").mkdir(parents=True)
        (tmp_path / "gpus" / f"{number}" / "information").write_text("Model: \t Big GPU\nIRQ: 1\n")
    named = this_hardware(cpuinfo, tmp_path / "gpus")
    assert named.startswith("2 x Big GPU, Fast CPU, ")
    assert named.endswith(" cores")


def test_a_machine_without_either_file_has_cores(tmp_path: Path) -> None:
    assert this_hardware(tmp_path / "none", tmp_path / "none").endswith(" cores")


@pytest.mark.parametrize(
    ("servers", "known"),
    [
        (["http://127.0.0.1:8000/v1", "http://localhost:1/v1"], True),
        (["http://127.0.0.1:8000/v1", "https://models.example/v1"], False),
        ([], False),
    ],
)
def test_only_a_server_on_this_machine_has_its_hardware(servers: list[str], known: bool) -> None:
    assert bool(hardware_of(servers)) is known
