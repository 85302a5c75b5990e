"""Read the pages of a PDF that hold tables, by the lines drawn around their cells.

pypdf, which reads the other pages, knows nothing of lines: a row whose cells are broken into
lines comes out of it line by line across the cells. pdfplumber finds the cells.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from cuoshi.reading.blocks import join_row
from cuoshi.reading.paragraphs import protect_row
from cuoshi.text.wrapping import ORDINAL, unit_width

FEWEST_RULES = 6
"""Lines and rectangles that a page with a table draws at least: four cells."""

MOST_RULES = 3_000
"""Lines and rectangles beyond which a page is a drawing; looking for cells in it takes long."""

PADDING = 14.0
"""Points that are left free at both sides of a full line in a cell, together."""

_Box = tuple[float, float, float, float]
_Char = dict[str, Any]


class PageLine(NamedTuple):
    """A line of a page, or a row of a table on it.

    Attributes:
        text: its words; of a row, its cells as `cuoshi.reading.paragraphs.protect_row` has them.
        left: points from the left of the page; None for a row.
    """

    text: str
    left: float | None


class TablePages:
    """The pages of a PDF as far as they hold tables.

    Args:
        data: the file.
    """

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._pages: Sequence[Any] | None = None

    def read(self, number: int) -> list[PageLine] | None:
        """The lines and rows of a page, from top to bottom; None where it holds no table.

        What pdfplumber cannot read counts as without: pypdf has read it.

        Args:
            number: of the page, from 0.
        """
        import pdfplumber

        try:
            if self._pages is None:
                self._pages = pdfplumber.open(io.BytesIO(self._data)).pages
            page = self._pages[number]
            lines = _read_page(page)
            page.close()
        except Exception:
            return None
        return lines


def _read_page(page: Any) -> list[PageLine] | None:
    tables = [table for table in page.find_tables(_close_ends(page.edges)) if _is_table(table)]
    if not tables:
        return None
    found: list[tuple[float, PageLine]] = []
    chars = page.chars
    for table in tables:
        inside, chars = _part(table.bbox, chars)
        for row in table.rows:
            across, _ = _part(row.bbox, inside)
            cells = [_read_cell(cell, across) if cell else [] for cell in row.cells]
            found += ((row.bbox[1], PageLine(protect_row(text), None)) for text in join_row(cells))
    found += ((line["top"], PageLine(line["text"], line["x0"])) for line in _text_lines(chars))
    # Rows of one cell each, taken apart, keep their order.
    return [line for _, line in sorted(found, key=lambda line: line[0])]


def _close_ends(edges: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Settings by which a row is a row that goes on on another page and is open at that end."""
    sides = [edge for edge in edges if edge["orientation"] == "v"]
    if not sides:
        return {}
    ends = min(edge["top"] for edge in sides), max(edge["bottom"] for edge in sides)
    return {"explicit_horizontal_lines": list(ends)}


def _is_table(table: Any) -> bool:
    """Whether it has rows and columns; a frame around words has not."""
    return len(table.rows) > 1 and any(sum(map(bool, row.cells)) > 1 for row in table.rows)


def _part(box: _Box, chars: Iterable[_Char]) -> tuple[list[_Char], list[_Char]]:
    """The characters whose middle is in a box, and the others."""
    left, top, right, bottom = (2 * side for side in box)
    inside: list[_Char] = []
    outside: list[_Char] = []
    for char in chars:
        is_inside = (
            left <= char["x0"] + char["x1"] <= right
            and top <= char["top"] + char["bottom"] <= bottom
        )
        (inside if is_inside else outside).append(char)
    return inside, outside


def _read_cell(box: _Box, chars: Iterable[_Char]) -> list[str]:
    """The paragraphs in a cell: a line goes on in the next if that would not have begun in it."""
    paragraphs: list[str] = []
    room = 0.0
    for line in _text_lines(_part(box, chars)[0]):
        text = str(line["text"])
        needed = unit_width(text) / 2 * line["chars"][0]["size"] + PADDING
        if paragraphs and room < needed and not ORDINAL.match(text):
            paragraphs[-1] += text
        else:
            paragraphs.append(text)
        room = (box[2] - box[0]) - (line["x1"] - line["x0"])
    return paragraphs


def _text_lines(chars: list[_Char]) -> Iterator[dict[str, Any]]:
    from pdfplumber.utils.text import chars_to_textmap

    if chars:
        yield from chars_to_textmap(chars).extract_text_lines()
