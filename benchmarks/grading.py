"""Measures the grader: against labels, against hostile answers, and in answers per minute.

    python benchmarks/grading.py labelled               our errors and those of the published rules
    python benchmarks/grading.py made                   made values: notations, neighbours, slips
    python benchmarks/grading.py crossed --answers math500.jsonl   each answer against all others
    python benchmarks/grading.py hostile                200 hostile answers among ordinary ones
    python benchmarks/grading.py throughput [--answers math500.jsonl]
    python benchmarks/grading.py loaded                 verdicts on an idle and on a busy machine

`labelled` also runs a re-implementation of the published rules from their description: math-verify
decides, and if it rejects, the two texts are compared without punctuation.
"""

from __future__ import annotations

import argparse
import json
import random
import string
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path

from math_verify import parse, verify
from sprint.utils.grading import extract_final_answer, grade_many
from sprint.utils.grading.pool import shared_pool

TESTS = Path(__file__).resolve().parents[1] / "tests"
PAIRS = TESTS / "utils" / "grading" / "labelled_pairs.jsonl"
ORDINARY = [
    (r"2\sqrt{2}", r"\sqrt{8}", "correct"),
    ("5", "5", "correct"),
    (r"\frac12", "0.5", "correct"),
    ("x^2 + 2x + 1", "(x+1)^2", "correct"),
    (r"(3, \frac{\pi}{2})", r"(3, \pi/2)", "correct"),
    (r"\sqrt{3}", r"\sqrt{2}", "incorrect"),
]


def published_rules(gold: str, answer: str) -> bool:
    """The published grader as described: math-verify, then the texts without punctuation."""
    one, other = (extract_final_answer(text) or text for text in (gold, answer))
    bare = str.maketrans("", "", string.punctuation + string.whitespace)
    try:
        found = bool(verify(parse(f"${one}$"), parse(f"${other}$")))
    except Exception:  # noqa: BLE001  whatever it raises, it gives no credit
        found = False
    return found or one.translate(bare) == other.translate(bare)


def labelled(count: int | None) -> None:
    lines = PAIRS.read_text(encoding="utf-8").splitlines()
    if count is not None:
        lines = random.Random(0).sample(lines, count)
    pairs = [json.loads(line) for line in lines]
    ours = [found.correct for found in grade_many((p["gold"], p["answer"]) for p in pairs)]
    theirs = [published_rules(pair["gold"], pair["answer"]) for pair in pairs]
    same = sum(pair["same"] for pair in pairs)
    print(f"{len(pairs)} pairs, {same} the same, {len(pairs) - same} different")
    print("| | false positives | false negatives |")
    print("|---|---:|---:|")
    for name, verdicts in (("this grader", ours), ("published rules", theirs)):
        wrong = [
            (p["same"], p["kind"]) for p, v in zip(pairs, verdicts, strict=True) if v != p["same"]
        ]
        positive = Counter(kind for is_same, kind in wrong if not is_same)
        negative = Counter(kind for is_same, kind in wrong if is_same)
        print(f"| {name} | {_share(positive, len(pairs) - same)} | {_share(negative, same)} |")


def _share(counts: Counter[str], of: int) -> str:
    kinds = ", ".join(f"{count} {kind}" for kind, count in counts.most_common())
    part = f" ({counts.total() / of:.1%})" if of else ""
    return f"{counts.total()} of {of}{part}" + (f": {kinds}" if kinds else "")


def made(count: int, seed: int) -> None:
    """Values of each type (see tests/support/written_answers.py), in both orders."""
    sys.path.insert(0, str(TESTS))
    from support.written_answers import KINDS, mutations, written_answer

    draw = random.Random(seed)
    pairs: dict[str, list[tuple[str, str]]] = {"equal": [], "neighbour": [], "slip of a token": []}
    while len(pairs["slip of a token"]) < count:
        for kind in KINDS:
            answer = written_answer(kind, draw)
            first, *others = answer.notations
            pairs["equal"] += [(first, other) for other in others]
            pairs["neighbour"] += [(first, other) for other in answer.neighbours]
            written = "".join(answer.tokens)
            pairs["slip of a token"] += [(written, slip) for slip in mutations(answer, draw)]
    print("| | pairs | wrong | wrong in the other order |")
    print("|---|---:|---:|---:|")
    for name, made_pairs in pairs.items():
        there = [found.correct != (name == "equal") for found in grade_many(made_pairs)]
        back = grade_many((other, one) for one, other in made_pairs)
        wrong = sum(found.correct != (name == "equal") for found in back)
        print(f"| {name} | {len(made_pairs)} | {sum(there)} | {wrong} |")


