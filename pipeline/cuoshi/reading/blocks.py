"""Put paragraphs and table rows together so that the sentence rules cannot join them.

Where a format knows its paragraphs, they stand apart by a blank line: the rule that
continues a long line in the next one is for layout that got lost, not for these.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from cuoshi.reading.limits import MAX_SPAN

_HANZI = "\u2e80-\u2fdf\u3001-\u303f\u3400-\u9fff\uf900-\ufaff\uff01-\uff60\U00020000-\U0003ffff"
_BREAK_IN_CHINESE = re.compile(rf"(?<=[{_HANZI}])[ \t]*[\r\n]\s*(?=[{_HANZI}])")
_NAME = re.compile(r"[\u3400-\u9fff]{2,15}")
_BLANKS = " \t\r\n\f\v\xa0"
_WHITE_SPACE = re.compile(f"[{_BLANKS}]+")
_LINE_IN_CELL = "\u2028"

MOST_IN_SHORT_CELL = 60
"""Characters that each cell of a row but the longest holds at most where cells hold paragraphs."""

MOST_IN_LONG_CELL = 1000
"""Characters that the longest holds at most: an article beside side columns has more."""

FEWEST_CELLS = 3
"""How many cells of such a row are filled at least; a page laid out in columns has fewer."""


def join_blocks(blocks: Iterable[str]) -> str:
    """The blocks that are not blank, without white space at their ends, a blank line between.

    Ideographic spaces stay: they are a row's blank cells.
    """
    return "\n\n".join(block.strip(_BLANKS) for block in blocks if block.strip())


def join_row(cells: Sequence[Sequence[str]]) -> list[str]:
    """The blocks of a table row whose cells hold these blocks.

    Cells of one block each make one line, an ideographic space between them: this parts
    them into sentences, and keeps a short cell from being taken for a heading. A blank cell
    leaves its place, so that columns can be told by counting; names below each other in one
    cell count as one block. Where all cells but one are short they may hold several blocks,
    which a line separator (U+2028) parts within the row's line. Otherwise the table is there
    for layout, and each cell's blocks stand for themselves.
    """
    stripped = [[block.strip() for block in cell if block.strip()] for cell in cells]
    rows = [_join_names(cell) for cell in stripped]
    if _is_one_line(rows) or _is_record(rows):
        return ["\u3000".join(map(_join_lines, rows))] if any(rows) else []
    return [block for cell in stripped for block in cell]


def read_span(value: str) -> int:
    """Over how many columns or rows a cell goes, as its attribute says; 1 if that is no number."""
    digits = value.strip()
    return max(1, min(int(digits[:4]), MAX_SPAN)) if digits.isdecimal() else 1


def _is_one_line(row: list[list[str]]) -> bool:
    return all(len(cell) <= 1 and "\n" not in "".join(cell) for cell in row)


def _is_record(row: list[list[str]]) -> bool:
    """Whether a row tells of one thing, as that of a task sheet, and holds no table itself."""
    lengths = sorted(sum(map(len, cell)) for cell in row if cell)
    if len(lengths) < FEWEST_CELLS or lengths[-1] > MOST_IN_LONG_CELL:
        return False
    is_nested = any("\u3000" in line for cell in row for line in _lines(cell))
    return lengths[-2] <= MOST_IN_SHORT_CELL and not is_nested


def _lines(cell: list[str]) -> list[str]:
    return [line.strip() for block in cell for line in block.split("\n") if line.strip()]


def _join_lines(cell: list[str]) -> str:
    return _LINE_IN_CELL.join(_lines(cell))


def _join_names(cell: list[str]) -> list[str]:
    """The cell's blocks, as one where each of its lines is a name."""
    lines = _lines(cell)
    return [" ".join(lines)] if lines and all(map(_NAME.fullmatch, lines)) else cell


def collapse(text: str) -> str:
    """`text` with each run of white space made one blank, as a browser shows it.

    A line break between two Chinese characters goes: Chinese has no blanks between words.
    """
    return _WHITE_SPACE.sub(" ", _BREAK_IN_CHINESE.sub("", text)).strip()
