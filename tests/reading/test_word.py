from __future__ import annotations

import io
import zipfile

import docx
import pytest

from cuoshi.errors import DocumentError
from cuoshi.reading import word
from cuoshi.reading.word import read_docx
from cuoshi.text.document import outline

from .conftest import MakeDocx, pack, paragraph

BOX = "<w:txbxContent>" + paragraph("框中第一段。") + paragraph("框中第二段。") + "</w:txbxContent>"


def run(text: str, properties: str = "") -> str:
    return f"<w:r><w:rPr>{properties}</w:rPr><w:t>{text}</w:t></w:r>"


def lines(data: bytes) -> list[str]:
    return read_docx(data, "x.docx").split("\n\n")


def test_a_document_of_python_docx_is_read_in_order(speeches: dict[str, str]) -> None:
    source = next(iter(speeches.values())).splitlines()
    document = docx.Document()
    for line in source[:20]:
        document.add_paragraph(line)
    table = document.add_table(rows=3, cols=3)
    for i, cell in enumerate(table._cells):
        cell.text = f"格{i}"
    table.cell(0, 0).merge(table.cell(0, 1))
    table.cell(1, 2).merge(table.cell(2, 2))
    table.cell(2, 0).text = "一、加强领导\n各负其责。"
    for line in source[20:]:
        document.add_paragraph(line)
    document.sections[0].header.paragraphs[0].text = "页眉"
    file = io.BytesIO()
    document.save(file)
    found = lines(file.getvalue())
    # The merged cells hold the texts of both.
    rows = ["格0", "格1", "格2", "格3\u3000格4"]
    kept = [line.strip() for line in source if line.strip()]
    assert found[:20] == kept[:20]
    text = "\n\n".join(found)
    assert [text.count(f"格{i}") for i in range(9)] == [1, 1, 1, 1, 1, 1, 0, 1, 1]
    assert text.index(rows[0]) < text.index("格4") < text.index("一、加强领导\n各负其责。")
    assert found[-len(kept) + 20 :] == kept[20:]
    assert "页眉" not in text


def test_text_boxes_are_read_once_after_their_paragraph(make_docx: MakeDocx) -> None:
    drawing = f"<w:drawing><wps:wsp><wps:txbx>{BOX}</wps:txbx></wps:wsp></w:drawing>"
    picture = f"<w:pict><v:shape><v:textbox>{BOX}</v:textbox></v:shape></w:pict>"
    both = (
        f"<mc:AlternateContent><mc:Choice Requires='wps'>{drawing}</mc:Choice>"
        f"<mc:Fallback>{picture}</mc:Fallback></mc:AlternateContent>"
    )
    for shape in (drawing, picture, both):
        body = f"<w:p>{run('前')}<w:r>{shape}</w:r>{run('后')}</w:p>" + paragraph("末段。")
        assert lines(make_docx(body)) == ["前后", "框中第一段。", "框中第二段。", "末段。"]
    only = f"<w:p><w:r>{drawing}</w:r></w:p>"
    assert lines(make_docx(only)) == ["框中第一段。", "框中第二段。"]


def test_tracked_changes_are_read_as_accepted(make_docx: MakeDocx) -> None:
    body = (
        f"<w:p>{run('对人员')}<w:ins>{run('逐一')}</w:ins>"
        f"<w:del><w:r><w:delText>不予</w:delText></w:r></w:del>{run('登记。')}"
        f"<w:moveFrom>{run('移走')}</w:moveFrom><w:moveTo>{run('移来')}</w:moveTo></w:p>"
        + paragraph("断开", "<w:rPr><w:del/></w:rPr>")
        + paragraph("又接上。")
        + f"<w:ins>{paragraph('新段。')}</w:ins><w:del>{paragraph('旧段。')}</w:del>"
        "<w:tbl><w:tr><w:trPr><w:del/></w:trPr><w:tc>" + paragraph("旧行") + "</w:tc></w:tr>"
        "<w:tr><w:tc>"
        + paragraph("新行")
        + "</w:tc></w:tr></w:tbl>"
        + paragraph("末", "<w:rPr><w:del/></w:rPr>")
    )
    expected = ["对人员逐一登记。移来", "断开又接上。", "新段。", "新行", "末"]
    assert lines(make_docx(body)) == expected


