import io
import re
from collections import Counter
from dataclasses import replace
from datetime import date, datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from cuoshi.errors import OutputError
from cuoshi.measures import MEASURES
from cuoshi.outputs import tasks_xlsx
from cuoshi.outputs.office import AMBER, FILLS, clean_text
from cuoshi.outputs.tasks_rows import CHECK, COLUMNS, DOCUMENT_COLUMN, STATES, UNDATED, number_tasks
from cuoshi.outputs.tasks_xlsx import CUT, write_xlsx
from cuoshi.outputs.xlsx_cells import DATE_FORMAT, MAX_LENGTH
from cuoshi.tasks.task import Body, Deadline, TaskList

from .conftest import PLAIN, TASK, make_list

NAMES = [column.name for column in COLUMNS]

HOSTILE = st.text(st.characters() | st.sampled_from("=+-@'\t\r\n\x00\ud800_x005F😀，"), max_size=30)


def write(*task_lists: TaskList) -> bytes:
    stream = io.BytesIO()
    write_xlsx(task_lists, stream)
    return stream.getvalue()


def read(*task_lists: TaskList) -> Workbook:
    return load_workbook(io.BytesIO(write(*task_lists)))


def read_rows(sheet: Worksheet) -> list[dict]:
    header, *rows = sheet.iter_rows(values_only=True)
    return [dict(zip(header, row, strict=True)) for row in rows]


def decode(text: str | None) -> str:
    """A cell's text as Excel reads it: `_x005F_` stands for an underscore."""
    return (text or "").replace("_x005F_", "_")


def test_the_tasks_of_the_real_speeches_read_back(real_lists: list[TaskList]) -> None:
    rows = read_rows(read(*real_lists)["督办清单"])
    assert list(rows[0]) == [NAMES[0], DOCUMENT_COLUMN.name, *NAMES[1:]]
    for written, row in zip(rows, number_tasks(real_lists), strict=True):
        for column in (*COLUMNS, DOCUMENT_COLUMN):
            value = column.read(row)
            if isinstance(value, date):
                value = datetime(value.year, value.month, value.day)
            assert written[column.name] == value


def test_numbers_and_days_are_no_text() -> None:
    first, second = read(make_list(TASK, PLAIN))["督办清单"].iter_rows(min_row=2)
    cells = dict(zip(NAMES, first, strict=True))
    assert (cells["到期日"].number_format, cells["到期日"].is_date) == (DATE_FORMAT, True)
    assert (cells["置信度"].number_format, cells["置信度"].data_type) == ("0.00", "n")
    assert dict(zip(NAMES, second, strict=True))["到期日"].value is None


@settings(max_examples=50, deadline=None)
@given(st.lists(HOSTILE, min_size=5, max_size=5))
@example(["=1+1", "+1", "-1", "@SUM(A1)", "#N/A"])
@example(["_x0041_", "_x005F_x0041_", "=HYPERLINK(1)", "\x0b\x1f", " \n x \t"])
def test_any_text_stays_text(texts: list[str]) -> None:
    text, heading, lead, deadline, name = texts
    task = replace(
        TASK,
        text=text,
        heading=heading,
        bodies=(Body(0, 1, lead),),
        deadlines=(Deadline(0, 1, deadline),),
    )
    workbook = read(make_list(task, name=name), make_list())
    header, row = workbook["督办清单"].iter_rows()
    cells = {name.value: cell for name, cell in zip(header, row, strict=True)}
    for column, value in zip(
        ("任务内容", "所在标题", "责任单位", "时限", "文件"), texts, strict=True
    ):
        assert decode(cells[column].value) == clean_text(value)
        assert cells[column].data_type in "sn"
        assert isinstance(cells[column].value, str | None)
        assert cells[column].quotePrefix or not clean_text(value).startswith(tuple("=+-@"))
    assert all(
        cell.data_type != "f" for sheet in workbook for row in sheet.iter_rows() for cell in row
    )


def test_a_text_too_long_for_a_cell_is_cut_and_said_to_be() -> None:
    fits, long = "长" * MAX_LENGTH, "😀" * MAX_LENGTH
    tasks = [replace(PLAIN, text=fits), replace(PLAIN, text=long), replace(TASK, heading=long)]
    whole, cut, uncertain = read_rows(read(make_list(*tasks))["督办清单"])
    assert (whole["任务内容"], whole["备注"]) == (fits, None)
    assert re.fullmatch("😀+…", cut["任务内容"])
    assert len(cut["任务内容"].encode("utf-16-le")) // 2 == MAX_LENGTH
    assert (cut["备注"], uncertain["备注"]) == (CUT, f"{CHECK}；{CUT}")


