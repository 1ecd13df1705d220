"""The other forms of text that the base model reads: nothing is lost in them."""

from __future__ import annotations

import random
import re
from itertools import islice

from sample_base.documents import drill, excerpt, marked_up, outlined, recital
from sprint.utils.data.sample_problems import SampleProblem, sample_problems


def test_a_recital_repeats_exactly_the_facts_of_the_question() -> None:
    """Each once, and not always in the same order."""
    rng = random.Random(1)
    in_order = list[bool]()
    for problem in islice(sample_problems("train", 4), 20):
        stated = [f"{line}." for line in problem.problem.splitlines()[1:-1]]
        text = recital(problem, rng)
        recited = re.findall(r"[P-Z]:[^.]+\.", text)
        assert text in (" ".join(recited), "\n".join(recited))
        assert sorted(recited) == sorted(stated)
        in_order.append(recited == stated)
    assert not all(in_order)


def test_markup_is_numbered_and_closed() -> None:
    problem = next(sample_problems("train", 4))
    facts = sorted(f"{line}." for line in problem.problem.splitlines()[1:-1])
    contents = list[list[str]]()
    for seed in range(20):
        text = marked_up(problem, random.Random(seed))
        opened = re.match(r"<(\w+?)(\d)>\n", text)
        assert opened is not None
        block, number = opened.groups()
        assert text.endswith(f"\n</{block}{number}>")
        items = re.findall(r"<(\w+?)(\d)\.(\d)>\s(.+?)\s</\1\2\.\3>", text, re.DOTALL)
        assert [found[1:3] for found in items] == [
            (number, str(index)) for index in range(1, len(items) + 1)
        ]
        assert len({found[0] for found in items}) == 1
        assert block not in {found[0] for found in items}
        contents.append([found[3] for found in items])
    thought = problem.thought.split("\n\n")
    assert all(content == thought or sorted(content) == facts for content in contents)
    assert thought in contents
    assert any(sorted(content) == facts for content in contents)


def test_a_drill_repeats_the_facts_in_several_orders_with_nothing_around() -> None:
    rng = random.Random(1)
    orders = set[tuple[str, ...]]()
    for problem in islice(sample_problems("train", 4), 25):
        facts = problem.problem.splitlines()[1:-1]
        shown, repeated = drill(problem, rng)
        assert shown == "".join(f"{fact}\n" for fact in facts)
        lines = repeated.split("\n")
        assert len(lines) % len(facts) == 0
        for start in range(0, len(lines), len(facts)):
            again = lines[start : start + len(facts)]
            assert sorted(again) == sorted(f"{fact}." for fact in facts)
            orders.add(tuple(line[0] for line in again))
    assert len(orders) > 10


def work_of(problem: SampleProblem) -> dict[str, str]:
    """The work of a thought by its heading."""
    return dict(part.split("\n") for part in problem.thought.split("\n\n")[1:])


def elements_of(text: str) -> list[tuple[str, int, int, str]]:
    """Name, number of the block, place in it, and text of each element."""
    found = re.findall(r"<(\w+_)(\d)\.(\d)>\s(.+?)\s</\1\2\.\3>", text)
    return [(name, int(number), int(place), inner) for name, number, place, inner in found]


def test_a_document_holds_the_whole_thought_in_another_order() -> None:
    orders = set[bool]()
    for seed, problem in enumerate(islice(sample_problems("train", 4), 60)):
        text = outlined(problem, random.Random(seed))
        opening, work = problem.thought.split("\n\n")[0], work_of(problem)
        assert text.startswith(f"{opening}\n\n<")
        bodies = [inner for *_, inner in elements_of(text) if inner in work.values()]
        assert sorted(bodies) == sorted(work.values())
        orders.add(bodies == list(work.values()))
        lines = re.sub(r"</?\w+_[\d.]+>", "", text).split("\n")
        said = [line.strip() for line in lines if not line.startswith("See ")]
        titles = {"", "-----", "last digits", *"PQRSTUXYZ"}
        tasks = re.compile(r"(Work out|Find) [P-Z]\.|Add up the last digits\.")
        words = sorted(line for line in said if line not in titles and not tasks.fullmatch(line))
        assert words == sorted([opening, *work, *work.values()])
    assert orders == {True, False}


def test_the_text_under_a_heading_has_its_number_and_comes_after_what_it_needs() -> None:
    referred = 0
    for seed, problem in enumerate(islice(sample_problems("train", 4), 60)):
        text, work = outlined(problem, random.Random(seed)), work_of(problem)
        headings = dict[tuple[int, int], str]()
        places = dict[str, str]()
        for block in re.split(r"\n\n(?=<\w+_\d>)", text)[1:]:
            known = dict(places)
            for name, number, place, inner in elements_of(block):
                if inner in work.values():
                    assert work[headings[number, place]] == inner
                    places[inner[0]] = f"{name}{number}.{place}"
                    first = inner.split(".")[0] if inner[1] == ":" else inner
                    needed = set(re.findall(r"\b[P-Z]\b(?!:)", first))
                    assert needed <= known.keys()
                else:
                    before = block[: block.index(f"<{name}{number}.{place}>")].strip().split("\n")
                    headings[number, place] = inner if inner in work else before[-1]
            for place in re.findall(r"^See (.+):$", block, re.MULTILINE):
                referred += 1
                assert set(place.split(", ")) <= set(known.values())
    assert referred > 20


def test_an_excerpt_is_the_text_under_the_last_heading_of_what_is_read() -> None:
    chosen = set[tuple[bool, int]]()
    for seed, problem in enumerate(islice(sample_problems("train", 4), 250)):
        read, text = excerpt(problem, random.Random(seed))
        work = work_of(problem)
        headings, body = read.rsplit("\n\n", 1)
        opened = re.match(r"<(\w+_\d)>\n<(\w+_\d\.(\d))>\n$", body)
        assert opened is not None
        block, item, place = opened.groups()
        written = text.removesuffix(f"\n</{item}>\n</{block}>")
        assert text != written
        last = max(work, key=headings.rfind)
        assert work[last] == written
        assert written not in headings
        chosen.add((written[1] == ":", int(place)))
    assert chosen == {(True, place) for place in range(1, 7)} | {(False, 1)}
