"""The variables of the scripts in run/: each reaches its flag."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from generated import configs_of, variables_of
from sprint.utils.config.fields import fields_of
from support.limits import PROCESS_PATIENCE

ROOT = Path(__file__).resolve().parents[2]
RECORDER = """#!/bin/sh
if [ "$1" = -c ]; then
    echo "${GPUS:-0}"
    exit
fi
echo "CUDA_VISIBLE_DEVICES=${CUDA_VISIBLE_DEVICES:-}"
echo "GLIBC_TUNABLES=${GLIBC_TUNABLES:-}"
echo "RESERVED=${VLLM_CPU_NUM_OF_RESERVED_CPU:-}"
for argument in "$@"; do
    echo "$argument"
done
"""
"""In place of Python: says how many GPUs (or cores) there are, or else what it was asked to run."""

DATA = {"DATA_HUB_PATH": "a/b", "SUBSET": "algebra", "SPLIT": "test", "RANGE": "3:5"}
DATA_FLAGS = ["--data_hub_path a/b", "--subset algebra", "--split test", "--range 3:5"]
TEST = {
    "TEST_HUB_PATH": "a/b",
    "TEST_SUBSET": "algebra",
    "ORCHESTRATION_SPLIT": "test",
    "ORCHESTRATION_RANGE": "3:5",
    "NUM_WORKERS": "7",
    "TEMPERATURE": "0.25",
    "TOKENIZER": "t",
}
TEST_FLAGS = [
    "--test_hub_path a/b",
    "--subset algebra",
    "--split test",
    "--range 3:5",
    "--num_workers 7",
    "--temperature 0.25",
    "--tokenizer t",
]
FINETUNING = {"FINETUNING_DATA": "d", "OUTPUT_MODEL": "o"}
SCRIPTS: dict[str, tuple[dict[str, str], list[str]]] = {
    "run_component_separation.sh": (
        DATA
        | {
            "COMPONENT_SEPARATION_MODEL": "gpt",
            "COMPONENT_SEPARATION_SERVER_URL": "http://s",
            "COMPONENT_SEPARATION_KEY_VARIABLE": "KEY",
            "NUM_WORKERS": "7",
            "NUM_PROCESSES": "2",
            "SHARD": "3/16",
            "MAX_COST": "1.5",
        },
        [
            *DATA_FLAGS,
            "--component_separation_model gpt",
            "--component_separation_server_url http://s",
            "--component_separation_key_variable KEY",
            "--num_workers 7",
            "--num_processes 2",
            "--shard 3/16",
            "--max_cost 1.5",
        ],
    ),
    "run_dag_creation.sh": (
        DATA
        | {
            "COMPONENT_SEPARATION_MODEL": "gpt",
            "DAG_CREATION_MODEL": "other",
            "DAG_CREATION_SERVER_URL": "http://s",
            "NUM_WORKERS": "7",
        },
        [
            *DATA_FLAGS,
            "--component_separation_model gpt",
            "--dag_creation_model other",
            "--dag_creation_server_url http://s",
            "--num_workers 7",
        ],
    ),
    "run_finetuning_data_preparation.sh": (
        DATA
        | {
            "COMPONENT_SEPARATION_MODEL": "gpt",
            "DAG_CREATION_MODEL": "other",
            "TRAJECTORY_COLUMN": "text",
            "MAX_PHASES": "4",
            "PARALLELIZATION_THRESHOLD": "2",
            "PROMPT_ORDER": "longest_first",
            "STRUCTURE": "fastest",
            "PRICES": "p.json",
            "SERIAL_OPENING": "In one go:",
            "SECOND_PLANS": "0.3",
        },
        [
            *DATA_FLAGS,
            "--component_separation_model gpt",
            "--dag_creation_model other",
            "--trajectory_column text",
            "--max_phases 4",
            "--parallelization_threshold 2",
            "--prompt_order longest_first",
            "--structure fastest",
            "--prices p.json",
            "--serial_opening In one go:",
            "--second_plans 0.3",
        ],
    ),
    "run_finetune.sh": (
        FINETUNING
        | {
            "BASE_MODEL": "b",
            "PRESENTATION": "trie",
            "EPOCHS": "2",
            "LEARNING_RATE": "1e-4",
            "BATCH_SIZE": "3",
            "GRADIENT_ACCUMULATION": "4",
            "MAX_LENGTH": "512",
            "EVAL_STEPS": "9",
            "SAVE_STEPS": "18",
            "SPECIAL_TOKENS": "drop",
            "TAG_TOKENS": "on",
            "PUSH_TO_HUB": "me/model",
        },
        [
            "--data d",
            "--output o",
            "--model b",
            "--presentation trie",
            "--epochs 2",
            "--learning_rate 1e-4",
            "--batch_size 3",
            "--gradient_accumulation 4",
            "--max_length 512",
            "--eval_steps 9",
            "--save_steps 18",
            "--special_tokens drop",
            "--tag_tokens on",
            "--push_to_hub me/model",
        ],
    ),
    "run_base_model_evaluation.sh": (
        TEST
        | {
            "MODEL": "m",
            "SERVER_URL": "http://s",
            "METHOD": "self-consistency",
            "MAX_TOKENS": "99",
            "SAMPLES": "5",
            "API": "chat",
            "CLIENT_PROCESSES": "2",
            "SERVER_TIMEOUT": "60",
        },
        [
            *TEST_FLAGS,
            "--model m",
            "--server_url http://s",
            "--method self-consistency",
            "--max_tokens 99",
            "--samples 5",
            "--api chat",
            "--client_processes 2",
            "--timeout 60",
        ],
    ),
    "run_agent_orchestration.sh": (
        TEST
        | {
            "PLANNER_MODEL": "p",
            "EXECUTOR_MODEL": "e",
            "PLANNER_SERVER_URL": "http://p",
            "EXECUTOR_SERVER_URL": "http://e",
            "MAX_PHASES": "4",
            "PLAN_TOKENS": "88",
            "EXECUTION_TOKENS": "99",
            "EXECUTOR_CONTEXT": "published",
            "PLANNER_API": "chat",
            "EXECUTOR_API": "completions",
            "METHOD": "SPRINT-prompted",
            "CLIENT_PROCESSES": "2",
            "SERVER_TIMEOUT": "60",
            "CALL_DEADLINE": "50",
            "EXECUTOR_DEADLINE": "40",
            "PROBLEM_DEADLINE": "900",
        },
        [
            *TEST_FLAGS,
            "--planner_model p",
            "--executor_model e",
            "--planner_server_url http://p",
            "--executor_server_url http://e",
            "--max_phases 4",
            "--plan_tokens 88",
            "--execution_tokens 99",
            "--executor_context published",
            "--planner_api chat",
            "--executor_api completions",
            "--method SPRINT-prompted",
            "--client_processes 2",
            "--timeout 60",
            "--call_deadline 50",
            "--executor_deadline 40",
            "--problem_deadline 900",
        ],
    ),
    "run_sprint_server.sh": (
        {
            "PLANNER_MODEL": "p",
            "EXECUTOR_MODEL": "e",
            "PLANNER_SERVER_URL": "http://p",
            "EXECUTOR_SERVER_URL": "http://e",
            "SERIAL_MODEL": "s",
            "SERIAL_SERVER_URL": "http://s",
            "SPRINT_HOST": "0.0.0.0",
            "SPRINT_PORT": "8081",
            "SERVED_MODEL_NAME": "mine",
            "MAX_RUNNING": "7",
            "MAX_QUEUE": "8",
            "REQUEST_DEADLINE": "900",
            "DRAIN_TIMEOUT": "9",
            "MAX_PHASES": "4",
            "TEMPERATURE": "0.25",
            "PLAN_TOKENS": "88",
            "EXECUTION_TOKENS": "99",
            "SERIAL_TOKENS": "77",
            "SERVER_TIMEOUT": "60",
            "TOKENIZER": "t",
        },
        [
            "--planner_model p",
            "--executor_model e",
            "--planner_server_url http://p",
            "--executor_server_url http://e",
            "--serial_model s",
            "--serial_server_url http://s",
            "--host 0.0.0.0",
            "--port 8081",
            "--served_model_name mine",
            "--max_running 7",
            "--max_queue 8",
            "--request_deadline 900",
            "--drain_timeout 9",
            "--max_phases 4",
            "--temperature 0.25",
            "--plan_tokens 88",
            "--execution_tokens 99",
            "--serial_tokens 77",
            "--timeout 60",
            "--tokenizer t",
        ],
    ),
    "run_server.sh": (
        {
            "MODEL": "m",
            "SERVER_DIR": "d",
            "HOST": "::1",
            "PORT": "8001",
            "TIMEOUT": "5",
            "STOP_TIMEOUT": "3",
            "SERVER_OWNER": "1",
            "MAX_MODEL_LEN": "99",
            "SERVER_COMPILE": "off",
            "SERVER_OPTIONS": "--seed 5",
        },
        [
            "--folder d",
            "--host ::1",
            "--port 8001",
            "--timeout 5",
            "--grace 3",
            "--owner 1",
            "--model m",
            "--host {host}",
            "--port {port}",
            "--max-model-len 99",
            "--seed 5",
        ],
    ),
}


def run(folder: Path, script: str, variables: dict[str, str], *flags: str) -> list[str]:
    """The lines that the recorder writes."""
    recorder = folder / "python"
    recorder.write_text(RECORDER)
    recorder.chmod(0o755)
    done = subprocess.run(
        ["sh", str(ROOT / "run" / script), *flags],
        env={"PATH": os.environ["PATH"], "PYTHON": str(recorder)} | variables,
        capture_output=True,
        text=True,
        check=True,
        timeout=PROCESS_PATIENCE,
    )
    return done.stdout.splitlines()


@pytest.mark.parametrize("script", SCRIPTS)
def test_each_variable_reaches_its_flag(script: str, tmp_path: Path) -> None:
    variables, flags = SCRIPTS[script]
    said = run(tmp_path, script, variables)
    pairs = [f"{flag} {value}" for flag, value in pairwise(said)]
    assert [flag for flag in flags if flag not in pairs] == []


@pytest.mark.parametrize("stage", ["component_separation", "dag_creation"])
@pytest.mark.parametrize(("batch", "used"), [("1", True), ("0", False), ("", False)])
def test_only_1_switches_batches_on(stage: str, batch: str, used: bool, tmp_path: Path) -> None:
    said = run(tmp_path, f"run_{stage}.sh", DATA | {"BATCH": batch})
    assert ("--batch" in said) == used


@pytest.mark.parametrize("stage", ["component_separation", "dag_creation"])
def test_another_value_of_batch_is_refused(stage: str, tmp_path: Path) -> None:
    """It would pay the full price."""
    with pytest.raises(subprocess.CalledProcessError) as failed:
        run(tmp_path, f"run_{stage}.sh", DATA | {"BATCH": "true"})
    assert failed.value.returncode == 2
    assert failed.value.stderr.startswith("Error: BATCH is 'true': set it to 1")


def test_what_is_not_set_is_left_to_the_method(tmp_path: Path) -> None:
    said = run(tmp_path, "run_base_model_evaluation.sh", {"MODEL": "m", "METHOD": "SoT-chat"})
    assert [flag for flag in ("--temperature", "--max_tokens", "--samples") if flag in said] == []


@pytest.mark.parametrize("gpus", ["0", "1", "4"])
def test_one_process_without_a_launcher_several_with_one(gpus: str, tmp_path: Path) -> None:
    said = run(tmp_path, "run_finetune.sh", FINETUNING | {"GPUS": gpus})
    assert ("launch" in said) == (gpus == "4")
    if gpus == "4":
        assert said[said.index("--num_processes") + 1] == "4"


def serve_without_gpu(folder: Path, cores: int, **variables: str) -> list[str]:
    """What run_server.sh starts on a machine with so many cores."""
    programs = folder / "bin"
    programs.mkdir()
    for name, body in {"nvidia-smi": "exit 1", "cc": "exit 0"}.items():
        (programs / name).write_text(f"#!/bin/sh\n{body}\n")
        (programs / name).chmod(0o755)
    path = f"{programs}:{os.environ['PATH']}"
    given = {"MODEL": "m", "PATH": path, "CXX": "cc", "GPUS": f"{cores}"}
    return run(folder, "run_server.sh", given | variables)


@pytest.mark.parametrize("cores", [2, 8])
@pytest.mark.parametrize("compiles", [True, False])
def test_a_model_is_compiled_on_request(cores: int, compiles: bool, tmp_path: Path) -> None:
    """And then all cores of a small machine decode."""
    variables = {"SERVER_COMPILE": "on"} if compiles else {}
    said = serve_without_gpu(tmp_path, cores, **variables)
    assert ("--enforce-eager" in said) != compiles
    assert ("RESERVED=0" in said) == (compiles and cores == 2)


def test_cores_that_the_user_reserves_stay_reserved(tmp_path: Path) -> None:
    variables = {"SERVER_COMPILE": "on", "VLLM_CPU_NUM_OF_RESERVED_CPU": "1"}
    assert "RESERVED=1" in serve_without_gpu(tmp_path, 2, **variables)


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"SERVER_COMPILE": "yes"}, "Error: expected SERVER_COMPILE to be on or off, not 'yes'."),
        (
            {"SERVER_COMPILE": "on", "CXX": "no-such-compiler"},
            "Error: SERVER_COMPILE=on needs a C++ compiler (no-such-compiler) and Python's headers",
        ),
    ],
)
def test_what_cannot_be_compiled_is_refused(
    variables: dict[str, str], message: str, tmp_path: Path
) -> None:
    with pytest.raises(subprocess.CalledProcessError) as failed:
        serve_without_gpu(tmp_path, 2, **variables)
    assert failed.value.returncode == 2
    assert failed.value.stderr.startswith(message)


def tunables_of(said: list[str]) -> str:
    return next(it for it in said if it.startswith("GLIBC_TUNABLES=")).partition("=")[2]


def test_a_training_on_a_cpu_keeps_the_memory_that_it_frees(tmp_path: Path) -> None:
    found = tunables_of(run(tmp_path, "run_finetune.sh", FINETUNING | {"GPUS": "0"}))
    names = [it.partition("=")[0] for it in found.split(":")]
    assert {"glibc.malloc.mmap_max", "glibc.malloc.hugetlb"} < set(names)
    assert all(it.startswith("glibc.malloc.") for it in names)


def test_the_memory_of_other_trainings_is_left_to_the_user(tmp_path: Path) -> None:
    mine = FINETUNING | {"GLIBC_TUNABLES": "glibc.malloc.perturb=1"}
    assert tunables_of(run(tmp_path, "run_finetune.sh", mine)) == "glibc.malloc.perturb=1"
    assert tunables_of(run(tmp_path, "run_finetune.sh", FINETUNING | {"GPUS": "1"})) == ""


def test_the_command_decides_the_precision_and_not_the_launcher(tmp_path: Path) -> None:
    flags = ("--precision", "bfloat16")
    said = run(tmp_path, "run_finetune.sh", FINETUNING | {"GPUS": "4"}, *flags)
    assert said[said.index("--mixed_precision") + 1] == "no"
    assert said[-2:] == list(flags)


@pytest.mark.parametrize("sharding", ["zero3", "fsdp2"])
def test_the_configuration_of_the_sharding_is_there(sharding: str, tmp_path: Path) -> None:
    said = run(tmp_path, "run_finetune.sh", FINETUNING | {"GPUS": "4", "SHARDING": sharding})
    config = said[said.index("--config_file") + 1]
    assert sharding in config
    assert (ROOT / config).is_file()


def test_another_sharding_is_refused(tmp_path: Path) -> None:
    with pytest.raises(subprocess.CalledProcessError) as refused:
        run(tmp_path, "run_finetune.sh", FINETUNING | {"GPUS": "4", "SHARDING": "zero4"})
    assert "expected zero3 or fsdp2" in refused.value.stderr


def test_several_processes_on_a_cpu(tmp_path: Path) -> None:
    said = run(tmp_path, "run_finetune.sh", FINETUNING | {"CPU_PROCESSES": "2"})
    assert said[said.index("--nproc_per_node") + 1] == "2"


def test_without_gpus_none_are_seen(tmp_path: Path) -> None:
    variables = FINETUNING | {"GPUS": "4", "NUM_GPUS": "0", "CUDA_VISIBLE_DEVICES": "2,3"}
    said = run(tmp_path, "run_finetune.sh", variables)
    assert said[0] == "CUDA_VISIBLE_DEVICES="
    assert "launch" not in said


@pytest.mark.parametrize(("seen", "chosen"), [("", "0"), ("2,3", "2")])
def test_one_gpu_of_several_is_the_only_one_seen(seen: str, chosen: str, tmp_path: Path) -> None:
    """A process that sees more would split each batch over them."""
    variables = FINETUNING | {"GPUS": "4", "NUM_GPUS": "1"}
    said = run(tmp_path, "run_finetune.sh", variables | {"CUDA_VISIBLE_DEVICES": seen})
    assert said[0] == f"CUDA_VISIBLE_DEVICES={chosen}"
    assert "launch" not in said


def and_what_it_sources(script: Path) -> Iterator[Path]:
    yield script
    for part in re.findall(r"^\. (run/\w+\.sh)$", script.read_text(encoding="utf-8"), re.M):
        yield from and_what_it_sources(ROOT / part)


def with_what_it_sources(script: Path) -> str:
    return "".join(path.read_text(encoding="utf-8") for path in and_what_it_sources(script))


def commands_of(script: Path) -> Iterator[tuple[str, str]]:
    """The module of each command that a script starts, and the flags that it writes for it."""
    text = with_what_it_sources(script).replace("\\\n", " ")
    sourced = "".join(re.findall(r"^set -- .*$", text, re.MULTILINE))
    for module, flags in re.findall(r"-m sprint\.([\w.]+) (.*)$", text, re.MULTILINE):
        yield module, sourced + flags


STARTING = sorted(path.name for path in (ROOT / "run").glob("*.sh") if [*commands_of(path)])


def test_scripts_of_one_command_are_all_tested() -> None:
    """Except stage 5, which is several commands and their servers: test_servers.py."""
    stage_5 = {"run_latency_tuning.sh", "run_reinforcement.sh"}
    of_one = {name for name in STARTING if name.startswith("run_")} - stage_5
    assert set(SCRIPTS) == of_one


@pytest.mark.parametrize("script", STARTING)
def test_a_default_of_the_configuration_stands_there_alone(script: str) -> None:
    path = ROOT / "run" / script
    given = dict(
        re.findall(r"^([A-Z_]+)=\$\{\1:-(.*)\}$", with_what_it_sources(path), re.MULTILINE)
    )
    written = 0
    for module, flags in commands_of(path):
        fields = {field.flag: field for kind in configs_of(module) for field in fields_of(kind)}
        for flag, word in re.findall(r'(--\w+) "?(\$?[^\s"}]+)', flags):
            value = given.get(word[1:], "") if word.startswith("$") else word
            default = fields[flag].default if flag in fields else ""
            # A script for one command has no other defaults than the command.
            own = word.startswith("$") and script in SCRIPTS
            assert not (default and (value if own else same(value, default))), f"{flag} {value}"
            written += 1
    assert written > (5 if script in SCRIPTS else 0)


def same(value: str, default: str) -> bool:
    try:
        return float(value) == float(default)
    except ValueError:
        return value == default


def test_what_is_not_set_gives_no_flag(tmp_path: Path) -> None:
    said = run(tmp_path, "run_agent_orchestration.sh", {"PLANNER_MODEL": "p"})
    flags = [word for word in said if word.startswith("--")]
    assert flags == ["--planner_model", "--planner_server_url", "--test_hub_path"]


def test_only_the_named_variables_reach_the_stages(tmp_path: Path) -> None:
    """Of all that a stage or a server reads, except what concerns only the machine."""
    script = ". run/variables.sh; LOGS_DIR=l; use_only LOGS_DIR MAX_LENGTH; env"
    parts = {part for name in SCRIPTS for part in and_what_it_sources(ROOT / "run" / name)}
    strays = {one.name: "5" for part in parts for one in variables_of(part)}
    assert {"EXECUTOR_MODEL", "SUBSET", "HOST"} <= strays.keys()
    strays |= {"PROMPTS_DIR": "p", "OTHER": "o"}
    done = subprocess.run(
        ["sh", "-euc", script],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"]} | strays,
        capture_output=True,
        text=True,
        check=True,
    )
    left = dict(line.split("=", 1) for line in done.stdout.splitlines())
    assert (left["LOGS_DIR"], left["MAX_LENGTH"], left["OTHER"]) == ("l", "5", "o")
    stay = {"LOGS_DIR", "MAX_LENGTH", "OTHER", "STOP_TIMEOUT", "VLLM_CPU_KVCACHE_SPACE"}
    assert left.keys() & (strays.keys() | {"LOGS_DIR"}) == stay
