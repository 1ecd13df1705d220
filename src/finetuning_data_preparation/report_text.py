"""The report for readers: a few plain lines at the end of a run, and the dataset card."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from huggingface_hub import DatasetCardData

from ..utils.config import replace as changed
from ..utils.files.run_record import in_words
from .config import CurationSettings
from .curation_report import SAVED, SHAPES, UNSTATED, FinalReport

TITLES = {
    "components": "components",
    "width": "width of the DAG (components)",
    "depth": "depth of the DAG (components)",
    "phases": "phases",
    "ratio": "parallelization ratio",
    SAVED: "saved if executed in parallel (%)",
}


def summary(final: FinalReport) -> str:
    """The summary at the end of a run."""
    report = final.report
    lines = [f"Fine-tuning data: {report.kept} of {report.read} rows kept."]
    lines += [f"  {len(rows)} dropped: {_words(reason)}" for reason, rows in _dropped(final)]
    if faults := [f"{_words(kind)} {count}" for kind, count in sorted(report.faults.items())]:
        lines.append(f"Not annotated: {', '.join(faults)}.")
    if repaired := [f"{_words(kind)} {count}" for kind, count in _repairs(final)]:
        lines.append(f"Repaired: {', '.join(repaired)}.")
    if report.answers[UNSTATED]:
        lines.append(
            f"Final answers: {report.answers[UNSTATED]} of the rows kept do not state theirs in "
            "the thought, and were graded by the solution alone."
        )
    if report.lines["total"]:
        lines.append(
            f"Lines: {report.lines['total']}, {_percent(final.coverage, 2)} of them put into a "
            f"component by the annotator; {_share(final, 'execution')} in executions, "
            f"{_share(final, 'plan')} in plans, {_share(final, 'comment')} in comments."
        )
    for name in SHAPES if report.kept else ():
        found, title = report.distributions[name]["kept"], TITLES[name]
        lines.append(
            f"{title[0].upper()}{title[1:]}: mean {found.mean:.2f}, median {found.median:g}, "
            f"{min(found.counts):g} to {max(found.counts):g} in the rows kept."
        )
    if report.tokens["total"]:
        lines.append(
            f"Saved if executed in parallel: {_percent(final.saved)} of {final.unit} "
            f"({report.tokens['sequential']} of {report.tokens['total']} one after another)."
        )
    if final.cost is not None:
        lines.append(f"Cost of the stored responses: ${final.cost:.2f}.")
    return "\n".join(lines)


def tables(final: FinalReport) -> str:
    """The report in Markdown."""
    report = final.report
    rows = [("rows read", str(report.read)), ("rows kept", str(report.kept))]
    rows += [
        ("for training, for testing", f"{report.kept - final.test}, {final.test}"),
        ("graded by the solution alone", str(report.answers[UNSTATED])),
        ("lines put into a component by the annotator", _percent(final.coverage, 2)),
        (f"{final.unit} in the trajectories", str(report.tokens["total"])),
        ("saved if executed in parallel", _percent(final.saved)),
    ]
    if final.cost is not None:
        rows.append(("cost of the annotation", f"${final.cost:.2f}"))
    blocks = [_table(("", ""), rows)]
    if dropped := [(_words(reason), str(len(found))) for reason, found in _dropped(final)]:
        blocks.append(_table(("dropped", "rows"), dropped))
    if faults := [(_words(kind), str(count)) for kind, count in sorted(report.faults.items())]:
        blocks.append(_table(("not annotated", "rows"), faults))
    if repaired := [(_words(kind), str(count)) for kind, count in _repairs(final)]:
        blocks.append(_table(("repaired", "times"), repaired))
    kept = [(TITLES[name], report.distributions[name]["kept"]) for name in TITLES]
    shapes = [
        (title, f"{found.mean:.2f}", f"{found.median:g}", f"{max(found.counts, default=0):g}")
        for title, found in kept
    ]
    blocks.append(_table(("of the rows kept", "mean", "median", "largest"), shapes))
    return "\n\n".join(blocks)


def _dropped(final: FinalReport) -> list[tuple[str, list[int]]]:
    """Reasons, the most frequent first."""
    return sorted(final.report.dropped.items(), key=lambda item: (-len(item[1]), item[0]))


def _repairs(final: FinalReport) -> list[tuple[str, int]]:
    return sorted((kind, count) for kind, count in final.report.repairs.items() if count)


def _words(name: str) -> str:
    return name.replace("_", " ")


def _percent(share: float, decimals: int = 1) -> str:
    return f"{100 * share:.{decimals}f} %"


def _share(final: FinalReport, part: str) -> str:
    return _percent(final.report.lines[part] / max(1, final.report.lines["total"]))


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    rule = ["---", *["---:"] * (len(head) - 1)]
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, rule, *rows))


PICTURE = "curation_report.png"

_SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"))

_BODY = """\
# {name}

{rows} problems for the fine-tuning of a SPRINT model
([arXiv 2506.05745](https://arxiv.org/abs/2506.05745)) and of a serial one (RFT). Each row holds one
thought of a reasoning model twice: as it was written, and as a trajectory of rounds, in which a
planner hands out tasks that executors carry out in parallel. Both models learn from the same rows,
so they differ only in structure.

Made from `{source}` with `{separation}` for component separation and `{dag}` for DAG creation.

| column | |
|---|---|
| `id`, `index` | the problem, and its row in the source |
| `question`, `answer`, `level`, `subject` | the problem |
| `solution` | the final answer that both models are trained to end on |
| `trajectory` | what a SPRINT model is trained on: plans, prompts, executions, final answer |
| `thought` | what a serial model is trained on, followed by `solution` |

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
        size_categories=[_size(final.report.kept)],
    )
    settings = _without_places(final.settings)
    config = settings.config
    if config.tokenizer:
        final = replace(final, unit=f"tokens of {config.tokenizer}")
    listed = settings.as_json()
    listed["software"] = "; ".join(in_words(one) for one in final.report.software if one)
    body = _BODY.format(
        name=name,
        rows=final.report.kept,
        source=config.data_hub_path,
        separation=config.component_separation_model,
        dag=config.dag_creation_model,
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
