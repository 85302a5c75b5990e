import io
from dataclasses import replace
from datetime import date, datetime, timezone

import pytest
from docx import Document
from docx.document import Document as WordDocument
from docx.enum.section import WD_ORIENT
from docx.oxml.ns import qn
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cuoshi.outputs.office import AMBER, FILLS, clean_text
from cuoshi.outputs.tasks_docx import write_docx
from cuoshi.outputs.tasks_rows import (
    COLUMNS,
    DOCUMENT_COLUMN,
    UNDATED,
    choose_columns,
    number_tasks,
)
from cuoshi.tasks.task import Deadline, TaskList

from .conftest import PLAIN, TASK, make_list

NAMES = [column.name for column in COLUMNS]


def write(*task_lists: TaskList) -> bytes:
    stream = io.BytesIO()
    write_docx(task_lists, stream)
    return stream.getvalue()


def read(*task_lists: TaskList) -> WordDocument:
    return Document(io.BytesIO(write(*task_lists)))


def read_rows(document: WordDocument) -> list[list[str]]:
    (table,) = document.tables
    return [[cell.text for cell in row.cells] for row in table.rows]


def test_the_tasks_of_the_real_speeches_read_back(real_lists: list[TaskList]) -> None:
    document = read(*real_lists)
    header, *rows = read_rows(document)
    columns = choose_columns(real_lists)
    assert DOCUMENT_COLUMN in columns
    assert header == [column.name for column in columns]
    for written, row in zip(rows, number_tasks(real_lists), strict=True):
        for cell, column in zip(written, columns, strict=True):
            value = column.read(row)
            if isinstance(value, date):
                value = "2020年2月10日"
            elif isinstance(value, float):
                value = f"{value:.2f}"
            assert cell == str("" if value is None else value)
    assert document.paragraphs[0].text == "督办清单"
    name = real_lists[0].document.name
    assert document.paragraphs[1].text.startswith(f"{name} 等 5 个文件　共 {len(rows)} 项（隔离 ")


@settings(max_examples=25, deadline=None)
@given(st.text(st.characters(), max_size=40))
@example("\x00=1\ud800口😀\t罩\n")
@example("长" * 40_000)
def test_any_text_reads_back(text: str) -> None:
    _, row = read_rows(read(make_list(replace(TASK, text=text), name=text)))
    assert row[NAMES.index("任务内容")] == clean_text(text).replace("\r", "\n")


def test_the_page_is_a4_landscape_with_a_number() -> None:
    section = read(make_list(TASK)).sections[0]
    assert section.orientation == WD_ORIENT.LANDSCAPE
    assert (round(section.page_width.mm), round(section.page_height.mm)) == (297, 210)
    footer = section.footer.paragraphs[0]._p
    assert [field.get(qn("w:instr")) for field in footer.iter(qn("w:fldSimple"))] == [
        "PAGE",
        "NUMPAGES",
    ]


def test_every_page_repeats_the_headings_and_no_row_breaks() -> None:
    document = read(make_list(TASK, PLAIN))
    (table,) = document.tables
    heads = [len(row._tr.findall(f".//{qn('w:tblHeader')}")) for row in table.rows]
    assert heads == [1, 0, 0]
    assert all(row._tr.find(f".//{qn('w:cantSplit')}") is not None for row in table.rows)
    room = document.sections[0].page_width - 2 * document.sections[0].left_margin
    assert sum(column.width for column in table.columns) == pytest.approx(room, rel=0.001)


def test_the_fonts_are_chinese_in_every_script() -> None:
    document = read(make_list(TASK))
    for name, font in (("Normal", "仿宋"), ("Heading 1", "黑体")):
        fonts = document.styles[name].element.rPr.rFonts
        assert {fonts.get(qn(f"w:{s}")) for s in ("ascii", "hAnsi", "eastAsia")} == {font}
        assert not any("Theme" in key for key in fonts.attrib)
    table = next(p for p in document.part.package.parts if p.partname == "/word/fontTable.xml")
    assert b"FangSong" in table.blob


def test_colours_tell_measures_and_doubt() -> None:
    (table,) = read(make_list(PLAIN, TASK)).tables
    fills = [
        [shading.get(qn("w:fill")) for shading in row._tr.iter(qn("w:shd"))]
        for row in table.rows[1:]
    ]
    assert fills == [[FILLS["隔离"]], [AMBER]]


def test_the_same_tasks_give_the_same_bytes(real_lists: list[TaskList]) -> None:
    written = write(*real_lists)
    assert written == write(*real_lists)
    properties = Document(io.BytesIO(written)).core_properties
    assert properties.author == "cuoshi"
    assert properties.created == properties.modified == datetime(2000, 1, 1, tzinfo=timezone.utc)


def test_the_notes_say_where_a_date_is_missing() -> None:
    tomorrow = replace(PLAIN, deadlines=(Deadline(0, 2, "明天", "relative"),))
    lists = make_list(tomorrow, name="\x00.txt"), make_list(TASK)
    assert read(*lists).paragraphs[-1].text == f"{clean_text(lists[0].document.name)}：{UNDATED}。"
    assert all(UNDATED not in paragraph.text for paragraph in read(lists[1]).paragraphs)


def test_no_tasks_make_a_whole_document() -> None:
    document = read(make_list())
    assert read_rows(document) == [NAMES]
    assert "共 0 项" in document.paragraphs[1].text