def crossed(answers: Path) -> None:
    """Each answer against each other one, by their texts; those that are the same are listed."""
    lines = answers.read_text(encoding="utf-8").splitlines()
    texts = Counter(json.loads(line)["answer"] for line in lines)
    pairs = [(one, other) for one in texts for other in texts if one != other]
    grades = grade_many(pairs)
    same = [pair for pair, found in zip(pairs, grades, strict=True) if found.correct]
    asymmetric = sum((other, one) not in set(same) for one, other in same)
    print(f"{len(pairs)} pairs of {len(texts)} texts, {len(same)} of them the same:")
    print("\n".join(f"{one} = {other}" for one, other in same))
    print(f"{asymmetric} of these in one order only")


def hostile_answers(count: int, seed: int = 0) -> list[str]:
    """Towers of powers, factorials, deep nesting, megabytes, code and noise, without repeats."""
    draw = random.Random(seed)
    n = draw.randint
    makers: list[Callable[[], str]] = [
        lambda: f"{n(2, 99)}^{{{n(2, 99)}^{{{n(9, 99)}^{{{n(9, 99)}}}}}}}",
        lambda: f"({n(2, 9)}{{,}}{'000{,}' * n(1, 4)}000)!",
        lambda: f"{n(10**6, 10**9)}!",
        lambda: rf"\binom{{{n(10**6, 10**9)}}}{{{n(10**5, 10**6)}}}",
        lambda: rf"\sum_{{k=1}}^{{{n(10**6, 10**9)}}} \frac{{1}}{{k^{n(2, 9)}}}",
        lambda: rf"\prod_{{k=1}}^{{{n(10**6, 10**9)}}} k",
        lambda: f"(x+{n(1, 9)})^{{{n(1000, 9999)}}}",
        lambda: rf"\int_0^{n(1, 9)} \sin(x^{{x^{n(2, 9)}}}) e^{{\cos x}} dx",
        lambda: rf"\sin({n(2, 9)}^{{{n(2, 9)}^{{{n(20, 99)}}}}})",
        lambda: "(" * n(100, 1900) + str(n(1, 9)),
        lambda: "{" * (d := n(100, 900)) + str(n(1, 9)) + "}" * d,
        lambda: r"\frac{1}{1+" * (d := n(50, 150)) + str(n(2, 9)) + "}" * d,
        lambda: r"\sqrt{" * (d := n(50, 250)) + str(n(2, 9)) + "}" * d,
        lambda: str(n(1, 9)) * 1_000_000 + str(n(0, 10**6)),
        lambda: "".join(draw.choices("xyz+-^_{}\\ ", k=1_000_000)),
        lambda: r"\boxed{" * 100_000 + str(n(0, 10**6)),
        lambda: f"__import__('os').system('sleep {n(10, 99)}')",
        lambda: f"[x for x in range(10**{n(9, 99)})]",
        lambda: "+".join(f"x_{{{n(0, 999)}}}" for _ in range(n(150, 250))),
        lambda: "".join(chr(n(0x20, 0xD7FF)) for _ in range(n(50, 500))),
        lambda: rf"\begin{{pmatrix}}{' & '.join(str(n(0, 9)) for _ in range(400))}\end{{pmatrix}}",
        lambda: r"\pm " * n(50, 300) + "1",
        lambda: f"{n(2, 9)}**{n(2, 9)}**{n(2, 9)}**{n(20, 99)}**{n(20, 99)}",
        lambda: f"0.{'0' * n(200, 900)}1^{{-{n(10**6, 10**8)}}}",
    ]
    found: dict[str, None] = {}
    while len(found) < count:
        found[makers[len(found) % len(makers)]()] = None
    return list(found)


