"""The other forms of text that the base model reads: nothing is lost in them."""

from __future__ import annotations

import random
import re
from itertools import islice

from sprint.sample_world.documents import drill, excerpt, marked_up, outlined, recital
from sprint.sample_world.problems import sample_problems


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


def test_an_outline_holds_the_whole_thought_in_another_order() -> None:
    """Its headings may name what the text is of, in elements of their own."""
    named = list[bool]()
    for seed, problem in enumerate(islice(sample_problems("train", 4), 40)):
        text = outlined(problem, random.Random(seed))
        lines = re.sub(r" ?</?[a-z]+_[\d.]+> ?", "\n", text).split("\n")
        thought = problem.thought.split("\n")
        names = [line for line in lines if line in set("PQRSTUXYZ")]
        assert names in ([], [line[0] for line in problem.problem.splitlines()[1:-1]])
        named.append(bool(names))
        said = [line for line in lines if line and line not in names]
        assert sorted(said) == sorted(line for line in thought if line)
    assert 10 < sum(named) < 30


def test_an_excerpt_is_the_text_under_the_last_heading_of_what_is_read() -> None:
    chosen = set[int]()
    for seed, problem in enumerate(islice(sample_problems("train", 4), 250)):
        read, text = excerpt(problem, random.Random(seed))
        headings, body = read.rsplit("\n\n", 1)
        opened = re.match(r"<(\w+_\d)>\n<(\w+_(\d)\.(\d))>\n$", body)
        assert opened is not None
        block, item, number, place = opened.groups()
        tags = re.findall(rf"<(\w+_{number}\.(\d))>", headings)
        assert [found[1] for found in tags] == [str(i + 1) for i in range(int(place))]
        assert item not in {found[0] for found in tags}
        assert text.endswith(f"\n</{item}>\n</{block}>")
        work = text.removesuffix(f"\n</{item}>\n</{block}>")
        paragraphs = problem.thought.split("\n\n")
        assert paragraphs[int(place)].split("\n")[1] == work
        for paragraph in paragraphs[: int(place) + 1]:
            assert paragraph.split("\n")[0] in headings
        assert "=" not in headings
        assert work[0] not in "XYZ"
        chosen.add(int(place))
    assert chosen == set(range(1, 9))
