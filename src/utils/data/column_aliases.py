"""The column names of public datasets, in the order in which they are tried.

Names match in any case; `_`, `-` and spaces are equal. The cells decide whether a column contains
what its name says.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..grammar.thought_tags import split_thought
from .cells import Row, Value, structure
from .column_paths import ColumnPath, loose
from .conversations import is_chat, messages_in, read, read_conversation

QUESTION = (
    "problem",
    "question",
    "prompt",
    "query",
    "instruction",
    "problem_statement",
    "question_text",
    "input",
)
WITH_CONTEXT, CONTEXT = "instruction", ("input", "context")
"""A question that continues in another column, in the layout of Alpaca."""
ANSWER = (
    "answer",
    "final_answer",
    "expected_answer",
    "reference_answer",
    "ground_truth",
    "ground_truth_answer",
    "gold_answer",
    "correct_answer",
    "gold",
    "target",
    "TrueFinalAnswer",
    "answer_number",
    "answerKey",
)
NESTED_ANSWER = (
    ("reward_model", "ground_truth"),
    ("verification_info", "ground_truth"),
    ("metadata", "expected_answer"),
)
"""Columns with the answer in data for reinforcement learning, if it has no separate column."""
OPTIONS = ("options", "choices")
"""Columns with the options of a multiple-choice question."""
SOLUTION = (
    "solution",
    "ground_truth_solution",
    "gold_standard_solution",
    "reference_solution",
    "gold_solution",
    "official_solution",
)
RESPONSE = (
    "deepseek_solution",
    "deepseek_attempt",
    "r1_response_content",
    "attempt",
    "response",
    "content",
)
"""Columns with the model's text after its thought."""
THOUGHT = (
    "thought",
    "thoughts",
    "thinking",
    "think",
    "reasoning_content",
    "deepseek_reasoning",
    "deepseek_thinking_trajectory",
    "thinking_trajectory",
    "thinking_trajectories",
    "r1_reasoning_content",
    "r1_solution",
    "generations",
    "generation",
    "generated_solution",
    "reasoning",
    "reasoning_trace",
    "reasoning_traces",
    "thought_process",
    "chain_of_thought",
    "complex_cot",
    "long_cot",
    "cot",
)
THOUGHT_ENDINGS = re.compile(
    r"(?:reasoning|thinking|thoughts?|cot|chainofthought|trajector(?:y|ies)|traces?|rationale)"
    r"(?:content|text)?$"
)
"""Suffixes of other columns with thoughts (`o1_reasoning`, `gemini_thinking_trajectory`)."""
CHAT = ("conversations", "conversation", "messages", "chat", "dialogue")
ID = (
    "unique_id",
    "id",
    "uuid",
    "problem_id",
    "question_id",
    "ProblemIdx",
    "record_id",
    "task_id",
)
LEVEL = ("level", "difficulty")
SUBJECT = ("subject", "type", "category", "problem_type", "topic", "domain")

CORRECT = (
    "correctness_math_verify",
    "correctness",
    "correct",
    "is_correct",
    "verified",
    "correctness_llama",
)
COMPLETE = ("is_reasoning_complete", "reasoning_complete", "is_complete", "finish_reasons")

SOLUTION_IS_THOUGHT = ({"question", "problem"}, {"solution"}, {"answer"})
"""A table with only these three columns, besides an id, level or subject (LIMO): its solution is
the chain of thought."""


SWITCHES = ("on", "off", "true", "false", "yes", "no")
"""Values of a column `reasoning` that describe the prompt instead."""


CHARACTERS = 8
"""Characters per word, in scripts without spaces."""


def holds_thought(value: Value, words: int = 1) -> bool:
    """Whether a cell contains a thought of at least this many words."""
    thoughts = (attempt.thought.strip() for attempt in read(value))
    return any(
        (len(thought.split()) >= words or len(thought) >= words * CHARACTERS)
        and thought.casefold() not in SWITCHES
        for thought in thoughts
    )


def asks(row: Row, field: ColumnPath) -> bool:
    messages = messages_in(field.value(row))
    return is_chat(messages) and bool(read_conversation(messages).question)


def has_tags(value: Value) -> bool:
    value = structure(value)
    texts = value if isinstance(value, list) else [value]
    return any(
        isinstance(text, str) and (split := split_thought(text)).closed and bool(split.thought)
        for text in texts
    )


def has_tagged_thought(row: Row, field: ColumnPath) -> bool:
    messages = messages_in(field.value(row))
    return is_chat(messages) and (read_conversation(messages).reply.closed)


def differs(row: Row, field: ColumnPath, solution: ColumnPath | None) -> bool:
    """Whether a chat's reply differs from a solution that the row also has."""
    messages = messages_in(field.value(row))
    known = solution.text(row).strip() if solution else ""
    reply = read_conversation(messages).reply.thought.strip() if is_chat(messages) else ""
    return bool(known and reply) and reply != known


def is_solution_the_thought(names: Sequence[str]) -> bool:
    beside = {loose(name) for name in (*ID, *LEVEL, *SUBJECT)}
    found = [name for name in map(loose, names) if name not in beside]
    return len(found) == len(SOLUTION_IS_THOUGHT) and all(
        any(name in choices for name in found) for choices in SOLUTION_IS_THOUGHT
    )
