"""Assemble the list of tasks of a scored document: what, who, by when and how it is checked.

Finding each kind of span in a sentence, separating a sentence into parts and inheriting bodies
is left to the modules beside it; here they are put together with the document's offsets.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date
from functools import cache, lru_cache, partial

from opencc import OpenCC

from cuoshi.classifier import Classifier, ScoredDocument, ScoredSentence
from cuoshi.measures import MEASURES
from cuoshi.tasks.bodies import find_bodies
from cuoshi.tasks.criteria import find_criteria
from cuoshi.tasks.deadlines import find_deadlines
from cuoshi.tasks.inherit import inherit_bodies
from cuoshi.tasks.notes import (
    Note,
    find_notes,
    find_title_notes,
    noted_sentences,
    without_note,
)
from cuoshi.tasks.offsets import Offsets, SomeSpan
from cuoshi.tasks.reference import find_reference
from cuoshi.tasks.sections import (
    attachment_titles,
    headings_above,
    noted_sections,
    run_in_titles,
    section_ends,
    shown_headings,
)
from cuoshi.tasks.separate import Part, separate
from cuoshi.tasks.tables import find_table_notes
from cuoshi.tasks.task import Body, Criterion, Deadline, Task, TaskList
from cuoshi.text.document import Context, build_contexts
from cuoshi.text.structure import is_piece_title

UNCERTAIN_MARGIN = 0.15
"""How near its threshold the score of a given measure is worth a second look.

