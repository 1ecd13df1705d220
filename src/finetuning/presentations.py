"""How a trajectory is presented in training: the samples of each presentation.

`full_trajectory` is one causal sequence (arXiv 2506.05745); `per_call` is one sample for each call
that inference would make, built by the same functions as inference's requests; `trie` is the same
samples with shared prefixes stored once (see trie.py); `serial` is the original thought (RFT).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from transformers import PreTrainedTokenizerBase

from ..utils.grammar import parse, serial_text, training_text, trajectory_calls
from ..utils.prompt_files import load_prompt
from ..utils.tokens.special import SpecialTokens, special_tokens_of
from .config import Presentation

IGNORED = -100
"""Label of a token without loss."""


class TrainingPair(NamedTuple):
    """A context, and the completion to learn. `ends`: the end-of-text token follows."""

    context: str
    completion: str
    ends: bool


@dataclass(frozen=True)
class Sample:
    """Token ids, and how many of them belong to the context and have no loss."""

    ids: list[int]
    context_length: int

    @property
    def labels(self) -> list[int]:
        return [IGNORED] * self.context_length + self.ids[self.context_length :]


DatasetRow = Mapping[str, str]
"""A row of the fine-tuning data: question, thought, solution, trajectory."""


PROMPTS: dict[Presentation, str] = {
    "full_trajectory": "global_agent_prompt",
    "per_call": "global_agent_prompt",
    "trie": "global_agent_prompt",
    "serial": "base_model_prompt",
}
"""The name of the prompt that each presentation begins with; inference must send the same."""


def full_trajectory_texts(row: DatasetRow) -> Iterator[TrainingPair]:
    prompt = load_prompt(PROMPTS["full_trajectory"])
    prompt, completion = training_text(prompt, parse(row["trajectory"]))
    yield TrainingPair(prompt, completion, ends=True)


def per_call_texts(row: DatasetRow) -> Iterator[TrainingPair]:
    # Inference ends every call at a stop string, so no call needs the end-of-text token.
    for call in trajectory_calls(load_prompt(PROMPTS["per_call"]), parse(row["trajectory"])):
        yield TrainingPair(call.context, call.completion, ends=False)


def serial_texts(row: DatasetRow) -> Iterator[TrainingPair]:
    prompt = load_prompt(PROMPTS["serial"])
    context, completion = serial_text(prompt, row["question"], row["thought"], row["solution"])
    yield TrainingPair(context, completion, ends=True)


TEXTS: dict[Presentation, Callable[[DatasetRow], Iterator[TrainingPair]]] = {
    "full_trajectory": full_trajectory_texts,
    "per_call": per_call_texts,
    "trie": per_call_texts,
    "serial": serial_texts,
}


COLUMNS: dict[Presentation, tuple[str, ...]] = {
    "full_trajectory": ("trajectory",),
    "per_call": ("trajectory",),
    "trie": ("trajectory",),
    "serial": ("question", "thought", "solution"),
}
"""The columns of a row that each presentation reads."""


def is_sound(row: DatasetRow, presentation: Presentation) -> bool:
    """Whether a row can be trained on: a trajectory needs a final answer, which may hold all."""
    if not all(isinstance(row[name], str) for name in COLUMNS[presentation]):
        return False
    if "trajectory" not in COLUMNS[presentation]:
        return bool(row["thought"].strip())
    return bool(parse(row["trajectory"]).final_answer)


class Cleaned(NamedTuple):
    """A row without special tokens in its texts, and how many it held."""

    row: DatasetRow
    special_tokens: int


def without_special_tokens(
    row: DatasetRow, presentation: Presentation, special: SpecialTokens
) -> Cleaned:
    """Special tokens in the prompt stay: inference sends the same prompt."""
    texts = {name: row[name] for name in COLUMNS[presentation] if isinstance(row[name], str)}
    found = sum(map(special.count, texts.values()))
    if not found:
        return Cleaned(row, 0)
    return Cleaned({**row, **{name: special.remove(text) for name, text in texts.items()}}, found)


def tokenize(text: TrainingPair, tokenizer: PreTrainedTokenizerBase) -> Sample:
    """Tokenize context and completion separately, as inference does.

    The context gets the tokenizer's leading special tokens, as vLLM adds them.
    """
    context: list[int] = tokenizer(text.context)["input_ids"]
    while context and context[-1] == tokenizer.eos_token_id:
        context = context[:-1]
    completion: list[int] = tokenizer(text.completion, add_special_tokens=False)["input_ids"]
    if text.ends:
        completion = [*completion, int(tokenizer.eos_token_id)]
    return Sample([*context, *completion], len(context))


def samples(
    row: DatasetRow, presentation: Presentation, tokenizer: PreTrainedTokenizerBase
) -> list[Sample]:
    """All samples of one row under `presentation`.

    Special tokens in its texts are removed: the only end-of-text token is the one after a
    completion.
    """
    clean = without_special_tokens(row, presentation, special_tokens_of(tokenizer))
    return clean_samples(clean.row, presentation, tokenizer)


def clean_samples(
    row: DatasetRow, presentation: Presentation, tokenizer: PreTrainedTokenizerBase
) -> list[Sample]:
    """Like `samples`, for a row without special tokens."""
    return [tokenize(text, tokenizer) for text in TEXTS[presentation](row)]
