"""The lock files agree with the requirements, and every file that they allow has its hash."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PIN = re.compile(r"^([\w.-]+)==([\w.+!]+)", re.MULTILINE)
LOCKS = ["requirements-cpu.lock", "requirements-dev.lock", "requirements-torch-cpu.txt"]


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def pins(name: str) -> dict[str, str]:
    """package, in lower case with hyphens -> version"""
    return {
        re.sub(r"[-_.]+", "-", package).lower(): version
        for package, version in PIN.findall(read(name))
    }


def missing(wanted: dict[str, str], lock: str) -> dict[str, str]:
    locked = pins(lock)
    return {name: version for name, version in wanted.items() if locked.get(name) != version}


def test_the_cpu_lock_holds_what_the_requirements_pin() -> None:
    wanted = pins("requirements-common.txt") | pins("requirements.txt")
    del wanted["torch"]
    assert missing(wanted, "requirements-cpu.lock") == {}


def test_the_lock_of_the_tests_holds_what_their_requirements_pin() -> None:
    assert missing(pins("requirements-dev.txt"), "requirements-dev.lock") == {}


def test_the_cpu_build_of_pytorch_is_of_the_version_that_everything_else_uses() -> None:
    assert pins("requirements-torch-cpu.txt") == {
        "torch": f"{pins('requirements-common.txt')['torch']}+cpu"
    }


def test_both_locks_have_the_same_version_of_what_both_hold() -> None:
    cpu, tests = pins("requirements-cpu.lock"), pins("requirements-dev.lock")
    shared = cpu.keys() & tests.keys()
    assert shared
    assert {name: cpu[name] for name in shared} == {name: tests[name] for name in shared}


def test_no_build_of_cuda_and_no_second_pytorch_is_locked() -> None:
    unwanted = re.compile("torch|torchvision|torchaudio|torchcodec|triton|nvidia-.*|cuda-.*")
    locked = pins("requirements-cpu.lock") | pins("requirements-dev.lock")
    assert [name for name in locked if unwanted.fullmatch(name)] == []


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_has_a_hash(lock: str) -> None:
    entries = re.split(r"^(?=[\w.-]+==)", read(lock), flags=re.MULTILINE)[1:]
    assert len(entries) == len(PIN.findall(read(lock))) > 0
    assert [entry for entry in entries if not re.search("--hash=sha256:[0-9a-f]{64}", entry)] == []


@pytest.mark.parametrize("lock", LOCKS[:2])
def test_a_lock_names_no_place(lock: str) -> None:
    assert re.search(r"://|file:|--(extra-)?index-url|--find-links", read(lock)) is None
