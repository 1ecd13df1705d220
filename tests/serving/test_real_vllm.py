"""The server in front of a real vLLM: the answers are those of a batch run."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from openai import OpenAI
from sprint.agent_orchestration import SprintSolver, open_sprint_solver
from sprint.base_model_evaluation import open_serial_solver
from sprint.utils.grammar import after_thought, parse, plain_content
from sprint.utils.records import Problem, Result
from support.serving import ROOT, Served
from support.vllm_server import vllm_server

MODEL = ROOT / "models" / "sample_base"
QUESTION = "What is 2*3+4*5?"
PROBLEM = Problem("x", 0, QUESTION, "26")


@pytest.mark.vllm
def test_answers_are_those_of_a_batch_run(tmp_path: Path) -> None:
    """The base model knows no plans: its answer is put in the planner's mouth at once."""
    with (
        vllm_server(MODEL, tmp_path) as url,
        Served(
            url,
            planner_model=str(MODEL),
            max_phases=1,
            plan_tokens=64,
            serial_tokens=64,
            max_attempts=1,
        ) as server,
    ):
        client = OpenAI(base_url=server.url, api_key="none", max_retries=0)

        async def batch() -> tuple[Result, Result]:
            async with (
                open_sprint_solver(server.config.sprint) as sprint,
                open_serial_solver(server.config.serial) as serial,
            ):
                assert isinstance(sprint, SprintSolver)
                return await sprint.solve(PROBLEM), await serial.solve(PROBLEM)

        sprint, serial = asyncio.run(batch())
        for model in ("sprint", "serial"):
            whole = client.chat.completions.create(
                model=model, messages=[{"role": "user", "content": QUESTION}]
            )
            message = whole.choices[0].message
            thought = message.model_extra["reasoning"] if message.model_extra else ""
            shown = {"content": "", "reasoning": ""}
            for chunk in client.chat.completions.create(
                model=model, messages=[{"role": "user", "content": QUESTION}], stream=True
            ):
                delta = chunk.choices[0].delta.model_dump()
                for field in shown:
                    shown[field] += delta.get(field) or ""
            assert shown == {"content": message.content, "reasoning": thought}
            assert whole.usage is not None
            assert 0 < whole.usage.completion_tokens <= 64
            if model == "serial":
                said = f"{thought}\n\n{message.content}"
                assert plain_content(after_thought(serial.text)) in (said.strip(), message.content)
            elif (answer := parse(sprint.text).final_answer) is not None:
                assert message.content == answer
