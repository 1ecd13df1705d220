"""Opens the annotator that a curation stage configures."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext

from ..api.context_limits import ContextLimit
from ..api.retry import Backoff
from ..api.sampling import Sampling
from ..api.server import ModelServer
from ..api.urls import OPENAI_URL
from ..concurrency.open_files import OF_A_CONNECTION, OF_A_LOCK, fitting
from ..config.dot_env import read_key
from ..data.loading import safe_name
from ..errors import InputError
from ..files.locks import locked
from ..results.writing import model_folder_name
from .annotator import BatchAnnotator, ModelAnnotator
from .config import MAX_REQUESTS, RULES, AnnotationConfig
from .cost_limit import open_budget, require_price
from .prices import find_price
from .responses import ResponseStore, bytes_of_response
from .stored_chat import StoredChat

log = logging.getLogger(__name__)


@asynccontextmanager
async def open_annotator(
    config: AnnotationConfig,
) -> AsyncIterator[ModelAnnotator | None]:
    """The configured annotator; prints a summary at the end.

    While it is open, no other run annotates the same rows, except a dry run, which writes nothing.
    None for the built-in rules, which need no server.

    Raises InputError for fields that do not go together, ServerError if the server does not serve
    the model.
    """
    who = config.annotator
    if who.model == RULES:
        _refuse_a_server(config)
        yield None
        return
    rows = f"{_share(config)}_{safe_name(config.range)}"
    lock = config.logs_dir / f".{who.stage}_{model_folder_name(who.model)}_{rows}.lock"
    what = f"{who.stage.replace('_', ' ')} of these rows in {config.logs_dir}"
    with nullcontext() if config.dry_run else locked(lock, what):
        async with _open_model(config) as annotator:
            yield annotator


def _refuse_a_server(config: AnnotationConfig) -> None:
    """Rules use no server: whoever sets a server or a cost limit may have forgotten the model."""
    who = config.annotator
    for name, value in (("server_url", who.server_url), ("key_variable", who.key_variable)):
        if value:
            flag = f"--{who.stage}_{name}"
            raise InputError(
                f"{flag} is set, but --{who.stage}_model is {RULES!r}, which uses no server: "
                f"name the model with --{who.stage}_model, or leave out {flag}."
            )
    given = ["--batch"] if config.batch else []
    given += ["--max_cost"] if config.max_cost is not None else []
    if given:  # perhaps meant for another stage
        log.warning(
            "%s has no effect: --%s_model is %r, which uses no server.",
            " and ".join(given),
            who.stage,
            RULES,
        )


@asynccontextmanager
async def _open_model(config: AnnotationConfig) -> AsyncIterator[ModelAnnotator]:
    who, dry_run = config.annotator, config.dry_run
    model, url = who.model, who.server_url or OPENAI_URL
    price = find_price(model, url, config.batch, config.price_in, config.price_out)
    require_price(config.max_cost, model, price)
    store = ResponseStore.of_stage(config.logs_dir, who.stage, model)
    if not dry_run:
        store.open()
    wanted = config.num_workers
    workers = fitting(wanted, OF_A_CONNECTION + OF_A_LOCK, f"--num_workers {wanted}")
    server = ModelServer(
        url,
        model,
        key_variable=_key_variable(config),
        context=ContextLimit({"--max_tokens": config.max_tokens}),
    )
    with open_budget(store, price, config.max_cost, dry_run=dry_run) as budget:
        if budget.limit is not None and not dry_run and (unanswered := budget.unanswered()):
            print(unanswered, flush=True)
        async with server:
            chat = StoredChat(
                server,
                Sampling(config.max_tokens, temperature=0.0),
                store,
                backoff=Backoff(workers),
                budget=budget,
                price=price,
                dataset=config.source.folder_name,
            )
            if not dry_run:
                await chat.backoff.call(server.check)
                store.reserve.keep(workers, bytes_of_response(config.max_tokens))
            try:
                yield _annotator(config, chat, workers)
            finally:
                store.reserve.release()
                print(chat.summary())


def _annotator(config: AnnotationConfig, chat: StoredChat, workers: int) -> ModelAnnotator:
    if not config.batch:
        return ModelAnnotator(chat, workers, config.dry_run)
    size = min(config.batch_size, MAX_REQUESTS)
    return BatchAnnotator(
        chat,
        workers,
        config.dry_run,
        poll=config.batch_poll,
        batch_size=size,
        share=_share(config),
    )


def _share(config: AnnotationConfig) -> str:
    """The name of the rows: the dataset's name with the shard."""
    name, shard = config.source.folder_name, config.shard
    return name if shard.is_whole else f"{name}.shard_{shard.number}_of_{shard.count}"


def _key_variable(config: AnnotationConfig) -> str | None:
    """The variable with the key; InputError if a required key is not set."""
    if config.dry_run:  # sends nothing
        return None
    who = config.annotator
    named = who.key_variable
    if named and not read_key(named):
        raise InputError(
            f"--{who.stage}_key_variable names {named}, which is not set: set it to the key, in "
            "the environment or in .env."
        )
    if who.server_url or named or read_key("OPENAI_API_KEY"):
        return named
    raise InputError(
        f"The model {who.model!r} needs a server: set OPENAI_API_KEY for the OpenAI API, give "
        f"--{who.stage}_server_url, or use the built-in annotator {RULES!r}."
    )
