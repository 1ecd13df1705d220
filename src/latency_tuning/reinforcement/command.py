"""Runs `sprint reinforce`: rollouts, an update, new weights for the server, and again."""

from __future__ import annotations

import logging
import random
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import fmean
from typing import Any

from ...utils.config import record
from ...utils.data.loading import load_problems
from ...utils.errors import InputError
from ...utils.files.atomic import writable_folder, write_json
from ...utils.files.json_file import read_object
from ...utils.files.locks import locked
from ...utils.files.run_record import changes
from ...utils.precision import denormals_flushed
from ...utils.records import Problem
from ..trajectory_price import trajectory_price
from .config import ReinforceConfig
from .inference import Inference
from .learner import Learner, WeightedCall
from .live_server import LiveServer
from .rewards import advantages, call_weight
from .rollouts import Rollout, read_rollouts
from .step_figures import StepFigures, UpdateFigures

log = logging.getLogger(__name__)

SETTINGS, RESULT, STATE = "settings.json", "result.json", "state.pt"
"""In the output folder: the configuration; how the run ended; weights, optimizer and the number of
updates.
"""
MAY_CHANGE = ("steps", "save_steps", "num_workers", "server_url")
"""Fields that another run into the folder may set otherwise."""


def run(config: ReinforceConfig) -> None:
    """Train until the steps are done or a rule stops it.

    Raises InputError for invalid input, ServerError if the server does not take new weights.
    """
    writable_folder(config.output, "choose another --output")
    with locked(config.output / ".lock", f"{config.output}"), denormals_flushed():
        Reinforcement(config).run()


