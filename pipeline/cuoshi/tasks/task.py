"""A task: what a document asks for, of whom and by when, with the place of every finding."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from cuoshi.classifier import ScoredDocument
from cuoshi.tags import Role
from cuoshi.tasks.name_words import PERSON_LENGTHS, is_with_post


@dataclass(frozen=True, slots=True)
class Span:
    """A part of a text.

    Attributes:
        start, end: character offsets into the text that it was found in: the document's for
            the spans of a `Task`, the given string's for the functions that find them.
        text: the part, cleaned of what layout put inside.
    """

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Body(Span):
    """A responsible body (责任单位).

    Attributes:
        role: "lead" acts or answers for the act, "support" helps (……配合).
        is_inherited: whether it stands in a sentence or heading before the task's own.
    """

    role: Role = "lead"
    is_inherited: bool = False


@dataclass(frozen=True, slots=True)
class Deadline(Span):
    """A time by which, from which or how often something is to be done (时限).

    Attributes:
        kind: "absolute" names a day (2月10日前, 春节前), "relative" counts from another
            time (会后立即, 24小时内), "recurring" comes again (每日下午3点前).
        date: the day it falls on, the last one of a period; None where that cannot be told.
    """

    kind: Literal["absolute", "relative", "recurring"] = "absolute"
    date: date | None = None


@dataclass(frozen=True, slots=True)
class Criterion(Span):
    """What makes a task checkable.

    Attributes:
        kind: "quantity" (14天, 每个农贸市场至少两人) or "condition" (应检尽检, 体温超过37.3℃).
    """

    kind: Literal["quantity", "condition"] = "quantity"


@dataclass(frozen=True, slots=True)
class Task:
    """One thing to be done: a directing sentence, or a clause of one.

    Attributes:
        start, end: character offsets into the document.
        text: the sentence or clause, cleaned of what layout put inside.
        sentence: index of its sentence in the document.
        heading: the nearest heading above it, or "".
        measures: those it directs, at least one, in the order of `MEASURES`.
        scores: one probability per measure, in the order of `MEASURES`.
        is_uncertain: whether a person should look at it: a given measure's score is near its
            threshold.
        bodies, deadlines, criteria: what was found, each in the order of the text.
    """

    start: int
    end: int
    text: str
    sentence: int
    heading: str
    measures: tuple[str, ...]
    scores: dict[str, float]
    is_uncertain: bool
    bodies: tuple[Body, ...]
    deadlines: tuple[Deadline, ...]
    criteria: tuple[Criterion, ...]

    @property
    def confidence(self) -> float:
        """The lowest score among the measures it was given."""
        return min(self.scores[measure] for measure in self.measures)

    def names(self, role: Role) -> dict[str, bool]:
        """The bodies of a role by name, each once, and whether all its mentions are inherited.

        Somebody named with and without a post (李明, 李明主任) goes by the longer name.
        """
        bodies = [body for body in self.bodies if body.role == role]
        texts = dict.fromkeys(body.text for body in bodies)
        with_post = {
            text[:length]: text
            for text in texts
            for length in PERSON_LENGTHS
            if text[:length] in texts and is_with_post(text[:length], text)
        }
        names: dict[str, bool] = {}
        for body in bodies:
            name = with_post.get(body.text, body.text)
            names[name] = names.get(name, True) and body.is_inherited
        return names


@dataclass(frozen=True, slots=True)
class TaskList:
    """A document and its tasks in order.

    Attributes:
        document: the document with its scored sentences.
        reference: the day that relative deadlines count from; None if unknown.
        tasks: in the order of the document.
    """

    document: ScoredDocument
    reference: date | None
    tasks: tuple[Task, ...]
