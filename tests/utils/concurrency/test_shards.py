from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sprint.utils.config.shared import Shard, parse_shard


@given(st.integers(0, 200), st.integers(1, 40))
def test_shares_are_the_rows_again_and_as_equal_as_can_be(length: int, count: int) -> None:
    rows = list(range(length))
    shares = [Shard(number, count).of(rows) for number in range(1, count + 1)]
    assert [row for share in shares for row in share] == rows
    sizes = {len(share) for share in shares}
    assert max(sizes) - min(sizes) <= 1


def test_a_shard_is_read_and_written() -> None:
    assert parse_shard("3/16") == Shard(3, 16)
    assert str(Shard(3, 16)) == "3/16"
    assert Shard().is_whole
    assert not Shard(3, 16).is_whole


@pytest.mark.parametrize("text", ["", "3", "0/4", "5/4", "a/b", "1/0", "-1/4", "1/2/3"])
def test_what_is_no_shard(text: str) -> None:
    with pytest.raises(ValueError, match="expected NUMBER/COUNT"):
        parse_shard(text)
