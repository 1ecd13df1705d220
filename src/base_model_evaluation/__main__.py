"""The methods that SPRINT is compared with, on the problems of a dataset.

Serial reasoning (RFT, or the base model), self-consistency, and Skeleton-of-Thought with a chat or
a reasoning model; --help shows the defaults of the --method that is given with it. Writes
LOGS_DIR_base_model/base_model_output_<model>/<dataset>/ (of a parallel method
base_model_output_<model>_<method>): the model's text a problem, the CSV, the ledger calls.jsonl and
run.json. The same command again does only what is missing.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from functools import partial
from typing import get_args

from ..utils.chat_server import Api
from ..utils.cli import make_parser, positive, run_main, sibling_folder
from ..utils.evaluation import Method, add_evaluation_flags, evaluate, settings_from
from ..utils.results import model_folder_name
from ..utils.runner import run_async
from ..utils.server_flags import server_urls
from .methods import calls_at_once, folder_suffix, layout_of, load_prompts
from .opening import open_solver
from .settings import (
    CHAT_METHODS,
    SETTINGS,
    MethodName,
    SamplingSettings,
    Settings,
    SkeletonSettings,
)


def parse_arguments(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """The defaults of sampling and API are those of the method that is named."""
    argv = sys.argv[1:] if argv is None else argv
    first = make_parser(None, add_help=False)
    _add_method(first)
    name = first.parse_known_args(argv)[0].method
    settings = SETTINGS[name]
    parser = make_parser(__doc__)
    _add_method(parser)
    add_evaluation_flags(parser, settings)
    parser.add_argument("--model", required=True, help="name the server knows it by")
    parser.add_argument(
        "--server_url",
        type=server_urls,
        required=True,
        help="http://host:port/v1; several with commas between: a problem stays on one of them",
    )
    parser.add_argument(
        "--api",
        choices=get_args(Api),
        default="chat" if name in CHAT_METHODS else "completions",
        help="chat: the model's own chat template, as chat models need",
    )
    parser.add_argument(
        "--max_tokens",
        type=positive,
        default=settings.max_tokens,
        help="tokens of one reply at most",
    )
    if issubclass(settings, SamplingSettings):
        parser.add_argument(
            "--samples", type=positive, default=settings.samples, help="answers to one problem"
        )
    if issubclass(settings, SkeletonSettings):
        parser.add_argument(
            "--max_points",
            type=positive,
            default=settings.max_points,
            help="points of a skeleton at most; one with more is asked for again",
        )
    return parser.parse_args(argv)


def _add_method(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--method",
        choices=get_args(MethodName),
        default="RFT",
        help="RFT and base are the same, serial reasoning, under different names",
    )


async def run(arguments: argparse.Namespace) -> None:
    prompts = load_prompts(arguments.method)
    settings: Settings = settings_from(SETTINGS[arguments.method], arguments)
    name = model_folder_name(arguments.model) + folder_suffix(arguments.method)
    method = Method(
        name=arguments.method,
        model=arguments.model,
        settings=settings,
        prompts=prompts,
        layout=layout_of(arguments.method),
        folder=sibling_folder(arguments.logs_dir, "_base_model") / f"base_model_output_{name}",
        more={"apis": [arguments.api]},
        servers={"solver": arguments.server_url},
        calls_at_once=calls_at_once(settings),
    )
    await evaluate(arguments, method, partial(open_solver, arguments, prompts, settings))


def main() -> None:
    arguments = parse_arguments()
    run_async(lambda: run(arguments))


if __name__ == "__main__":
    run_main(main)
