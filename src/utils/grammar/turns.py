"""The marks with which chat templates surround the turns of a conversation."""

from __future__ import annotations

import re

_BAR = r"[|｜]"
_ROLE = r"(?:system|user|assistant|model)"
_MARK = re.compile(
    rf"<\|im_start\|>{_ROLE}\b|<\|im_end\|>"
    rf"|<\|start_header_id\|>{_ROLE}<\|end_header_id\|>|<\|eot_id\|>"
    rf"|<\|(?:begin|start|end)_?of_?text\|>"
    rf"|<{_BAR}(?:User|Assistant|(?:begin|end)[▁_]of[▁_]sentence){_BAR}>"
    rf"|<start_of_turn>{_ROLE}\b|<end_of_turn>|\[/?INST\]|</?s>|<[be]os>",
    re.IGNORECASE,
)


def without_turn_marks(text: str) -> str:
    """`text` stripped and without the marks of turns, such as `<|im_start|>user`."""
    return _MARK.sub("", text).strip()
