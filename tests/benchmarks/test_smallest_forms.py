"""Every measurement runs to its end in its smallest form, and prints its figure."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from string import Formatter
from typing import NamedTuple

import pytest
from sprint.model_server.ports import free_port
from sprint.sample_world.command import rows
from support.browser import needs_browser
from support.limits import PROCESS_PATIENCE
from support.vllm_server import ROOT, SPRINT_MODEL

FOLDER = ROOT / "benchmarks"
COMMANDS = sorted(
    path.name for path in FOLDER.glob("*.py") if '__name__ == "__main__"' in path.read_text()
)
MODEL, TRAJECTORIES = "models/sample_base", "logs_full_trajectory/SPRINT/test_default"
VLLM = (pytest.mark.vllm,)
COMPARISON = "compare_presentations.py --work {comparison} --train 8 --test 1 --steps 1"
COMPARISON += " --trajectories 1 --tokens 32 --port {port} --presentations trie"


class Form(NamedTuple):
    words: str
    """The command line, run from the root of the repository; a name in braces is a fixture."""
    figure: str
    """A pattern that its output must contain."""
    marks: tuple[pytest.MarkDecorator, ...] = ()


FORMS = (
    Form(f"base_model_tokens.py --model {MODEL} --problems 1", r"level 1: \d of 1 without errors"),
    Form(f"{COMPARISON} --speed", r"\| trie \| [\d,]+ \| 1 \| 1 \| [\d,]+ \| .* \| – \| – \| – \|"),
    # In the same folder, so that only inference is left to do.
    Form(COMPARISON, r"\| trie \| .*% of 1 \| \d+ of \d+ \| (\d+|–) \|", VLLM),
    Form("curation_faults.py --thoughts 8 --kills 1", r"Final files: (\d+) and \1, the same: True"),
    Form("curation_faults.py --batch --thoughts 8 --kills 1", r"the same: True"),
    Form("curation_scale.py --rows 4 --work {tmp_path} --num_processes 1", r"kept \d of 4;"),
    Form(f"dispatch.py {TRAJECTORIES} --problems 1 --tick 0.0005", r"eager .* over its critical"),
    Form(
        f"failover.py {MODEL} {{data}} --problems 3 --workers 1 --tokens 32 --ports {{port}} "
        "{another_port}",
        r"killed http[^=]*\nexit code 0 .*\n3 of 3 problems have a row",
        VLLM,
    ),
    Form("grading.py labelled --count 20", r"\| this grader \| \d+ of \d+"),
    Form(
        "grading.py hostile --count 8",
        r"2 of 2 ordinary answers among them got the correct verdict",
    ),
    Form(
        "grading.py loaded --count 8 --busy 2", r"0 verdicts differ from those on the idle machine"
    ),
    Form("grading.py made --count 20", r"\| equal \| \d+ \| 0 \| 0 \|"),
    Form("grading.py crossed --answers {data}", r"\d+ pairs of \d+ texts"),
    Form("grading.py throughput --count 20", r"20 answers, .* per minute"),
    Form(
        "hostile_runs.py --problems 3 --workers 4 --timeout 2 --seed 3 --runs malformed curation",
        r"\| malformed \| 3 of 3 \| 0 \|.*\n\| curation \| 3 of 3 \| 0 \|",
    ),
    Form(
        f"inference_faults.py {TRAJECTORIES} --problems 3 --kills 1 --tick 0.0005",
        r"equal those of the uninterrupted one: True",
    ),
    Form(
        "memory.py --problems 3 6 --kilobytes 4 --client_processes 1 --work {tmp_path}",
        r"finished run: -?\d+\.\d KB per additional problem",
    ),
    Form(
        "money_kills.py --kills 3 --thoughts 150 --max_cost 0.1 --shards 2",
        r"of at most \$0\.1: True\nWith a higher limit the last runs end with \[0, 0\]",
    ),
    Form("mutilated_plans.py --plans 20", r"20 problems with mutilated plans through inference"),
    Form(f"prompt_order.py {TRAJECTORIES}", r"5 trajectories: \d+ words .*, -4\.0 %\n6 phases"),
    Form(
        "prompt_order.py logs --model rules",
        r"5 trajectories: .* first, -\d+\.\d %\n6 phases",
    ),
    Form(
        f"prompt_order.py logs/finetuning_data/train_default --tokenizer {MODEL}",
        r"4 trajectories: \d+ tokens .* first, -\d+\.\d %",
    ),
    Form(
        f"decode_speed.py {SPRINT_MODEL} {{sprint_url}} --streams 2 --rounds 1 --tokens 8",
        r"2 streams .* ms per token .*, 1\.00 times the first",
        VLLM,
    ),
    Form(
        f"real_server.py {{sprint_url}} {SPRINT_MODEL} {{data}} --problems 1 --tokens 32",
        r"barrier .* times eager \[",
        VLLM,
    ),
    Form("rules_agreement.py logs --model rules", r"All 5\n  boundaries +1\.00"),
    Form("server_signals.py --rounds 1", r"1 signals, 0 with something left"),
    Form(
        f"serving_agreement.py {{sprint_url}} {SPRINT_MODEL} {{data}} --problems 2 --workers 1",
        r"server, 1 in flight, streamed: [12] of 2 right; equal answers: 2, equal texts: \d",
        VLLM,
    ),
    Form("serving_bodies.py --bodies 20", r"20 bodies: .* 0 faults"),
    Form(
        "serving_disconnects.py --requests 9 --at_once 3 --tick 0.001",
        r"0 calls, 0 problems and 0 waiting requests left",
    ),
    Form("serving_load.py --requests 2 --tick 0.002", r"2 requests at once: elapsed over critical"),
    Form("serving_overhead.py --problems 1 --tick 0.002", r"first text: batch .*\nto the end"),
    # schemathesis needs an environment of its own.
    Form("serving_schema.py --schemathesis echo", r"run http://.*/openapi.json --checks all"),
    Form("streams.py --streams 8 --tick 0.005 --rounds 1", r"      8 +\d+ +\d+\.\d{4}"),
    Form(
        "suite_settings.py --work {tmp_path} --times 1 --settings busy --processes 0 -- "
        "tests/benchmarks/test_token_clock.py",
        r"\| busy \|  \| 1 \| 2 \| 0 \| 0 \|",
    ),
    Form(
        "train_base.py --tokens 1000 --hidden 64 --layers 1 --batch_tokens 256 "
        "--output {tmp_path}/m",
        r"step 0 loss \d",
    ),
    Form(
        f"training_speed.py {MODEL} logs/finetuning_data/train_default --rows 1 --rounds 1 "
        "--presentations trie",
        r"\| plain \| [\d,]+ .* \| 1\.00 \[1\.00, 1\.00\] .*\n\| trie \| [\d,]+ \| ",
    ),
    Form(
        f"trajectory_tokens.py --model {MODEL} --data logs/finetuning_data/train_default",
        r"\d of 1 trajectories without errors",
    ),
    Form(
        f"viewer.py {TRAJECTORIES} --problems 2 --rounds 1",
        r"next problem in \d+ ms",
        (needs_browser, pytest.mark.browser),
    ),
)


@pytest.fixture(scope="module")
def comparison(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of compare_presentations.py: a second run reuses the results of the first."""
    return tmp_path_factory.mktemp("comparison") / "work"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    path = tmp_path / "problems.jsonl"
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows("test", 3, 1)))
    return path


@pytest.fixture
def port() -> int:
    return free_port()


another_port = port


def test_every_command_has_a_smallest_form() -> None:
    assert sorted({form.words.split()[0] for form in FORMS}) == COMMANDS


@pytest.mark.parametrize(
    ("words", "figure"),
    [pytest.param(form.words, form.figure, marks=form.marks, id=form.words) for form in FORMS],
)
def test_a_measurement_runs(words: str, figure: str, request: pytest.FixtureRequest) -> None:
    names = {name for _, name, *_ in Formatter().parse(words) if name}
    script, *flags = words.format_map(
        {name: request.getfixturevalue(name) for name in names}
    ).split()
    done = subprocess.run(
        [sys.executable, str(FOLDER / script), *flags],
        cwd=ROOT,
        env=os.environ | {"HF_HUB_OFFLINE": "1"},
        capture_output=True,
        text=True,
        timeout=PROCESS_PATIENCE,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    assert re.search(figure, done.stdout + done.stderr), (
        f"{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    )
