"""run/setup.sh on machines that nobody prepared, with tiny wheels and indexes on loopback."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pip
import pytest
import setuptools
from sprint.model_server.ports import free_port
from support.limits import PROCESS_PATIENCE
from support.wheel_index import WheelIndex, serving, write_wheel

ROOT = Path(__file__).resolve().parents[2]
PROJECT = """
[build-system]
requires = ["setuptools"]
build-backend = "setuptools.build_meta"
[project]
name = "mini"
version = "1"
[tool.setuptools]
py-modules = []
"""
MAKES_ENVIRONMENTS = """#!/bin/sh
# A base Python whose environments come with the pip of the tests, which costs no time.
if [ "$1 $2" = "-m venv" ]; then
    {python} -m venv --clear --without-pip "$4" || exit
    ln -s {links} "$4/lib/python3.11/site-packages"
    exit
fi
exec {python} "$@"
"""


def links() -> str:
    """pip and setuptools, as the tests' own environment has them."""
    folders = [Path(module.__file__ or "").parent for module in (pip, setuptools)]
    hack = folders[1].with_name("_distutils_hack")
    infos = [metadata.distribution(name).locate_file("") for name in ("pip", "setuptools")]
    named = [
        path
        for folder, name in zip(infos, ("pip", "setuptools"), strict=True)
        for path in Path(str(folder)).glob(f"{name}-*.dist-info")
    ]
    return " ".join(f"'{path}'" for path in (*folders, *([hack] if hack.exists() else []), *named))


class Machine:
    """A clone of a small project on a machine: two indexes, and commands that may be replaced."""

    def __init__(self, folder: Path, pypi: WheelIndex, torch: WheelIndex) -> None:
        self.pypi, self.torch = pypi, torch
        self.clone, self.bin = folder / "a clone", folder / "bin"
        (self.clone / "run").mkdir(parents=True)
        for script in ("setup.sh", "setup_checks.sh"):
            shutil.copy(ROOT / "run" / script, self.clone / "run")
        self.write("pyproject.toml", PROJECT)
        self.write("requirements.txt", "not read: the lock file is\n")
        self.write("requirements-torch-cpu.txt", write_wheel(torch.folder, "torch", "9.1+cpu"))
        self.write("requirements-cpu.lock", write_wheel(pypi.folder, "needed", "1.0"))
        self.write("requirements-dev.lock", write_wheel(pypi.folder, "tested", "1.0"))
        self.write("requirements-gpu.txt", "gpuset==1.0\n")
        write_wheel(pypi.folder, "gpuset", "1.0")
        self.variables = {
            "HOME": str(folder),
            "PATH": f"{self.bin}:{os.environ['PATH']}",
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_NO_CACHE_DIR": "1",
            "PIP_INDEX_URL": pypi.url,
            "TORCH_INDEX_URL": torch.url,
            "INDEX_TIMEOUT": "10",
            "BASE_PYTHON": str(self.bin / "base-python"),
        }
        self.command(
            "base-python", MAKES_ENVIRONMENTS.format(python=f"'{sys.executable}'", links=links())
        )
        self.command("nvidia-smi", "#!/bin/sh\nexit 9\n")

    def write(self, name: str, text: str) -> None:
        (self.clone / name).write_text(text)

    def command(self, name: str, text: str) -> None:
        self.bin.mkdir(exist_ok=True)
        (self.bin / name).write_text(text)
        (self.bin / name).chmod(0o755)

    def set_up(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["sh", str(self.clone / "run" / "setup.sh"), *arguments],
            env=self.variables,
            capture_output=True,
            text=True,
            timeout=PROCESS_PATIENCE,
        )

    @property
    def environment(self) -> Path:
        return self.clone / self.variables.get("VENV", ".venv")

    def installed(self) -> set[str]:
        """What was installed, less what every environment has."""
        packages = self.environment / "lib" / "python3.11" / "site-packages"
        found = {path.name.partition("-")[0] for path in packages.glob("*.dist-info")}
        return found - {"pip", "setuptools"}


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    with serving(tmp_path / "pypi") as pypi, serving(tmp_path / "torch") as torch:
        yield Machine(tmp_path, pypi, torch)


def sentence(done: subprocess.CompletedProcess[str]) -> str:
    """The only line that a set-up which fails leaves to read."""
    assert done.returncode == 2, done.stderr
    lines = done.stderr.splitlines()
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("Error: ")
    return lines[0]


