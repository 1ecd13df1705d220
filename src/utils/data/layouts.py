"""The column names of public datasets, in the order in which they are tried.

Names are compared ignoring case, and `_`, `-` and spaces are the same.
"""

from __future__ import annotations

import re

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
"""Columns with the answer in data for reinforcement learning, if it has no column of its own."""
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
