"""Join the lines of printed pages back into paragraphs.

A PDF knows lines at places on pages. What ran over the right margin goes on in the next
line; page numbers and running titles belong to the paper, not to the document.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from operator import add
from typing import NamedTuple

from cuoshi.text.wrapping import ORDINAL, display_width, is_page_number

EDGE_LINES = 3
"""Lines at the top and at the bottom of a page among which running titles are looked for."""

RUNNING_SHARE = 0.4
"""Share of the pages on which a line must stand to be a running title."""

RUNNING_LENGTH = 60
"""Most characters of a running title."""

RAGGED_WIDTH = 6
"""How much narrower than full a line may be that runs on: three characters."""

INDENTED_SHARE = 0.05
"""Share of the lines from which indents are taken to mark paragraphs."""

LEAST_WIDTH = 24
"""Columns that a line must have at least to run on: twelve characters."""

SPACED_SHARE = 0.5
"""Share of neighbouring characters with a blank between from which blanks are an artefact."""

_NUMBER_BESIDE = re.compile(r"^\d{1,4}(?:/\d{1,4})?\s+|\s+\d{1,4}(?:/\d{1,4})?$")
_CLOSERS = tuple("。！？!?；;：:…”」）)")
_HAN = "\u2e80-\u2fdf\u3400-\u9fff\uf900-\ufaff"
_WIDE = rf"{_HAN}\u3001-\u303f\uff01-\uff60“”‘’—…"
_NEIGHBOURS = re.compile(rf"(?<=[{_HAN}]) ?(?=[{_HAN}])")
_BLANK_BETWEEN = re.compile(rf"(?<=[{_WIDE}]) +(?=[{_WIDE}])")
_LAST_WORD = re.compile(r"(?:^| )[A-Za-z0-9][A-Za-z0-9'’.,;:()-]*\Z")
_FIRST_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9'’.,;:()-]*(?: |\Z)")
# Some fonts map characters to the radicals that look like them.
_RADICAL = re.compile("[\u2e80-\u2fdf]")


_CELL = "\ue000"
_ROW = str.maketrans({"\u3000": _CELL, "\u2028": "\ue001"})
_ROW_AGAIN = str.maketrans({_CELL: "\u3000", "\ue001": "\u2028"})


def protect_row(row: str) -> str:
    """A row of a table as a line that `join_pages` leaves alone, its blank cells too.

    What parts its cells would otherwise be taken for blanks, or for the end of a line.
    """
    return row.translate(_ROW)


class _Line(NamedTuple):
    text: str
    is_indented: bool

    @property
    def is_row(self) -> bool:
        return _CELL in self.text


def join_pages(pages: Sequence[str]) -> list[str]:
    """The paragraphs of a document from the text of its pages, a line a line.

    A line that reaches the right margin is continued in the next, unless that is indented,
    or, where indents say nothing, begins with an ordinal after a closing mark. Chinese is
    joined without a blank. Rows of tables (`protect_row`) stay as they are. Lines that are page
    numbers, and lines that recur at the top or bottom of pages, are dropped, the latter but for
    the first time: it may be the title.
    """
    kept = list(_drop_running_lines(pages))
    for page, below in pairwise(kept):
        _complete_row(page, below)
    lines = [line for page in kept for line in page]
    if not lines:
        return []
    prose = [line for line in lines if not line.is_row] or lines
    full = sorted(display_width(line.text) for line in prose)[int(0.9 * (len(prose) - 1))]
    # An indent means something where it is the exception, and not a rare one.
    indented = sum(line.is_indented for line in prose) / len(prose)
    marks_paragraphs = INDENTED_SHARE < indented < 1 / 2
    paragraphs: list[list[str]] = []
    before = ""
    for line in lines:
        if before and not line.is_row and _runs_on(before, line, full, marks_paragraphs):
            paragraphs[-1] += (_joint(before, line.text), line.text)
        else:
            paragraphs.append([line.text])
        before = "" if line.is_row else line.text
    return ["".join(parts).translate(_ROW_AGAIN) for parts in paragraphs]


def _complete_row(page: list[_Line], below: list[_Line]) -> None:
    """Give a numbered row at the end of a page what it goes on with on the next, without number."""
    rows = [i for i, line in enumerate(page) if line.is_row]
    rows_below = [i for i, line in enumerate(below) if line.is_row]
    if not rows or not rows_below:
        return
    row, rest = page[rows[-1]].text.split(_CELL), below[rows_below[0]].text.split(_CELL)
    if len(row) == len(rest) and row[0].isdigit() and not rest[0]:
        page[rows[-1]] = _Line(_CELL.join(map(add, row, rest)), is_indented=False)
        del below[rows_below[0]]


def _drop_running_lines(pages: Sequence[str]) -> Iterator[list[_Line]]:
    split = [_split(page) for page in pages]
    counts = Counter(
        text for lines in split for text in {_key(lines[i].text) for i in _edges(lines)}
    )
    least = max(2, RUNNING_SHARE * len(pages))
    seen: set[str] = set()
    for lines in split:
        dropped = set()
        for i in _edges(lines):
            key = _key(lines[i].text)
            if is_page_number(lines[i].text):
                dropped.add(i)
            elif counts[key] >= least:
                if key in seen:
                    dropped.add(i)
                seen.add(key)
        yield [line for i, line in enumerate(lines) if i not in dropped]


def _split(page: str) -> list[_Line]:
    page = _RADICAL.sub(lambda match: unicodedata.normalize("NFKC", match.group()), page)
    neighbours = _NEIGHBOURS.findall(page)
    if neighbours and neighbours.count(" ") > SPACED_SHARE * len(neighbours):
        page = _BLANK_BETWEEN.sub("", page)
    return [_Line(line.strip(), line[0].isspace()) for line in page.splitlines() if line.strip()]


def _edges(lines: Sequence[_Line]) -> list[int]:
    return [i for i in range(len(lines)) if i < EDGE_LINES or i >= len(lines) - EDGE_LINES]


def _key(line: str) -> str:
    """A running title without the page number beside it."""
    return _NUMBER_BESIDE.sub("", line) if len(line) <= RUNNING_LENGTH else line


def _runs_on(before: str, line: _Line, full: int, marks_paragraphs: bool) -> bool:
    if display_width(before) < max(LEAST_WIDTH, full - RAGGED_WIDTH):
        return False
    if marks_paragraphs:
        return not line.is_indented
    return not (before.endswith(_CLOSERS) and ORDINAL.match(line.text))


def _joint(before: str, line: str) -> str:
    """What stands for the line break: a blank between words, but not within xx市."""
    return " " if _LAST_WORD.search(before[-50:]) and _FIRST_WORD.match(line) else ""
