"""The model card: what the hub reads at its top, and what it says of the model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from huggingface_hub import ModelCard
from sprint.finetuning.history import Best, Training
from sprint.finetuning.model_card import licence_of, model_card

SETTINGS = {
    "model": "me/base-7b",
    "data": "logs/finetuning_data/problems_default",
    "presentation": "trie",
    "learning_rate": 1e-5,
    "output": "/secret/place",
}
COUNTS = {"trajectories": 9, "samples": 60, "tokens": 5000, "trained": 1200}
METRICS = {"train_loss": 0.25, "trained_tokens_per_second": 140.4}


def card_of(licence: dict[str, str] | None = None, **settings: Any) -> str:
    repairs = ["A token was added."]
    training = Training(
        {}, SETTINGS | settings, {"train": COUNTS}, METRICS, [], Best(20, 0.125), repairs
    )
    return model_card("SPRINT", training, licence or {}, has_curve=True)


def test_the_header_is_what_the_hub_reads() -> None:
    text = card_of({"license": "other", "license_name": "llama", "license_link": "https://l"})
    header = yaml.safe_load(text.split("---\n")[1])
    assert header["base_model"] == "me/base-7b"
    assert (header["library_name"], header["pipeline_tag"]) == ("transformers", "text-generation")
    assert (header["license"], header["license_name"]) == ("other", "llama")
    assert "sprint" in header["tags"]
    assert ModelCard(text).data.base_model == "me/base-7b"


def test_it_tells_data_figures_and_repairs() -> None:
    text = card_of()
    for part in ("`problems_default`", "`trie`", "| 1200 |", "0.2500", "0.1250 at step 20"):
        assert part in text
    assert "- A token was added.\n" in text
    assert "- `learning_rate`: 1e-05" in text
    assert "license" not in text


def test_nothing_of_this_machine_is_told(tmp_path: Path) -> None:
    (tmp_path / "base").mkdir()
    text = card_of(model=str(tmp_path / "base"), data=str(tmp_path / "rows"))
    assert str(tmp_path) not in text
    assert "/secret" not in text
    assert "base_model" not in text
    assert "`base`" in text


def test_a_name_cannot_break_out_of_its_place() -> None:
    text = card_of(data="logs/a`b\n## Licence | mine")
    assert "`a b ## Licence mine`" in text


@pytest.mark.parametrize(
    ("card", "licence"),
    [
        ("---\nlicense: mit\n---\n# A", {"license": "mit"}),
        (
            "---\nlicense: other\nlicense_name: own\n---\n",
            {"license": "other", "license_name": "own"},
        ),
        ("---\nlicense_name: own\n---\n", {}),
        ("---\nlicense: [a, b]\n---\n", {}),
        ("---\n- a\n- b\n---\n", {}),
        ("---\nlicense: 'mit\n---\n", {}),
        ("# No header", {}),
    ],
)
def test_the_licence_is_that_of_the_base(
    tmp_path: Path, card: str, licence: dict[str, str]
) -> None:
    (tmp_path / "README.md").write_text(card)
    assert licence_of(str(tmp_path)) == licence


def test_a_base_without_a_card_has_no_known_licence(tmp_path: Path) -> None:
    assert licence_of(str(tmp_path)) == {}
