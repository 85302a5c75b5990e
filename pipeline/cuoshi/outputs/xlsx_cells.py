"""Cells and rows of an Excel sheet: whatever a document holds is text there, never a formula."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from functools import cache
from unicodedata import east_asian_width

from openpyxl.cell import Cell
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.styles.colors import Color
from openpyxl.worksheet.dimensions import RowDimension
from openpyxl.worksheet.worksheet import Worksheet

from cuoshi.outputs.office import AMBER, FILLS, GREY, INKS, clean_text
from cuoshi.outputs.rows import guard_cell

MAX_LENGTH = 32_767
"""UTF-16 units that an Excel cell holds."""

DATE_FORMAT = 'yyyy"年"m"月"d"日"'

FIRST_DATE = date(1900, 3, 1)
"""Earlier days are written as text: Excel counts a 29 February 1900, which never was."""

FONT = "宋体"
SIZE = 10

LINE_HEIGHT, ROW_PADDING, MAX_HEIGHT = 14, 4, 409
"""In points; no row of Excel's is higher than the last."""

# Literal text of this form would be read as a character's number (ECMA-376 part 1, 22.9.2.19).
_CODE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")

_FONT = Font(name=FONT, size=SIZE)
_BOLD = Font(name=FONT, size=SIZE, bold=True)
_SIDE = Side(style="thin", color="B0B4BA")
_FRAME = Border(left=_SIDE, right=_SIDE, top=_SIDE, bottom=_SIDE)
_LEFT = Alignment(horizontal="left", vertical="center", wrap_text=True)
_CENTRE = Alignment(horizontal="center", vertical="center", wrap_text=True)
_UNFRAMED = Alignment(horizontal="left", vertical="center")
_HEADING = PatternFill("solid", fgColor=GREY)
_UNCERTAIN = PatternFill("solid", fgColor=AMBER)


class FittedRow(RowDimension):
    """A row whose height Excel goes on fitting to its text: a height given is not a custom one."""

    customHeight = False  # noqa: N815


def append_row(sheet: Worksheet, cells: list[Cell]) -> None:
    """Append a row that is as high as its text needs, which LibreOffice would not work out."""
    sheet.append(cells)
    lines = 1
    for cell in cells:
        if isinstance(cell.value, (str, CellRichText)) and cell.alignment.wrap_text:
            width = sheet.column_dimensions[cell.column_letter].width
            lines = max(lines, _count_lines(str(cell.value), width))
    height = min(lines * LINE_HEIGHT + ROW_PADDING, MAX_HEIGHT)
    number = cells[0].row
    sheet.row_dimensions[number] = FittedRow(sheet, index=number, ht=height)


def make_cell(
    sheet: Worksheet,
    value: str | int | float | date | None,
    *,
    is_centred: bool = False,
    is_framed: bool = True,
) -> Cell:
    """A cell with a text, a number or a date; a text too long for it is cut, with … at its end."""
    if isinstance(value, str):
        cell = _make_text(sheet, value)
    elif isinstance(value, date) and value < FIRST_DATE:
        cell = _make_text(sheet, value.isoformat())
    else:
        cell = Cell(sheet, 1, 1, value)
        if isinstance(value, date):
            cell.number_format = DATE_FORMAT
    cell.font = _FONT
    if is_framed:
        cell.border = _FRAME
        cell.alignment = _CENTRE if is_centred else _LEFT
    else:
        cell.alignment = _UNFRAMED
    return cell


def make_heading(sheet: Worksheet, name: str) -> Cell:
    """The heading of a column."""
    cell = make_cell(sheet, name, is_centred=True)
    cell.font = _BOLD
    cell.fill = _HEADING
    return cell


def make_measures(sheet: Worksheet, measures: Sequence[str]) -> Cell:
    """The names of measures, each in its hue; a single one on its light hue too."""
    cell = make_cell(sheet, None, is_centred=True)
    if len(measures) == 1:
        cell.value = measures[0]
        cell.font = Font(name=FONT, size=SIZE, bold=True, color=INKS[measures[0]])
        cell.fill = PatternFill("solid", fgColor=FILLS[measures[0]])
    else:
        blocks: list[str | TextBlock] = []
        for measure in measures:
            blocks += ["、"] if blocks else []
            blocks.append(TextBlock(_ink(measure), measure))
        cell.value = CellRichText(*blocks)
    return cell


def make_confidence(sheet: Worksheet, score: float, is_uncertain: bool) -> Cell:
    """A score with two decimals, on amber where a person should look."""
    cell = make_cell(sheet, score, is_centred=True)
    cell.number_format = "0.00"
    if is_uncertain:
        cell.fill = _UNCERTAIN
    return cell


def is_too_long(text: str) -> bool:
    """Whether `make_cell` would cut `text`."""
    return len(_encode(text)) > 2 * MAX_LENGTH


def _count_lines(text: str, width: float) -> int:
    """Lines that `text` takes in a column.

    The width counts digits of 7 pixels, with 5 in all beside the text; one of 宋体 10 takes 6.67.
    A place is left for the Chinese character that goes to the next line whole.
    """
    places = max(2, int((7 * width - 5) / 6.67) - 1)
    lines = 0
    for line in text.split("\n"):
        taken = sum(2 if east_asian_width(character) in "WFA" else 1 for character in line)
        lines += max(1, -(-taken // places))
    return lines


def _make_text(sheet: Worksheet, text: str) -> Cell:
    encoded = _encode(text)
    if len(encoded) > 2 * MAX_LENGTH:
        fitting = encoded[: 2 * (MAX_LENGTH - 1)].decode("utf-16-le", "ignore") + "…"
    else:
        fitting = encoded.decode("utf-16-le")
    # An empty text cell would be one with a type and no text, which Excel repairs.
    cell = Cell(sheet, 1, 1, fitting or None)
    if fitting:
        cell.data_type = "s"
    if guard_cell(fitting) != fitting:
        # Else the text would become a formula once somebody edits it.
        cell.quotePrefix = True
    return cell


def _encode(text: str) -> bytes:
    return _CODE.sub("_x005F_", clean_text(text)).encode("utf-16-le")


@cache
def _ink(measure: str) -> InlineFont:
    return InlineFont(rFont=FONT, sz=SIZE, b=True, color=Color(rgb=INKS[measure]))
