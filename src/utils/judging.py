"""A model that judges the answers which the grader cannot read. Optional, and marked in results.

Its replies cost money: each is on disk before it is read, beside the results that it judges, in
judge_responses_M (see curation/responses.py), so that the same question is asked once.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from .completion import UnfinishedError
from .connection import OPENAI_URL
from .curation.paid_requests import PaidRequests
from .curation.responses import ChatRequest, Response, ResponseStore, bytes_of_response
from .errors import CallError
from .grading import MAX_ANSWER_CHARACTERS, extract_final_answer
from .grammar.plain import behind_thought
from .open_files import OF_A_CONNECTION, OF_A_LOCK, fitting
from .prompts import load_prompt
from .runner import run_all
from .server import ModelServer, Sampling
from .server_flags import server_url

log = logging.getLogger(__name__)

PROMPT = "judge_prompt"
JUDGED: tuple[str, ...] = ("unparseable", "gold_unparseable", "timeout")
"""The statuses that a judge is asked about. A missing answer stays one."""
MAX_QUESTION_CHARACTERS = 4_000
MAX_ATTEMPTS = 3
"""Replies of the judge that are no verdict, or unfinished, before the answer stays as it was."""
WORKERS = 8
KEPT_BESIDE = (
    "the judge's replies are kept beside the results, so give a copy of them that you may write to"
)
# Enough for a model that thinks before its word.
_SAMPLING = Sampling(max_tokens=2048, temperature=0.0, top_p=1.0)

_MARKS = "*_`'\" .!\t\r\n"
_VERDICT = re.compile(
    r"(?:(?:final )?(?:verdict|answer)[*_]*:[*_`'\" ]*)?(?P<word>same|different)", re.IGNORECASE
)

Opinion = Literal["same", "different"]


@dataclass(frozen=True)
class Judge:
    """A model behind an OpenAI-compatible chat server, and the variable with its key."""

    model: str
    url: str = OPENAI_URL
    key_variable: str | None = None


def add_judge_flags(parser: argparse.ArgumentParser) -> None:
    """--judge_model, --judge_server_url and --judge_key_variable."""
    parser.add_argument(
        "--judge_model",
        help="model that decides on answers the grader cannot read; its verdicts are counted "
        "apart, its replies kept in judge_responses_MODEL in the result folder and paid once",
    )
    parser.add_argument(
        "--judge_server_url",
        type=server_url,
        default=OPENAI_URL,
        help="OpenAI-compatible chat server of the judge",
    )
    parser.add_argument(
        "--judge_key_variable",
        help="environment variable that holds the judge's key; without it OPENAI_API_KEY for the "
        "OpenAI API, SERVER_API_KEY for any other server",
    )


def judge_from(arguments: argparse.Namespace) -> Judge | None:
    """The judge that the flags name; None without one."""
    if arguments.judge_model is None:
        return None
    return Judge(arguments.judge_model, arguments.judge_server_url, arguments.judge_key_variable)


def judge_table(graded: pd.DataFrame, judge: Judge, folder: Path | None = None) -> pd.DataFrame:
    """The graded table with the judge's verdicts in Status and Correct, and its name in Judge.

    Only rows with a reference whose status is in `JUDGED` are asked about. What the judge does not
    decide keeps its status. Its replies are stored in `folder`, that of the results, and found
    there again; without one they are not stored. Raises ServerError where the judge's server does
    not answer, InputError where the folder cannot be written to.
    """
    store = ResponseStore.of_stage(folder, "judge", judge.model) if folder is not None else None
    rows = [
        (index, row)
        for index, row in enumerate(graded.to_dict("records"))
        if row["Status"] in JUDGED and str(row["TrueFinalAnswer"]).strip()
    ]
    opinions = asyncio.run(_ask_all(judge, rows, store)) if rows else {}
    status = list(graded["Status"])
    names = [""] * len(status)
    for index, opinion in opinions.items():
        status[index] = "correct" if opinion == "same" else "incorrect"
        names[index] = judge.model
    return graded.assign(Status=status, Correct=[one == "correct" for one in status], Judge=names)


def read_opinion(reply: str) -> Opinion | None:
    """The verdict that a reply ends on: one word on a line of its own, alone or as `verdict: same`.

    JSON with the field "verdict" or "answer" is one too. None for whole sentences, "they are not
    the same", and for a thought that was cut off.
    """
    text = behind_thought(reply)
    lines = [line for line in text.splitlines() if line.strip(_MARKS)]
    for part in (text, lines[-1] if lines else ""):
        if found := _VERDICT.fullmatch(part.strip(_MARKS)):
            word = found["word"].lower()
        else:
            word = _verdict_in_json(part)
        if word in ("same", "different"):
            return word  # type: ignore[return-value]
    return None


def _verdict_in_json(text: str) -> str:
    try:
        read = json.loads(text.strip().strip("`").removeprefix("json"))
    except (ValueError, RecursionError):
        return ""
    found = (read.get("verdict") or read.get("answer")) if isinstance(read, dict) else ""
    return found.lower() if isinstance(found, str) else ""


async def _ask_all(
    judge: Judge, rows: Sequence[tuple[int, Mapping[Any, Any]]], store: ResponseStore | None
) -> dict[int, Opinion]:
    prompt = load_prompt(PROMPT)
    opinions: dict[int, Opinion] = {}
    async with ModelServer(judge.url, judge.model, key_variable=judge.key_variable) as server:
        paid = PaidRequests()
        requests = {index: _request(server, prompt, row) for index, row in rows}
        if store is None:
            await server.check()
        elif not all(store.path(request.key).is_file() for request in requests.values()):
            store.open(KEPT_BESIDE)
            await server.check()
            store.reserve.keep(WORKERS, bytes_of_response(_SAMPLING.max_tokens))

        async def ask(item: tuple[int, Mapping[Any, Any]]) -> None:
            index, row = item
            try:
                opinion = await _ask(server, requests[index], store, paid)
            except CallError as error:
                log.warning("The judge gave no verdict on %s: %s", row.get("ProblemIdx"), error)
                return
            if opinion is not None:
                opinions[index] = opinion

        workers = fitting(WORKERS, OF_A_CONNECTION + OF_A_LOCK, "the judge")
        try:
            await run_all(rows, ask, workers=workers, label="judged")
        finally:
            if store is not None:
                store.reserve.release()
    return opinions


async def _ask(
    server: ModelServer, request: ChatRequest, store: ResponseStore | None, paid: PaidRequests
) -> Opinion | None:
    unfinished: UnfinishedError | None = None
    for attempt in range(MAX_ATTEMPTS):
        try:
            reply = await _reply(server, replace(request, attempt=attempt), store, paid)
        except UnfinishedError as error:
            unfinished = error
            continue
        opinion = read_opinion(reply)
        if opinion is not None:
            return opinion
    if unfinished is not None:
        raise unfinished
    return None


async def _reply(
    server: ModelServer, request: ChatRequest, store: ResponseStore | None, paid: PaidRequests
) -> str:
    """The stored reply, or else a new one, which is stored before it is read."""
    if store is None:
        return (await server.chat(request.messages, request.sampling)).text
    if (stored := store.get(request.key)) is not None:
        return stored.text
    async with store.in_turn(request.key):  # another row, or another run, may ask the same
        if (stored := store.get(request.key)) is None:
            stored = await paid.to_its_end(_send(server, request, store))
    return stored.text


async def _send(server: ModelServer, request: ChatRequest, store: ResponseStore) -> Response:
    store.require_room()
    completion = await server.chat(request.messages, request.sampling)
    response = Response.of(completion, cost=None)
    asked = {"server": request.url, "model": request.model} | asdict(request.sampling)
    store.put(request.key, response, asked)
    return response


def _request(server: ModelServer, prompt: str, row: Mapping[Any, Any]) -> ChatRequest:
    messages = (
        {"role": "system", "content": prompt},
        {"role": "user", "content": _question(row)},
    )
    return ChatRequest(server.url, server.model, messages, _SAMPLING)


def _question(row: Mapping[Any, Any]) -> str:
    """What the judge is shown, as JSON, so that no answer can end its own field."""
    answer = str(row["PredictedFinalAnswer"])
    shown = {
        "question": str(row.get("Question", ""))[:MAX_QUESTION_CHARACTERS],
        "reference": str(row["TrueFinalAnswer"])[:MAX_ANSWER_CHARACTERS],
        "answer": (extract_final_answer(answer) or answer)[:MAX_ANSWER_CHARACTERS],
    }
    return json.dumps(shown, ensure_ascii=False)
