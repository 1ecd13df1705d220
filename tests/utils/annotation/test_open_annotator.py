"""From flags to annotators: keys, prices, and what is refused before anything is sent."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import ClassVar

import pytest
from sprint.utils.annotation.annotator import BatchAnnotator, ModelAnnotator
from sprint.utils.annotation.config import RULES, AnnotationConfig, NamedAnnotator
from sprint.utils.annotation.open_annotator import open_annotator
from sprint.utils.annotation.responses import Response, ResponseStore
from sprint.utils.config import from_command_line
from sprint.utils.errors import InputError
from support.fake_server import MODEL, FakeServer, Reply
from support.limits import PATIENCE

PRICES = ("--price_in", "1", "--price_out", "2")


@pytest.fixture(autouse=True)
def no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "SERVER_API_KEY"):
        monkeypatch.delenv(name, raising=False)


class StageConfig(AnnotationConfig):
    """A stage."""

    command: ClassVar[str] = "stage"

    stage_model: str = RULES
    """Model."""
    stage_server_url: str | None = None
    """Server."""
    stage_key_variable: str | None = None
    """Key."""

    @property
    def annotator(self) -> NamedAnnotator:
        return NamedAnnotator(
            "stage", self.stage_model, self.stage_server_url, self.stage_key_variable
        )


def parse(folder: Path, *flags: str) -> StageConfig:
    words = ["--data_hub_path", "few.jsonl", "--logs_dir", str(folder), *flags]
    return from_command_line(StageConfig, words)


def opened(config: StageConfig, question: str | None = None) -> ModelAnnotator | None:
    """The annotator that the flags give; it is asked `question`."""

    async def main() -> ModelAnnotator | None:
        async with asyncio.timeout(PATIENCE), open_annotator(config) as annotator:
            if question is not None and annotator is not None:
                await annotator.chat([{"role": "user", "content": question}])
            return annotator

    return asyncio.run(main())


def served(server: FakeServer) -> tuple[str, ...]:
    return ("--stage_model", MODEL, "--stage_server_url", server.url)


def test_rules_need_neither_server_nor_folder(tmp_path: Path) -> None:
    assert opened(parse(tmp_path / "logs")) is None
    assert not (tmp_path / "logs").exists()


@pytest.mark.parametrize("flag", ["--stage_server_url", "--stage_key_variable"])
def test_a_server_without_a_model_is_refused(tmp_path: Path, flag: str) -> None:
    with pytest.raises(InputError, match=f"{flag} is set, .*name the model with --stage_model"):
        opened(parse(tmp_path, flag, "http://s"))


@pytest.mark.parametrize("flags", [("--max_cost", "0"), ("--batch",)])
def test_a_limit_that_rules_do_not_need_is_said_to_do_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, flags: tuple[str, ...]
) -> None:
    assert opened(parse(tmp_path, *flags)) is None
    assert "has no effect: --stage_model is 'rules'" in caplog.text


def test_two_runs_do_not_pay_for_the_same_rows(fake_server: FakeServer, tmp_path: Path) -> None:
    config = parse(tmp_path, *served(fake_server))
    other = parse(tmp_path, *served(fake_server), "--range", "5:")

    async def main() -> None:
        async with open_annotator(config), open_annotator(other):
            with pytest.raises(InputError, match="Another run is working on stage of these rows"):
                async with open_annotator(config):
                    pass

    asyncio.run(main())
    assert list(tmp_path.glob(".*.lock")) == []


@pytest.mark.parametrize(("flags", "kind"), [((), ModelAnnotator), (("--batch",), BatchAnnotator)])
def test_a_model_alone_or_in_batches(
    fake_server: FakeServer, tmp_path: Path, flags: tuple[str, ...], kind: type
) -> None:
    assert type(opened(parse(tmp_path, *served(fake_server), *flags))) is kind


@pytest.mark.parametrize(
    ("flags", "share"),
    [((), "few_default"), (("--shard", "3/16"), "few_default.shard_3_of_16")],
)
def test_each_dataset_and_shard_has_batches_of_its_own(
    fake_server: FakeServer, tmp_path: Path, flags: tuple[str, ...], share: str
) -> None:
    annotator = opened(parse(tmp_path, *served(fake_server), "--batch", *flags))
    assert isinstance(annotator, BatchAnnotator)
    assert annotator.share == share


def test_each_stage_and_model_has_a_store_of_its_own(
    fake_server: FakeServer, tmp_path: Path
) -> None:
    fake_server.script = lambda _: Reply.of("2")
    opened(parse(tmp_path, *served(fake_server)), "1+1?")
    (stored,) = ResponseStore(tmp_path / "stage_responses_fake_model").all()
    assert stored.text == "2"


def test_the_key_is_the_one_that_is_named(
    fake_server: FakeServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_server.script = lambda _: Reply.of("2")
    monkeypatch.setenv("SERVER_API_KEY", "usual")
    monkeypatch.setenv("OTHER_KEY", "other")
    opened(parse(tmp_path, *served(fake_server)), "1+1?")
    opened(parse(tmp_path, *served(fake_server), "--stage_key_variable", "OTHER_KEY"), "1+2?")
    keys = [request.authorization for request in fake_server.requests]
    assert keys == ["Bearer usual", "Bearer other"]


def test_a_key_variable_that_is_not_set(fake_server: FakeServer, tmp_path: Path) -> None:
    flags = (*served(fake_server), "--stage_key_variable", "NO_SUCH_KEY")
    with pytest.raises(InputError, match="--stage_key_variable names NO_SUCH_KEY"):
        opened(parse(tmp_path, *flags))


def test_a_model_without_server_and_key(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="set OPENAI_API_KEY"):
        opened(parse(tmp_path, "--stage_model", "gpt-4o"))


def test_a_limit_without_a_price_is_refused(fake_server: FakeServer, tmp_path: Path) -> None:
    with pytest.raises(
        InputError, match="--max_cost cannot be enforced: the price of 'fake/model'"
    ):
        opened(parse(tmp_path, *served(fake_server), "--max_cost", "5"))


def test_earlier_runs_count_towards_the_limit(
    fake_server: FakeServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One response was stored with its cost, one when no price was known."""
    store = ResponseStore(tmp_path / "stage_responses_fake_model")
    store.put("aa", Response("", "stop", 5, 0, 5, cost=1.25), {})
    store.put("bb", Response("", "stop", 1_000_000, 0, 1_000_000, cost=None), {})
    opened(parse(tmp_path, *served(fake_server), "--max_cost", "5", *PRICES))
    assert "$0.0000, $4.2500 over all runs" in capsys.readouterr().out


@pytest.mark.parametrize("value", ["-1", "nan", "inf", "much"])
def test_a_limit_is_a_number(tmp_path: Path, value: str) -> None:
    with pytest.raises(SystemExit):
        parse(tmp_path, "--max_cost", value)