def test_the_cpu_build_comes_from_the_index_of_pytorch_and_nothing_else_does(
    machine: Machine,
) -> None:
    done = machine.set_up()
    assert done.returncode == 0, done.stderr
    assert machine.installed() == {"torch", "needed", "mini"}
    assert set(machine.torch.asked) == {"torch"}


def test_a_second_call_asks_nobody(machine: Machine) -> None:
    machine.set_up()
    asked = len(machine.pypi.asked), len(machine.torch.asked)
    done = machine.set_up()
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (len(machine.pypi.asked), len(machine.torch.asked)) == asked


def test_where_pip_finds_the_cpu_build_by_itself_the_other_index_is_not_asked(
    machine: Machine,
) -> None:
    machine.variables["PIP_FIND_LINKS"] = str(machine.torch.folder)
    assert machine.set_up().returncode == 0
    assert machine.torch.asked == []
    assert "torch" in machine.installed()


def test_the_tests_requirements_come_from_their_lock_file(machine: Machine) -> None:
    assert machine.set_up("dev").returncode == 0
    assert machine.installed() == {"torch", "needed", "mini", "tested"}


@pytest.mark.parametrize(
    ("status", "page"),
    [(500, None), (403, None), (200, "<html>Log in to this network")],
)
def test_an_index_without_the_build_is_one_sentence(
    machine: Machine, status: int, page: str | None
) -> None:
    machine.torch.status, machine.torch.page = status, page
    said = sentence(machine.set_up())
    assert "torch 9.1+cpu" in said
    assert machine.torch.url in said
    assert "TORCH_INDEX_URL" in said
    assert machine.installed() == set()


def test_an_index_that_never_answers_is_one_sentence(machine: Machine) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        machine.variables["INDEX_TIMEOUT"] = "1"
        machine.variables["TORCH_INDEX_URL"] = f"http://127.0.0.1:{silent.getsockname()[1]}"
        assert "torch 9.1+cpu" in sentence(machine.set_up())


def test_an_index_where_nobody_listens_is_one_sentence(machine: Machine) -> None:
    machine.variables["TORCH_INDEX_URL"] = f"http://127.0.0.1:{free_port()}"
    assert "torch 9.1+cpu" in sentence(machine.set_up())


def test_an_index_that_breaks_off_at_the_file_is_one_sentence(machine: Machine) -> None:
    machine.torch.stalls.set()
    machine.variables["INDEX_TIMEOUT"] = "1"
    said = sentence(machine.set_up())
    assert "requirements-torch-cpu.txt" in said
    assert "network" in said


def test_the_password_of_an_index_is_not_shown(machine: Machine) -> None:
    machine.variables["TORCH_INDEX_URL"] = f"http://me:secret@127.0.0.1:{free_port()}"
    assert "secret" not in sentence(machine.set_up())


def test_a_proxy_that_refuses_is_one_sentence(machine: Machine) -> None:
    machine.set_up()
    (machine.environment / "requirements.txt.stamp").unlink()
    machine.write("requirements-cpu.lock", "other==1.0 --hash=sha256:" + "0" * 64)
    machine.variables["PIP_INDEX_URL"] = f"http://127.0.0.1:{free_port()}"
    machine.variables["PIP_RETRIES"] = "1"
    said = sentence(machine.set_up())
    assert "proxy" in said
    assert "requirements-cpu.lock" in said


@pytest.mark.parametrize("name", ["torch", "needed"])
def test_a_file_of_another_hash_is_refused_by_its_name(machine: Machine, name: str) -> None:
    index, version = (machine.torch, "9.1+cpu") if name == "torch" else (machine.pypi, "1.0")
    write_wheel(index.folder, name, version, content="other = True")
    said = sentence(machine.set_up())
    assert f"{name}=={version}" in said
    assert "hash" in said
    assert name not in machine.installed()


def test_a_package_that_the_index_lacks_is_named(machine: Machine) -> None:
    (machine.pypi.folder / "needed-1.0-py3-none-any.whl").unlink()
    assert "needed==1.0" in sentence(machine.set_up())


