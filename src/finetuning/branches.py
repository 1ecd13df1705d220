"""Attention within a trie, branch by branch: tokens are compared only with those they may see.

A mask over the complete trie costs the square of its length, although executions see neither each
other nor what comes after them. Here each chain of tokens is compared only with its ancestors.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
from transformers import PreTrainedConfig, PreTrainedModel
from transformers.integrations.sdpa_attention import sdpa_attention_forward
from transformers.modeling_utils import ALL_ATTENTION_FUNCTIONS

from ..utils.errors import InputError
from .base_model import is_whole

FULL, SLIDING = "full_attention", "sliding_attention"
WINDOW = "sliding_window"
"""The attention of all layers, if a model does not specify it per layer."""
BY_BRANCH = "sdpa_by_branch"
"""The name of this attention in the configuration of a model."""


class Branch(NamedTuple):
    """A chain of tokens of a trie, each the child of the one before.

    All of them see the first `seen` tokens of the path (ancestors and own tokens) of the branch
    number `parent`.
    """

    length: int
    parent: int
    seen: int


def branches_of(ends: Sequence[int]) -> list[Branch]:
    """The chains of a trie from its `ends` (see `trie.TrieSample`); each token is in one."""
    first = [place for place in range(len(ends)) if place == 0 or ends[place - 1] <= place]
    reach = torch.tensor(ends)
    branches = list[Branch]()
    for start, stop in zip(first, [*first[1:], len(ends)], strict=True):
        ancestors = (reach[:start] > start).nonzero()[:, 0].tolist()
        parent = bisect_right(first, ancestors[-1]) - 1 if ancestors else 0
        branches.append(Branch(stop - start, parent, len(ancestors)))
    return branches


class BranchedRow:
    """The branches of one trie, and their masks, shared by all layers of a forward pass."""

    def __init__(self, ends: Sequence[int]) -> None:
        self.branches = branches_of(ends)
        self._masks: dict[tuple[int, int], torch.Tensor] = {}

    def mask(self, branch: Branch, device: torch.device) -> torch.Tensor:
        """(1, 1, length, seen + length): what each token of the branch sees of its path."""
        size = branch.length, branch.seen
        if size not in self._masks:
            ones = torch.ones((1, 1, branch.length, sum(size)), dtype=torch.bool, device=device)
            self._masks[size] = ones.tril(branch.seen)
        return self._masks[size]


def attention_by_branch(
    module: torch.nn.Module,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    *,
    tries: Sequence[BranchedRow] | None = None,
    **options: Any,
) -> tuple[torch.Tensor, None]:
    """For transformers' registry: (batch, heads, tokens, size) to (batch, tokens, heads, size).

    Without `tries` (one for each row) it is ordinary attention.
    """
    if tries is None:
        return _attention(module, query, key, value, attention_mask, options), None
    rows = [
        _row(module, *tensors, trie, options)
        for tensors, trie in zip(
            zip(torch.split(query, 1), torch.split(key, 1), torch.split(value, 1), strict=True),
            tries,
            strict=True,
        )
    ]
    return torch.cat(rows), None


def _row(
    module: torch.nn.Module,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    trie: BranchedRow,
    options: dict[str, Any],
) -> torch.Tensor:
    """One trie of a batch. Its tensors are split once: slicing per branch would cost the backward
    pass a tensor of zeros as large as the trie.
    """
    lengths = [branch.length for branch in trie.branches]
    paths = list[tuple[torch.Tensor, torch.Tensor]]()
    outputs = list[torch.Tensor]()
    for branch, queries, *own in zip(
        trie.branches,
        *(torch.split(part, lengths, dim=2) for part in (query, key, value)),
        strict=True,
    ):
        keys, values, mask = own[0], own[1], None
        if branch.seen:
            keys, values = (
                torch.cat([of_parent[:, :, : branch.seen], mine], dim=2)
                for of_parent, mine in zip(paths[branch.parent], own, strict=True)
            )
            mask = trie.mask(branch, query.device)
        paths.append((keys, values))
        outputs.append(_attention(module, queries, keys, values, mask, options))
    return torch.cat(outputs, dim=1)


def _attention(
    module: torch.nn.Module,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    mask: torch.Tensor | None,
    options: dict[str, Any],
) -> torch.Tensor:
    output: torch.Tensor = sdpa_attention_forward(module, query, key, value, mask, **options)[0]
    return output


def _partial_kinds(config: PreTrainedConfig, longest: int | None) -> set[str]:
    """The types of layers that do not attend to all `longest` tokens of a call (None: any)."""
    window = getattr(config, "sliding_window", None)
    if not getattr(config, "use_sliding_window", True):
        window = None
    kinds = set(getattr(config, "layer_types", None) or [WINDOW if window else FULL])
    if window is not None and longest is not None and window >= longest:
        kinds -= {SLIDING, WINDOW}
    return kinds - {FULL}


def attend_by_branch(model: PreTrainedModel, longest: int | None = None) -> None:
    """Makes `model` accept `ends` (batch, tokens) of tries; ordinary batches still work.

    `longest` is the number of tokens of the longest call. Raises InputError for a model with layers
    that do not attend to everything before them, or for which a trie gives other outputs than its
    calls (checked if all weights are in this process).
    """
    if kinds := _partial_kinds(model.config, longest):
        raise _refused(f"this model has {', '.join(sorted(kinds))}")
    expected = _logits_of_calls(model) if is_whole(model) else None
    _replace_attention(model)
    is_replaced = model.config._attn_implementation == BY_BRANCH
    if is_replaced and expected is not None:
        found = _logits_of_trie(model)
        is_replaced = found is not None and _are_close(found, expected)
    if not is_replaced:
        raise _refused("the attention of this model cannot be replaced")


def _refused(reason: str) -> InputError:
    return InputError(
        f"`trie` needs full attention in every layer, and {reason}: use per_call instead."
    )


_CALLS = [1, 2, 3, 4], [1, 2, 5, 3]
"""Two calls with a common prefix, and their trie."""
_TRIE = {
    "input_ids": [1, 2, 3, 4, 5, 3],
    "position_ids": [0, 1, 2, 3, 2, 3],
    "ends": [6, 6, 4, 4, 6, 6],
}


def _logits_of_calls(model: PreTrainedModel) -> torch.Tensor:
    """(6, vocabulary), in the order of the trie."""
    with torch.no_grad():
        first, second = model.eval()(input_ids=torch.tensor(_CALLS)).logits
    return torch.cat([first, second[2:]])


def _logits_of_trie(model: PreTrainedModel) -> torch.Tensor | None:
    """(6, vocabulary); None for a model that does not accept a trie."""
    try:
        with torch.no_grad():
            batch = {name: torch.tensor([values]) for name, values in _TRIE.items()}
            logits: torch.Tensor = model.eval()(**batch).logits[0]
    except (AttributeError, LookupError, RuntimeError, TypeError, ValueError):
        return None
    return logits


def _are_close(found: torch.Tensor, expected: torch.Tensor) -> bool:
    return torch.allclose(found, expected, rtol=1e-4, atol=1e-4 * float(expected.abs().max()))


def _replace_attention(model: PreTrainedModel) -> None:
    ALL_ATTENTION_FUNCTIONS.register(BY_BRANCH, attention_by_branch)
    model.set_attn_implementation(BY_BRANCH)

    def replace(module: torch.nn.Module, args: Any, kwargs: dict[str, Any]) -> Any:
        if "ends" in kwargs:
            kwargs["tries"] = [BranchedRow(row) for row in kwargs.pop("ends").tolist()]
        return args, kwargs

    model.register_forward_pre_hook(replace, with_kwargs=True)
