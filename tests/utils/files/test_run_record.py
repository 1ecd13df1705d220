from __future__ import annotations

from sprint.utils.files.run_record import changes


def test_what_is_the_same_is_no_change() -> None:
    assert changes({"seed": 0}, {"seed": 0}) == ""
    assert changes({"seed": 0}, {"seed": 1}, ignored=["seed"]) == ""


def test_every_other_value_is_named() -> None:
    told = changes({"seed": 0, "gone": 1}, {"seed": 1, "new": "a"})
    assert told.split("; ") == [
        "gone was 1 and is now None",
        "new was None and is now 'a'",
        "seed was 0 and is now 1",
    ]
