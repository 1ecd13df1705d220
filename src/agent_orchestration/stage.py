"""A run of SPRINT inference on a test set."""

from __future__ import annotations

from functools import partial

from ..utils.api.chat_server import chat_prompt
from ..utils.config.cli import sibling_folder
from ..utils.files.run_record import fingerprint
from ..utils.methods.evaluation import Method, evaluate
from ..utils.methods.runner import run_async
from ..utils.prompts import load_prompt
from ..utils.results.writing import SPRINT_LAYOUT, model_folder_name
from .config import SprintConfig
from .opening import PROMPT, open_solver


def run(config: SprintConfig) -> None:
    """Solve what is missing in the result folder. Raises SprintError where it cannot be done."""
    run_async(lambda: run_within(config))


async def run_within(config: SprintConfig) -> None:
    """As `run`, within an event loop: in a notebook, `await run_within(config)`."""
    prompt = load_prompt(PROMPT)
    executor_model = config.executor_model or config.planner_model
    apis = [config.planner_api, config.executor_api or config.planner_api]
    method = Method(
        name="SPRINT",
        model=config.planner_model,
        settings=config.settings,
        prompts={PROMPT: prompt} | chat_prompt(*apis),
        layout=SPRINT_LAYOUT,
        folder=sibling_folder(config.logs_dir, "_full_trajectory")
        / model_folder_name(config.planner_model),
        more={
            "executor_model": executor_model,
            "executor_files": fingerprint(executor_model),
            "apis": apis,
        },
        servers={
            "planner": config.planner_server_url,
            "executor": config.executor_server_url or config.planner_server_url,
        },
        calls_at_once=config.max_prompts + 1,
    )
    await evaluate(config, method, partial(open_solver, config, prompt))