def test_what_failed_goes_on_from_there(machine: Machine) -> None:
    kept = (machine.pypi.folder / "needed-1.0-py3-none-any.whl").rename(machine.clone / "kept")
    sentence(machine.set_up())
    kept.rename(machine.pypi.folder / "needed-1.0-py3-none-any.whl")
    asked = len(machine.torch.asked)
    assert machine.set_up().returncode == 0
    assert len(machine.torch.asked) == asked
    assert machine.installed() == {"torch", "needed", "mini"}


@pytest.mark.parametrize("name", ["torch", "needed"])
def test_what_was_being_written_when_the_set_up_was_killed_is_written_anew(
    machine: Machine, name: str
) -> None:
    machine.set_up()
    (machine.environment / "requirements.txt.stamp").unlink()
    packages = machine.environment / "lib" / "python3.11" / "site-packages"
    (packages / f"{name}.py").unlink()
    next(packages.glob(f"{name}-*.dist-info/RECORD")).unlink()
    assert machine.set_up().returncode == 0
    assert (packages / f"{name}.py").is_file()


@pytest.mark.parametrize(
    ("command", "says", "named"),
    [
        ("uname", "Darwin", "Linux"),
        ("uname", "MINGW64_NT-10.0", "WSL"),
        ("uname", "FreeBSD", "Linux"),
        ("getconf", "glibc 2.30", "glibc 2.31"),
        ("getconf", "glibc 2.5", "glibc 2.31"),
        ("getconf", "unknown variable", "glibc 2.31"),
        ("getconf", "", "glibc 2.31"),
    ],
)
def test_another_platform_is_refused_before_anything_is_made(
    machine: Machine, command: str, says: str, named: str
) -> None:
    machine.command(command, f"#!/bin/sh\necho '{says}'\n")
    assert named in sentence(machine.set_up())
    assert not machine.environment.exists()
    assert machine.pypi.asked == machine.torch.asked == []


@pytest.mark.parametrize(
    ("processor", "works"), [("aarch64", True), ("i686", False), ("riscv64", False)]
)
def test_processors(machine: Machine, processor: str, works: bool) -> None:
    machine.command("uname", f'#!/bin/sh\n[ "$1" = -s ] && echo Linux || echo {processor}\n')
    done = machine.set_up()
    assert (done.returncode == 0) is works
    assert processor in (done.stdout if works else sentence(done))


def test_a_base_python_that_does_not_fit_is_not_replaced_by_another(machine: Machine) -> None:
    machine.variables["BASE_PYTHON"] = "/no/such/python"
    said = sentence(machine.set_up())
    assert "/no/such/python" in said
    assert "3.11" in said
    assert not machine.environment.exists()


@pytest.mark.parametrize("timeout", ["soon", "0", "-1", "2.5"])
def test_a_timeout_that_is_no_number_of_seconds(machine: Machine, timeout: str) -> None:
    machine.variables["INDEX_TIMEOUT"] = timeout
    assert f"INDEX_TIMEOUT is {timeout}" in sentence(machine.set_up())


@pytest.mark.parametrize("argument", ["--help", "test", "Dev"])
def test_an_unknown_argument_installs_nothing(machine: Machine, argument: str) -> None:
    assert f"unknown argument {argument}" in sentence(machine.set_up(argument))
    assert not machine.environment.exists()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PIP_QUIET", "3"),
        ("PIP_TARGET", "elsewhere"),
        ("PIP_PREFIX", "elsewhere"),
        ("PIP_ROOT", "elsewhere"),
        ("PIP_DRY_RUN", "1"),
        ("PIP_CONSTRAINT", "constraint.txt"),
        ("PYTHONPATH", "elsewhere"),
        ("PYTHONHOME", "elsewhere"),
    ],
)
def test_what_is_set_for_other_environments_does_not_matter(
    machine: Machine, tmp_path: Path, name: str, value: str
) -> None:
    """A container may pin its own packages, and a cluster put its own in the way."""
    (tmp_path / "constraint.txt").write_text("torch==1.0\nneeded==0.5\n")
    info = tmp_path / "elsewhere" / "torch-9.1+cpu.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: torch\nVersion: 9.1+cpu\n")
    machine.variables[name] = value if value.isdigit() else str(tmp_path / value)
    done = machine.set_up()
    assert done.returncode == 0, done.stderr
    assert machine.installed() == {"torch", "needed", "mini"}


