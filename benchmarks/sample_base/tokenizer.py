"""The tiny model's tokenizer: Qwen2's pattern with a small vocabulary.

It is byte-level BPE trained on the sample world: each digit is a token, and any text can be
encoded. The tags of the trajectory grammar are ordinary text, as for a large model's tokenizer.
(Transformers loads every Qwen2 model with Qwen2's pattern, so another pattern would be lost.)
"""

from __future__ import annotations

from collections.abc import Iterable

from transformers import PreTrainedTokenizerBase, Qwen2Tokenizer

NAMES = ("Question", "think", "Plan_", "prompt_", "Execution_", "execution_", "Final_answer")
MARKUP = [
    f"\n\n<{name}1.2>\n\n<{name}1.2> {name}1.2:\n </{name}1.2>\n</{name}1.2>\n\n-----\n\n"
    for name in NAMES
]
MARKUP.append("\nBased on execution_1.2, execution_1.3:\n\nObservation about execution_1.2: ")
"""The tags of the grammar as text, so that each takes few tokens."""

REPEATS = 300
"""Repetitions of the markup, so that its pieces enter the vocabulary."""

CAPITALISED = 300
"""Texts that are also added in title case, because a prompt may begin with any word."""


def train_tokenizer(texts: Iterable[str], vocabulary: int = 1024) -> PreTrainedTokenizerBase:
    """A Qwen2 tokenizer of at most `vocabulary` entries, trained on `texts` and the markup."""
    texts = list(texts)
    shown = [*texts, *(text.title() for text in texts[:CAPITALISED]), *MARKUP * REPEATS]
    untrained = Qwen2Tokenizer(model_max_length=4096)
    trained: PreTrainedTokenizerBase = untrained.train_new_from_iterator(
        shown, vocab_size=vocabulary, show_progress=False
    )
    return trained
