"""Tables and forms that say in cells of their own who answers for a task and by when.

The readers write a row in one line, an ideographic space between its cells. Below a line of
column names such as 任务　责任单位　完成时限 the cells of those columns are notes on their row. In
a form, whose rows name what stands beside (责任单位　县卫健局), they are notes on the whole of it.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import NamedTuple

from cuoshi.classifier import ScoredSentence
from cuoshi.tasks.notes import Note, last_role, match_name, read_value
from cuoshi.text.structure import ordinal_style

NAME_LENGTH = 10
"""Most characters of a column's name: 牵头单位及责任人 has eight."""

_WORK = re.compile(
    r"(?:任务|事项|内容|措施|举措|工作|项目|要求|问题|目标|名称|清单|职责|分工)(?:[（(].*)?$"
)
"""What a column of tasks is called; a row of a form (责任单位　县卫健局) has none."""
_KIND = re.compile(r"(?:类别|分类|类型|领域|板块|大类|方面)$")
"""What a column is called that says of what kind a row's task is."""
KIND_LENGTH = 8
"""Most characters of a cell that titles the longer one of another column of tasks."""
_COLUMN = re.compile("序号|姓名|职务|(?:联系)?(?:人|电话|方式)|备注|说明|编号|状态|进度")
"""What stands beside the name of a column where a row names columns."""
_LINE = re.compile(r"[^\r\n]+")
_BLANK_LINE = re.compile(r"\n\s*\n|\r\r")


class _Cell(NamedTuple):
    start: int
    end: int
    words: str
    """What it holds, without blanks."""


_Row = list[_Cell]
_Names = list[re.Match[str] | None]
_Fields = list[tuple[re.Match[str] | None, _Cell]]
_MakeNotes = Callable[[re.Match[str], range], list[int]]


@dataclass(frozen=True, slots=True)
class TableNotes:
    """What tables note: the notes, by the index of their sentence, and on what.

    Attributes:
        notes: by the index of the sentence that is the note.
        noted: for the index of each sentence in another cell, those of its row's notes.
        kinds: for the index of the first sentence of each task that has its kind in a cell of
            its own (物资保障　采购口罩2万只), those of the sentences that say it. They hold for the
            rows below too, up to the next that says one.
    """

    notes: dict[int, Note]
    noted: dict[int, list[int]]
    kinds: dict[int, list[int]]


def find_table_notes(
    text: str, sentences: Sequence[ScoredSentence], reference: date | None
) -> TableNotes:
    """The notes in the tables and forms of a document.

    A blank cell below a column's name says what the cell above it says, for cells are merged
    where one body answers for several rows; not so for those who support, whom many rows lack, nor
    across a row that holds only a title. A row of another number of cells than the column names,
    or with nothing but notes, is left alone. A line of one cell ends a table or form, a row that
    names what stands beside it ends a table, and one form follows another where what its rows name
    comes again.

    Args:
        text: the document.
        sentences: its sentences, in order.
        reference: the day that relative deadlines count from.
    """
    found = TableNotes({}, {}, {})
    starts = [sentence.start for sentence in sentences]

    def inside(cell: _Cell) -> range:
        return range(bisect_left(starts, cell.start), bisect_left(starts, cell.end))

    def note(name: re.Match[str], cell: range) -> list[int]:
        role = None
        for i in cell:
            words = sentences[i].text
            found.notes[i] = read_value(name, words, 0, len(words), reference, role)
            role = last_role(words) or role
        return list(cell)

    for names, rows in _read_tables(text):
        if names:
            header, *rows = rows
            table = [[inside(cell) for cell in row] for row in rows]
            _note_rows(found, names, table, sentences, note)
            _note_kinds(found, names, header, rows, inside)
            continue
        for form in _split_forms(rows):
            notes = [i for name, cell in form if name for i in note(name, inside(cell))]
            for _, cell in form if notes else ():
                found.noted.update((i, notes) for i in inside(cell) if i not in found.notes)
    return found


def _note_rows(
    found: TableNotes,
    names: _Names,
    rows: list[list[range]],
    sentences: Sequence[ScoredSentence],
    note: _MakeNotes,
) -> None:
    """Notes from columns, each on its row."""
    above: dict[int, list[int]] = {}
    for row in rows:
        if len(row) != len(names):
            continue
        if len(row) > 2 and _opens_section(row, sentences):
            above.clear()
            continue
        tasks = [i for cell, name in zip(row, names, strict=True) if not name for i in cell]
        if not tasks:
            continue
        for column, (cell, name) in enumerate(zip(row, names, strict=True)):
            if name and (cell or name["support"]):
                above[column] = note(name, cell)
        notes = [i for column in sorted(above) for i in above[column]]
        for i in tasks:
            found.noted[i] = notes


def _note_kinds(
    found: TableNotes,
    names: _Names,
    header: _Row,
    rows: list[_Row],
    inside: Callable[[_Cell], range],
) -> None:
    is_kind = [_KIND.search(cell.words) is not None for cell in header]
    is_work = [
        not name and _WORK.search(cell.words) is not None
        for name, cell in zip(names, header, strict=True)
    ]
    above: list[int] = []
    for row in rows:
        if len(row) != len(header) or _filled(row) < 2:
            above = []
            continue
        work = [cell for cell, tasks in zip(row, is_work, strict=True) if tasks]
        task = max(work, key=lambda cell: len(cell.words))
        titles = [
            cell
            for cell, kind, tasks in zip(row, is_kind, is_work, strict=True)
            if kind or (tasks and len(cell.words) <= KIND_LENGTH < len(task.words))
        ]
        above = [i for cell in titles for i in inside(cell)] or above
        if above and (tasks := inside(task)):
            found.kinds[tasks.start] = above


