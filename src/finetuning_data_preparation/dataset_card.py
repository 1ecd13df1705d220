"""The card of the dataset, as the hub shows it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from huggingface_hub import DatasetCardData

from ..utils.config import replace as changed
from ..utils.files.run_record import in_words
from .config import CurationSettings
from .curation_report import FinalReport
from .report_text import tables

PICTURE = "curation_report.png"

_SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"))

_OF_THOUGHTS = """\
{rows} problems for the fine-tuning of a SPRINT model
([arXiv 2506.05745](https://arxiv.org/abs/2506.05745)) and of a serial one (RFT). Each row holds one
thought of a reasoning model twice: as it was written, and as a trajectory of rounds, in which a
planner hands out tasks that executors carry out in parallel. Both models learn from the same rows,
so they differ only in structure.

Made from `{source}` with `{separation}` for component separation and `{dag}` for DAG creation."""

_OF_TRAJECTORIES = """\
{rows} problems for the fine-tuning of a SPRINT model
([arXiv 2506.05745](https://arxiv.org/abs/2506.05745)). Each row holds a finished trajectory of
rounds, in which a planner hands out tasks that executors carry out in parallel.

Made from the trajectories in `{source}` (column `{column}`), as they are."""

_STRUCTURE = """
| `structure` | curated; inlined: executions that run beside no other are written into the plan; \
serial: the final answer holds the whole thought |"""

_BODY = """\
# {name}

{introduction}

| column | |
|---|---|
| `id`, `index` | the problem, and its row in the source |
| `question`, `answer`, `level`, `subject` | the problem |
| `solution` | the final answer that a model is trained to end on |
| `trajectory` | what a SPRINT model is trained on: plans, prompts, executions, final answer |
| `thought` | what a serial model is trained on, followed by `solution`{unknown} |{structure}

## Curation

{tables}

![Distributions]({picture})

## Settings

{settings}
"""


def dataset_card(name: str, final: FinalReport) -> str:
    """The text of the card. It gives no licence: that of the source is not known here."""
    header = DatasetCardData(
        pretty_name=name,
        task_categories=["text-generation"],
        tags=["reasoning", "parallel-reasoning", "sprint", "arxiv:2506.05745"],
        size_categories=[_size(final.rows)],
    )
    settings = _without_places(final.settings)
    config = settings.config
    if config.tokenizer:
        final = replace(final, unit=f"tokens of {config.tokenizer}")
    listed = settings.as_json()
    listed["software"] = "; ".join(in_words(one) for one in final.report.software if one)
    introduction = _OF_TRAJECTORIES if final.of_trajectories else _OF_THOUGHTS
    no_thoughts = final.of_trajectories and not config.thought_column
    body = _BODY.format(
        name=name,
        introduction=introduction.format(
            rows=final.report.kept,
            source=config.data_hub_path,
            separation=config.component_separation_model,
            dag=config.dag_creation_model,
            column=config.trajectory_column,
        ),
        unknown="; empty, because it is not known" if no_thoughts else "",
        structure=_STRUCTURE if config.structure != "curated" else "",
        tables=tables(final),
        picture=PICTURE,
        settings="\n".join(f"- `{key}`: {value}" for key, value in listed.items()),
    )
    return f"---\n{header.to_yaml()}\n---\n{body}"


def _without_places(settings: CurationSettings) -> CurationSettings:
    """The settings without local paths, which would only reveal details of this machine."""
    config = settings.config
    public = changed(
        config,
        data_hub_path=_public(config.data_hub_path),
        component_separation_model=_public(config.component_separation_model),
        dag_creation_model=_public(config.dag_creation_model),
        tokenizer=config.tokenizer and _public(config.tokenizer),
    )
    return replace(settings, config=public)


def _public(name: str) -> str:
    return Path(name).name if Path(name).exists() else name


def _size(rows: int) -> str:
    return next((name for limit, name in _SIZES if rows < limit), "100K<n<1M")
