"""Write a task list as a Word document: a title and one table, on A4 landscape.

The columns are those of `tasks_rows`. The same tasks give the same bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from io import BytesIO
from typing import IO

from docx import Document
from docx.document import Document as WordDocument
from docx.enum.section import WD_ORIENT
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.part import XmlPart
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Emu, Mm, Pt, RGBColor
from docx.styles.style import ParagraphStyle
from docx.table import Table, _Cell
from docx.table import _Row as TableRow
from docx.text.paragraph import Paragraph
from docx.text.run import Run

from cuoshi.measures import MEASURES
from cuoshi.outputs.office import AMBER, AUTHOR, FILLS, GREY, INKS, MADE, clean_text, copy_package
from cuoshi.outputs.tasks_rows import (
    TITLE,
    Column,
    Row,
    Value,
    choose_columns,
    make_notes,
    name_documents,
    number_tasks,
)
from cuoshi.outputs.tasks_summary import count_tasks
from cuoshi.tasks.task import TaskList

FONT = "仿宋"
HEADING_FONT = "黑体"
OTHER_NAMES = {FONT: "FangSong", HEADING_FONT: "SimHei"}
"""What the fonts are called on a system that is not Chinese."""

SIZE = Pt(9)
PAGE_WIDTH, PAGE_HEIGHT = Mm(297), Mm(210)
MARGIN = Mm(12)
PADDING = Mm(0.8)


def write_docx(task_lists: Sequence[TaskList], stream: IO[bytes]) -> None:
    """Write the tasks of all documents as one Word document.

    Args:
        task_lists: one per document.
        stream: where to write; need not be seekable.
    """
    document = Document()
    _set_properties(document)
    _set_page(document)
    _set_styles(document)
    _name_fonts(document)
    document.add_heading(TITLE, 1)
    document.add_paragraph(_describe(task_lists))
    columns = choose_columns(task_lists)
    table = _add_table(document, columns)
    for row in number_tasks(task_lists):
        _add_row(table, columns, row)
    for note in make_notes(task_lists):
        document.add_paragraph(clean_text(note))
    with BytesIO() as package:
        document.save(package)
        copy_package(package, stream)


def _describe(task_lists: Sequence[TaskList]) -> str:
    count = count_tasks(task for task_list in task_lists for task in task_list.tasks)
    parts = "，".join(f"{measure} {count.measures[measure]}" for measure in MEASURES)
    return clean_text(
        f"{name_documents(task_lists)}　共 {count.tasks} 项（{parts}），需核对 {count.uncertain} 项"
    )


def _set_properties(document: WordDocument) -> None:
    properties = document.core_properties
    properties.author = properties.last_modified_by = AUTHOR
    properties.title = TITLE
    properties.comments = ""
    properties.language = "zh-CN"
    properties.created = properties.modified = MADE


def _set_page(document: WordDocument) -> None:
    section = document.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = PAGE_WIDTH, PAGE_HEIGHT
    section.left_margin = section.right_margin = MARGIN
    section.top_margin = section.bottom_margin = Mm(15)
    section.footer_distance = Mm(8)
    footer = section.footer.paragraphs[0]
    footer.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for text, field in (("第 ", "PAGE"), (" 页，共 ", "NUMPAGES"), (" 页", "")):
        footer.add_run(text)
        if field:
            _add_field(footer, field)


def _add_field(paragraph: Paragraph, field: str) -> None:
    """A number that Word works out; 1 until it does."""
    simple = OxmlElement("w:fldSimple", {qn("w:instr"): field})
    simple.append(paragraph.add_run("1")._r)
    paragraph._p.append(simple)


def _set_styles(document: WordDocument) -> None:
    normal, footer, heading = (document.styles[n] for n in ("Normal", "Footer", "Heading 1"))
    for style, font in ((normal, FONT), (footer, FONT), (heading, HEADING_FONT)):
        assert isinstance(style, ParagraphStyle)
        style.font.size = SIZE
        style.paragraph_format.space_before = style.paragraph_format.space_after = Pt(0)
        style.paragraph_format.line_spacing = 1.0
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        # A theme's font would go before one that is named.
        fonts.attrib.clear()
        for script in ("ascii", "hAnsi", "eastAsia", "cs"):
            fonts.set(qn(f"w:{script}"), font)
    normal.element.rPr.append(OxmlElement("w:lang", {qn("w:eastAsia"): "zh-CN"}))
    # No gap between Chinese and digits: 2020年2月10日 is to stay on one line.
    for switch in ("w:autoSpaceDE", "w:autoSpaceDN"):
        element = OxmlElement(switch, {qn("w:val"): "0"})
        normal.element.get_or_add_pPr().insert_element_before(element, "w:spacing")
    assert isinstance(heading, ParagraphStyle)
    heading.font.size = Pt(18)
    heading.paragraph_format.space_after = Pt(6)
    heading.font.color.rgb = RGBColor(0, 0, 0)
    heading.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER


def _name_fonts(document: WordDocument) -> None:
    """Give the fonts their other names, by which Word finds them on other systems."""
    fonts = parse_xml(f"<w:fonts {nsdecls('w')}/>")
    for name, other in OTHER_NAMES.items():
        font = OxmlElement("w:font", {qn("w:name"): name})
        font.append(OxmlElement("w:altName", {qn("w:val"): other}))
        font.append(OxmlElement("w:charset", {qn("w:val"): "86"}))
        fonts.append(font)
    part = document.part
    old = part.part_related_by(RELATIONSHIP_TYPE.FONT_TABLE)
    part.drop_rel(part.relate_to(old, RELATIONSHIP_TYPE.FONT_TABLE))
    new = XmlPart(old.partname, old.content_type, fonts, part.package)
    part.relate_to(new, RELATIONSHIP_TYPE.FONT_TABLE)


def _add_table(document: WordDocument, columns: Sequence[Column]) -> Table:
    """A table with the row of headings, which every page repeats."""
    table: Table = document.add_table(0, len(columns), "Table Grid")
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    table.autofit = False
    margins = OxmlElement("w:tblCellMar")
    for side in ("top", "left", "bottom", "right"):
        padding = {qn("w:w"): str(PADDING.twips), qn("w:type"): "dxa"}
        margins.append(OxmlElement(f"w:{side}", padding))
    table._tbl.tblPr.insert_element_before(margins, "w:tblLook")
    room = PAGE_WIDTH - 2 * MARGIN
    total = sum(column.width for column in columns)
    for column, place in zip(columns, table.columns, strict=True):
        place.width = Emu(int(room * column.width / total))
    headings = _start_row(table)
    headings._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    for column, cell in zip(columns, headings.cells, strict=True):
        _write(cell, column.name, is_centred=True).font.bold = True
        _fill(cell, GREY)
    return table


def _add_row(table: Table, columns: Sequence[Column], row: Row) -> None:
    for column, cell in zip(columns, _start_row(table).cells, strict=True):
        if column.name == "措施":
            _write_measures(cell, row.task.measures)
        else:
            _write(cell, _format(column.read(row)), is_centred=column.is_centred)
        if column.name == "置信度" and row.task.is_uncertain:
            _fill(cell, AMBER)


def _start_row(table: Table) -> TableRow:
    """A new row, which no page break divides."""
    row: TableRow = table.add_row()
    row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
    return row


def _write(cell: _Cell, text: str, *, is_centred: bool) -> Run:
    cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER
    paragraph = cell.paragraphs[0]
    if is_centred:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    run: Run = paragraph.add_run(clean_text(text))
    return run


def _write_measures(cell: _Cell, measures: Sequence[str]) -> None:
    """The names of measures, each in its hue; a single one on its light hue too."""
    for measure in measures:
        if measure != measures[0]:
            _write(cell, "、", is_centred=True)
        font = _write(cell, measure, is_centred=True).font
        font.bold = True
        font.color.rgb = RGBColor.from_string(INKS[measure])
    if len(measures) == 1:
        _fill(cell, FILLS[measures[0]])


def _fill(cell: _Cell, colour: str) -> None:
    shading = {qn("w:val"): "clear", qn("w:color"): "auto", qn("w:fill"): colour}
    # CT_TcPr wants the shading before the vertical alignment.
    cell._tc.get_or_add_tcPr().insert_element_before(OxmlElement("w:shd", shading), "w:vAlign")


def _format(value: Value) -> str:
    if isinstance(value, float):
        return f"{value:.2f}"
    if isinstance(value, date):
        return f"{value.year}年{value.month}月{value.day}日"
    return "" if value is None else str(value)
