"""What must hold whatever a model writes, and wherever grading is called from."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from sprint.utils.grading import grade, grade_many
from support.limits import PROCESS_PATIENCE

FORMULA = (r"2\sqrt{2}", r"\sqrt{8}")
ENDLESS = (r"\frac{\pi}{3}", r"\int_0^9 \sin(x^{x^4}) e^{\cos x} dx")

HOSTILE = [
    r"9^{9^{9^{9}}}",
    r"(10^{9})!",
    r"\binom{10^{9}}{5 \cdot 10^{8}}",
    r"\prod_{k=1}^{10^{9}} k",
    r"(x+1)^{5000}",
    "{" * 1500,
    r"\frac{" * 300,
    "(" * 900 + "1" + ")" * 900,
    r"\{" * 900,
    "5" + "!" * 1000,
    "2^" * 900 + "2",
    "-" * 1900 + "1",
    "1+" * 900 + "1",
    r"\pm 1" * 300,
    "1," * 900 + "1",
    r"\operatorname{eye}(100000)",
    "9" * 1_000_000,
    "x" * 1_000_000,
    r"\boxed{" + "(" * 1_000_000 + "}",
    "\\" * 1999,
    "\ud800",
    "\x00",
]


@pytest.mark.parametrize("answer", HOSTILE, ids=lambda answer: ascii(answer[:20]))
def test_a_hostile_answer_gets_a_status_and_the_next_one_is_graded(answer: str) -> None:
    found = grade("x^2 + x", answer, timeout_s=0.5)
    assert found.status in ("incorrect", "unparseable", "timeout")
    assert grade(*FORMULA).status == "correct"


def test_a_comparison_without_end_is_a_timeout() -> None:
    found = grade(*ENDLESS, timeout_s=0.3)
    assert (found.status, found.detail) == (
        "timeout",
        "not decided within 0.3 s of processor time",
    )


STOPPED_SCRIPT = r"""
import json, os, signal
from sprint.utils.grading import worker

def equal(gold, answer):
    os.kill(os.getpid(), signal.SIGSTOP)
    return True

worker._limit_resources()
request = {"gold": "x + 1", "answer": "y + 2", "timeout_s": 0.2}
print(worker._reply(json.dumps(request), equal), flush=True)
"""


def test_a_worker_that_was_stopped_for_longer_than_the_limit_has_its_verdict() -> None:
    """As one that gets no processor for as long, since others have it."""
    process = subprocess.Popen(
        [sys.executable, "-c", STOPPED_SCRIPT], stdout=subprocess.PIPE, text=True
    )
    _, status = os.waitpid(process.pid, os.WUNTRACED)
    assert os.WIFSTOPPED(status), status
    time.sleep(0.4)  # what is tested: no wait for anything
    process.send_signal(signal.SIGCONT)
    found, _ = process.communicate(timeout=PROCESS_PATIENCE)
    assert (process.returncode, '"correct"' in found) == (0, True)


WAITING_SCRIPT = r"""
import json, time
from sprint.utils.grading import worker

worker.wall_limit = lambda seconds: seconds / 2
worker._limit_resources()
request = {"gold": "x + 1", "answer": "y + 2", "timeout_s": 0.2}
worker._reply(json.dumps(request), lambda gold, answer: time.sleep(3600))
"""


def test_a_worker_that_waits_without_end_is_ended() -> None:
    done = subprocess.run(
        [sys.executable, "-c", WAITING_SCRIPT], timeout=PROCESS_PATIENCE, check=False
    )
    assert done.returncode == -signal.SIGALRM


def test_hostile_answers_do_not_touch_their_neighbours() -> None:
    pairs = [FORMULA, ENDLESS] * 2
    statuses = [found.status for found in grade_many(pairs)]
    assert statuses == ["correct", "timeout"] * 2


def test_model_text_is_never_run(tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    for answer in (
        f"__import__('pathlib').Path({str(trace)!r}).touch()",
        f"\\text{{__import__('pathlib').Path({str(trace)!r}).touch()}}",
        f"f(__import__('pathlib').Path({str(trace)!r}).touch())",
    ):
        grade("x + 1", answer)
    assert not trace.exists()


def test_time_limit_has_to_be_positive() -> None:
    with pytest.raises(ValueError, match="above 0 seconds, got 0"):
        grade("1", "2", timeout_s=0)


def test_threads_may_grade_at_the_same_time() -> None:
    statuses: list[str] = []

    def work() -> None:
        statuses.append(grade(*FORMULA).status)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == ["correct"] * 8


# No `if __name__` guard anywhere: that is the point.
SCRIPT = r"""
from sprint.utils.grading import grade
print(grade(r"2\sqrt{2}", r"\sqrt{8}").status)
"""

FORKING_SCRIPT = r"""
import os, sys
from sprint.utils.grading import grade
first = grade(r"2\sqrt{2}", r"\sqrt{8}").status
child = os.fork()
second = grade(r"2\sqrt{3}", r"\sqrt{12}").status
if child == 0:
    sys.exit(0 if second == "correct" else 1)
print(first, second, os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
print(grade(r"2\sqrt{5}", r"\sqrt{20}").status)
"""

PID_SCRIPT = r"""
import subprocess
started = []
start = subprocess.Popen
class Recorded(start):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        started.append(self.pid)
subprocess.Popen = Recorded
from sprint.utils.grading import grade
grade(r"2\sqrt{2}", r"\sqrt{8}")
print(*started)
"""


def run(*arguments: str, stdin: str | None = None, cwd: Path | None = None) -> str:
    done = subprocess.run(
        [sys.executable, *arguments],
        input=stdin,
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=PROCESS_PATIENCE,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_grading_works_from_python_dash_c() -> None:
    assert run("-c", SCRIPT) == "correct\n"


def test_grading_works_from_standard_input() -> None:
    assert run("-", stdin=SCRIPT) == "correct\n"


def test_grading_works_from_a_script_beside_a_file_named_like_a_library(tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text(SCRIPT)
    (tmp_path / "sympy.py").write_text("raise SystemExit('the wrong sympy')")
    assert run(str(tmp_path / "script.py"), cwd=tmp_path) == "correct\n"


def test_a_forked_child_grades_and_leaves_the_parent_its_workers() -> None:
    assert run("-c", FORKING_SCRIPT) == "correct correct 0\ncorrect\n"


def test_no_worker_outlives_the_interpreter() -> None:
    pids = run("-c", PID_SCRIPT).split()
    assert pids
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(int(pid), 0)
