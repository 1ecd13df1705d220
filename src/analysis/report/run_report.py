"""The report of a SPRINT run: tokens, calls, and where the wall clock of its problems went."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ...utils.errors import InputError
from ...utils.grammar import parse
from ...utils.latency.ledger_work import ledger_rounds
from ...utils.latency.priced_path import TimePrices, priced_seconds
from ...utils.records import Call, Trajectory
from ...utils.results.calls import LedgerSummary, calls_by_problem, read_calls
from ...utils.results.critical_path import EXECUTOR, PathTime, path_time
from ...utils.results.reading import read_run_info, trajectory_files, wall_clocks
from ...utils.tokens.counting import count_tokens, generated_sequential_tokens
from ...utils.tokens.tokenizers import token_counter

TOLERANCE = 0.02
"""The fraction of a problem's wall clock that its critical path may spend in the client."""


@dataclass
class Totals:
    """Sums over problems. `content` counts tokens without tags, `generated` with tags."""

    problems: int = 0
    content_sequential: int = 0
    content_total: int = 0
    generated_sequential: int = 0
    generated_total: int = 0
    phases: int = 0
    widths: list[int] = field(default_factory=list)
    time: PathTime = field(default_factory=PathTime)
    elapsed: float = 0.0
    busy: float = 0.0
    """Decoding seconds of all kept calls: the minimum for one stream at a time."""
    priced: float | None = None
    """Seconds of the priced paths; None without prices."""
    beyond: int = 0
    """Problems whose client time is above TOLERANCE of their wall clock."""


def report(folder: Path, tokenizer: str | None = None, prices: TimePrices | None = None) -> str:
    """The report as text. Raises InputError if the folder lacks what it needs."""
    calls, elapsed, info = read_calls(folder), wall_clocks(folder), read_run_info(folder)
    if not calls:
        raise InputError(f"{folder} has no calls.jsonl: only runs of this package have a ledger.")
    source = tokenizer or info.tokenizer
    if not source:
        raise InputError(f"No run.json in {folder} names a tokenizer: give --tokenizer.")
    count = token_counter(source)
    of_problem = calls_by_problem(calls)
    totals = Totals()
    for file in trajectory_files(folder):
        mine = of_problem.get(file.problem_id, ())
        if file.serial or not mine:
            continue
        _add(totals, parse(file.read()), mine, elapsed.get(file.problem_id, 0.0), count)
        if prices is not None:
            totals.priced = (totals.priced or 0) + priced_seconds(ledger_rounds(mine), prices)
    if not totals.problems:
        raise InputError(f"{folder} has no SPRINT trajectory with calls: nothing to report.")
    named = f"{info.method}: " if info.method else ""
    return named + "\n".join(_lines(totals, calls)) + "\n"


def _add(
    totals: Totals,
    trajectory: Trajectory,
    calls: Sequence[Call],
    elapsed: float,
    count: Callable[[str], int],
) -> None:
    content = count_tokens(trajectory, count)
    totals.problems += 1
    totals.content_sequential += content.sequential
    totals.content_total += content.total
    totals.generated_sequential += generated_sequential_tokens(trajectory, count)
    totals.generated_total += sum(call.completion_tokens for call in calls if call.kept)
    totals.phases += len(trajectory.phases)
    totals.widths += [len(phase.prompts) for phase in trajectory.phases]
    time = path_time(calls, elapsed)
    totals.time += time
    totals.elapsed += elapsed
    totals.busy += sum(call.finished - call.first_token for call in calls if call.kept)
    totals.beyond += time.client > TOLERANCE * elapsed


def _lines(totals: Totals, calls: Sequence[Call]) -> Iterable[str]:
    problems, time = totals.problems, totals.time
    kept = [call for call in calls if call.kept]
    discarded = [call for call in calls if not call.kept]
    prompt = sum(call.prompt_tokens for call in kept)
    cached = sum(call.cached_tokens for call in kept)
    lost = sum(call.completion_tokens for call in discarded)
    widths = totals.widths or [0]
    yield f"{problems} problems, means per problem:"
    yield (
        f"  sequential tokens   {totals.content_sequential / problems:.0f} content, "
        f"{totals.generated_sequential / problems:.0f} with tags"
    )
    yield (
        f"  total tokens        {totals.content_total / problems:.0f} content, "
        f"{totals.generated_total / problems:.0f} generated"
    )
    yield (
        f"  phases              {totals.phases / problems:.2f}, "
        f"{sum(widths) / len(widths):.2f} prompts in one (at most {max(widths)})"
    )
    yield f"  wall clock          {totals.elapsed / problems:.3f} s, of it on the critical path"
    for name, seconds in (
        ("planner", time.planner),
        ("executors", time.executor),
        ("waiting", time.waiting),
        ("discarded", time.discarded),
        ("client", time.client),
    ):
        yield f"    {name:<17} {seconds / problems:.3f} s  {_percent(seconds, totals.elapsed)}"
    if totals.priced is not None:
        against = totals.priced / time.calls if time.calls else 0.0
        yield (
            f"  priced path         {totals.priced / problems:.3f} s, {against:.3f} times the "
            "calls on the measured one"
        )
    yield _plans(LedgerSummary.of(calls))
    yield f"Calls: {len(kept)} kept; {len(discarded)} discarded, with {lost} tokens."
    yield f"Prompt tokens from the cache: {_percent(cached, prompt)} of {prompt}."
    yield from _dispatch(kept)
    yield from _servers(kept)
    ideal = totals.generated_total / max(1, totals.generated_sequential)
    real = totals.busy / totals.elapsed if totals.elapsed else 0.0
    yield (
        f"Parallelism: {ideal:.2f} tokens for each sequential one; {real:.2f} streams decoded at a "
        f"time, {_percent(real, ideal)} of that."
    )
    yield (
        f"Reconciled: {problems - totals.beyond} of {problems} problems have at most "
        f"{100 * TOLERANCE:.0f} % of their wall clock outside calls."
    )


def _plans(ledger: LedgerSummary) -> str:
    """The parse rate: how many plans were well-formed at once."""
    if not ledger.plans:
        return "Plans: none; every problem was answered at once."
    share = _percent(ledger.plans_at_once, ledger.plans)
    return f"Plans: {ledger.plans_at_once} of {ledger.plans} ({share}) parsed on the first attempt."


def _dispatch(calls: Sequence[Call]) -> Iterable[str]:
    """How soon executors started after their prompts; empty for older ledgers."""
    delays = sorted(
        call.started - call.ready
        for call in calls
        if call.role == EXECUTOR and call.attempt == 1 and call.ready is not None
    )
    if delays:
        late = delays[int(0.99 * (len(delays) - 1))]
        yield (
            f"Dispatch: an executor starts {1000 * sum(delays) / len(delays):.1f} ms after its "
            f"prompt (99 % within {1000 * late:.1f} ms, at most {1000 * delays[-1]:.1f} ms)."
        )


def _servers(calls: Sequence[Call]) -> Iterable[str]:
    """The calls to each server, if there are several, and whether problems stayed on one."""
    by_server = Counter(call.server for call in calls)
    if len(by_server) < 2:
        return
    homes = defaultdict[tuple[str, str], set[str]](set)
    for call in calls:
        homes[call.problem_id, call.role].add(call.server)
    moved = {problem for (problem, _), servers in homes.items() if len(servers) > 1}
    listed = ", ".join(f"{url or 'unknown'} {count}" for url, count in sorted(by_server.items()))
    yield f"Servers: {listed} calls; {len(moved)} problems moved between servers of one role."


def _percent(part: float, whole: float) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "–"
