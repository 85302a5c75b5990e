"""Write task lists as a web page: each speech with its directing sentences marked, and the tasks.

The page needs no network: one file with everything inlined, or linked to assets that a server
has; either works under a Content-Security-Policy without inline code of others. What a task is
is left to `cuoshi.tasks`, filters and jumps to page.js, looks to page.css.
"""

from __future__ import annotations

import base64
import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup, escape

from cuoshi.classifier import ScoredDocument, ScoredSentence
from cuoshi.measures import MEASURES
from cuoshi.outputs.tasks_rows import UNDATED
from cuoshi.reading.characters import replace_unwritable
from cuoshi.tasks.task import Task, TaskList

TAGS = {"隔离": "隔", "宣传": "宣", "物资": "物", "问责": "责"}
"""What stands beside a marked sentence, so that colour is never the only sign."""

_NUMBERS = {measure: str(i) for i, measure in enumerate(MEASURES, 1)}


class Piece(NamedTuple):
    """A stretch of a sentence; `kind` is "body", "deadline" or ""."""

    text: str
    kind: str


class Mark(NamedTuple):
    """A marked sentence: `task` is the id of its first task, "" where it has none."""

    id: str
    task: str
    sentence: ScoredSentence
    measures: tuple[str, ...]
    is_uncertain: bool
    pieces: tuple[Piece, ...]


class Paragraph(NamedTuple):
    """A line of a document with its line break, or several where a mark runs over the break."""

    is_heading: bool
    parts: list[str | Mark]


class Row(NamedTuple):
    """A task with its place on the page; `bodies` are indices into the page's list of bodies."""

    id: str
    number: int
    sentence: str
    task: Task
    bodies: list[int]


class Section(NamedTuple):
    """A document on the page."""

    task_list: TaskList
    paragraphs: Iterable[Paragraph]
    rows: list[Row]


def render_page(task_lists: Sequence[TaskList], *, assets: str | None = None) -> str:
    """Render documents and their tasks as one HTML page.

    Args:
        task_lists: the documents in the order in which they are shown.
        assets: where a server has page.css and page.js; None puts both into the page, together
            with a policy that allows them and nothing else.
    """
    style, script = _read_asset("page.css"), _read_asset("page.js")
    tasks = [task for task_list in task_lists for task in task_list.tasks]
    bodies = Counter(name for task in tasks for name in _names(task)).most_common()
    measures = Counter(measure for task in tasks for measure in task.measures)
    return _template().render(
        sections=list(_build_sections(task_lists, {name: i for i, (name, _) in enumerate(bodies)})),
        total=len(tasks),
        measures=[(measure, measures[measure]) for measure in MEASURES],
        bodies=bodies,
        numbers=_NUMBERS,
        labels=TAGS,
        undated=UNDATED,
        assets=None if assets is None else assets.rstrip("/"),
        style=style,
        script=script,
        policy=f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}'; "
        "base-uri 'none'; form-action 'none'",
    )


def _names(task: Task) -> dict[str, bool]:
    """The bodies of both roles by name, each once."""
    return task.names("lead") | task.names("support")


def _build_sections(task_lists: Sequence[TaskList], bodies: Mapping[str, int]) -> Iterator[Section]:
    """Number sentences and tasks through all documents, so that every id is the page's own."""
    sentences = tasks = 0
    for task_list in task_lists:
        rows = [
            Row(
                id=f"t{number}",
                number=number,
                sentence=f"s{sentences + task.sentence}",
                task=task,
                bodies=sorted(bodies[name] for name in _names(task)),
            )
            for number, task in enumerate(task_list.tasks, tasks + 1)
        ]
        marks = _mark_sentences(task_list.document, rows, sentences)
        yield Section(task_list, _build_paragraphs(task_list.document, marks), rows)
        sentences += len(task_list.document)
        tasks += len(rows)


def _mark_sentences(document: ScoredDocument, rows: list[Row], first: int) -> dict[int, Mark]:
    """The sentences with a measure or a task, by index; `first` is the number of index 0."""
    of_sentence: defaultdict[int, list[Row]] = defaultdict(list)
    for row in rows:
        of_sentence[row.task.sentence].append(row)
    marks = {}
    for i, sentence in enumerate(document):
        own = of_sentence.get(i, [])
        directed = set() if sentence.is_web_matter else set(sentence.measures)
        directed.update(measure for row in own for measure in row.task.measures)
        if directed:
            marks[i] = Mark(
                id=f"s{first + i}",
                task=own[0].id if own else "",
                sentence=sentence,
                measures=tuple(measure for measure in MEASURES if measure in directed),
                is_uncertain=any(row.task.is_uncertain for row in own),
                pieces=tuple(_cut(document.text, sentence, [row.task for row in own])),
            )
    return marks


def _cut(text: str, sentence: ScoredSentence, tasks: Iterable[Task]) -> Iterator[Piece]:
    """A sentence as it stands, cut at its bodies and deadlines; inherited ones stand elsewhere."""
    spans = [(body.start, body.end, "body") for task in tasks for body in task.bodies]
    spans += [(due.start, due.end, "deadline") for task in tasks for due in task.deadlines]
    position = sentence.start
    for start, end, kind in sorted(spans):
        if position <= start < end <= sentence.end:
            yield Piece(text[position:start], "")
            yield Piece(text[start:end], kind)
            position = end
    yield Piece(text[position : sentence.end], "")


def _build_paragraphs(document: ScoredDocument, marks: Mapping[int, Mark]) -> Iterator[Paragraph]:
    """All of a document's text in order, cut after the line breaks that no mark runs over."""
    parts: list[str | Mark] = []
    is_heading = False
    for part, of_heading in _walk(document, marks):
        parts.append(part)
        is_heading = is_heading or of_heading
        if isinstance(part, str) and part[-1:].splitlines() == [""]:
            yield Paragraph(is_heading, parts)
            parts, is_heading = [], False
    if parts:
        yield Paragraph(is_heading, parts)


def _walk(document: ScoredDocument, marks: Mapping[int, Mark]) -> Iterator[tuple[str | Mark, bool]]:
    """The marks and, line by line, the text between them, and whether each is of a heading."""
    position = 0
    for i, sentence in enumerate(document):
        for line in document.text[position : sentence.start].splitlines(keepends=True):
            yield line, False
        if i in marks:
            yield marks[i], sentence.is_heading
        else:
            for line in document.text[sentence.start : sentence.end].splitlines(keepends=True):
                yield line, sentence.is_heading
        position = sentence.end
    for line in document.text[position:].splitlines(keepends=True):
        yield line, False


def _write(value: object) -> object:
    """What every expression of the template passes through on its way into the page.

    A carriage return goes as a reference: the parser would make a line feed of it, and the
    text of the page would no longer be the document's.
    """
    if isinstance(value, str) and not isinstance(value, Markup):
        return escape(replace_unwritable(value)).replace("\r", Markup("&#13;"))
    return value


@lru_cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("cuoshi", "outputs"),
        autoescape=True,
        finalize=_write,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("page.html.jinja")


@lru_cache
def _read_asset(name: str) -> Markup:
    """A file of the package as it goes into the page: ours, so not escaped."""
    return Markup(files("cuoshi.outputs").joinpath(name).read_text(encoding="utf-8"))


def _digest(source: str) -> str:
    """A policy's name for an inlined style or script (W3C, Content Security Policy, 2.3.1)."""
    return f"sha256-{base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()}"
