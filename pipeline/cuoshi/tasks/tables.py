"""Tables that say in columns of their own who answers for a task and by when.

The readers write a row in one line, an ideographic space between its cells; below a line of
column names such as 任务　责任单位　完成时限 the cells of those columns are notes on their row.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from cuoshi.classifier import ScoredSentence
from cuoshi.tasks.notes import Note, match_name, read_value

NAME_LENGTH = 10
"""Most characters of a column's name: 牵头单位及责任人 has eight."""

_WORK = re.compile(r"(?:任务|事项|内容|措施|举措|工作|项目|要求|问题|目标|名称|清单)(?:[（(].*)?$")
"""What a column of tasks is called; a form that says 责任单位　县卫健局 in a row has none there."""
_LINE = re.compile(r"[^\r\n]+")


@dataclass(frozen=True, slots=True)
class TableNotes:
    """What tables note: the notes, by the index of their sentence, and on what.

    Attributes:
        notes: by the index of the sentence that is the note.
        noted: for the index of each sentence in another cell, those of its row's notes.
    """

    notes: dict[int, Note]
    noted: dict[int, list[int]]


def find_table_notes(
    text: str, sentences: Sequence[ScoredSentence], reference: date | None
) -> TableNotes:
    """The notes in the tables of a document.

    A blank cell says what the cell above it says, for cells are merged where one body answers
    for several rows; not so for those who support, whom many rows lack. A row of another number
    of cells than the column names, or with nothing but notes, is left alone; a line of one cell
    ends the table.

    Args:
        text: the document.
        sentences: its sentences, in order.
        reference: the day that relative deadlines count from.
    """
    found = TableNotes({}, {})
    starts = [sentence.start for sentence in sentences]
    columns: list[re.Match[str] | None] = []
    above: dict[int, list[int]] = {}
    for line in _LINE.finditer(text):
        if not line[0].strip():
            continue
        cells = list(_split_cells(line))
        names = _read_names(text, cells)
        if any(names) or len(cells) == 1:
            columns, above = (names if any(names) else []), {}
            continue
        if len(cells) != len(columns):
            continue
        rows = [range(bisect_left(starts, start), bisect_left(starts, end)) for start, end in cells]
        tasks = [i for row, name in zip(rows, columns, strict=True) if not name for i in row]
        if not tasks:
            continue
        for column, (row, name) in enumerate(zip(rows, columns, strict=True)):
            if name and (row or name["support"]):
                for i in row:
                    words = sentences[i].text
                    found.notes[i] = read_value(name, words, 0, len(words), reference)
                above[column] = list(row)
        notes = [i for column in sorted(above) for i in above[column]]
        for i in tasks:
            found.noted[i] = notes
    return found


def _split_cells(line: re.Match[str]) -> Iterator[tuple[int, int]]:
    start = line.start()
    for cell in line[0].split("\u3000"):
        yield start, start + len(cell)
        start += len(cell) + 1


def _read_names(text: str, cells: Sequence[tuple[int, int]]) -> list[re.Match[str] | None]:
    """For each cell of a line what it names as a column; nothing where the line names none."""
    words = ["".join(text[start:end].split()) for start, end in cells]
    names = [match_name(word) for word in words]
    work = any(_WORK.search(word) for word, name in zip(words, names, strict=True) if not name)
    return names if work and max(map(len, words)) <= NAME_LENGTH else [None] * len(words)
