"""SPRINT inference: a planner and its executors solve the problems of a dataset.

Writes LOGS_DIR_full_trajectory/<planner>/<dataset>/: a trajectory a problem, the CSV, the ledger
calls.jsonl and run.json. The same command again does only what is missing.
"""

from __future__ import annotations

import argparse
from functools import partial
from typing import get_args

from ..utils.chat_server import Api, chat_prompt
from ..utils.cli import make_parser, not_negative, positive, run_main, sibling_folder
from ..utils.evaluation import Method, add_evaluation_flags, evaluate, settings_from
from ..utils.prompts import load_prompt
from ..utils.results import SPRINT_LAYOUT, model_folder_name
from ..utils.run_record import fingerprint
from ..utils.runner import run_async
from ..utils.server_flags import server_urls
from .opening import open_solver
from .settings import Dispatch, ExecutorContext, Settings

PROMPT = "global_agent_prompt"


def parse_arguments() -> argparse.Namespace:
    parser = make_parser(__doc__)
    add_evaluation_flags(parser, Settings)
    parser.add_argument("--planner_model", required=True, help="name the server knows it by")
    parser.add_argument("--executor_model", help="as --planner_model where it is not given")
    parser.add_argument(
        "--planner_server_url",
        type=server_urls,
        required=True,
        help="http://host:port/v1; several with commas between: a problem stays on one of them",
    )
    parser.add_argument(
        "--executor_server_url",
        type=server_urls,
        help="as the planner's where it is not given",
    )
    parser.add_argument(
        "--planner_api",
        choices=get_args(Api),
        default="completions",
        help="chat: for servers that have nothing else; the model is asked to continue a text",
    )
    parser.add_argument(
        "--executor_api", choices=get_args(Api), help="as the planner's where it is not given"
    )
    parser.add_argument(
        "--max_phases", type=positive, default=Settings.max_phases, help="planner calls a problem"
    )
    parser.add_argument(
        "--plan_tokens",
        type=positive,
        default=Settings.plan_tokens,
        help="tokens of a plan at most",
    )
    parser.add_argument(
        "--execution_tokens",
        type=positive,
        default=Settings.execution_tokens,
        help="tokens of an execution at most",
    )
    parser.add_argument(
        "--executor_context",
        choices=get_args(ExecutorContext),
        default=Settings.executor_context,
        help="what an executor sees: the plan up to its prompt, or as the published code",
    )
    parser.add_argument(
        "--dispatch",
        choices=get_args(Dispatch),
        default=Settings.dispatch,
        help="when executors start: as their prompts close, or after the whole plan",
    )
    parser.add_argument(
        "--max_prompts",
        type=positive,
        default=Settings.max_prompts,
        help="prompts of a plan at most",
    )
    parser.add_argument(
        "--reuse_tokens",
        action=argparse.BooleanOptionalAction,
        default=Settings.reuse_tokens,
        help="send the token ids of earlier calls again, where server and tokenizer allow it",
    )
    for flag, what in (
        ("--call_deadline", "seconds a call may take before it counts as failed; 0 = no limit"),
        ("--executor_deadline", "seconds an execution may take before it is cut; 0 = no limit"),
        ("--problem_deadline", "seconds a problem may take before it ends; 0 = no limit"),
    ):
        parser.add_argument(flag, type=not_negative, default=0.0, help=what)
    return parser.parse_args()


async def run(arguments: argparse.Namespace) -> None:
    prompt = load_prompt(PROMPT)
    settings = settings_from(Settings, arguments)
    executor_model = arguments.executor_model or arguments.planner_model
    apis = [arguments.planner_api, arguments.executor_api or arguments.planner_api]
    method = Method(
        name="SPRINT",
        model=arguments.planner_model,
        settings=settings,
        prompts={PROMPT: prompt} | chat_prompt(*apis),
        layout=SPRINT_LAYOUT,
        folder=sibling_folder(arguments.logs_dir, "_full_trajectory")
        / model_folder_name(arguments.planner_model),
        more={
            "executor_model": executor_model,
            "executor_files": fingerprint(executor_model),
            "apis": apis,
        },
        servers={
            "planner": arguments.planner_server_url,
            "executor": arguments.executor_server_url or arguments.planner_server_url,
        },
        calls_at_once=settings.max_prompts + 1,
    )
    await evaluate(arguments, method, partial(open_solver, arguments, prompt, settings))


def main() -> None:
    arguments = parse_arguments()
    run_async(lambda: run(arguments))


if __name__ == "__main__":
    run_main(main)