def test_days_that_excel_cannot_count_are_text() -> None:
    old = replace(TASK, deadlines=(Deadline(0, 1, "", "absolute", date(1899, 12, 31)),))
    (row,) = read_rows(read(make_list(old))["督办清单"])
    assert row["到期日"] == "1899-12-31"


def test_the_state_is_chosen_from_a_list_that_stays_in_sight() -> None:
    sheet = read(make_list(TASK, PLAIN))["督办清单"]
    (validation,) = sheet.data_validations.dataValidation
    assert (str(validation.sqref), validation.type) == ("K2:K3", "list")
    assert validation.formula1 == f'"{",".join(STATES)}"'
    assert {row["办理状态"] for row in read_rows(sheet)} == {STATES[0]}
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == "A1:L3"


def test_the_sheets_print_on_a4_one_page_wide() -> None:
    workbook = read(make_list(TASK, name="a&b.txt"))
    sheet = workbook["督办清单"]
    assert sheet.print_title_rows == "$1:$1"
    assert sheet.oddHeader.left.text == "a&&b.txt"
    for sheet, orientation in zip(workbook, ("landscape", "portrait"), strict=True):
        assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == (orientation, 9)
        assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (1, 0)
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert sheet.oddFooter.right.text == "第 &P 页，共 &N 页"
        assert "承前" in sheet.oddFooter.left.text


def test_rows_are_as_high_as_their_text() -> None:
    sheet = read(make_list(PLAIN, replace(PLAIN, text="长" * 100)))["督办清单"]
    assert sheet.row_dimensions[3].height > 4 * sheet.row_dimensions[1].height
    written = write(make_list(PLAIN))
    assert b"customHeight" not in written


def test_colours_tell_measures_and_doubt() -> None:
    certain, uncertain = read(make_list(PLAIN, TASK))["督办清单"].iter_rows(min_row=2)
    assert certain[1].fill.fgColor.rgb == f"00{FILLS['隔离']}"
    assert certain[9].fill.fill_type is None
    assert uncertain[9].fill.fgColor.rgb == f"00{AMBER}"


def test_the_summary_adds_up(real_lists: list[TaskList]) -> None:
    tasks = [task for task_list in real_lists for task in task_list.tasks]
    rows = [list(row) for row in read(*real_lists)["汇总"].iter_rows(values_only=True)]
    header, whole, *bodies = rows[: rows.index([None] * 7)]
    assert header == ["责任单位", *MEASURES, "任务数", "需核对"]
    counts = Counter(measure for task in tasks for measure in task.measures)
    uncertain = sum(task.is_uncertain for task in tasks)
    assert whole == ["全部任务", *(counts[m] for m in MEASURES), len(tasks), uncertain]
    # Every task of this material has either no body or both.
    names = {row[0]: row[1:] for row in bodies}
    assert list(names) == ["县指挥部", "各镇", "（未写明）"]
    assert [a + b for a, b in zip(names["各镇"], names["（未写明）"], strict=True)] == whole[1:]
    start = len(bodies) + 4
    documents = rows[start : start + len(real_lists)]
    assert [row[:3] for row in documents] == [
        [task_list.document.name, datetime(2020, 2, 1), len(task_list.tasks)]
        for task_list in real_lists
    ]
    assert sum(row[3] for row in documents) == uncertain


def test_the_notes_say_where_a_date_is_missing() -> None:
    undated = make_list(replace(PLAIN, deadlines=(Deadline(0, 2, "明天", "relative"),)))
    last = [cell.value for cell in read(undated)["汇总"]["A"]][-1]
    assert last == f"{UNDATED}。"
    assert UNDATED not in str([cell.value for cell in read(make_list(TASK))["汇总"]["A"]])


def test_no_tasks_make_a_whole_workbook() -> None:
    workbook = read(make_list())
    assert read_rows(workbook["督办清单"]) == []
    column = [cell.value for cell in workbook["汇总"]["B"]]
    assert column[:2] == ["隔离", 0]
    assert "未知" in column


def test_the_same_tasks_give_the_same_bytes(real_lists: list[TaskList]) -> None:
    written = write(*real_lists)
    assert written == write(*real_lists)
    properties = load_workbook(io.BytesIO(written)).properties
    assert properties.created == properties.modified == datetime(2000, 1, 1)


def test_more_tasks_than_rows_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks_xlsx, "MAX_ROWS", 1)
    with pytest.raises(OutputError, match="2 tasks are more than the 1 rows"):
        write(make_list(TASK, TASK))