Scores are calibrated and thresholds lie between 0.3 and 0.5: so near above one, the measure is
about as likely wrong as right. A difference in probability, unlike one in logits, says that
alike for every threshold.
"""

OPENING_LENGTH = 4
"""Most characters, bodies aside, before a time that holds for the whole sentence."""


_ORDER = re.compile("[，,；;要须应]|不得|严禁|一律|立即")
"""What a heading that orders holds besides who or by when."""


@dataclass(frozen=True, slots=True)
class _Found:
    """What was found in a sentence, with offsets into its cleaned text."""

    offsets: Offsets
    bodies: list[Body]
    deadlines: list[Deadline]
    criteria: list[Criterion]
    opening: list[Deadline]
    """The deadline that holds for all of it, where it opens with one."""


def find_tasks(
    document: ScoredDocument, classifier: Classifier, reference: date | None = None
) -> TaskList:
    """The tasks of a document, in its order.

    Every sentence that directs a measure gives a task, or one for each part that it separates
    into; matter of the web page around the document and titles of attachments give none. A
    heading, or a title that runs into its paragraph, gives a task only for measures that no task
    of its section has: else every item would stand there twice, once as its title. One that
    orders (二、各医院要储备口罩，月底前到位) is an item, whatever mark it lacks.

    A task's bodies, deadlines and criteria are those in its own words. Before them come the
    bodies and deadlines of the notes behind its item (责任单位：……), or else of the columns of a
    table that are called so: they bind, and its own may be about a part (发现异常立即报告). What
    it lacks a note in the heading gives. One still without a leading body inherits those that it
    goes on with (`inherit_bodies`); one still without a deadline takes the deadline that its
    sentence opens with.

    Args:
        document: as `Classifier.read` gives it.
        classifier: scores the clauses of sentences that direct several things.
        reference: the day that relative deadlines count from; by default the one that the
            document names.
    """
    reference = reference or find_reference(document.text)
    return TaskList(
        document=document,
        reference=reference,
        tasks=tuple(_Assembly(document, classifier, reference).assemble()),
    )


class _Assembly:
    """The work of `find_tasks` on one document."""

    def __init__(
        self, document: ScoredDocument, classifier: Classifier, reference: date | None
    ) -> None:
        self.document, self.classifier, self.reference = document, classifier, reference
        self.sentences = document.sentences
        self._headings = headings_above(self.sentences)
        self._run_in = run_in_titles(document.text, self.sentences)
        self._shown = list(shown_headings(self.sentences, self._run_in))
        # The parts of a sentence come together; they inherit from it or from those just before.
        self._offsets = lru_cache(maxsize=8)(partial(_make_offsets, document))
        self._bodies: dict[int, list[Body]] = {}
        notes = find_notes(self.sentences, reference)
        tables = find_table_notes(document.text, self.sentences, reference)
        self._notes = notes | tables.notes
        titles = find_title_notes(self.sentences, reference)
        self._said = titles | self._notes
        # What stands behind an item goes before what its column says.
        self._noted = (noted_sentences(document.text, self.sentences, notes), tables.noted)
        self._kinds = tables.kinds
        self._titled = (noted_sections(self.sentences, titles),)

    def assemble(self) -> list[Task]:
        attachments = attachment_titles(self.sentences)
        kinds = {kind for titles in self._kinds.values() for kind in titles}
        directing = {
            index: sentence
            for index, sentence in enumerate(map(self._with_kind, range(len(self.sentences))))
            if sentence.measures
            and not sentence.is_web_matter
            and index not in self._notes
            and index not in attachments
            and index not in kinds
        }
        contexts = self._contexts()
        parts = separate(
            list(directing.values()),
            [contexts[index] for index in directing],
            [self.bodies(index) for index in directing],
            self.classifier,
        )
        tasks = [
            task
            for index, own in zip(directing, parts, strict=True)
            for task in self._make_tasks(index, own)
        ]
        return self._without_titles(tasks)

    def _with_kind(self, index: int) -> ScoredSentence:
        """A sentence; one without a measure has those of the cell that says its task's kind.

        Tables write tasks as shortly as reports: 物资保障　采购口罩2万只.
        """
        sentence = self.sentences[index]
        if sentence.measures or index not in self._kinds:
            return sentence
        said = [self.sentences[kind] for kind in self._kinds[index]]
        given = {measure for kind in said for measure in kind.measures}
        scores = {m: max(kind.scores[m] for kind in (sentence, *said)) for m in MEASURES}
        return replace(sentence, measures=tuple(m for m in MEASURES if m in given), scores=scores)

    def bodies(self, index: int) -> list[Body]:
        """The bodies of a sentence, with offsets into its cleaned text; a note has none."""
        if index in self._notes:
            return []
        if index not in self._bodies:
            sentence = self.sentences[index]
            # A heading that is nothing but a name (各乡镇) speaks to it as 各乡镇： does.
            mark = "：" if sentence.is_heading else ""
            bodies = find_bodies(_simplify(sentence.text) + mark, sentence.tagging)
            self._bodies[index] = _with_words_of(sentence, bodies)
        return self._bodies[index]

    def _contexts(self) -> list[Context]:
        units = (
            (s.text, s.is_heading, s.is_heading and is_piece_title(s.text), s.is_web_matter)
            for s in self.sentences
        )
        return list(build_contexts(units))

    def _make_tasks(self, index: int, parts: list[Part]) -> list[Task]:
        sentence = self.sentences[index]
        text = _simplify(sentence.text)
        bodies = self.bodies(index)
        deadlines = _with_words_of(sentence, find_deadlines(text, self.reference))
        found = _Found(
            self._offsets(index),
            bodies,
            deadlines,
            _with_words_of(sentence, find_criteria(text)),
            _opening_deadlines(bodies, deadlines),
        )
        return [self._make_task(index, part, found) for part in parts]

    def _make_task(self, index: int, part: Part, found: _Found) -> Task:
        sentence = self.sentences[index]
        start, end = found.offsets.place(part.start, part.end)
        bodies = self._read_notes(index, self._noted, lambda note: note.bodies)
        names = {body.text for body in bodies}
        own = [found.offsets.move(body) for body in _inside(part, found.bodies)]
        bodies += [body for body in own if body.text not in names]
        roles = {body.role for body in bodies}
        titled = self._read_notes(index, self._titled, lambda note: note.bodies)
        bodies += [body for body in titled if body.role not in roles]
        if not any(body.role == "lead" for body in bodies):
            inherited = inherit_bodies(
                self.document,
                self.bodies,
                self._offsets,
                index,
                part.start,
                self._headings[index],
            )
            bodies = [*inherited, *bodies]
        deadlines = [found.offsets.move(deadline) for deadline in _inside(part, found.deadlines)]
        noted = self._read_notes(index, self._noted + self._titled, lambda note: note.deadlines)
        deadlines = [*noted, *deadlines]
        deadlines = deadlines or [found.offsets.move(deadline) for deadline in found.opening]
        return Task(
            start=start,
            end=end,
            text=sentence.text[part.start : part.end],
            sentence=index,
            heading=self._shown[index],
            measures=part.measures,
            scores=part.scores,
            # What only the cell beside it says has to be looked at.
            is_uncertain=self._is_uncertain(part) or not sentence.measures,
            bodies=tuple(bodies),
            deadlines=tuple(deadlines),
            criteria=tuple(found.offsets.move(c) for c in _inside(part, found.criteria)),
        )

    def _read_notes(
        self,
        index: int,
        layers: tuple[dict[int, list[int]], ...],
        spans: Callable[[Note], list[SomeSpan]],
    ) -> list[SomeSpan]:
        """The spans of the nearest notes on a sentence that hold any."""
        for noted in layers:
            notes = noted.get(index, ())
            if found := [self._offsets(n).move(s) for n in notes for s in spans(self._said[n])]:
                return found
        return []

    def _is_uncertain(self, part: Part) -> bool:
        thresholds = dict(zip(MEASURES, self.classifier.thresholds, strict=True))
        return any(
            abs(part.scores[measure] - thresholds[measure]) < UNCERTAIN_MARGIN
            for measure in part.measures
        )

    def _without_titles(self, tasks: list[Task]) -> list[Task]:
        """Drop from titles what the tasks of their sections direct anyway.

        A title that runs into its paragraph and says who or by when is an order, and kept; so
        is a heading that says it and has two clauses or an 要.
        """
        ends = section_ends(self.sentences)
        places = [task.sentence for task in tasks]
        kept = []
        for task in tasks:
            end = ends.get(task.sentence)
            if end is None and not self._says_more(task):
                end = self._run_in.get(task.sentence)
            elif self._is_order(task):
                end = None
            if end is not None:
                first = bisect_right(places, task.sentence)
                section = tasks[first : bisect_left(places, end)]
                covered = {measure for other in section for measure in other.measures}
                task = replace(task, measures=tuple(m for m in task.measures if m not in covered))
            if task.measures:
                kept.append(task)
        return kept

    def _is_order(self, task: Task) -> bool:
        sentence = self.sentences[task.sentence]
        words = without_note(sentence.text)
        end = sentence.start + len(words)
        own = any(task.start <= s.start < end for s in (*task.bodies, *task.deadlines))
        return own and _ORDER.search(words) is not None

    def _says_more(self, task: Task) -> bool:
        """Whether a task's own words name somebody, a time or what makes it checkable.

        Here the rules alone may tell who: to keep a title costs less than to lose an order.
        """
        spans = (*task.bodies, *task.deadlines, *task.criteria)
        own = any(task.start <= span.start < task.end for span in spans)
        return own or bool(find_bodies(_simplify(self.sentences[task.sentence].text)))


def _make_offsets(document: ScoredDocument, index: int) -> Offsets:
    sentence = document.sentences[index]
    return Offsets(document.text, sentence.start, sentence.end, sentence.text)


def _inside(part: Part, spans: list[SomeSpan]) -> list[SomeSpan]:
    """Those that a part holds, of spans that are in order and do not overlap."""
    first = bisect_left(spans, part.start, key=lambda span: span.start)
    return spans[first : bisect_right(spans, part.end, lo=first, key=lambda span: span.end)]


def _opening_deadlines(bodies: list[Body], deadlines: list[Deadline]) -> list[Deadline]:
    """The first deadline where it opens the sentence, alone or behind bodies."""
    if not deadlines:
        return []
    start = deadlines[0].start
    named = sum(body.end - body.start for body in bodies if body.end <= start)
    return deadlines[:1] if start - named <= OPENING_LENGTH else []


def _with_words_of(sentence: ScoredSentence, spans: Iterable[SomeSpan]) -> list[SomeSpan]:
    """Spans found in simplified characters, with the sentence's own words."""
    return [replace(span, text=sentence.text[span.start : span.end]) for span in spans]


def _simplify(text: str) -> str:
    """Traditional characters as simplified ones; `text` itself where offsets would move."""
    # A lone surrogate, which any string may hold, cannot be passed on.
    simplified = str(_converter().convert(text.encode("utf-8", "replace").decode("utf-8")))
    return simplified if len(simplified) == len(text) else text


@cache
def _converter() -> OpenCC:
    return OpenCC("t2s")
