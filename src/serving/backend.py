"""The solvers behind the served models."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext, suppress
from dataclasses import dataclass
from typing import Generic, TypeVar

from ..agent_orchestration import SprintSolver, open_sprint_solver
from ..base_model_evaluation import SerialSolver, open_serial_solver
from ..utils.api.sampling import derived_seed
from ..utils.api.token_trace import Tokenize
from ..utils.config import replace
from ..utils.errors import FormatError, InputError
from ..utils.methods.config import SamplingConfig
from ..utils.methods.events import OnEvent
from ..utils.records import Problem, Result
from ..utils.tokens.tokenizers import token_counter
from .api_errors import of_field, unknown_model
from .config import SERIAL, ServingConfig
from .conversation import question_of
from .quotes import without_quotes
from .request_fields import AnyRequest, SolveRequest
from .usage import Count

SEEDS = 1 << 32
Number = TypeVar("Number", int, float)
SettingsT = TypeVar("SettingsT", bound=SamplingConfig)


Asked = TypeVar("Asked", bound=SolveRequest, covariant=True)


@dataclass(frozen=True)
class Ask(Generic[Asked]):
    """A valid request. `temperature` and `top_p` are the request's, or else the server's."""

    id: str
    model: str
    question: str
    request: Asked
    temperature: float
    top_p: float

    @property
    def serial(self) -> bool:
        return self.model == SERIAL

    @property
    def choices(self) -> int:
        return self.request.choices


class Backend:
    """Solves problems in parallel and serially."""

    def __init__(
        self,
        config: ServingConfig,
        sprint: SprintSolver,
        serial: SerialSolver,
        count: Count | None,
    ) -> None:
        """`count` counts the planner's tokens; None if its tokenizer is not available."""
        self.config, self._sprint, self._serial = config, sprint, serial
        self._count = count

    @property
    def models(self) -> tuple[str, str]:
        return self.config.models

    def count_of(self, ask: Ask[SolveRequest]) -> Count | None:
        own = self.config.serial_model not in (None, self.config.planner_model)
        return None if ask.serial and own else self._count

    def ask(self, request: AnyRequest, request_id: str) -> Ask[AnyRequest]:
        """What a request asks. Raises ApiError for an unknown model or an invalid conversation."""
        config = self.config
        if request.model not in self.models:
            raise unknown_model(f"Use {' or '.join(self.models)}.")
        most = min(config.max_choices, config.max_running)
        if request.choices > most:
            raise of_field("n", f"n may be at most {most}.", "invalid_value")
        question = question_of(
            request.turns, config.max_messages, config.max_characters, request.CONVERSATION
        )
        temperature = config.temperature if request.temperature is None else request.temperature
        top_p = config.top_p if request.top_p is None else request.top_p
        return Ask(request_id, request.model, question, request, temperature, top_p)

    async def solve(
        self, ask: Ask[SolveRequest], choice: int, left: float, on_event: OnEvent
    ) -> Result:
        """Solve one choice within `left` seconds; 0 means no limit.

        Raises SprintError if no server answers.
        """
        problem = Problem(f"{ask.id}-{choice}", 0, ask.question, "")
        try:
            if ask.serial:
                serial = self._serial.having(self._sampled(self._serial.settings, ask, choice))
                return await serial.solve(
                    problem,
                    on_event,
                    deadline=_tightest(left, self.config.problem_deadline),
                    problem_tokens=_tightest(ask.request.budget, self.config.problem_tokens),
                )
            rounds = self._sprint.settings
            settings = replace(
                self._sampled(rounds, ask, choice),
                problem_tokens=_tightest(ask.request.budget, rounds.problem_tokens),
                problem_deadline=_tightest(left, rounds.problem_deadline),
            )
            return await self._sprint.having(settings).solve(problem, on_event)
        except FormatError as error:  # a trajectory cannot contain this text
            raise of_field(
                ask.request.CONVERSATION,
                "The conversation contains text that the model cannot be given. Rephrase it.",
            ) from error

    def _sampled(self, settings: SettingsT, ask: Ask[SolveRequest], choice: int) -> SettingsT:
        """The settings, with the sampling that a request decides."""
        given = ask.request.seed
        seed = self.config.seed if given is None else given % SEEDS
        return replace(
            settings,
            temperature=ask.temperature,
            top_p=ask.top_p,
            seed=derived_seed(seed, "choice", choice) if choice else seed,
        )


def _tightest(*limits: Number) -> Number:
    """The smallest of the limits, of which 0 is none."""
    return min((limit for limit in limits if limit), default=limits[0])


@asynccontextmanager
async def open_backend(config: ServingConfig) -> AsyncIterator[Backend]:
    """Raises ServerError if a server does not serve its model."""
    async with (
        open_sprint_solver(config.sprint) as sprint,
        open_serial_solver(config.serial, "--serial_tokens") as serial,
    ):
        count = await asyncio.to_thread(_counter, config, sprint.reuse.tokenize)
        with nullcontext() if config.log_requests else without_quotes():
            yield Backend(config, sprint, serial, count)


def _counter(config: ServingConfig, tokenize: Tokenize | None) -> Count | None:
    """`tokenize` is the solver's, so that the tokenizer is not loaded twice."""
    if config.reuse_tokens:
        return None if tokenize is None else lambda text: len(tokenize(text))
    with suppress(InputError):
        return token_counter(config.tokenizer or config.planner_model)
    return None
