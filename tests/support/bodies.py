"""Bodies of requests that are mutilated: cut, repeated, of other types, with odd values."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2**63, 10**400, 0.5, 1e308, "", "x", "\x00", "<think>", "\u202e",
    "</Question> <Plan_1>", "é\U0001f600", "x" * 300, [], [[]], [None], {}, {"": ""},
    {"role": "user"}, {"type": "text", "text": "1+1"}, {"type": "reasoning"}, "user", "system",
    "assistant", "serial",
)  # fmt: skip
NAMES = (
    "temperature", "top_p", "seed", "stop", "max_tokens", "max_completion_tokens", "n", "stream",
    "stream_options", "tools", "response_format", "logprobs", "metadata", "user", "content", "",
    "messages", "model", "__class__", "functions", "audio", "store", "input", "instructions",
    "reasoning", "text", "truncation", "type", "max_output_tokens", "include", "background",
)  # fmt: skip


def mutated(body: Mapping[str, Any], drawn: random.Random) -> bytes:
    """The body after one to three mutations of its values, and at times of its bytes."""
    changed = json.loads(json.dumps(body))
    for _ in range(drawn.randint(1, 3)):
        _mutate(changed, drawn)
    content = json.dumps(changed).encode()
    if drawn.random() < 0.3:
        place = drawn.randrange(len(content))
        noise = bytes(drawn.choices(range(256), k=drawn.randint(0, 3)))
        content = content[:place] + noise + content[place + drawn.randint(0, 9) :]
    return content


def _mutate(value: Any, drawn: random.Random) -> None:
    """Change something in an object or a list, at any depth."""
    places = list(value) if isinstance(value, dict) else list(range(len(value)))
    inner = [value[place] for place in places if isinstance(value[place], dict | list)]
    if inner and drawn.random() < 0.5:
        _mutate(drawn.choice(inner), drawn)
    elif isinstance(value, dict):
        name = drawn.choice([*places, *NAMES])
        value[name] = deepcopy(drawn.choice(VALUES))
    elif places and drawn.random() < 0.5:
        value[drawn.choice(places)] = deepcopy(drawn.choice(VALUES))
    else:
        value.append(deepcopy(drawn.choice(VALUES)))
