"""The `sprint` command: one word for each stage and tool."""

from __future__ import annotations

import difflib
import importlib
import inspect
import runpy
import sys
from collections.abc import Mapping
from typing import cast

from . import __version__
from .utils.config import Config

PACKAGE = __name__.rpartition(".")[0]

COMMANDS: Mapping[str, str] = {
    "separate": "component_separation",
    "dag": "dag_creation",
    "prepare": "finetuning_data_preparation",
    "finetune": "finetuning",
    "resample": "latency_tuning.samples",
    "select": "latency_tuning.selection",
    "accept": "latency_tuning.verdict",
    "reinforce": "latency_tuning.reinforcement",
    "orchestrate": "agent_orchestration",
    "baseline": "base_model_evaluation",
    "serve": "serving",
    "demo": "serving.demo",
    "report": "analysis.report",
    "prices": "analysis.price_fit",
    "compare": "analysis.compare",
    "figures": "analysis.figures",
    "view": "analysis.viewer",
    "sample": "sample_world",
    "download": "model_download",
}
"""The module of each command; `python -m sprint.<module>` runs the same command."""


def config_of(command: str) -> type[Config]:
    """The configuration of a command."""
    module = importlib.import_module(f"{PACKAGE}.{COMMANDS[command]}")
    for value in vars(module).values():
        if inspect.isclass(value) and vars(value).get("command") == command:
            return cast(type[Config], value)
    raise LookupError(f"{module.__name__} has no configuration of {command}")


def main() -> None:
    """Run the command named by the first word."""
    word, *rest = sys.argv[1:] or ["--help"]
    if word in ("-h", "--help"):
        print(_help())
    elif word == "--version":
        print(f"sprint {__version__}")
    elif word in COMMANDS:
        sys.argv[1:] = rest
        runpy.run_module(f"{PACKAGE}.{COMMANDS[word]}", run_name="__main__", alter_sys=True)
    else:
        near = difflib.get_close_matches(word, COMMANDS, 1)
        meant = f"did you mean {near[0]!r}?" if near else "'sprint --help' lists them."
        print(f"Error: sprint has no command {word[:100]!r}: {meant}", file=sys.stderr)
        sys.exit(2)


def _help() -> str:
    lines = ["usage: sprint COMMAND [FLAG ...]", "", "commands:"]
    for word in COMMANDS:
        summary = (inspect.getdoc(config_of(word)) or "").partition("\n")[0]
        lines.append(f"  {word:<12} {summary}")
    return "\n".join(
        [
            *lines,
            "",
            "'sprint COMMAND --help' explains every flag; 'sprint --version' shows the version.",
        ]
    )


if __name__ == "__main__":
    main()