def test_what_is_not_shown_is_left_out_and_wrapped_text_is_read(make_docx: MakeDocx) -> None:
    shown = run("明", "<w:vanish w:val='0'/>")
    body = (
        f"<w:p>{run('甲')}{run('暗', '<w:vanish/>')}{shown}"
        "<w:r><w:tab/><w:br/><w:noBreakHyphen/></w:r>"
        f"<w:hyperlink>{run('链')}</w:hyperlink><w:r><w:fldChar/><w:instrText>PAGE</w:instrText>"
        f"</w:r><w:sdt><w:sdtContent>{run('控')}</w:sdtContent></w:sdt>"
        f"<w:r><w:ruby><w:rt>{run('zi')}</w:rt><w:rubyBase>{run('字')}</w:rubyBase></w:ruby></w:r></w:p>"
        "<w:sdt><w:sdtPr><w:docPartObj><w:docPartGallery w:val='Table of Contents'/></w:docPartObj>"
        f"</w:sdtPr><w:sdtContent>{paragraph('目录一……1')}</w:sdtContent></w:sdt>"
        + paragraph("目录二……2", "<w:pStyle w:val='TOC1'/>")
        + f"<w:sdt><w:sdtContent>{paragraph('正文。')}</w:sdtContent></w:sdt>"
    )
    assert lines(make_docx(body)) == ["甲明\t\n-链控字", "正文。"]


LEVELS = (
    ("chineseCounting", "%1、", "tab"),
    ("chineseCountingThousand", "（%2）", "nothing"),
    ("decimal", "%3.", "tab"),
    ("decimal", "%1.%4", "space"),
)


def numbering_xml(uses: str = "") -> str:
    levels = "".join(
        f"<w:lvl w:ilvl='{i}'><w:start w:val='1'/><w:numFmt w:val='{style}'/>"
        + ("<w:pStyle w:val='Heading2'/>" if i == 1 else "")
        + ("<w:isLgl/>" if i == 3 else "")
        + f"<w:suff w:val='{suffix}'/><w:lvlText w:val='{text}'/></w:lvl>"
        for i, (style, text, suffix) in enumerate(LEVELS)
    )
    bullets = "<w:lvl w:ilvl='0'><w:numFmt w:val='bullet'/><w:lvlText w:val='\uf0b7'/></w:lvl>"
    return (
        f"<w:abstractNum w:abstractNumId='7'>{levels}</w:abstractNum>"
        f"<w:abstractNum w:abstractNumId='8'>{bullets}</w:abstractNum>"
        "<w:num w:numId='1'><w:abstractNumId w:val='7'/></w:num>"
        "<w:num w:numId='2'><w:abstractNumId w:val='8'/></w:num>"
        "<w:num w:numId='3'><w:abstractNumId w:val='7'/><w:lvlOverride w:ilvl='0'>"
        "<w:startOverride w:val='1'/></w:lvlOverride></w:num>" + uses
    )


def item(text: str, level: int, use: int = 1) -> str:
    place = f"<w:numPr><w:ilvl w:val='{level}'/><w:numId w:val='{use}'/></w:numPr>"
    return paragraph(text, place)


def test_automatic_numbers_are_written_out_and_make_headings(make_docx: MakeDocx) -> None:
    body = (
        item("加强领导", 0)
        + item("压实责任", 1)
        + item("落实措施", 1)
        + item("逐户排查", 2)
        + paragraph("各乡镇负责。")
        + item("保障物资", 0)
        + item("储备口罩", 1)
        + item("测温仪", 3)
        + item("项目符号", 0, use=2)
        + item("另起一列", 0, use=3)
        + item("", 0, use=3)
        + item("再续", 0, use=3)
        + item("没有这列", 0, use=9)
    )
    found = lines(make_docx(body, numbering=numbering_xml()))
    assert found == [
        *("一、加强领导", "（一）压实责任", "（二）落实措施", "1. 逐户排查", "各乡镇负责。"),
        *("二、保障物资", "（一）储备口罩", "2.1 测温仪", "项目符号", "一、另起一列", "三、再续"),
        "没有这列",
    ]
    assert [s.text for s in outline("\n\n".join(found)) if s.is_heading][:3] == found[:3]


def test_numbers_come_from_styles_too(make_docx: MakeDocx) -> None:
    def style(name: str, based: str, numbers: str) -> str:
        return (
            f"<w:style w:styleId='{name}'><w:basedOn w:val='{based}'/>"
            f"<w:pPr><w:numPr>{numbers}</w:numPr></w:pPr></w:style>"
        )

    styles = (
        style("Heading1", "Normal", "<w:numId w:val='1'/>")
        + style("Heading2", "Heading1", "")
        + style("Plain", "Heading1", "<w:numId w:val='0'/>")
        + style("Round", "Round", "")
    )
    body = "".join(
        paragraph(text, f"<w:pStyle w:val='{name}'/>")
        for text, name in (
            *(("甲", "Heading1"), ("乙", "Heading2"), ("丙", "Plain"), ("丁", "Round")),
            *(("戊", "Unknown"), ("己", "Heading1")),
        )
    )
    found = lines(make_docx(body, numbering=numbering_xml(), styles=styles))
    assert found == ["一、甲", "（一）乙", "丙", "丁", "戊", "二、己"]


