"""`sprint reinforce`: its loop on a scripted server, what stops it, and how it continues."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from safetensors.torch import load_file
from sprint.latency_tuning.reinforcement.command import batch_of, run
from sprint.latency_tuning.reinforcement.config import ReinforceConfig
from sprint.utils.errors import InputError
from sprint.utils.prompt_files import load_prompt
from support.commands import start_command
from support.fake_server import MODEL, Answer, FakeServer, Reply, Request
from support.limits import PROCESS_PATIENCE
from support.scripts import (
    OTHER_PROBLEM,
    OTHER_TRAJECTORY,
    PROBLEM,
    TRAJECTORY,
    Scripted,
    calls_of,
    planner_call,
)
from support.tiny import save_tiny_model

SERIAL = "<Final_answer>\nThe sum is \\boxed{26}.\n</Final_answer>"


class LiveFake(FakeServer):
    """It takes new weights: `loaded` has the folders, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.loaded: list[Path] = []
        self.tells_ids = True
        self.refused = False

    def _add_routes(self, app: web.Application) -> None:
        app.router.add_post("/collective_rpc", self._load)
        app.router.add_post("/reset_prefix_cache", self._forget)

    async def _load(self, http: web.Request) -> web.Response:
        call = await http.json()
        assert call["method"] == "load_weights_from"
        (folder,) = call["args"]
        self.loaded.append(Path(folder))
        return web.json_response({"results": [None]})

    async def _forget(self, _: web.Request) -> web.Response:
        """Not at the first attempt: a request may still hold a part of the cache."""
        self.refused = not self.refused
        return web.json_response({"success": not self.refused})


@pytest.fixture
def live() -> Iterator[LiveFake]:
    with LiveFake() as server:
        yield server
        assert not server.script_errors


class Structures:
    """Answers each second first plan serially, so that a group has two structures."""

    def __init__(self, serial: int, of: int) -> None:
        self.serial, self.of, self.asked = serial, of, 0
        instruction = load_prompt("global_agent_prompt")
        calls = [
            call
            for trajectory in (TRAJECTORY, OTHER_TRAJECTORY)
            for call in calls_of(trajectory, instruction)
        ]
        self.scripted = Scripted(calls)
        self.first = {call.context for call in calls if (call.role, call.phase) == ("planner", 1)}

    def __call__(self, request: Request) -> Answer:
        if request.context in self.first:
            self.asked += 1
            if self.asked % self.of < self.serial:
                return Reply.of(SERIAL)
        return self.scripted(request)


def config_in(folder: Path, server: FakeServer, **changes: Any) -> ReinforceConfig:
    """Of a run in `folder`, with a model and two problems."""
    model, problems = folder / "model", folder / "problems.jsonl"
    if not model.is_dir():
        save_tiny_model(model)
        rows = [
            {"id": one.id, "question": one.question, "answer": one.answer, "level": one.level}
            for one in (PROBLEM, OTHER_PROBLEM)
        ]
        problems.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    return ReinforceConfig(
        model=str(model),
        planner_model=MODEL,
        server_url=server.url,
        data_hub_path=str(problems),
        held_out=str(problems),
        prices="h100_7b",
        output=folder / "run",
        problems=2,
        samples=4,
        eval_steps=2,
        learning_rate=1e-3,
        max_mismatch=100,  # this server's log-probabilities are not the model's
        gradient_checkpointing=False,
        **changes,
    )


def test_each_step_samples_updates_and_loads_the_weights(live: LiveFake, tmp_path: Path) -> None:
    live.script = Structures(serial=1, of=2)
    config = config_in(tmp_path, live, steps=2)
    run(config)
    assert len(live.loaded) == 3  # the first weights, and those of two updates
    figures = [
        json.loads((tmp_path / "run/steps" / f"{number:05d}" / "figures.json").read_text())
        for number in range(2)
    ]
    assert all(one["rollouts"] == 8 and one["right"] == 1 for one in figures)
    assert all(0 < one["serial"] < 1 and one["update"]["tokens"] > 0 for one in figures)
    assert json.loads((tmp_path / "run/result.json").read_text()) == {"updates": 2, "stopped": ""}
    served, kept = (
        load_file(tmp_path / "run" / name / "model.safetensors") for name in ("served", "model")
    )
    first = load_file(tmp_path / "model/model.safetensors")
    assert served.keys() == kept.keys() == first.keys()
    assert all((served[name] == kept[name]).all() for name in served)
    assert any((served[name] != first[name].bfloat16()).any() for name in served)