def _opens_section(row: list[range], sentences: Sequence[ScoredSentence]) -> bool:
    """Whether all that a row holds is a title such as 一、人员管控."""
    first, *others = row
    style = ordinal_style(sentences[first.start].text) if first and not any(others) else ""
    return style in ("一、", "（一）")


def _read_tables(text: str) -> Iterator[tuple[_Names, list[_Row]]]:
    """The rows that belong together, and what their columns say; nothing for those of a form.

    The first row below names is that of the names.
    """
    lines = list(_read_rows(text))
    names: _Names = []
    rows: list[_Row] = []
    for row, below in pairwise([*lines, []]):
        is_form = _has_values(below) or (_has_values(row) and _filled(below) <= 2 < _filled(row))
        own = [] if is_form else _read_names(_add_second_row(row, below))
        if any(own) or len(row) == 1 or (names and _has_values(row)):
            yield names, rows
            names, rows = (own, [_add_second_row(row, below)]) if any(own) else ([], [])
        if not any(own) and len(row) > 1:
            rows.append(row)
    yield names, rows


def _read_rows(text: str) -> Iterator[_Row]:
    """The lines as rows; what a cell of a form lists in lines of its own stands in its row.

    That is what stands below a name such as 督办事项 up to the next blank line, beside a row of
    the form (责任单位　镇应急办).
    """
    lines = [line for line in _LINE.finditer(text) if line[0].strip()]
    rows = [list(_split_cells(line)) for line in lines]
    gaps = [
        bool(_BLANK_LINE.search(text, line.end(), below.start())) for line, below in pairwise(lines)
    ]
    before: _Row = []
    first = 0
    while first < len(rows):
        row, last = rows[first], first + 1
        if _names_a_list(row):
            while (
                last < len(rows)
                and len(rows[last]) == 1
                and (last == first + 1 or not gaps[last - 1])
            ):
                last += 1
            below = rows[last] if last < len(rows) else []
            if _has_values(before) or _has_values(below):
                row = [*row, *(cell for listed in rows[first + 1 : last] for cell in listed)]
            else:
                last = first + 1
        yield row
        before, first = row, last


def _names_a_list(row: _Row) -> bool:
    words = row[0].words.rstrip("：:")
    return len(row) == 1 and len(words) <= NAME_LENGTH and _WORK.search(words) is not None


def _split_forms(rows: list[_Row]) -> Iterator[_Fields]:
    """The fields of one form after another.

    A form begins where the words before a row or the name of a field come again, or, where
    that row is nothing but the field, with the rows that have none before it.
    """
    if _are_columns_unknown(rows):
        return
    form: list[_Fields] = []
    seen: set[str] = set()
    without = 0
    for row in rows:
        fields = _read_fields(row)
        if seen & _keys(row, fields):
            at = len(form) if any(not name for name, _ in fields) else len(form) - without
            yield [field for earlier in form[:at] for field in earlier]
            form = form[at:]
            seen = {name[0] for earlier in form for name, _ in earlier if name}
        form.append(fields)
        seen |= _keys(row, fields)
        without = 0 if any(name for name, _ in fields) else without + 1
    yield [field for fields in form for field in fields]


def _keys(row: _Row, fields: _Fields) -> set[str]:
    first = next((cell.words for cell in row if cell.words), "")
    return {name[0] for name, _ in fields if name} | ({first} - {""})


def _are_columns_unknown(rows: list[_Row]) -> bool:
    """Whether the first of several rows names columns, none of which is called a task's."""
    named = [any(_match_whole(cell.words) for cell in row) for row in rows]
    return (
        len(rows) > 1
        and len(rows[0]) > 2
        and named[0]
        and not any(named[1:])
        # Two cells are a field of a form: what it is and what it says.
        and any(_filled(row) > 2 for row in rows[1:])
    )


def _read_fields(row: _Row) -> _Fields:
    """The cells of a row that hold something but a name, each with the name before it."""
    fields: _Fields = []
    name = None
    for cell in row:
        if not cell.words:
            continue
        if own := _match_whole(cell.words):
            name = own
            continue
        fields.append((None if _COLUMN.fullmatch(cell.words) else name, cell))
        name = None
    return fields


def _filled(row: _Row) -> int:
    return sum(bool(cell.words) for cell in row)


def _add_second_row(row: _Row, below: _Row) -> _Row:
    """`row` with what stands below its cells, where that goes on naming columns.

    责任分工 over two columns has 牵头单位 and 配合单位 below it.
    """
    names = [cell for cell in below if cell.words]
    if len(row) != len(below) or len(names) < 2 or not all(_match_whole(c.words) for c in names):
        return row
    return [second if second.words else first for first, second in zip(row, below, strict=True)]


def _has_values(row: _Row) -> bool:
    return any(name for name, _ in _read_fields(row))


def _split_cells(line: re.Match[str]) -> Iterator[_Cell]:
    start = line.start()
    for cell in line[0].split("\u3000"):
        yield _Cell(start, start + len(cell), "".join(cell.split()))
        start += len(cell) + 1


def _read_names(row: _Row) -> _Names:
    """For each cell of a row what it names as a column; nothing where the row names none."""
    names = [match_name(cell.words) for cell in row]
    work = any(_WORK.search(cell.words) for cell, name in zip(row, names, strict=True) if not name)
    short = max(len(cell.words) for cell in row) <= NAME_LENGTH
    return names if work and short else [None] * len(row)


def _match_whole(words: str) -> re.Match[str] | None:
    """What a cell of a form names where it is nothing but a name."""
    name = match_name(words)
    return name if name and len(words.rstrip("：:")) == name.end() else None
