"""What `pip install .` gives: the wheel, in an environment of its own, away from the repository."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from pathlib import Path

import pytest
from sprint import __version__
from sprint.commands import COMMANDS
from support.limits import PROCESS_PATIENCE

ROOT = Path(__file__).resolve().parents[1]
SOURCES = ("src", "pyproject.toml", "README.md", "LICENSE", "requirements-common.txt")


def run(*words: str | Path, folder: Path) -> str:
    done = subprocess.run(
        [*map(str, words)],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=PROCESS_PATIENCE,
        env={"PATH": "/usr/bin:/bin", "HOME": str(folder)},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("package")
    for name in SOURCES:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, folder / name)
    build = ("-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation")
    run(sys.executable, *build, "--wheel-dir", folder / "dist", ".", folder=folder)
    (found,) = (folder / "dist").glob("*.whl")
    return found


@pytest.fixture(scope="module")
def sprint(wheel: Path) -> Path:
    """The command in a fresh environment, which has the installed dependencies but not our package.

    A path in a .pth file is added as it is: the hook of the editable package does not run.
    """
    place = wheel.parent / "environment"
    run(sys.executable, "-m", "venv", place, folder=wheel.parent)
    packages = next(place.glob("lib/python*/site-packages"))
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    pip = (place / "bin" / "python", "-m", "pip", "install", "--quiet", "--no-deps", "--no-index")
    run(*pip, wheel, folder=wheel.parent)
    return place / "bin" / "sprint"


def test_the_wheel_holds_all_of_the_package(wheel: Path) -> None:
    held = {name.partition("/")[2] for name in zipfile.ZipFile(wheel).namelist()}
    source = ROOT / "src"
    ours = {
        path.relative_to(source).as_posix()
        for path in source.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert ours - held == set()


def test_the_command_names_its_version(sprint: Path, tmp_path: Path) -> None:
    assert run(sprint, "--version", folder=tmp_path).strip() == f"sprint {__version__}"


def test_every_command_is_there(sprint: Path, tmp_path: Path) -> None:
    listed = run(sprint, "--help", folder=tmp_path)
    assert [word for word in COMMANDS if f"\n  {word} " not in listed] == []
    for word in COMMANDS:
        assert f"usage: sprint {word}" in run(sprint, word, "--help", folder=tmp_path)


def test_the_data_stages_run(sprint: Path, tmp_path: Path) -> None:
    run(sprint, "sample", "--output", "data", "--train", "4", "--test", "1", folder=tmp_path)
    data = ("--data_hub_path", "data/train.jsonl")
    run(sprint, "separate", *data, folder=tmp_path)
    run(sprint, "dag", *data, "--max_pictures", "0", folder=tmp_path)
    run(sprint, "prepare", *data, "--parallelization_threshold", "0", folder=tmp_path)
    report = json.loads((tmp_path / "logs" / "curation_report.json").read_text())
    assert report["read"] == 4


def test_extras_are_the_requirements_files() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    pins = {
        name: set(re.findall(r"^[\w.-]+==\S+$", (ROOT / file).read_text(), re.MULTILINE))
        for name, file in (
            ("cpu", "requirements.txt"),
            ("gpu", "requirements-gpu.txt"),
            ("dev", "requirements-dev.txt"),
        )
    }
    assert {name: {*extra} for name, extra in project["optional-dependencies"].items()} == pins
