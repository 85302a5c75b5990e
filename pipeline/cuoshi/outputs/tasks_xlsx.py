"""Write a task list as an Excel workbook: the sheet 督办清单 to work with, and 汇总 to report.

The columns are those of `tasks_rows`, the counts those of `tasks_summary`; what a single cell
looks like is left to `xlsx_cells`. The same tasks give the same bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import IO, Literal
from zipfile import ZIP_STORED, ZipFile

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.drawing.spreadsheet_drawing import SpreadsheetDrawing
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._writer import WorksheetWriter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.page import PageMargins
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet
from openpyxl.writer.excel import ExcelWriter

from cuoshi.errors import OutputError
from cuoshi.measures import MEASURES
from cuoshi.outputs.office import AUTHOR, MADE, clean_text, copy_package
from cuoshi.outputs.tasks_rows import (
    NOTES,
    STATES,
    TITLE,
    Column,
    Row,
    Value,
    choose_columns,
    make_notes,
    name_documents,
    number_tasks,
)
from cuoshi.outputs.tasks_summary import Count, count_by_body, count_tasks
from cuoshi.outputs.xlsx_cells import (
    append_row,
    is_too_long,
    make_cell,
    make_confidence,
    make_heading,
    make_measures,
)
from cuoshi.tasks.task import TaskList

MAX_ROWS = 1_048_575
"""Rows that an Excel sheet holds below its heading."""

CUT = "内容过长，已截断"
"""The remark on a task one of whose texts did not fit into its cell."""

HEADER_LENGTH = 30
"""Characters in the header that do not run into its middle."""

SUMMARY_TITLE = "汇总"
COUNT_FORMAT = '0;-0;"–"'
SUMMARY_NOTE = "一项任务可涉及几个措施、几个责任单位，分项之和可能大于任务数。"


def write_xlsx(task_lists: Sequence[TaskList], stream: IO[bytes]) -> None:
    """Write the tasks of all documents as one workbook.

    Args:
        task_lists: one per document.
        stream: where to write; need not be seekable.

    Raises:
        OutputError: there are more tasks than a sheet has rows.
    """
    total = sum(len(task_list.tasks) for task_list in task_lists)
    if total > MAX_ROWS:
        raise OutputError(
            f"{total:,} tasks are more than the {MAX_ROWS:,} rows of an Excel sheet: "
            "write fewer documents at a time, or CSV"
        )
    workbook = Workbook()
    workbook.properties.creator = AUTHOR
    workbook.properties.title = TITLE
    workbook.properties.created = workbook.properties.modified = MADE
    workbook.remove(workbook.worksheets[0])
    _write_list(workbook.create_sheet(TITLE), task_lists, total)
    _write_summary(workbook.create_sheet(SUMMARY_TITLE), task_lists)
    with BytesIO() as package:
        # Workbook.save would put in the time of day.
        _MemoryWriter(workbook, ZipFile(package, "w", ZIP_STORED)).save()
        copy_package(package, stream)


class _MemoryWriter(ExcelWriter):
    """Keeps in memory what openpyxl would put into a temporary file: the cells of a sheet."""

    def write_worksheet(self, ws: Worksheet) -> None:
        """Add a sheet without charts and pictures to the package."""
        # What the stubs call private is how openpyxl's own writer does it.
        ws._drawing = SpreadsheetDrawing()  # type: ignore[attr-defined]
        with BytesIO() as cells:
            writer = WorksheetWriter(ws, cells)
            writer.write()
            self._archive.writestr(ws.path[1:], cells.getvalue())  # type: ignore[attr-defined]
        ws._rels = writer._rels  # type: ignore[attr-defined]
        self.manifest.append(ws)


def _write_list(sheet: Worksheet, task_lists: Sequence[TaskList], total: int) -> None:
    columns = choose_columns(task_lists)
    letters = [get_column_letter(i) for i in range(1, len(columns) + 1)]
    for letter, column in zip(letters, columns, strict=True):
        sheet.column_dimensions[letter].width = column.width
    last = max(total, 1) + 1
    sheet.freeze_panes = "A2"
    sheet.print_title_rows = "1:1"
    sheet.auto_filter.ref = f"A1:{letters[-1]}{last}"
    state = letters[[column.name for column in columns].index("办理状态")]
    sheet.add_data_validation(
        DataValidation(
            type="list",
            formula1=f'"{",".join(STATES)}"',
            sqref=f"{state}2:{state}{last}",
            showErrorMessage=True,
            errorTitle="办理状态",
            error=f"请选择：{'、'.join(STATES)}",
        )
    )
    names = name_documents(task_lists, HEADER_LENGTH)
    _set_page(sheet, "landscape", left=names, right=f"共 {total} 项")
    append_row(sheet, [make_heading(sheet, column.name) for column in columns])
    for row in number_tasks(task_lists):
        append_row(sheet, _make_row(sheet, columns, row))


def _make_row(sheet: Worksheet, columns: Sequence[Column], row: Row) -> list[Cell]:
    cells = []
    is_cut = False
    for column in columns:
        value = column.read(row)
        is_cut |= isinstance(value, str) and is_too_long(value)
        if column.name == "措施":
            cell = make_measures(sheet, row.task.measures)
        elif column.name == "置信度":
            cell = make_confidence(sheet, row.task.confidence, row.task.is_uncertain)
        # The last of the columns, so that all texts were seen.
        elif column.name == "备注" and is_cut:
            remarks = (value, CUT) if value else (CUT,)
            cell = make_cell(sheet, "；".join(map(str, remarks)), is_centred=True)
        else:
            cell = make_cell(sheet, value, is_centred=column.is_centred)
        cells.append(cell)
    return cells


def _write_summary(sheet: Worksheet, task_lists: Sequence[TaskList]) -> None:
    tasks = [task for task_list in task_lists for task in task_list.tasks]
    sheet.column_dimensions["A"].width = 44
    for letter in "BCDEFG":
        sheet.column_dimensions[letter].width = 15 if letter == "B" else 10
    sheet.freeze_panes = "A2"
    sheet.print_title_rows = "1:1"
    _set_page(sheet, "portrait", left=TITLE, right="")

    def write(name: str, *values: Value) -> None:
        cells = [make_cell(sheet, value, is_centred=True) for value in values]
        for cell in cells:
            if isinstance(cell.value, int):
                cell.number_format = COUNT_FORMAT
        append_row(sheet, [make_cell(sheet, name), *cells])

    def write_heading(*names: str) -> None:
        append_row(sheet, [make_heading(sheet, name) for name in names])

    def write_count(name: str, count: Count) -> None:
        write(name, *(count.measures[m] for m in MEASURES), count.tasks, count.uncertain)

    write_heading("责任单位", *MEASURES, "任务数", "需核对")
    write_count("全部任务", count_tasks(tasks))
    for name, count in count_by_body(tasks).items():
        write_count(name, count)
    sheet.append([])
    write_heading("文件", "参照日期", "任务数", "需核对")
    for task_list in task_lists:
        count = count_tasks(task_list.tasks)
        reference = task_list.reference or "未知"
        write(task_list.document.name, reference, count.tasks, count.uncertain)
    sheet.append([])
    for note in (SUMMARY_NOTE, *make_notes(task_lists)):
        append_row(sheet, [make_cell(sheet, note, is_framed=False)])


def _set_page(
    sheet: Worksheet, orientation: Literal["landscape", "portrait"], *, left: str, right: str
) -> None:
    """A4, one page wide and as many long as it takes; the texts go beside the title."""
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_setup.paperSize = int(sheet.PAPERSIZE_A4)
    sheet.page_setup.orientation = orientation
    sheet.page_setup.fitToWidth = 1
    sheet.page_setup.fitToHeight = 0
    sheet.page_margins = PageMargins(
        left=0.4, right=0.4, top=0.75, bottom=0.75, header=0.35, footer=0.3
    )
    sheet.print_options.horizontalCentered = True
    header, footer = sheet.oddHeader, sheet.oddFooter
    assert header is not None
    assert footer is not None
    # In headers and footers an ampersand begins a code.
    header.left.text = clean_text(left).replace("&", "&&")
    header.center.text = sheet.title
    header.center.size = 16
    header.right.text = right
    footer.left.text = "　".join(NOTES[:2])
    footer.right.text = "第 &P 页，共 &N 页"
