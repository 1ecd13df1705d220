"""Serial reasoning on the problems of a dataset: the base model, or the RFT model.

Writes LOGS_DIR_base_model/base_model_output_<model>/<dataset>/: the model's text a problem, the
CSV, the ledger calls.jsonl and run.json. The same command again does only what is missing.
"""

from __future__ import annotations

import argparse
from functools import partial
from typing import get_args

from ..utils.chat_server import Api, chat_prompt
from ..utils.cli import make_parser, positive, run_main, sibling_folder
from ..utils.evaluation import Method, add_evaluation_flags, evaluate, settings_from
from ..utils.prompts import load_prompt
from ..utils.results import SERIAL_LAYOUT, model_folder_name
from ..utils.runner import run_async
from .opening import open_solver
from .serial import Settings

PROMPT = "base_model_prompt"


def parse_arguments() -> argparse.Namespace:
    parser = make_parser(__doc__)
    add_evaluation_flags(parser, Settings)
    parser.add_argument("--method", default="RFT", help="what the tables call this model")
    parser.add_argument("--model", required=True, help="name the server knows it by")
    parser.add_argument(
        "--server_url",
        required=True,
        help="http://host:port/v1; several with commas between: a problem stays on one of them",
    )
    parser.add_argument(
        "--api",
        choices=get_args(Api),
        default="completions",
        help="chat: for servers that have nothing else; the model is asked to continue a text",
    )
    parser.add_argument(
        "--max_tokens",
        type=positive,
        default=Settings.max_tokens,
        help="tokens of an answer at most",
    )
    return parser.parse_args()


async def run(arguments: argparse.Namespace) -> None:
    prompt = load_prompt(PROMPT)
    settings = settings_from(Settings, arguments)
    method = Method(
        name=arguments.method,
        model=arguments.model,
        settings=settings,
        prompts={PROMPT: prompt} | chat_prompt(arguments.api),
        layout=SERIAL_LAYOUT,
        folder=sibling_folder(arguments.logs_dir, "_base_model")
        / f"base_model_output_{model_folder_name(arguments.model)}",
        more={"apis": [arguments.api]},
        servers={"solver": arguments.server_url},
    )
    await evaluate(arguments, method, partial(open_solver, arguments, prompt, settings))


def main() -> None:
    arguments = parse_arguments()
    run_async(lambda: run(arguments))


if __name__ == "__main__":
    run_main(main)
