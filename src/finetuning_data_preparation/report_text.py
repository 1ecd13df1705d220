"""The report for readers: a few plain lines at the end of a run, and tables in Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .curation_report import SAVED, SHAPES, FinalReport
from .repeats import RepeatedRows
from .rows import MATCHING, UNGRADED, UNSTATED
from .structure_prices import STRUCTURES, fastest_gain, price_json

TITLES = {
    "components": "components",
    "width": "width of the DAG (components)",
    "depth": "depth of the DAG (components)",
    "phases": "phases",
    "ratio": "parallelization ratio",
    SAVED: "saved if executed in parallel (%)",
}


UNKNOWN_COMPONENTS = (
    "The components of finished trajectories are not known, so the parallelization ratio is not "
    "applied."
)


def panels(final: FinalReport) -> dict[str, str]:
    """The distributions that a report of these rows has, with their titles."""
    known = ("phases", SAVED) if final.of_trajectories else tuple(TITLES)
    other = final.settings.config.structure != "curated"
    added = {"phases": " as curated", "ratio": " as curated"} if other else {}
    return {name: TITLES[name] + added.get(name, "") for name in known}


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
    if final.of_trajectories:
        lines.append(f"Final answers: {_grading(final)}. {UNKNOWN_COMPONENTS}")
    if report.lines["total"]:
        lines.append(
            f"Lines: {report.lines['total']}, {_percent(final.coverage, 2)} of them put into a "
            f"component by the annotator; {_share(final, 'execution')} in executions, "
            f"{_share(final, 'plan')} in plans, {_share(final, 'comment')} in comments."
        )
    shown = panels(final)
    for name in [name for name in SHAPES if name in shown] if report.kept else ():
        found, title = report.distributions[name]["kept"], shown[name]
        lines.append(
            f"{title[0].upper()}{title[1:]}: mean {found.mean:.2f}, median {found.median:g}, "
            f"{min(found.counts):g} to {max(found.counts):g} in the rows kept."
        )
    if report.tokens["total"]:
        lines.append(
            f"Saved if executed in parallel: {_percent(final.saved)} of {final.unit} "
            f"({report.tokens['sequential']} of {report.tokens['total']} one after another)."
        )
    if final.gain.whole.gain is not None:
        several = final.gain.several.gain or 0
        lines.append(
            f"{_gain_title(final)}: {_percent(final.gain.whole.gain)} of the {final.unit} one "
            f"after another ({final.gain.whole.longest_first} instead of "
            f"{final.gain.whole.original}); {_percent(several)} in the {final.gain.phases} phases "
            "with several prompts."
        )
    lines += _structures(final)
    if final.repeated is not None:
        lines.append(_repeated(final.repeated))
    if final.cost is not None:
        lines.append(f"Cost of the stored responses: ${final.cost:.2f}.")
    return "\n".join(lines)


def tables(final: FinalReport) -> str:
    """The report in Markdown."""
    report = final.report
    rows = [("rows read", str(report.read)), ("rows kept", str(report.kept))]
    rows.append(("for training, for testing", f"{report.kept - final.test}, {final.test}"))
    if final.of_trajectories:
        rows.append(("without a reference answer", str(report.answers[UNGRADED])))
    else:
        rows += [
            ("graded by the solution alone", str(report.answers[UNSTATED])),
            ("lines put into a component by the annotator", _percent(final.coverage, 2)),
        ]
    rows += [
        (f"{final.unit} in the trajectories", str(report.tokens["total"])),
        ("saved if executed in parallel", _percent(final.saved)),
    ]
    if not final.of_trajectories:
        rows.append((_gain_title(final).lower(), _percent(final.gain.whole.gain or 0)))
    if final.cost is not None:
        rows.append(("cost of the annotation", f"${final.cost:.2f}"))
    blocks = [_table(("", ""), rows)]
    if dropped := [(_words(reason), str(len(found))) for reason, found in _dropped(final)]:
        blocks.append(_table(("dropped", "rows"), dropped))
    if priced := price_json(report.structures):
        blocks.append(_structure_table(priced))
    if faults := [(_words(kind), str(count)) for kind, count in sorted(report.faults.items())]:
        blocks.append(_table(("not annotated", "rows"), faults))
    if repaired := [(_words(kind), str(count)) for kind, count in _repairs(final)]:
        blocks.append(_table(("repaired", "times"), repaired))
    kept = [(title, report.distributions[name]["kept"]) for name, title in panels(final).items()]
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


def _grading(final: FinalReport) -> str:
    """How the final answers of the kept rows were graded, in words."""
    answers = final.report.answers
    return ", ".join(f"{answers[kind]} {_words(kind)}" for kind in (MATCHING, UNGRADED))


def _gain_title(final: FinalReport) -> str:
    ordered = final.settings.config.prompt_order == "longest_first"
    return f"{'Saved' if ordered else 'Would be saved'} by the longest work first"


def _structures(final: FinalReport) -> Iterable[str]:
    """What the structures cost, and what the fastest ones save or would save."""
    priced = price_json(final.report.structures)
    if priced is None:
        return
    for name in STRUCTURES:
        found = priced[name]
        if found["possible"]:
            yield (
                f"Structure {name}: {found['kept']} rows kept; {found['mean_seconds']:.3f} s at "
                f"these prices, over the {found['possible']} rows that can have it."
            )
    saved = fastest_gain(final.report.structures)
    if saved is not None:
        done = final.settings.config.structure == "fastest"
        yield (
            f"{'Saved' if done else 'Would be saved'} by the fastest structures: "
            f"{_percent(saved)} of the priced seconds as curated."
        )


def _structure_table(priced: Mapping[str, Any]) -> str:
    rows = [
        (
            name,
            str(priced[name]["possible"]),
            _seconds(priced[name]["mean_seconds"]),
            str(priced[name]["kept"]),
            _seconds(priced[name]["mean_seconds_kept"]),
        )
        for name in STRUCTURES
    ]
    head = ("structure", "rows that can have it", "mean seconds", "kept", "mean seconds of these")
    return _table(head, rows)


def _seconds(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _repeated(repeated: RepeatedRows) -> str:
    found = repeated.as_json()
    before, after = found["share"] or 0, found["share_written"] or 0
    return (
        f"Rows with several plans are repeated: {found['rows_written']} training rows instead of "
        f"{found['rows']}; another plan is {_percent(after)} of the choices after a round instead "
        f"of {_percent(before)}."
    )


def _words(name: str) -> str:
    return name.replace("_", " ")


def _percent(share: float, decimals: int = 1) -> str:
    return f"{100 * share:.{decimals}f} %"


def _share(final: FinalReport, part: str) -> str:
    return _percent(final.report.lines[part] / max(1, final.report.lines["total"]))


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    rule = ["---", *["---:"] * (len(head) - 1)]
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, rule, *rows))