def test_an_environment_may_be_a_link_to_another_disk(machine: Machine, tmp_path: Path) -> None:
    (tmp_path / "scratch").mkdir()
    machine.environment.symlink_to(tmp_path / "scratch")
    done = machine.set_up()
    assert done.returncode == 0, done.stderr
    assert machine.environment.is_symlink()
    assert machine.installed() == {"torch", "needed", "mini"}


def test_a_failure_within_pip_is_told_with_its_reason(machine: Machine) -> None:
    """Not with that of the search before it, which found no PyTorch where pip looks by itself."""
    machine.write("pyproject.toml", "[build-system]\nrequires = []\nbuild-backend = 'not_there'\n")
    said = sentence(machine.set_up())
    assert "this project" in said
    assert "not_there" in said
    assert "torch" not in said


def test_a_machine_without_python_3_11_is_one_sentence(machine: Machine) -> None:
    del machine.variables["BASE_PYTHON"]
    for name in ("python3.11", "python3"):
        machine.command(name, "#!/bin/sh\nexit 1\n")
    said = sentence(machine.set_up())
    assert "Python 3.11" in said
    assert "BASE_PYTHON" in said


def test_a_python_without_its_venv_module_is_one_sentence(machine: Machine) -> None:
    machine.command(
        "base-python", '#!/bin/sh\n[ "$1" = -c ] || { echo No ensurepip. >&2; exit 1; }\n'
    )
    said = sentence(machine.set_up())
    assert "python3.11-venv" in said
    assert "No ensurepip." in said
    assert not machine.environment.exists()


def test_a_full_disk_is_told_before_the_download(machine: Machine) -> None:
    machine.command(
        "df",
        "#!/bin/sh\necho 'Filesystem 1024-blocks Used Available Capacity Mounted on'\n"
        "echo 'my disk 9999999 8999999 1000000 90% /a mount 5% off'\n",
    )
    said = sentence(machine.set_up())
    assert "4 GB" in said
    assert not machine.environment.exists()
    assert machine.pypi.asked == machine.torch.asked == []


def test_an_environment_that_came_with_a_moved_clone_is_made_anew(machine: Machine) -> None:
    machine.set_up()
    moved = machine.clone.rename(machine.clone.with_name("moved clone"))
    machine.clone = moved
    leftover = machine.environment / "leftover"
    leftover.touch()
    done = machine.set_up()
    assert done.returncode == 0, done.stderr
    assert not leftover.exists()
    assert machine.installed() == {"torch", "needed", "mini"}


def test_an_environment_whose_python_is_gone_is_made_anew(machine: Machine) -> None:
    machine.set_up()
    python = machine.environment / "bin" / "python"
    python.unlink()
    python.symlink_to(machine.clone / "gone")
    assert machine.set_up().returncode == 0
    assert python.exists()


def test_a_folder_that_is_no_environment_is_left_alone(machine: Machine) -> None:
    machine.variables["VENV"] = "my thesis"
    (machine.clone / "my thesis").mkdir()
    (machine.clone / "my thesis" / "chapter.txt").write_text("1")
    assert "my thesis" in sentence(machine.set_up())
    assert (machine.clone / "my thesis" / "chapter.txt").read_text() == "1"


def test_an_environment_of_another_python_is_left_alone(machine: Machine) -> None:
    python = machine.environment / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text('#!/bin/sh\n[ "$1" = -m ]\n')
    python.chmod(0o755)
    assert "another Python than 3.11" in sentence(machine.set_up())
    assert python.exists()


def test_a_machine_with_a_gpu_gets_the_gpu_set(machine: Machine) -> None:
    machine.command("nvidia-smi", '#!/bin/sh\n[ -z "$1" ] || echo 580.65.06\n')
    done = machine.set_up()
    assert done.returncode == 0, done.stderr
    assert machine.installed() == {"gpuset"}
    assert machine.torch.asked == []


def test_a_driver_that_is_too_old_is_told_before_the_download(machine: Machine) -> None:
    machine.command("nvidia-smi", '#!/bin/sh\n[ -z "$1" ] || echo 535.183.01\n')
    said = sentence(machine.set_up())
    assert "580" in said
    assert "535.183.01" in said
    assert machine.pypi.asked == []
    machine.variables["REQUIREMENTS"] = "requirements-gpu.txt"
    assert machine.set_up().returncode == 0
