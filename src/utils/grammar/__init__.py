"""The tag grammar of trajectories. No other module of the package knows how a tag is written."""

from __future__ import annotations

from .asked import Asked, asked_of
from .context import (
    FORCED_FINAL_ANSWER,
    CallText,
    TrainingText,
    executor_completion,
    executor_context,
    executor_stops,
    planner_context,
    planner_stops,
    published_executor_context,
    request_context,
    serial_text,
    training_text,
    trajectory_calls,
    whole_answer,
    written_phases,
)
from .live import LiveExecution, LivePart, LiveReply, LiveThought, PartKind, ThoughtPart
from .parse import parse
from .plain import after_thought, escaped_content, plain_content, within_thought
from .render import (
    render,
    render_executions,
    render_final_answer,
    render_open_plan,
    render_phase,
    render_plan,
    render_question,
)
from .reply import (
    ExecutionReply,
    FinalAnswer,
    Plan,
    PlanReply,
    parse_execution_reply,
    parse_plan_reply,
    with_closing_tag,
)
from .stream import ClosedPrompt, ExecutionStream, PlanStream
from .strict import Finished, Malformation, NotFinishedError, Repair, parse_finished
from .tags import NO_PROMPT, SEPARATOR, belongs_to_grammar, contains_tag
from .thought_tags import SplitThought, split_thought
from .tidy import TidyReply, tidied

__all__ = [
    "FORCED_FINAL_ANSWER",
    "NO_PROMPT",
    "SEPARATOR",
    "Asked",
    "CallText",
    "ClosedPrompt",
    "ExecutionReply",
    "ExecutionStream",
    "FinalAnswer",
    "Finished",
    "LiveExecution",
    "LivePart",
    "LiveReply",
    "LiveThought",
    "Malformation",
    "NotFinishedError",
    "PartKind",
    "Plan",
    "PlanReply",
    "PlanStream",
    "Repair",
    "SplitThought",
    "ThoughtPart",
    "TidyReply",
    "TrainingText",
    "after_thought",
    "asked_of",
    "belongs_to_grammar",
    "contains_tag",
    "escaped_content",
    "executor_completion",
    "executor_context",
    "executor_stops",
    "parse",
    "parse_execution_reply",
    "parse_finished",
    "parse_plan_reply",
    "plain_content",
    "planner_context",
    "planner_stops",
    "published_executor_context",
    "render",
    "render_executions",
    "render_final_answer",
    "render_open_plan",
    "render_phase",
    "render_plan",
    "render_question",
    "request_context",
    "serial_text",
    "split_thought",
    "tidied",
    "training_text",
    "trajectory_calls",
    "whole_answer",
    "with_closing_tag",
    "within_thought",
    "written_phases",
]