def test_rollouts_without_a_plan_stop_it(
    live: LiveFake, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    live.script = Structures(serial=1, of=1)
    config = config_in(tmp_path, live, steps=5)
    run(config)
    assert "Stopped: 100.0% of the rollouts are serial" in capsys.readouterr().out
    run(config)  # and it stays so
    assert "Stopped: 100.0% of the rollouts are serial" in capsys.readouterr().out
    assert len(live.loaded) == 1


def test_a_model_with_many_faults_is_not_trained(
    live: LiveFake, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    script = Structures(serial=1, of=2)
    plan = planner_call(1)
    context = plan.context.replace("Solve in rounds.", load_prompt("global_agent_prompt"), 1)
    script.first = set()
    good, bad = Reply.of(plan.completion), Reply.of("No tag.")
    script.scripted.set(context, good, bad, bad, good)  # the first is of the evaluation
    live.script = script
    config = config_in(tmp_path, live, steps=5)
    for _ in range(2):  # also if nobody reads why the first ended
        run(config)
        assert "of the first rollouts have faults" in capsys.readouterr().out
        (tmp_path / "run/result.json").unlink()
    assert not (tmp_path / "run/state.pt").exists()
    assert len(live.loaded) == 2  # the first weights, twice


def test_other_settings_need_another_folder(live: LiveFake, tmp_path: Path) -> None:
    live.script = Structures(serial=1, of=2)
    run(config_in(tmp_path, live, steps=1))
    run(config_in(tmp_path, live, steps=2))
    with pytest.raises(InputError, match=r"time_weight was 0\.5 and is now 0\.9"):
        run(config_in(tmp_path, live, steps=2, time_weight=0.9))


def test_a_server_without_token_ids_is_refused(live: LiveFake, tmp_path: Path) -> None:
    live.script, live.tells_ids = Structures(serial=1, of=2), False
    with pytest.raises(InputError, match="gives no token ids"):
        run(config_in(tmp_path, live, steps=1))


def test_a_killed_run_goes_on(live: LiveFake, tmp_path: Path) -> None:
    """Killed before its first step, and within or after the next two."""
    live.script = Structures(serial=1, of=2)
    config = config_in(tmp_path, live, steps=3)
    flags = []
    for name, value in config.model_dump(mode="json", exclude_unset=True).items():
        if value is False:
            flags += [f"--no-{name}"]
        else:
            flags += [f"--{name}", str(value)]
    module = "sprint.latency_tuning.reinforcement"
    for sign in ("After 0 updates", "Step 0:", "Step 1:"):
        process = start_command(module, flags, tmp_path)
        assert process.stdout is not None
        assert any(line.startswith(sign) for line in process.stdout), process.communicate()
        process.kill()
        process.communicate(timeout=PROCESS_PATIENCE)
    process = start_command(module, flags, tmp_path)
    out, err = process.communicate(timeout=PROCESS_PATIENCE)
    assert process.returncode == 0, err
    assert "All steps are done." in out
    assert "Step 0:" not in out  # its update is in the state
    assert json.loads((tmp_path / "run/result.json").read_text()) == {"updates": 3, "stopped": ""}
    for number in range(3):
        figures = (tmp_path / "run/steps" / f"{number:05d}" / "figures.json").read_text()
        assert json.loads(figures)["rollouts"] == 8


def test_all_problems_are_used_before_any_again(live: LiveFake, tmp_path: Path) -> None:
    problems = [PROBLEM, OTHER_PROBLEM] * 3  # by their places
    config = config_in(tmp_path, live)
    used = [one for step in range(3) for one in batch_of(problems, step, config)]
    assert sorted(map(id, used)) == sorted(map(id, problems))