def test_other_editions_and_names_of_parts_are_read(make_docx: MakeDocx) -> None:
    data = make_docx(item("甲", 0), main="word/document2.xml", numbering=numbering_xml())
    assert lines(data) == ["一、甲"]
    strict = "http://purl.oclc.org/ooxml/wordprocessingml/main"
    xml = f'<w:document xmlns:w="{strict}"><w:body>{paragraph("乙")}</w:body></w:document>'
    assert lines(pack({"word/document.xml": xml})) == ["乙"]


def test_other_archives_are_refused_with_a_remedy() -> None:
    for member, kind in {
        "xl/workbook.xml": "a spreadsheet",
        "ppt/presentation.xml": "a presentation",
        "content.xml": "OpenDocument",
        "OFD.xml": "an OFD document",
        "x.txt": "an archive without a Word document",
    }.items():
        with pytest.raises(DocumentError, match=rf"x\.docx is {kind}.*save it as \.docx"):
            read_docx(pack({member: "<a/>"}), "x.docx")


def test_damaged_and_hostile_archives_are_refused(make_docx: MakeDocx) -> None:
    data = make_docx(paragraph("甲" * 200))
    for part in (data[:100], data[: len(data) // 2], data.replace(b"PK\x01\x02", b"PK\x09\x09")):
        with pytest.raises(DocumentError, match="damaged"):
            read_docx(part, "x.docx")
    with pytest.raises(DocumentError, match="damaged"):
        read_docx(make_docx("<w:p>"), "x.docx")
    deep = "<w:sdt><w:sdtContent>" * 300 + "</w:sdtContent></w:sdt>" * 300
    with pytest.raises(DocumentError, match=r"damaged .*depth"):
        read_docx(make_docx(deep), "x.docx")
    entities = '<!DOCTYPE d [<!ENTITY a "甲"><!ENTITY b "&a;&a;&a;&a;">]>'
    outside = '<!DOCTYPE d [<!ENTITY b SYSTEM "file:///etc/hostname">]>'
    for prolog in (entities, outside):
        with pytest.raises(DocumentError, match="declares a document type"):
            read_docx(make_docx(paragraph("&b;"), prolog=prolog), "x.docx")


def test_every_cut_or_changed_archive_gives_text_or_a_document_error(make_docx: MakeDocx) -> None:
    data = make_docx(item("甲", 0) + paragraph("乙" * 50), numbering=numbering_xml())
    for i in range(0, len(data), 7):
        changed = bytearray(data)
        changed[i] ^= 0x55
        for hostile in (bytes(changed), data[:i]):
            try:
                read_docx(hostile, "x.docx")
            except DocumentError as error:
                message = str(error)
                assert message.startswith("x.docx")
                assert "\n" not in message


def test_archives_beyond_the_limits_are_refused(
    make_docx: MakeDocx, monkeypatch: pytest.MonkeyPatch
) -> None:
    bomb = make_docx(paragraph("甲" * 2_000_000))
    with pytest.raises(DocumentError, match=r"expands word/document.xml more than 200 times"):
        read_docx(bomb, "x.docx")
    with pytest.raises(DocumentError, match="more than 5,000 parts"):
        read_docx(pack({f"{i}.xml": "" for i in range(5_001)}), "x.docx")
    data = make_docx(paragraph("甲乙丙丁" * 50))
    monkeypatch.setattr(word, "MAX_PART_BYTES", 500)
    with pytest.raises(DocumentError, match="MB of text: split it"):
        read_docx(data, "x.docx")
    monkeypatch.setattr(word, "MAX_EXPANDED_BYTES", 1_000)
    with pytest.raises(DocumentError, match=r"expands to more than .* MB"):
        read_docx(data, "x.docx")


def test_a_size_that_the_archive_understates_does_not_help_it(make_docx: MakeDocx) -> None:
    data = bytearray(make_docx(paragraph("甲" * 2_000_000)))
    with zipfile.ZipFile(io.BytesIO(bytes(data))) as archive:
        size = archive.getinfo("word/document.xml").file_size
    true, said = size.to_bytes(4, "little"), (1_000).to_bytes(4, "little")
    with pytest.raises(DocumentError, match="damaged"):
        read_docx(bytes(data).replace(true, said), "x.docx")
