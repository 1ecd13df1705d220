"""What records say of the software, wherever it runs from."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import sprint
from sprint.utils.files import run_record
from sprint.utils.files.run_record import checkout, in_words, software, with_this

ROOT = Path(__file__).resolve().parents[3]
NOT_KNOWN = (None, None)


def git(folder: Path, *words: str) -> str:
    named = ["-c", "user.name=T", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"]
    done = subprocess.run(
        ["git", "-C", str(folder), *named, *words], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def repository(folder: Path) -> Path:
    """A repository with a package `src` and a document, all committed; returns the package."""
    package = folder / "src"
    package.mkdir(parents=True)
    (package / "code.py").write_text("a = 1\n")
    (folder / "README.md").write_text("A project.\n")
    (folder / ".gitignore").write_text("__pycache__/\n")
    git(folder, "init", "--quiet")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "--message", "All")
    return package


def head(package: Path) -> str:
    return git(package.parent, "rev-parse", "HEAD")


def test_a_checkout_names_its_commit_from_wherever_it_is_called(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = repository(tmp_path / "a clone")
    monkeypatch.chdir("/")
    assert checkout(package) == (head(package), False)


def test_a_worktree_names_its_own_commit(tmp_path: Path) -> None:
    main = repository(tmp_path / "main")
    git(main.parent, "worktree", "add", "--quiet", str(tmp_path / "tree"))
    package = tmp_path / "tree" / "src"
    (package / "code.py").write_text("a = 2\n")
    git(package.parent, "commit", "--quiet", "--all", "--message", "Other")
    assert head(package) != head(main)
    assert checkout(package) == (head(package), False)


@pytest.mark.parametrize("name", ["src/code.py", "README.md"])
@pytest.mark.parametrize("how", ["edit", "stage", "remove", "move"])
def test_a_changed_file_is_a_change(tmp_path: Path, name: str, how: str) -> None:
    package = repository(tmp_path)
    path = tmp_path / name
    match how:
        case "remove":
            path.unlink()
        case "move":
            git(tmp_path, "mv", name, f"{name} new")
        case _:
            path.write_text("other\n")
    if how == "stage":
        git(tmp_path, "add", name)
    assert checkout(package) == (head(package), True)


@pytest.mark.parametrize(
    ("name", "changed"),
    [
        ("src/new.py", True),
        ("src/new/folder/ü \n.py", True),
        ("src/__pycache__/code.pyc", False),
        ("logs/run.json", False),
        ("src2/new.py", False),
        ("notes.txt", False),
    ],
)
def test_a_new_file_is_a_change_where_it_can_be_imported(
    tmp_path: Path, name: str, changed: bool
) -> None:
    package = repository(tmp_path)
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).touch()
    assert checkout(package) == (head(package), changed)


def test_a_repository_around_it_is_not_its_own(tmp_path: Path) -> None:
    repository(tmp_path)
    package = tmp_path / "vendor" / "sprint" / "src"
    package.mkdir(parents=True)
    assert checkout(package) == NOT_KNOWN


def test_neither_is_one_around_a_repository_that_is_damaged(tmp_path: Path) -> None:
    repository(tmp_path)
    package = tmp_path / "vendor" / "sprint" / "src"
    package.mkdir(parents=True)
    (package.parent / ".git").mkdir()
    assert checkout(package) == NOT_KNOWN


def test_variables_of_git_do_not_lead_to_another_repository(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package, other = repository(tmp_path / "one"), repository(tmp_path / "two")
    (other / "code.py").write_text("a = 2\n")
    git(other.parent, "commit", "--quiet", "--all", "--message", "Other")
    commit = head(package)
    monkeypatch.setenv("GIT_DIR", str(other.parent / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(other.parent))
    assert checkout(package) == (commit, False)


def test_a_repository_before_its_first_commit_has_none(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet")
    (tmp_path / "src").mkdir()
    assert checkout(tmp_path / "src") == NOT_KNOWN


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder to another user")
def test_the_repository_of_another_user_names_its_commit(tmp_path: Path) -> None:
    package = repository(tmp_path / "theirs")
    commit = head(package)
    for path in (package.parent, *package.parent.rglob("*")):
        os.chown(path, 12345, 12345)
    assert checkout(package) == (commit, False)


def test_nothing_that_the_repository_configures_is_run(tmp_path: Path) -> None:
    package = repository(tmp_path / "theirs")
    monitor = tmp_path / "monitor"
    monitor.write_text(f"#!/bin/sh\ntouch '{tmp_path}/ran'\n")
    monitor.chmod(0o755)
    git(package.parent, "config", "core.fsmonitor", str(monitor))
    assert checkout(package)[1] is False
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("fault", ["missing", "fails", "hangs", "is not executable"])
def test_without_a_git_that_works_the_commit_is_not_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    package = repository(tmp_path / "clone")
    (tmp_path / "bin").mkdir()
    if fault != "missing":
        command = tmp_path / "bin" / "git"
        command.write_text(
            f"#!/bin/sh\n{'exec /bin/sleep 600' if fault == 'hangs' else 'exit 1'}\n"
        )
        command.chmod(0o644 if fault == "is not executable" else 0o755)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setattr(run_record, "PATIENCE", 0.2)
    assert checkout(package) == NOT_KNOWN


def test_an_installed_package_tells_its_version_alone(tmp_path: Path) -> None:
    packages = repository(tmp_path).parent / ".venv" / "lib"
    shutil.copytree(ROOT / "src", packages / "sprint", ignore=shutil.ignore_patterns("__pycache__"))
    told = subprocess.run(
        [
            sys.executable,
            "-c",
            "import json; from sprint.utils.files.run_record import PACKAGE, software;"
            "print(json.dumps([str(PACKAGE), software()]))",
        ],
        env=os.environ | {"PYTHONPATH": str(packages)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    version = software()["version"]
    assert json.loads(told) == [
        str(packages / "sprint"),
        {"version": version, "commit": None, "changed": None},
    ]


def test_the_version_is_that_of_the_package() -> None:
    assert software()["version"] == sprint.__version__


def test_git_is_asked_once_in_a_process(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = list[Path]()

    def answer(package: Path) -> tuple[str, bool]:
        asked.append(package)
        return "c" * 40, False

    monkeypatch.setattr(run_record, "checkout", answer)
    software.cache_clear()
    try:
        assert with_this([]) == with_this(with_this([])) == [software()]
    finally:
        software.cache_clear()
    assert asked == [ROOT / "src"]


def test_each_software_stands_once_in_a_record() -> None:
    other = {"version": "0.0.1", "commit": None, "changed": None}
    assert with_this([other]) == [other, software()]
    assert with_this([software(), other]) == [software(), other]
    assert with_this([None]) == [None, software()]


@pytest.mark.parametrize(
    ("commit", "changed", "words"),
    [
        (None, None, "SPRINT 1.2"),
        ("0123456789abcdef", False, "SPRINT 1.2, commit 0123456789ab"),
        ("0123456789abcdef", True, "SPRINT 1.2, commit 0123456789ab, with changes"),
    ],
)
def test_software_in_words(commit: str | None, changed: bool | None, words: str) -> None:
    assert in_words({"version": "1.2", "commit": commit, "changed": changed}) == words
