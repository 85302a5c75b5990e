from __future__ import annotations

import pytest

from cuoshi.errors import DocumentError
from cuoshi.reading import web
from cuoshi.reading.web import html_to_text, read_html
from cuoshi.text.document import outline

LINKS = "".join(f'<li><a href="/{i}">栏目之{i}</a></li>' for i in range(9))

PAGE = f"""<!DOCTYPE html>
<html><head><meta charset="gb2312"><title>某市人民政府</title><style>p {{}}</style></head>
<body><header><h2>某市人民政府网</h2></header><div class="menu"><ul>{LINKS}</ul></div>
<form action="default.aspx"><input value="搜索"><div><h1>在防控会议上的讲话</h1><div>
<p>&nbsp;&nbsp;&nbsp;&nbsp;同志们：</p><!-- 注释 -->
<p>　　第一，要严格<b>隔离</b>管
理，<br>不得延误。<script>alert("脚本")</script>每日上报&lt;疾控&gt;。</p>
<table><tr><th>单位<th>措施<tr><td>卫健委<td hidden>暗<td><p>逐一排查。</p></table>
<table><tr><td><p>一、保障物资</p><p>储备口罩。</p></td><td>边栏</td></tr></table>
<div style="display: none">看不见</div><ruby>汉<rt>hàn</rt></ruby>字 <span>A</span><i>B</i>
<pre>第一行
第二行</pre></div></div></form>
<footer>版权所有</footer></body></html>"""

TEXT = """在防控会议上的讲话

同志们：

第一，要严格隔离管理，
不得延误。每日上报<疾控>。

单位　措施

卫健委　逐一排查。

一、保障物资

储备口罩。

边栏

汉字 AB

第一行
第二行"""


def test_a_page_becomes_the_text_of_its_document() -> None:
    assert read_html(PAGE.encode("gb18030"), "x.html") == (TEXT, "gb18030")
    # The page says GB 2312; what it is saved in shows.
    assert read_html(PAGE.encode(), "x.html") == (TEXT, "utf-8")
    assert read_html(PAGE.encode("utf-16"), "x.html") == (TEXT, "utf-16-le")
    prolog = '<?xml version="1.0" encoding="gb2312"?>\n'
    assert read_html((prolog + PAGE).encode("gb18030"), "x.html")[0] == TEXT


def test_cells_are_sentences_of_their_own_but_no_headings() -> None:
    sentences = outline(TEXT)
    cells = [s for s in sentences if s.text in ("单位", "措施", "卫健委", "逐一排查。")]
    assert len(cells) == 4
    assert not any(s.is_heading for s in cells)
    assert next(s for s in sentences if s.text == "储备口罩。").heading == "一、保障物资"


SPEECH = "<p>对返乡人员逐一登记，居家观察，各乡镇办事处负责落实。</p>" * 12


@pytest.mark.parametrize(
    "page",
    [
        "<h1>题目</h1><p>旁的话</p><article><header>报头</header>{}</article><p>联系我们</p>",
        "<div><h1>题目</h1></div><main><p>报头</p>{}</main><div>版权</div>",
        '<h1>题目</h1><p>x</p><div role="main"><p>报头</p>{}</div>',
        "<h1>题目</h1><nav><a>x</a></nav><div><div>关于</div><div><p>报头</p>{}</div></div>备案",
    ],
)
def test_a_marked_or_dense_part_is_the_document_below_its_title(page: str) -> None:
    links = f"<div>{LINKS}</div>"
    lines = html_to_text(links + page.format(SPEECH) + links, "x").split("\n\n")
    assert lines[:2] == ["题目", "报头"]
    assert len(lines) == 14


def test_a_page_without_marks_or_navigation_is_read_whole() -> None:
    page = f"<h1>题目</h1><div>{SPEECH}</div><p>附件：名单</p>"
    assert html_to_text(page, "x").split("\n\n")[0::13] == ["题目", "附件：名单"]
    articles = "".join(f"<article><p>第{i}篇</p>{SPEECH}</article>" for i in range(3))
    assert html_to_text(articles, "x").count("第") == 3


def test_pieces_and_oddities_are_read() -> None:
    assert html_to_text("</div>", "x") == ""
    assert html_to_text("<td>孤</td>立", "x") == "孤\n\n立"
    assert html_to_text("甲\0乙<p>丙", "x") == "甲 乙\n\n丙"
    assert html_to_text("<p>一<p>二<table><tr><td>三", "x") == "一\n\n二\n\n三"


def test_pages_beyond_the_limits_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    assert html_to_text("<div>" * 900 + "深", "x") == "深"
    for depth in (1_100, 3_000, 300_000):
        with pytest.raises(DocumentError, match="more than 1,000 deep: copy its text"):
            html_to_text("<div>" * depth + "深", "x")
    monkeypatch.setattr(web, "MAX_HTML_ELEMENTS", 1_000)
    with pytest.raises(DocumentError, match="more than 1,000 elements: split it"):
        html_to_text("<p>甲" * 1_000, "x")


def test_hostile_pages_cost_little() -> None:
    for piece in (
        "<script></script>甲",
        "<header>甲</header>乙",
        "<form></form>甲",
        "<br>",
        "<td>",
    ):
        html_to_text("<body>" + piece * 50_000, "x")
    html_to_text("<p>甲" + " \n" * 500_000 + "乙</p>" + "\n" * 500_000 + "丙", "x")


def test_text_without_markup_is_not_taken_for_a_page() -> None:
    with pytest.raises(DocumentError, match="holds no HTML markup: if it is plain text, name it"):
        read_html("只是文字，体温>37.3℃。".encode(), "x.html")


def test_entities_and_files_outside_are_not_read(tmp_path: object) -> None:
    page = '<!DOCTYPE html [<!ENTITY x SYSTEM "file:///etc/hostname">]><p>甲&x;乙</p>'
    assert "&x;" in html_to_text(page, "x")
