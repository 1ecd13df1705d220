"""What the base model reads besides thoughts: the same problems in other forms of text.

Looking things up is learned from them: soon from short drills, and in whatever place and order
from documents. None has the trajectory grammar, which is for fine-tuning to teach; but a large base
model has met outlines and numbered tags that have to be closed as well.
"""

from __future__ import annotations

import random
from typing import NamedTuple

from ..utils.grammar import TrainingText
from .problems import MIXERS, SampleProblem

BLOCKS, ITEMS = ("list_", "part_", "section_"), ("item_", "note_", "entry_")
"""Names of tags, none of them of the trajectory grammar."""

DRILL = 80
"""Characters that a drill repeats at least, with digits and signs a token each."""


def facts_of(problem: SampleProblem) -> list[str]:
    """The lines of the question that state something of a name."""
    return problem.problem.splitlines()[1:-1]


def shuffled_facts(problem: SampleProblem, rng: random.Random) -> list[str]:
    """What the question states, a sentence each, in random order: every token is to look up."""
    facts = [f"{fact}." for fact in facts_of(problem)]
    rng.shuffle(facts)
    return facts


def drill(problem: SampleProblem, rng: random.Random) -> TrainingText:
    """The facts of a question, and then the same again and again in random order.

    Nothing else, and short: copying is learned from it ten times sooner than from recitals.
    """
    rounds = list[str]()
    while sum(map(len, rounds)) < DRILL:
        rounds.append("\n".join(shuffled_facts(problem, rng)))
    return TrainingText("\n".join(facts_of(problem)) + "\n", "\n".join(rounds))


def recital(problem: SampleProblem, rng: random.Random) -> str:
    """The facts of a question in place of its thought."""
    facts = shuffled_facts(problem, rng)
    return rng.choice("\n ").join(facts)


def tagged(tag: str, text: str, gap: str = "\n") -> str:
    return f"<{tag}>{gap}{text}{gap}</{tag}>"


def elements(name: str, number: int, texts: list[str], gap: str) -> list[str]:
    """Texts as numbered elements of block `number`: <item_2.1> … </item_2.1>."""
    return [tagged(f"{name}{number}.{i}", text, gap) for i, text in enumerate(texts, start=1)]


def marked_up(problem: SampleProblem, rng: random.Random) -> str:
    """A recital or a thought whose parts are numbered elements of a numbered block.

    Numbered tags that have to be closed are nothing new to a large base model either.
    """
    texts = rng.choice((shuffled_facts(problem, rng), problem.thought.split("\n\n")))
    block, item, number = rng.choice(BLOCKS), rng.choice(ITEMS), rng.randint(1, 4)
    inner = elements(item, number, texts, rng.choice("\n "))
    between = rng.choice(("\n\n", "\n\n-----\n\n"))
    return tagged(f"{block}{number}", between.join(inner))


class Outline(NamedTuple):
    """A thought as a document: headings in a numbered block, in another the text under each.

    `opening` and `rest` are what the thought says before and after its steps.
    """

    opening: str
    headings: list[str]
    bodies: list[str]
    rest: str
    block: str
    """The tag of the block of headings, with its number."""
    text: str
    """The tag of the block of texts."""


def outline(problem: SampleProblem, rng: random.Random) -> Outline:
    """Headings are sentences, or sentences with the name in an element of its own."""
    opening, *paragraphs = problem.thought.split("\n\n")
    parts = [paragraph.split("\n") for paragraph in paragraphs]
    steps = [part for part in parts if ":" in part[1].split(".")[0]]
    (outer, inner), number = rng.sample(BLOCKS, 2), rng.randint(1, 4)
    (heading, body), gap = rng.sample(ITEMS, 2), rng.choice("\n ")
    headings = elements(heading, number, [step[0] for step in steps], gap)
    if rng.random() < 0.5:
        named = elements(heading, number, [step[1].split(":")[0] for step in steps], gap)
        headings = [f"{step[0]}\n\n{name}" for step, name in zip(steps, named, strict=True)]
    return Outline(
        opening=opening,
        headings=headings,
        bodies=elements(body, number, [step[1] for step in steps], "\n"),
        rest="\n\n".join("\n".join(part) for part in parts[len(steps) :]),
        block=f"{outer}{number}",
        text=f"{inner}{number}",
    )


def outlined(problem: SampleProblem, rng: random.Random) -> str:
    """A thought as a whole document with an outline.

    What is looked up in the question stands far from it, and in whatever order.
    """
    whole = outline(problem, rng)
    bodies = list(whole.bodies)
    if problem.subject != "tanks":  # where one step needs another, they keep their order
        rng.shuffle(bodies)
    headings = tagged(whole.block, "\n\n".join([whole.opening, *whole.headings]))
    return "\n\n".join([headings, tagged(whole.text, "\n\n".join(bodies)), whole.rest]).strip()


def excerpt(problem: SampleProblem, rng: random.Random) -> TrainingText:
    """An outline up to some heading, to be read, and the text under that heading alone."""
    whole = outline(problem, rng)
    ready = whole.headings
    if problem.subject == "tanks":  # the others need what is not there
        ready = [
            heading
            for heading, body in zip(whole.headings, whole.bodies, strict=True)
            if body.split("\n")[1][0] not in MIXERS
        ]
    last = whole.headings.index(rng.choice(ready))
    headings = "\n\n".join([whole.opening, *whole.headings[: last + 1]])
    tag, text = whole.bodies[last].split("\n", 1)
    return TrainingText(
        f"{tagged(whole.block, headings)}\n\n<{whole.text}>\n{tag}\n", f"{text}\n</{whole.text}>"
    )


FORMS = (recital, marked_up, outlined, outlined, outlined)
"""What may stand in place of a thought, as often as it is listed."""
