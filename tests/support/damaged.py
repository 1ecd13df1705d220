"""Invalid contents of a JSON file that should contain one of our objects."""

from __future__ import annotations

DAMAGED = {
    "nested lists": b"[" * 100_000,
    "nested objects": b'{"legs": ' * 100_000,
    "an integer of 5,000 digits": b'{"legs": ' + b"9" * 5_000 + b"}",
    "a list": b"[1]",
    "a text": b'"text"',
    "null": b"null",
    "no JSON": b"{",
    "no UTF-8": b'{"legs": "\xff"}',
    "nothing": b"",
}
"""None of it is a JSON object."""
