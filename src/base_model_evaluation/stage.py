"""A run of a baseline on a test set."""

from __future__ import annotations

from functools import partial

from ..utils.config.cli import sibling_folder
from ..utils.methods.evaluation import Method, evaluate
from ..utils.methods.runner import run_async
from ..utils.results.writing import model_folder_name
from .config import BaselineConfig
from .methods import calls_at_once, folder_suffix, layout_of, load_prompts
from .opening import open_solver


def run(config: BaselineConfig) -> None:
    """Solve the problems missing from the result folder. Raises SprintError if it fails."""
    run_async(lambda: run_within(config))


async def run_within(config: BaselineConfig) -> None:
    """Like `run`, within an event loop: in a notebook, `await run_within(config)`."""
    prompts = load_prompts(config.method)
    name = model_folder_name(config.model) + folder_suffix(config.method)
    method = Method(
        name=config.method,
        model=config.model,
        settings=config.settings,
        prompts=prompts,
        layout=layout_of(config.method),
        folder=sibling_folder(config.logs_dir, "_base_model") / f"base_model_output_{name}",
        more={"apis": [config.api]},
        servers={"solver": config.server_url},
        calls_at_once=calls_at_once(config.settings),
    )
    await evaluate(config, method, partial(open_solver, config, prompts))