class Reinforcement:
    """A run: its parts, and what is done of it."""

    def __init__(self, config: ReinforceConfig) -> None:
        self.config, self.output = config, config.output
        self._check_settings()
        self.server = LiveServer(config.server_url)
        self.problems = load_problems(config.source, "train")
        if len(self.problems) < config.problems:
            raise InputError(
                f"{config.data_hub_path} has {len(self.problems)} problems, fewer than the "
                f"{config.problems} of a step: set --problems."
            )
        self.price = trajectory_price(config.prices, config.model)
        self.inference = Inference(config)
        self.learner = Learner(
            config.model,
            config.learning_rate,
            gradient_checkpointing=config.gradient_checkpointing,
        )
        if (self.output / STATE).is_file():
            self.learner.load(self.output / STATE)
        self._remove_later()
        write_json(self.output / SETTINGS, record(config))

    def run(self) -> None:
        """All that is left of the steps."""
        reason = self._stopped_before()
        if not reason:
            self._publish()
            reason = self._evaluate_if_due()
        while not reason and self.learner.updates < self.config.steps:
            reason = self._step()
            if not reason:
                self._publish()
                reason = self._evaluate_if_due()
            done = self.learner.updates
            if not reason and (done % self.config.save_steps == 0 or done == self.config.steps):
                self.learner.save(self.output / STATE)
        found = {"updates": self.learner.updates, "stopped": reason}
        write_json(self.output / RESULT, found)
        words = f"Stopped: {reason}." if reason else "All steps are done."
        print(f"{words} The model: {self.output / 'model'}")

    def _stopped_before(self) -> str:
        """Why an earlier run stopped, "" if none did."""
        path = self.output / RESULT
        if not path.is_file():
            return ""
        return str(read_object(path, "remove it to go on").get("stopped") or "")

    def _evaluate_if_due(self) -> str:
        done = self.learner.updates
        is_due = done % self.config.eval_steps == 0 or done == self.config.steps
        return self._evaluate() if is_due else ""

    def _step(self) -> str:
        """Rollouts and an update; returns why to stop, "" to go on."""
        number = self.learner.updates
        folder = self.output / "steps" / f"{number:05d}"
        results = self.inference.solve(
            batch_of(self.problems, number, self.config),
            folder,
            samples=self.config.samples,
            temperature=1.0,
            record_tokens=True,
        )
        rollouts = list(read_rollouts(results, self.price))
        if not any(call.is_complete for one in rollouts for call in one.calls):
            raise InputError(
                f"The server at {self.config.server_url} gives no token ids or log-probabilities: "
                "use a vLLM server."
            )
        rewards, weighted = self._weighted(rollouts)
        rules, update = self.config.stop_rules, UpdateFigures()
        figures = StepFigures.of(rollouts, rewards, update)
        reason = rules.after_rollouts(figures, is_first=number == 0)
        if not reason:
            update = self.learner.accumulate(weighted)
            reason = rules.after_gradient(update)
            figures = replace(figures, update=update)
        write_json(folder / "figures.json", figures.as_json())
        print(f"Step {number}: {figures}", flush=True)
        if reason:
            self.learner.discard()
        else:
            self.learner.update()
        return reason

    def _weighted(
        self, rollouts: Sequence[Rollout]
    ) -> tuple[list[float], list[list[WeightedCall]]]:
        """The rewards of the rollouts, and the weights of their calls."""
        rewards, weighted = list[float](), list[list[WeightedCall]]()
        for group in groups_of(rollouts):
            mine = self.config.reward_rule.rewards([one.outcome for one in group])
            rewards += mine
            weighted += [
                [
                    WeightedCall(call.tokens, call_weight(advantage, kept=call.kept))
                    for call in one.calls
                    if call.is_complete
                ]
                for one, advantage in zip(group, advantages(mine), strict=True)
            ]
        return rewards, weighted

    def _evaluate(self) -> str:
        """Solve the held-out problems; returns why to stop, else the model so far is kept."""
        place = self.output / "evaluations"
        first, now = place / "00000", place / f"{self.learner.updates:05d}"
        if not (now / RESULT).is_file():
            results = self.inference.solve(self.inference.held_out, now, temperature=0.0)
            rollouts = list(read_rollouts(results, self.price, needs_tokens=False))
            timed = [one.seconds for one in rollouts if one.seconds is not None]
            found = {
                "accuracy": fmean(one.right for one in rollouts),
                "seconds": fmean(timed) if timed else 0.0,
            }
            write_json(now / RESULT, found)
            print(
                f"After {self.learner.updates} updates: {found['accuracy']:.1%} of "
                f"{len(rollouts)} held-out problems right, priced path {found['seconds']:.3f} s",
                flush=True,
            )
        before, after = (accuracy_in(folder / RESULT) for folder in (first, now))
        reason = self.config.stop_rules.after_evaluation(before, after)
        if not reason:
            self.learner.save_served(self.output / "model")
        return reason

    def _publish(self) -> None:
        """Load the present weights into the server."""
        served = self.output / "served"
        self.learner.save_served(served)
        self.server.load(served)

    def _check_settings(self) -> None:
        """InputError if the folder belongs to a run with other settings."""
        path = self.output / SETTINGS
        found = read_object(path, "use another --output") if path.is_file() else {}
        if found and (changed := changes(found, record(self.config), MAY_CHANGE)):
            raise InputError(
                f"{self.output} has a run with other settings ({changed}): repeat those, or use "
                "another --output."
            )

    def _remove_later(self) -> None:
        """Remove what was done after the state: its rollouts are of weights that are lost."""
        done = self.learner.updates
        for kind in ("steps", "evaluations"):
            for folder in (self.output / kind).glob("[0-9]*"):
                if int(folder.name) > done:
                    log.warning("%s is done again: its weights were not saved.", folder)
                    shutil.rmtree(folder)


def accuracy_in(path: Path) -> float:
    """The accuracy in a file of an evaluation."""
    found: Any = read_object(path, "remove its folder").get("accuracy")
    if not isinstance(found, int | float):
        raise InputError(f"{path} has no accuracy: remove its folder.")
    return float(found)


def batch_of(problems: Sequence[Problem], step: int, config: ReinforceConfig) -> list[Problem]:
    """The problems of a step: in a new random order each time that all have been used."""
    places = range(step * config.problems, (step + 1) * config.problems)
    orders = dict[int, list[int]]()
    chosen = dict[int, None]()
    for place in places:
        turn, within = divmod(place, len(problems))
        if turn not in orders:
            orders[turn] = list(range(len(problems)))
            random.Random(f"{config.seed}-{turn}").shuffle(orders[turn])
        chosen[orders[turn][within]] = None
    return [problems[index] for index in chosen]


def groups_of(rollouts: Sequence[Rollout]) -> Iterator[list[Rollout]]:
    """The rollouts of each problem, in the order of their first."""
    groups = dict[str, list[Rollout]]()
    for one in rollouts:
        groups.setdefault(one.problem, []).append(one)
    yield from groups.values()
