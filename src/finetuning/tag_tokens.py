"""Tags that cost one token: the tags of the grammar as tokens of the model's own vocabulary.

Such a token contains the white space that belongs to its tag (`utils/grammar/layout.py`), because
it costs tokens, too. It is no special token: vLLM would remove those from replies.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from transformers import AddedToken

from ..utils.grammar import render_final_answer, written_phases
from ..utils.grammar.layout import spaced_tags
from ..utils.records import Trajectory
from .base_folder import refusal
from .base_model import TRIED
from .embeddings import combine, grow

NEEDED = "which tags as single tokens need; set --tag_tokens off"
FEWEST = 20
"""Times that a tag must occur in the training data: a rarer one stays in pieces, which other tags
train too."""
MULTIPLE = 64
"""A vocabulary that must grow gets a multiple of this many rows: matrix products are faster."""
MEASURED = 100
"""Trajectories whose tokens are counted before and after."""


@dataclass(frozen=True)
class TagTokens:
    """The tags that are single tokens, and what that saves.

    `tokens` tags are single tokens, `added` of them new, in `new_rows` rows that the embedding did
    not have. `share`: the fraction of the tags in the training data that are single tokens.
    `before` and `after`: mean tokens of a trajectory with tags, without its question.
    """

    tokens: int
    added: int
    new_rows: int
    share: float
    before: float
    after: float

    def __str__(self) -> str:
        return (
            f"{self.tokens} tags are single tokens ({self.added} new, {self.new_rows} new rows): "
            f"{self.share:.1%} of the tags in the training data; a trajectory has "
            f"{self.after:.0f} tokens instead of {self.before:.0f}"
        )


def add_tag_tokens(
    name: str, tokenizer: Any, model: Any, trajectories: Iterable[Trajectory]
) -> TagTokens:
    """Make the frequent tags of the training data single tokens of the model `name`.

    Tokens that exist already are used again. The rows of new ones are made of those of their
    pieces. InputError if the tokenizer cannot be extended.
    """
    counts, measured = Counter[str](), list[str]()
    for trajectory in trajectories:
        text = written(trajectory)
        counts.update(spaced_tags(text))
        measured += [text] if len(measured) < MEASURED else []
    before = _mean_tokens(tokenizer, measured)
    tags = frequent(counts)
    pieces = {tag: ids for tag in tags if len(ids := _ids(tokenizer, tag)) > 1}
    extend(name, tokenizer, list(pieces))
    rows = {_ids(tokenizer, tag)[0]: ids for tag, ids in pieces.items()}
    new_rows = grow(model, max(rows, default=0) + 1, MULTIPLE)
    combine(model, rows)
    return TagTokens(
        tokens=len(tags),
        added=len(pieces),
        new_rows=new_rows,
        share=sum(counts[tag] for tag in tags) / max(1, counts.total()),
        before=before,
        after=_mean_tokens(tokenizer, measured),
    )


def written(trajectory: Trajectory) -> str:
    """The phases and the final answer: the part of a trajectory that SPRINT writes.

    A model may know `<think>` as a token of its own, and it is never generated.
    """
    answer = trajectory.final_answer
    last = "" if answer is None else render_final_answer(answer)
    return written_phases(trajectory.phases) + last


def frequent(counts: Mapping[str, int]) -> list[str]:
    """The tags that occur at least FEWEST times, most frequent first."""
    enough = [tag for tag, count in counts.items() if count >= FEWEST]
    return sorted(enough, key=lambda tag: (-counts[tag], tag))


def extend(name: str, tokenizer: Any, tags: Sequence[str]) -> None:
    """Add `tags` as ordinary tokens; InputError unless text with them decodes as it was."""
    if not hasattr(tokenizer, "backend_tokenizer"):
        raise refusal(name, f"its tokenizer is not a fast one, {NEEDED}.")
    tokenizer.add_tokens([AddedToken(tag, normalized=False, special=False) for tag in tags])
    text = "".join(f"{tag}{TRIED}" for tag in tags)
    ids = _ids(tokenizer, text)
    if tokenizer.decode(ids, clean_up_tokenization_spaces=False) != text:
        raise refusal(name, f"its tokenizer changes the text next to an added token, {NEEDED}.")


def _ids(tokenizer: Any, text: str) -> list[int]:
    ids: list[int] = tokenizer(text, add_special_tokens=False)["input_ids"]
    return ids


def _mean_tokens(tokenizer: Any, texts: Sequence[str]) -> float:
    return sum(len(_ids(tokenizer, text)) for text in texts) / max(1, len(texts))
