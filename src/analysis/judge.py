"""A model that judges answers which the grader cannot read. Optional, and marked in results.

Its replies cost money, so each is written to judge_responses_M in the result folder before it is
read (see annotation/responses.py), the same question is sent only once, and their total cost can be
limited (see annotation/spending.py).
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

import pandas as pd

from ..utils.annotation.annotator import ModelAnnotator
from ..utils.annotation.cost_limit import MoneyBudget, open_budget, require_price
from ..utils.annotation.prices import JUDGE, Estimate, Price
from ..utils.annotation.responses import ResponseStore, bytes_of_response
from ..utils.annotation.stored_chat import StoredChat
from ..utils.api.retry import INVALID, Backoff
from ..utils.api.sampling import Sampling
from ..utils.api.server import ModelServer
from ..utils.concurrency.open_files import OF_A_CONNECTION, OF_A_LOCK, fitting
from ..utils.errors import CallError, FormatError
from ..utils.grading import MAX_ANSWER_CHARACTERS, extract_final_answer
from ..utils.grammar.plain import behind_thought
from ..utils.methods.runner import run_all
from ..utils.prompt_files import load_prompt

log = logging.getLogger(__name__)

PROMPT = "judge_prompt"
JUDGED: tuple[str, ...] = ("unparseable", "gold_unparseable", "timeout")
"""The statuses that a judge decides. A missing answer stays missing."""
MAX_QUESTION_CHARACTERS = 4_000
WORKERS = 8
KEPT_BESIDE = (
    "the judge's replies are stored next to the results: copy the results to a writable folder"
)
# Enough for a model that thinks before it answers.
_SAMPLING = Sampling(max_tokens=2048, temperature=0.0, top_p=1.0)

_MARKS = "*_`'\" .!\t\r\n"
_VERDICT = re.compile(
    r"(?:(?:final )?(?:verdict|answer)[*_]*:[*_`'\" ]*)?(?P<word>same|different)", re.IGNORECASE
)

Opinion = Literal["same", "different"]


@dataclass(frozen=True)
class Judge:
    """A model behind an OpenAI-compatible chat server, and the variable with its key.

    `max_cost`: US dollars that all its replies about one result folder may cost, including those of
    earlier runs. InputError for a limit without a price.
    """

    model: str
    url: str
    key_variable: str | None = None
    max_cost: float | None = None
    price: Price | None = None

    def __post_init__(self) -> None:
        require_price(self.max_cost, self.model, self.price, JUDGE)


def judge_table(graded: pd.DataFrame, judge: Judge, folder: Path | None = None) -> pd.DataFrame:
    """The graded table with the judge's verdicts in Status and Correct, and its name in Judge.

    Only rows with a reference whose status is in `JUDGED` are sent. A row without a verdict keeps
    its status. Replies are stored in `folder`, that of the results, and reused; without a folder
    they are not kept. Raises ServerError if the judge's server does not answer, CostError if the
    cost limit is reached, InputError if the folder is not writable.
    """
    rows = {
        index: row
        for index, row in enumerate(graded.to_dict("records"))
        if row["Status"] in JUDGED and str(row["TrueFinalAnswer"]).strip()
    }
    opinions: dict[int, Opinion] = {}
    if rows:
        with nullcontext(folder) if folder is not None else TemporaryDirectory() as place:
            opinions = asyncio.run(_ask_all(judge, rows, Path(place)))
    status = list(graded["Status"])
    names = [""] * len(status)
    for index, opinion in opinions.items():
        status[index] = "correct" if opinion == "same" else "incorrect"
        names[index] = judge.model
    return graded.assign(Status=status, Correct=[one == "correct" for one in status], Judge=names)


def read_opinion(reply: str) -> Opinion | None:
    """The verdict at the end of a reply: one word on a separate line, alone or `verdict: same`.

    JSON with the field "verdict" or "answer" also counts. None for full sentences such as "they
    are not the same", and for a thought that was cut off.
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
    judge: Judge, rows: Mapping[int, Mapping[Any, Any]], folder: Path
) -> dict[int, Opinion]:
    store = ResponseStore.of_stage(folder, "judge", judge.model)
    prompt = load_prompt(PROMPT)
    opinions: dict[int, Opinion] = {}
    workers = fitting(WORKERS, OF_A_CONNECTION + OF_A_LOCK, "the judge")
    async with ModelServer(judge.url, judge.model, key_variable=judge.key_variable) as server:
        chat = StoredChat(
            server,
            _SAMPLING,
            store,
            backoff=Backoff(workers),
            budget=MoneyBudget(),
            price=judge.price,
        )

        async def ask(index: int) -> None:
            row = rows[index]
            try:
                opinions[index] = await _ask(chat, _messages(prompt, row))
            except (CallError, FormatError) as error:
                log.warning("The judge gave no verdict on %s: %s", row.get("ProblemIdx"), error)

        estimate = Estimate(judge.price, JUDGE)
        annotator = ModelAnnotator(chat, workers)
        left = await annotator.replay(list(rows), ask, estimate.add, label="judged")
        if not left:
            return opinions
        store.open(KEPT_BESIDE)
        with open_budget(store, judge.price, judge.max_cost, JUDGE) as chat.budget:
            chat.traffic.stored = chat.replayed
            announced = f"{len(left)} answers to judge by {judge.model} at {judge.url}"
            log.info("%s; %s %s", announced, estimate.summary(), chat.budget.unanswered())
            await chat.backoff.call(server.check)
            store.reserve.keep(workers, bytes_of_response(_SAMPLING.max_tokens))
            try:
                await run_all(left, ask, workers=workers, label="judged")
            finally:
                store.reserve.release()
                log.info("%s", chat.summary())
    return opinions


async def _ask(chat: StoredChat, messages: Sequence[Mapping[str, str]]) -> Opinion:
    attempts = count()

    async def ask() -> Opinion:
        opinion = read_opinion((await chat(messages, next(attempts))).text)
        if opinion is None:
            raise FormatError("its reply should end with 'same' or 'different', and does not")
        return opinion

    return await INVALID.call(ask)


def _messages(prompt: str, row: Mapping[Any, Any]) -> Sequence[Mapping[str, str]]:
    return (
        {"role": "system", "content": prompt},
        {"role": "user", "content": _question(row)},
    )


def _question(row: Mapping[Any, Any]) -> str:
    """The judge's input, as JSON, so that no answer can end its own field."""
    answer = str(row["PredictedFinalAnswer"])
    shown = {
        "question": str(row.get("Question", ""))[:MAX_QUESTION_CHARACTERS],
        "reference": str(row["TrueFinalAnswer"])[:MAX_ANSWER_CHARACTERS],
        "answer": (extract_final_answer(answer) or answer)[:MAX_ANSWER_CHARACTERS],
    }
    return json.dumps(shown, ensure_ascii=False)
