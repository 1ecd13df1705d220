"""From the flags of a curation stage to its annotator."""

from __future__ import annotations

import argparse
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext

from ..backoff import Backoff
from ..batch_server import MAX_REQUESTS
from ..cli import data_source, not_negative, positive
from ..connection import OPENAI_URL
from ..context_limits import ContextLimit
from ..datasets_io import safe_name
from ..errors import InputError
from ..keys import read_key
from ..locks import locked
from ..open_files import OF_A_CONNECTION, OF_A_LOCK, fitting
from ..results import model_folder_name
from ..server import ModelServer, Sampling
from ..server_flags import server_url
from .annotation import RULES
from .annotator import BatchAnnotator, ModelAnnotator
from .asking import StoredChat
from .costs import find_price
from .money_flags import CURATION
from .open_budget import open_budget, require_price
from .responses import ResponseStore, bytes_of_response

log = logging.getLogger(__name__)


def add_annotator_flags(parser: argparse.ArgumentParser, stage: str) -> None:
    """Who annotates, how, and what it may cost; see --help."""
    parser.add_argument(
        f"--{stage}_model",
        default=RULES,
        help=f"model that annotates, or {RULES!r}, the built-in annotator without a model",
    )
    parser.add_argument(
        f"--{stage}_server_url",
        type=server_url,
        help="OpenAI-compatible server of the model, such as http://localhost:8000/v1; without "
        "it the OpenAI API is asked, with OPENAI_API_KEY",
    )
    parser.add_argument(
        f"--{stage}_key_variable",
        help="environment variable that holds the server's key; without it OPENAI_API_KEY for the "
        "OpenAI API, SERVER_API_KEY for any other server",
    )
    parser.add_argument(
        "--num_workers",
        type=positive,
        default=8,
        help="rows asked at a time, fewer while the server answers 429",
    )
    parser.add_argument(
        "--max_attempts", type=positive, default=3, help="answers asked for before a row fails"
    )
    parser.add_argument(
        "--max_tokens", type=positive, default=8192, help="longest answer, in tokens"
    )
    CURATION.add(parser, "this stage and model", "; --batch halves it")
    parser.add_argument(
        "--dry_run",
        action="store_true",
        help="send and write nothing: say what would be sent and its price",
    )
    parser.add_argument(
        "--batch",
        action="store_true",
        help="ask through the Batch API: half the price, within a day; a run that was stopped "
        "goes on with the batches under way",
    )
    parser.add_argument(
        "--batch_poll", type=not_negative, default=60.0, help="seconds between looks at a batch"
    )
    parser.add_argument(
        "--batch_size",
        type=positive,
        default=MAX_REQUESTS,
        help="requests in one batch; fewer where the server limits the tokens in its queue",
    )


@asynccontextmanager
async def open_annotator(
    arguments: argparse.Namespace, stage: str
) -> AsyncIterator[ModelAnnotator | None]:
    """The annotator that the flags of `add_annotator_flags` ask for; at the end it sums up.

    The flags of the data and --shard name what it works on; while it is open, no other run does
    the same. A dry run, which writes nothing, may run beside it. None for the built-in rules,
    which need nobody to ask.

    Raises InputError for flags that do not go together, ServerError where the server does not
    serve the model.
    """
    model: str = getattr(arguments, f"{stage}_model")
    if model == RULES:
        _refuse_a_server(arguments, stage)
        yield None
        return
    rows = f"{_share(arguments)}_{safe_name(arguments.rows)}"
    lock = arguments.logs_dir / f".{stage}_{model_folder_name(model)}_{rows}.lock"
    what = f"{stage.replace('_', ' ')} of these rows in {arguments.logs_dir}"
    with nullcontext() if arguments.dry_run else locked(lock, what):
        async with _open_model(arguments, stage, model) as annotator:
            yield annotator


def _refuse_a_server(arguments: argparse.Namespace, stage: str) -> None:
    """The rules ask no server: who names one, or a limit on money, may have forgotten the model."""
    for name in (f"{stage}_server_url", f"{stage}_key_variable"):
        if getattr(arguments, name):
            raise InputError(
                f"--{name} is given, and --{stage}_model is {RULES!r}, which asks no server: name "
                f"the model with --{stage}_model, or leave --{name} away."
            )
    given = ["--batch"] if arguments.batch else []
    given += ["--max_cost"] if arguments.max_cost is not None else []
    if given:  # perhaps meant for another stage
        log.warning(
            "%s does nothing here: --%s_model is %r, which asks no server.",
            " and ".join(given),
            stage,
            RULES,
        )


@asynccontextmanager
async def _open_model(
    arguments: argparse.Namespace, stage: str, model: str
) -> AsyncIterator[ModelAnnotator]:
    url: str = getattr(arguments, f"{stage}_server_url") or OPENAI_URL
    price = find_price(model, url, arguments.batch, arguments.price_in, arguments.price_out)
    require_price(arguments.max_cost, model, price)
    store = ResponseStore.of_stage(arguments.logs_dir, stage, model)
    if not arguments.dry_run:
        store.open()
    workers: int = arguments.num_workers
    workers = fitting(workers, OF_A_CONNECTION + OF_A_LOCK, f"--num_workers {workers}")
    server = ModelServer(
        url,
        model,
        key_variable=_key_variable(arguments, stage),
        context=ContextLimit({"--max_tokens": arguments.max_tokens}),
    )
    dry_run: bool = arguments.dry_run
    with open_budget(store, price, arguments.max_cost, dry_run=dry_run) as budget:
        if budget.limit is not None and not dry_run and (unanswered := budget.unanswered()):
            print(unanswered, flush=True)
        async with server:
            chat = StoredChat(
                server,
                Sampling(arguments.max_tokens, temperature=0.0),
                store,
                backoff=Backoff(workers),
                budget=budget,
                price=price,
                dataset=data_source(arguments).folder_name,
            )
            if not arguments.dry_run:
                await chat.backoff.call(server.check)
                store.reserve.keep(workers, bytes_of_response(arguments.max_tokens))
            try:
                yield _annotator(arguments, chat, workers)
            finally:
                store.reserve.release()
                print(chat.summary())


def _annotator(arguments: argparse.Namespace, chat: StoredChat, workers: int) -> ModelAnnotator:
    if not arguments.batch:
        return ModelAnnotator(chat, workers, arguments.dry_run)
    size = min(arguments.batch_size, MAX_REQUESTS)
    return BatchAnnotator(
        chat,
        workers,
        arguments.dry_run,
        arguments.batch_poll,
        size,
        share=_share(arguments),
    )


def _share(arguments: argparse.Namespace) -> str:
    """The name of the rows that the flags choose: the dataset's, with the shard."""
    name, shard = data_source(arguments).folder_name, arguments.shard
    return name if shard.is_whole else f"{name}.shard_{shard.number}_of_{shard.count}"


def _key_variable(arguments: argparse.Namespace, stage: str) -> str | None:
    """The variable of the flag; InputError where the key that is needed is not there."""
    if arguments.dry_run:  # asks nobody
        return None
    model: str = getattr(arguments, f"{stage}_model")
    named: str | None = getattr(arguments, f"{stage}_key_variable")
    if named and not read_key(named):
        raise InputError(
            f"--{stage}_key_variable names {named}, which is not set: put the key into it, in the "
            "environment or in .env."
        )
    if getattr(arguments, f"{stage}_server_url") or named or read_key("OPENAI_API_KEY"):
        return named
    raise InputError(
        f"The model {model!r} needs a server: set OPENAI_API_KEY for the OpenAI API, give "
        f"--{stage}_server_url, or take the built-in annotator {RULES!r}."
    )