def hostile(count: int) -> None:
    golds = [r"\sqrt{2} + 1", "x^2 + x", "12", r"\frac{\pi}{3}"]
    answers = hostile_answers(count)
    pairs: list[tuple[str, str]] = []
    wanted: list[str | None] = []
    for number, answer in enumerate(answers):
        pairs.append((golds[number % len(golds)], answer))
        wanted.append(None)
        if number % 4 == 0:
            gold, given, status = ORDINARY[number // 4 % len(ORDINARY)]
            pairs.append((gold, given))
            wanted.append(status)
    grade_many([ORDINARY[0][:2]])  # the workers are up
    started = time.perf_counter()
    grades = grade_many(pairs)
    elapsed = time.perf_counter() - started
    statuses = Counter(g.status for g, w in zip(grades, wanted, strict=True) if w is None)
    right = [g.status == w for g, w in zip(grades, wanted, strict=True) if w is not None]
    print(f"{len(answers)} hostile answers: {elapsed:.1f} s, {dict(statuses)}")
    print(f"{sum(right)} of {len(right)} ordinary answers among them got the correct verdict")


def throughput(count: int, answers: Path | None = None) -> None:
    if answers is not None:
        lines = answers.read_text(encoding="utf-8").splitlines()
        golds = [json.loads(line)["answer"] for line in lines]
        # A third of the answers are those of another problem, to stand for a model's errors.
        pairs = [
            (gold, f"So it is $\\boxed{{{golds[i - 1] if i % 3 == 0 else gold}\\,}}$.")
            for i, gold in enumerate(golds)
        ]
    else:
        pairs = [(gold, answer) for gold, answer, _ in ORDINARY]
    pairs = (pairs * (count // len(pairs) + 1))[:count]
    grade_many(pairs[:2])
    started = time.perf_counter()
    grades = grade_many(pairs)
    elapsed = time.perf_counter() - started
    print(
        f"{len(pairs)} answers, {len(set(pairs))} of them distinct: {elapsed:.1f} s, "
        f"{60 * len(pairs) / elapsed:,.0f} per minute; {dict(Counter(g.status for g in grades))}"
    )


def loaded(count: int, busy: int) -> None:
    """The labelled pairs on an idle machine, and next to processes that keep each core busy."""
    lines = PAIRS.read_text(encoding="utf-8").splitlines()
    pairs = [(pair["gold"], pair["answer"]) for pair in map(json.loads, lines)]
    pairs = (pairs * (count // len(pairs) + 1))[:count]
    for place in range(0, len(pairs), 8):  # some that take about a second
        terms = [f"x_{{{place + n}}}" for n in range(56)]
        pairs[place] = ("+".join(terms), "+".join(reversed(terms)))
    quiet = [found.status for found in grade_many(pairs)]
    shared_pool().close()  # new workers, which have cached no answers
    others = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(busy)]
    try:
        started = time.perf_counter()
        under_load = [found.status for found in grade_many(pairs)]
        elapsed = time.perf_counter() - started
    finally:
        for process in others:
            process.kill()
            process.wait()
    changed = [(one, other) for one, other in zip(quiet, under_load, strict=True) if one != other]
    print(f"{len(pairs)} answers next to {busy} busy processes: {elapsed:.1f} s")
    print(
        f"{len(changed)} verdicts differ from those on the idle machine: {dict(Counter(changed))}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    commands = parser.add_subparsers(required=True)
    add_command = partial(
        commands.add_parser, formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    pairs = commands.add_parser("labelled", help="errors on labelled_pairs.jsonl")
    pairs.add_argument("--count", type=int, help="pairs (default: all)")
    pairs.set_defaults(run=labelled)
    four = add_command("made", help="made values in many notations")
    four.add_argument("--count", type=int, default=20_000, help="slips of one token, at least")
    four.add_argument("--seed", type=int, default=0, help="of the random values")
    four.set_defaults(run=made)
    five = add_command("crossed", help="each answer of a file against all others")
    five.add_argument("--answers", type=Path, required=True, help="a .jsonl with a column `answer`")
    five.set_defaults(run=crossed)
    one = add_command("hostile", help="hostile answers among ordinary ones")
    one.add_argument("--count", type=int, default=200, help="hostile answers")
    one.set_defaults(run=hostile)
    two = add_command("throughput", help="answers per minute")
    two.add_argument("--count", type=int, default=10_000, help="answers")
    column = "a .jsonl with a column `answer`"
    two.add_argument("--answers", type=Path, default=argparse.SUPPRESS, help=column)
    two.set_defaults(run=throughput)
    three = add_command("loaded", help="verdicts on a busy machine")
    three.add_argument("--count", type=int, default=260, help="answers")
    three.add_argument("--busy", type=int, default=16, help="busy processes")
    three.set_defaults(run=loaded)
    arguments = vars(parser.parse_args())
    arguments.pop("run")(**arguments)


if __name__ == "__main__":
    main()
