"""From result folders to the data of the page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from ...utils.data.loading import problem_id
from ...utils.errors import InputError
from ...utils.files.unicode import valid_unicode
from ...utils.grading.final_answers import serial_answer, sprint_answer
from ...utils.grammar import parse
from ...utils.latency.priced_path import TimePrices
from ...utils.records import Call, Trajectory
from ...utils.results.calls import calls_by_problem
from ...utils.results.reading import RESPONSES, TrajectoryFile
from ...utils.tokens.counting import TokenCounter, count_tokens
from ...utils.tokens.folder_counts import TokenCount, without_think_tags
from ...utils.tokens.tokenizers import token_counter
from ..answer_tables import Problems
from ..compare import (
    FolderContent,
    MethodResults,
    ProblemResult,
    Regrade,
    method_results,
    read_content,
    told_apart,
)
from .model import OpenProblem, Page, PhaseText, PlanPart, ProblemRow, ProblemSummary, View
from .timelines import (
    CHARACTERS,
    choose_unit,
    serial_timeline,
    timeline_by_seconds,
    timeline_by_tokens,
)

MAX_TEXT = 200_000
"""Characters of one text on the page; the rest stays in the trajectory file."""


@dataclass(frozen=True)
class _Folder:
    """The contents of one result folder, by problem id."""

    serial: bool
    results: Mapping[str, ProblemResult]
    table: pd.DataFrame | None
    places: Mapping[str, int]
    """The row number of each problem in the table."""
    files: Mapping[str, TrajectoryFile]
    counts: Mapping[str, TokenCount]
    calls: Mapping[str, Sequence[Call]]

    def row(self, name: str) -> Mapping[str, Any]:
        """The table, one row at a time: it stores texts more compactly than dictionaries."""
        if self.table is None or name not in self.places:
            return {}
        return dict(self.table.iloc[self.places[name]])


class Collection:
    """The problems of several result folders for one dataset, one method each."""

    def __init__(
        self,
        folders: Sequence[Path],
        tokenizer: str | None = None,
        references: Problems | None = None,
        regrade: Regrade | None = None,
        prices: TimePrices | None = None,
    ) -> None:
        """Reads and grades all but the texts. Raises InputError for a folder without results.

        `tokenizer`: a name or path, or "characters"; `references`: problems with answers, for
        folders without them; `regrade`: a second grading of each folder's answers;
        `prices`: for priced paths.
        """
        self.unit, loaded, self.why_characters = choose_unit(folders, tokenizer)
        self._count: TokenCounter = token_counter(loaded)
        contents = [
            read_content(
                folder,
                loaded,
                references,
                with_texts=True,
                prices=prices,
                price_texts=self.unit != CHARACTERS,
            )
            for folder in folders
        ]
        methods = told_apart([method_results(content, regrade) for content in contents], folders)
        self._folders = [
            _folder(content, method) for content, method in zip(contents, methods, strict=True)
        ]
        ids = dict.fromkeys(name for folder in self._folders for name in folder.results)
        if not ids:
            raise InputError(f"No problems in {', '.join(map(str, folders))}: nothing to show yet.")
        self._names = list(ids)
        self._check_common(folders)
        self.page = Page(
            methods=tuple(method.method for method in methods),
            dataset=methods[0].dataset,
            unit=self.unit,
            rows=tuple(self._row(name) for name in self._names),
        )

    def problems(self) -> Iterator[OpenProblem]:
        """The texts of each row, in the order of the rows, read one after another."""
        return map(self._open, self._names)

    def _check_common(self, folders: Sequence[Path]) -> None:
        first, *others = (folder.results.keys() for folder in self._folders)
        for ids, path in zip(others, folders[1:], strict=True):
            if not first & ids:
                raise InputError(
                    f"{folders[0]} and {path} have no problem in common: give folders of the same "
                    "dataset."
                )

    def _row(self, name: str) -> ProblemRow:
        found = [folder.results.get(name) for folder in self._folders]
        known = [one for one in found if one is not None]
        return ProblemRow(
            id=valid_unicode(name),
            level=next((one.level for one in known if one.level), ""),
            subject=next((one.subject for one in known if one.subject), ""),
            summaries=tuple(
                None if one is None else _summary(one, folder)
                for one, folder in zip(found, self._folders, strict=True)
            ),
        )

    def _open(self, name: str) -> OpenProblem:
        rows = [folder.row(name) for folder in self._folders]

        def first(column: str) -> str:
            return next((str(row[column]) for row in rows if row.get(column)), "")

        views, questions = list[View | None](), [first("Question")]
        for folder, row in zip(self._folders, rows, strict=True):
            if name not in folder.results:
                views.append(None)
                continue
            file = folder.files.get(name)
            text = file.read() if file else next((str(row[c]) for c in RESPONSES if c in row), "")
            serial = file.serial if file else folder.serial
            trajectory = None if serial else parse(text)
            if trajectory:
                questions.append(trajectory.question)
            counted = folder.counts.get(name)
            calls = folder.calls.get(name, ())
            views.append(self._view(row, text, trajectory, counted, calls))
        return OpenProblem(
            question=_shown(next(filter(None, questions), "")),
            reference=_shown(first("TrueFinalAnswer")),
            solution=_shown(first("Solution")),
            views=tuple(views),
        )

    def _view(
        self,
        row: Mapping[str, Any],
        text: str,
        trajectory: Trajectory | None,
        counted: TokenCount | None,
        calls: Sequence[Call],
    ) -> View:
        if trajectory is None:
            response = without_think_tags(text)
            tokens = counted.sequential if counted else (self._count(response) if response else 0)
            by_tokens = serial_timeline(tokens, self.unit)
            phases: tuple[PhaseText, ...] = ()
            final: str | None = response or None
            answer = serial_answer(text)
        else:
            known = counted and counted.trajectory
            by_tokens = timeline_by_tokens(
                known or count_tokens(trajectory, self._count), self.unit
            )
            phases = tuple(
                PhaseText(
                    tuple(
                        PlanPart(
                            _shown(part.text), None if part.prompt is None else _shown(part.prompt)
                        )
                        for part in phase.plan
                    ),
                    tuple(map(_shown, phase.executions)),
                )
                for phase in trajectory.phases
            )
            final = trajectory.final_answer
            answer = sprint_answer(final)
        by_seconds = (timeline_by_seconds(calls),) if calls else ()
        return View(
            answer=_shown(str(row.get("PredictedFinalAnswer", answer))),
            faults=_shown(str(row.get("Faults", ""))),
            phases=phases,
            final=_shown(final) if final is not None else None,
            serial=trajectory is None,
            timelines=(*by_seconds, by_tokens),
        )


def _folder(content: FolderContent, method: MethodResults) -> _Folder:
    table = content.table
    count = 0 if table is None else len(table)
    names = range(count) if table is None or "ProblemIdx" not in table else table["ProblemIdx"]
    return _Folder(
        serial=method.serial,
        results={problem.problem_id: problem for problem in method.problems},
        table=table,
        places={problem_id(str(name)): place for place, name in enumerate(names)},
        files={file.problem_id: file for file in content.files},
        counts={count.problem_id: count for count in content.counts},
        calls=calls_by_problem(content.calls),
    )


def _summary(result: ProblemResult, folder: _Folder) -> ProblemSummary:
    row = folder.row(result.problem_id)
    in_phases = result.sequential is not None and not folder.serial
    return ProblemSummary(
        status=result.status,
        sequential=result.sequential,
        total=result.total,
        seconds=result.seconds,
        phases=len(result.widths) if in_phases else None,
        width=max(result.widths, default=0) if in_phases else None,
        marked=bool(row.get("Faults")),
        judged=result.judged,
        priced=result.priced,
    )


def _shown(text: str) -> str:
    if len(text) <= MAX_TEXT:
        return text
    return f"{text[:MAX_TEXT]}\n[{len(text) - MAX_TEXT} more characters in the trajectory file]"
