"""Training texts for the base model besides thoughts: the same problems in other forms.

They teach lookups: short drills do so quickly, documents in any place and order. None uses the
trajectory grammar, which fine-tuning teaches. But outlines, and numbered tags that must be closed,
are also in the training data of large base models.
"""

from __future__ import annotations

import random
import re
from typing import NamedTuple

from sprint.utils.data.sample_problems import MIXERS, NAMES, SampleProblem
from sprint.utils.grammar import TrainingText

BLOCKS, ITEMS = ("list_", "part_", "section_"), ("item_", "note_", "entry_")
"""Names of tags, none of them in the trajectory grammar."""

GAP = "\n\n"
RULE = f"{GAP}-----{GAP}"

DRILL = 80
"""Minimum characters of a drill's repetitions; digits and signs are a token each."""


def facts_of(problem: SampleProblem) -> list[str]:
    """The lines of the question that state a fact about a name."""
    return problem.problem.splitlines()[1:-1]


def shuffled_facts(problem: SampleProblem, rng: random.Random) -> list[str]:
    """The facts of the question as sentences, in random order: every token must be looked up."""
    facts = [f"{fact}." for fact in facts_of(problem)]
    rng.shuffle(facts)
    return facts


def drill(problem: SampleProblem, rng: random.Random) -> TrainingText:
    """The facts of a question, then the same repeatedly in random order.

    Short and without other text: the model learns copying from it ten times sooner than from
    recitals.
    """
    rounds = list[str]()
    while sum(map(len, rounds)) < DRILL:
        rounds.append("\n".join(shuffled_facts(problem, rng)))
    return TrainingText("\n".join(facts_of(problem)) + "\n", "\n".join(rounds))


def recital(problem: SampleProblem, rng: random.Random) -> str:
    """The facts of a question instead of its thought."""
    facts = shuffled_facts(problem, rng)
    return rng.choice("\n ").join(facts)


def tagged(tag: str, text: str, gap: str = "\n") -> str:
    return f"<{tag}>{gap}{text}{gap}</{tag}>"


def elements(name: str, number: int, texts: list[str], gap: str) -> list[str]:
    """Texts as numbered elements of block `number`: <item_2.1> … </item_2.1>."""
    return [tagged(f"{name}{number}.{i}", text, gap) for i, text in enumerate(texts, start=1)]


def marked_up(problem: SampleProblem, rng: random.Random) -> str:
    """A recital or a thought whose parts are numbered elements of a numbered block.

    Large base models have also seen numbered tags that must be closed.
    """
    texts = rng.choice((shuffled_facts(problem, rng), problem.thought.split(GAP)))
    block, item, number = rng.choice(BLOCKS), rng.choice(ITEMS), rng.randint(1, 4)
    inner = elements(item, number, texts, rng.choice("\n "))
    return tagged(f"{block}{number}", rng.choice((GAP, RULE)).join(inner))


class Layer(NamedTuple):
    """Independent steps: their headings in one block, their texts in another.

    `block` and `text` are the tags of the blocks, with their number.
    """

    block: str
    headings: list[str]
    text: str
    bodies: list[str]
    between: str

    @property
    def outline(self) -> str:
        return tagged(self.block, self.between.join(self.headings))

    def whole(self, rng: random.Random) -> str:
        """The outline and all texts; half of the time the texts are shuffled."""
        bodies = list(self.bodies)
        if rng.random() < 0.5:
            rng.shuffle(bodies)
        return f"{self.outline}{GAP}{tagged(self.text, GAP.join(bodies))}"


class Step(NamedTuple):
    """A paragraph of a thought: the sentence that announces it, and the work."""

    heading: str
    work: str

    @property
    def name(self) -> str | None:
        """The name that is worked out; None for the step that joins the results."""
        return self.work[0] if self.work[1] == ":" else None

    @property
    def task(self) -> str:
        """The heading as a task: `Next, let me work out Q.` -> `Work out Q.`"""
        words = re.sub(
            r".*(let me|need to|should)( first)? ", "", self.heading, flags=re.IGNORECASE
        )
        return words[0].upper() + words[1:]

    @property
    def needs(self) -> list[str]:
        """The names of the results that the step starts from."""
        if self.name is None:
            return re.findall(r"([P-Z])=", self.work)
        fact = self.work.split(".")[0]
        return re.findall(r"[P-Z]", fact)[1:]


KINDS = (tuple(NAMES), tuple(MIXERS), (None,))
"""Names of independent steps; each kind may need the kinds before it."""


def layers_of(problem: SampleProblem, rng: random.Random) -> tuple[str, list[Layer]]:
    """The opening words of a thought, and its steps as the layers of a document.

    Headings are sentences, or sentences with the name or the task in a separate element; if a step
    needs others, references to their texts may come first.
    """
    opening, *paragraphs = problem.thought.split(GAP)
    steps = [Step(*paragraph.split("\n")) for paragraph in paragraphs]
    (outer, inner), first = rng.sample(BLOCKS, 2), rng.randint(1, 3)
    (heading_tag, body_tag), gap = rng.sample(ITEMS, 2), rng.choice("\n ")
    style, refers = rng.choice(("sentence", "name", "task")), rng.random() < 0.5
    between = rng.choice((GAP, RULE))
    groups = [[step for step in steps if step.name in kind] for kind in KINDS]
    layers, places = list[Layer](), dict[str | None, str]()
    for number, group in enumerate(filter(None, groups), start=first):
        match style:
            case "sentence":
                titles = [step.heading for step in group]
            case "name":
                titles = [step.name or "last digits" for step in group]
            case _:
                titles = [step.task for step in group]
        headings = elements(heading_tag, number, titles, gap)
        if style != "sentence":
            headings = [
                f"{step.heading}{GAP}{title}" for step, title in zip(group, headings, strict=True)
            ]
        if refers:
            sources = [", ".join(places[name] for name in step.needs) for step in group]
            headings = [
                f"See {s}:\n{h}" if s else h for s, h in zip(sources, headings, strict=True)
            ]
        places |= {step.name: f"{body_tag}{number}.{i}" for i, step in enumerate(group, start=1)}
        bodies = elements(body_tag, number, [step.work for step in group], "\n")
        blocks = f"{outer}{number}", f"{inner}{number}"
        layers.append(Layer(blocks[0], headings, blocks[1], bodies, between))
    return opening, layers


def outlined(problem: SampleProblem, rng: random.Random) -> str:
    """A thought as a complete document with outlines.

    The facts to look up are far from the question, in any order.
    """
    opening, layers = layers_of(problem, rng)
    return GAP.join([opening, *(layer.whole(rng) for layer in layers)])


def excerpt(problem: SampleProblem, rng: random.Random) -> TrainingText:
    """A document up to some heading as the prompt, and the text under that heading only."""
    opening, layers = layers_of(problem, rng)
    index = rng.randrange(len(layers))
    layer = layers[index]
    last = rng.randrange(len(layer.headings))
    before = [opening, *(earlier.whole(rng) for earlier in layers[:index])]
    read = layer._replace(headings=layer.headings[: last + 1]).outline
    tag, text = layer.bodies[last].split("\n", 1)
    return TrainingText(
        GAP.join([*before, read, f"<{layer.text}>\n{tag}\n"]), f"{text}\n</{layer.text}>"
    )


FORMS = (recital, marked_up, *[outlined] * 5)
"""The forms that may replace a thought; a form listed twice is twice as frequent."""
