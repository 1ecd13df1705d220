from __future__ import annotations

import json
from pathlib import Path

import pytest
from sprint.utils.errors import InputError
from sprint.utils.latency.price_list import ASSUMED, PriceList, load_prices, milliseconds
from sprint.utils.latency.priced_path import TimePrices

LIST = {
    "prices": {"token": 0.004, "prompt_token": 0.0001, "further_stream": 0.0002, "call": 0},
    "assumed": False,
    "source": "logs",
    "model": "m",
    "server": "http://127.0.0.1:8000/v1",
    "hardware": "two cores",
    "date": "2026-11-30",
}


def test_a_list_is_read_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "prices.json"
    written = PriceList.model_validate(LIST)
    path.write_text(json.dumps(written.model_dump(mode="json")))
    assert load_prices(path) == written
    assert load_prices(path).time_prices == TimePrices(0.004, 0.0001, 0.0002, 0)
    assert written.title == "prices of m on two cores"


@pytest.mark.parametrize("name", [path.stem for path in ASSUMED.glob("*.json")])
def test_assumed_lists_say_so_and_why(name: str) -> None:
    found = load_prices(name)
    assert found.assumed
    assert found.title.startswith("assumed prices")
    assert found.source.startswith("Not measured.")
    assert found.fit is None


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(InputError, match=r"one of h100_7b, not 'h200'"):
        load_prices("h200")


@pytest.mark.parametrize("token", [0, -1, "fast", None, 1e9, float("nan")])
def test_an_invalid_price_is_named(tmp_path: Path, token: object) -> None:
    path = tmp_path / "prices.json"
    path.write_text(json.dumps(LIST | {"prices": {"token": token}}))
    with pytest.raises(InputError, match=r"damaged \(prices.token: .*sprint prices FOLDER"):
        load_prices(path)


def test_a_file_that_is_no_list_is_damaged(tmp_path: Path) -> None:
    path = tmp_path / "prices.json"
    path.write_text("[]")
    with pytest.raises(InputError, match="is damaged"):
        load_prices(path)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.00424, "4.24 ms"), (0.000085, "0.0850 ms"), (0, "0.00 ms"), (1.5, "1500 ms")],
)
def test_prices_are_shown_with_three_digits(seconds: float, text: str) -> None:
    assert milliseconds(seconds) == text
