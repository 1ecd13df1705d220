"""What is trained is what inference asks: samples compared with requests that solvers make."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from sprint.agent_orchestration.config import SprintSettings
from sprint.agent_orchestration.solver import SprintSolver
from sprint.base_model_evaluation.config import BaselineSettings
from sprint.base_model_evaluation.solvers import load_prompts, make_solver
from sprint.finetuning.config import Presentation
from sprint.finetuning.presentations import (
    IGNORED,
    TEXTS,
    TrainingPair,
    full_trajectory_texts,
    is_sound,
    per_call_texts,
    samples,
    serial_texts,
    tokenize,
)
from sprint.utils.api.server import ModelServer
from sprint.utils.grammar import parse, render, render_final_answer, whole_answer
from sprint.utils.prompt_files import load_prompt
from sprint.utils.records import Trajectory
from support.fake_server import MODEL, FakeServer, Reply
from support.limits import PATIENCE
from support.scripts import PROBLEM, QUESTION, TRAJECTORY, Scripted, calls_of
from support.tiny import tiny_tokenizer
from transformers import AutoTokenizer

ROW = {
    "question": QUESTION,
    "thought": "2*3=6 and 4*5=20.\n\nWait, 6+20=26.\n",
    "solution": "It is $\\boxed{26}$.",
    "trajectory": render(TRAJECTORY, think=False),
}
PRESENTATIONS: tuple[Presentation, ...] = ("full_trajectory", "per_call", "serial")


def contexts_of_inference(server: FakeServer, method: str) -> list[str]:
    """The contexts that a solver asks with."""

    async def main() -> None:
        async with asyncio.timeout(PATIENCE), ModelServer(server.url, MODEL) as client:
            if method == "SPRINT":
                prompt = load_prompt("global_agent_prompt")
                await SprintSolver(client, client, prompt, SprintSettings()).solve(PROBLEM)
            else:
                solver = make_solver(
                    "RFT", client, load_prompts("RFT"), BaselineSettings(), "completions"
                )
                await solver.solve(PROBLEM)

    asyncio.run(main())
    return [request.context for request in server.requests]


def test_per_call_contexts_are_those_of_inference(fake_server: FakeServer) -> None:
    fake_server.script = Scripted(calls_of(TRAJECTORY, load_prompt("global_agent_prompt")))
    asked = contexts_of_inference(fake_server, "SPRINT")
    assert sorted(text.context for text in per_call_texts(ROW)) == sorted(asked)


def test_serial_context_is_that_of_inference(fake_server: FakeServer) -> None:
    fake_server.script = lambda _: Reply.of("\\boxed{26}")
    asked = contexts_of_inference(fake_server, "RFT")
    assert [text.context for text in serial_texts(ROW)] == asked


def test_per_call_completions_end_where_inference_stops(fake_server: FakeServer) -> None:
    """The closing tag is the last thing that is learned, and it is a stop string of the call."""
    fake_server.script = Scripted(calls_of(TRAJECTORY, load_prompt("global_agent_prompt")))
    contexts_of_inference(fake_server, "SPRINT")
    stops = {request.context: request.body["stop"] for request in fake_server.requests}
    for text in per_call_texts(ROW):
        assert any(text.completion.endswith(stop) for stop in stops[text.context])
        assert not text.ends


def test_full_trajectory_is_one_text_split_before_think() -> None:
    (text,) = full_trajectory_texts(ROW)
    assert "<think>" not in text.context
    assert text.completion.startswith("<think>\n<Plan_1>\n")
    assert text.completion.endswith("</Final_answer>\n</think>")
    whole = text.context + text.completion
    assert whole == f"{load_prompt('global_agent_prompt')}\n\n{render(parse(ROW['trajectory']))}"
    assert text.ends


def test_an_answer_that_holds_its_thought_is_one_call() -> None:
    """The call that inference makes first, answered at once."""
    whole = Trajectory(QUESTION, (), whole_answer(ROW["thought"], ROW["solution"]))
    row = ROW | {"trajectory": render(whole, think=False)}
    (call,) = per_call_texts(row)
    (sequence,) = full_trajectory_texts(row)
    assert call.context == calls_of(instruction=load_prompt("global_agent_prompt"))[0].context
    assert call.completion == render_final_answer(whole.final_answer or "")
    assert sequence.completion == f"<think>\n{call.completion}\n</think>"
    assert is_sound(row, "trie")


@pytest.mark.parametrize(
    "trajectory", [replace(TRAJECTORY, final_answer=None), Trajectory(QUESTION, (), None)]
)
def test_a_trajectory_without_an_answer_is_not_sound(trajectory: Trajectory) -> None:
    assert not is_sound(ROW | {"trajectory": render(trajectory, think=False)}, "per_call")


def test_serial_completion_is_thought_and_solution() -> None:
    (text,) = serial_texts(ROW)
    assert text.completion == (
        "2*3=6 and 4*5=20.\n\nWait, 6+20=26.\n\nIt is $\\boxed{26}$.\n</think>"
    )
    assert text.ends


def test_every_presentation_teaches_the_same_words() -> None:
    """Each execution is learned once, whether alone or in one sequence."""
    (whole,) = full_trajectory_texts(ROW)
    completions = [text.completion for text in per_call_texts(ROW)]
    for phase in TRAJECTORY.phases:
        for execution in phase.executions:
            assert whole.completion.count(f"\n{execution}\n") == 1
            assert sum(text.startswith(f"{execution}\n") for text in completions) == 1


@pytest.mark.parametrize("presentation", PRESENTATIONS)
def test_labels_are_the_completion_and_nothing_of_the_context(presentation: Presentation) -> None:
    tokenizer = tiny_tokenizer()
    texts = {
        "full_trajectory": full_trajectory_texts,
        "per_call": per_call_texts,
        "serial": serial_texts,
    }[presentation](ROW)
    for text, sample in zip(texts, samples(ROW, presentation, tokenizer), strict=True):
        learned = [label for label in sample.labels if label != IGNORED]
        masked = len(sample.labels) - len(learned)
        assert sample.labels == [IGNORED] * masked + sample.ids[masked:]
        assert tokenizer.decode(sample.ids[:masked]) == text.context
        end = str(tokenizer.eos_token) if text.ends else ""
        assert tokenizer.decode(learned) == text.completion + end


def test_the_boundary_is_no_place_to_merge() -> None:
    """Tokenized together, the letters on both sides would become one token."""
    tokenizer = tiny_tokenizer()
    whole = "Let me check"
    sample = tokenize(TrainingPair(whole[:5], whole[5:], ends=False), tokenizer)
    assert len(sample.ids) > len(tokenizer.encode(whole))
    assert tokenizer.decode(sample.ids[: sample.context_length]) == whole[:5]
    assert tokenizer.decode(sample.ids[sample.context_length :]) == whole[5:]


@pytest.mark.parametrize(("first", "last"), [(True, False), (False, True), (True, True)])
def test_special_tokens_of_a_context(first: bool, last: bool) -> None:
    """What a tokenizer puts first stays, as vLLM gives it; an end of text would end the answer."""
    plain = tiny_tokenizer()
    end = int(plain.eos_token_id)

    class Special:
        eos_token_id = end

        def __call__(self, text: str, add_special_tokens: bool = True) -> dict[str, list[int]]:
            ids = plain.encode(text)
            if add_special_tokens:
                ids = [7] * first + ids + [end] * last
            return {"input_ids": ids}

    sample = tokenize(TrainingPair("1+1=", "2", ends=True), Special())  # type: ignore[arg-type]
    context = [7] * first + plain.encode("1+1=")
    assert sample.ids == [*context, *plain.encode("2"), end]
    assert sample.context_length == len(context)


def test_a_saved_tokenizer_gives_the_same_samples(tmp_path: Path) -> None:
    tiny_tokenizer().save_pretrained(tmp_path)
    loaded = AutoTokenizer.from_pretrained(tmp_path)
    assert samples(ROW, "per_call", loaded) == samples(ROW, "per_call", tiny_tokenizer())


MARKS = ("<|endoftext|>", "<|im_start|>", "<\uff5cend\u2581of\u2581sentence\uff5c>")


@pytest.mark.parametrize("presentation", ["full_trajectory", "per_call", "trie", "serial"])
def test_special_tokens_of_the_texts_are_not_trained(presentation: Presentation) -> None:
    """With them in every column the samples are those of the row without them."""
    tokenizer = tiny_tokenizer()

    def marked(text: str) -> str:
        return text.replace("26", f"26 {MARKS[0]}{MARKS[1]}").replace("20", f"20{MARKS[2]} ")

    plain = {key: text.replace("26", "26 ").replace("20", "20 ") for key, text in ROW.items()}
    dirty = {key: marked(text) for key, text in ROW.items()}
    found = samples(dirty, presentation, tokenizer)
    assert found == samples(plain, presentation, tokenizer)
    ends = sum(sample.ids.count(int(tokenizer.eos_token_id)) for sample in found)
    assert ends == (1 if presentation in ("full_trajectory", "serial") else 0)


@pytest.mark.parametrize("presentation", PRESENTATIONS)
def test_tags_that_the_tokenizer_registers_as_special_stay(
    presentation: Presentation, tmp_path: Path
) -> None:
    tiny_tokenizer().save_pretrained(tmp_path)
    tokenizer = AutoTokenizer.from_pretrained(tmp_path)
    tags = ["<think>", "</think>", "<Plan_1>", "</Plan_1>", "<prompt_", "<Final_answer>"]
    tokenizer.add_special_tokens({"additional_special_tokens": tags})
    for text, sample in zip(
        TEXTS[presentation](ROW), samples(ROW, presentation, tokenizer), strict=True
    ):
        end = str(tokenizer.eos_token) if text.ends else ""
        assert tokenizer.decode(sample.ids) == text.context + text.completion + end
