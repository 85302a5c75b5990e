from __future__ import annotations

import json
from itertools import cycle, groupby

import pytest

from cuoshi.text.sentences import clean, kept_places, split_sentences
from cuoshi.text.wrapping import display_width, find_margin, is_page_number

from ..conftest import PROJECT

HANGING = "，。、；：！？”）》"


def documents() -> list[list[str]]:
    """The paragraphs of the authored speeches and documents."""
    found = []
    for path in sorted((PROJECT / "data" / "annotation").glob("*.jsonl")):
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        if "paragraph" not in rows[0]:
            continue
        for _, speech in groupby(rows, key=lambda row: row["speech"]):
            paragraphs = groupby(speech, key=lambda row: row["paragraph"])
            found.append(["".join(row["text"] for row in units) for _, units in paragraphs])
    return found


def wrap(text: str, columns: int, *, hang: bool) -> str:
    """`text` with its lines broken at `columns`; marks may hang over the margin."""
    lines = []
    for line in text.splitlines():
        begin = 0
        for i, character in enumerate(line):
            full = display_width(line[begin : i + 1]) > columns
            if full and not (hang and character in HANGING):
                lines.append(line[begin:i])
                begin = i
        lines.append(line[begin:])
    return "\n".join(lines)


def sentences(text: str) -> list[str]:
    return [clean(text[start:end]) for start, end in split_sentences(text)]


@pytest.mark.parametrize("hang", [True, False])
@pytest.mark.parametrize("columns", [40, 57, 72, 100])
def test_speeches_broken_at_a_width_keep_their_sentences(
    speeches: dict[str, str], columns: int, hang: bool
) -> None:
    for text in speeches.values():
        whole = sentences(text)
        found = set(sentences(wrap(text, columns, hang=hang)))
        assert sum(sentence in found for sentence in whole) >= 0.96 * len(whole)


def test_speeches_with_a_ragged_margin_keep_their_sentences(speeches: dict[str, str]) -> None:
    for text in speeches.values():
        lines, rest = [], text
        for short in cycle((0, 3, 1, 5, 2, 4)):
            line, *below = wrap(rest.split("\n", 1)[0], 76 - short, hang=False).split("\n")
            lines.append(line)
            rest = rest[len(line) :].removeprefix("" if below else "\n")
            if not rest:
                break
        whole, found = sentences(text), set(sentences("\n".join(lines)))
        assert sum(sentence in found for sentence in whole) >= 0.96 * len(whole)


def test_documents_with_a_line_for_a_paragraph_are_not_taken_for_broken(
    speeches: dict[str, str],
) -> None:
    texts = [*speeches.values(), *("\n".join(paragraphs) for paragraphs in documents())]
    assert len(texts) > 200
    assert [text[:40] for text in texts if find_margin(text)] == []


PROSE = (
    "各乡镇要立即行动，对返乡人员逐一登记，逐户落",
    "实居家观察，每天两次测量体温，不得遗漏。同时",
    "要备足口罩、消毒液等防护用品，并利用广播、喇",
    "叭和标语反复宣传防护知识，让群众都知道，不得",
)
FIRST = "各乡镇要立即行动，对返乡人员逐一登记，逐户落实居家观察，每天两次测量体温，不得遗漏。"
END = "请照此办理。"
REST = (
    "同时要备足口罩、消毒液等防护用品，并利用广播、喇叭和标语反复宣传防护知识，让群众都知道，不得"
)


@pytest.mark.parametrize(
    ("below", "expected"),
    [
        (["马虎。"], [REST + "马虎。"]),
        (["第一时间上报。"], [REST + "第一时间上报。"]),
        (["2.5万只口罩。"], [REST + "2.5万只口罩。"]),
        (["（二）加强督查"], [REST, "（二）加强督查"]),
        (["3)加强督查"], [REST, "3)加强督查"]),
        (["二要加强督查。"], [REST, "二要加强督查。"]),
        (["　　要加强督查。"], [REST, "要加强督查。"]),
        (["    要加强督查。"], [REST, "要加强督查。"]),
        (["> 要加强督查。"], [REST, "要加强督查。"]),
        (["", "要加强督查。"], [REST, "要加强督查。"]),
        (["马虎。", "要督查", "县领导带头。"], [REST + "马虎。", "要督查", "县领导带头。"]),
        (
            ["马虎，详见", "https://example.org/" + "a" * 40, "县里要督查。"],
            [REST + "马虎，详见https://example.org/" + "a" * 40, "县里要督查。"],
        ),
    ],
)
def test_lines_end_where_the_room_ended(below: list[str], expected: list[str]) -> None:
    for line_break in ("\n", "\r\n"):
        assert sentences(line_break.join([*PROSE, *below, "", END])) == [FIRST, *expected, END]
        assert sentences(line_break.join(["", END, *PROSE, *below])) == [END, FIRST, *expected]


@pytest.mark.parametrize(
    "turn",
    [
        "\n- 2 -\n",
        "\n\n第 2 页 共 10 页\n\n",
        "\n2\n",
        "\n\n— 2 —\n\n\f",
        "\n\f",
        "\f",
        "\r\n2/10\r\n",
        "\nPage 2 of 10\n",
    ],
)
def test_sentences_go_on_over_pages(turn: str) -> None:
    lines = [*PROSE, "马虎。", "", END]
    whole = [FIRST, REST + "马虎。", END]
    for i in range(1, len(lines) - 1):
        text = "\n".join(lines[:i]) + turn + "\n".join(lines[i:])
        assert sentences(text) == whole
        for (start, end), sentence in zip(split_sentences(text), whole, strict=True):
            places = kept_places(text[start:end])
            assert "".join(text[start + place] for place in places) == sentence


@pytest.mark.parametrize(
    "line", ["2.5", "12345", "2020年", "一", "第2条", "5221234", "1 2", "- -", ""]
)
def test_other_lines_are_no_page_numbers(line: str) -> None:
    assert not is_page_number(line)


def test_numbers_stay_where_lines_are_paragraphs() -> None:
    text = "疫情防控\n1\n各镇要登记。\n2\n各村要广播。"
    assert sentences(text) == text.split("\n")
    text = "各镇要登记从外地返乡的人员" * 6 + "\n12\n人在外务工"
    assert sentences(text) == text.split("\n")


@pytest.mark.parametrize(
    ("first", "others"),
    [("> ", "> "), ("    ", "    "), ("    ", ""), ("1. ", "   "), ("一、", "    ")],
)
def test_quoted_and_indented_lines_are_joined_too(first: str, others: str) -> None:
    # Without a hanging indent the first line holds less.
    words = FIRST + REST + "马虎。" if others else first + FIRST + REST + "马虎。"
    begin, *below = wrap(words, 70 - display_width(others), hang=False).splitlines()
    text = "\n".join([first + begin if others else begin, *(others + line for line in below)])
    assert sentences(text) == [first.lstrip("> ") + FIRST, REST + "马虎。"]


LISTS = {
    "roster": [
        "张建国，男，42岁，1组，1月18日从武汉返回，体温36.5℃",
        "李秀英，女，38岁，3组，1月19日从武汉返回，体温36.4℃",
        "王小军，男，25岁，2组，1月20日从孝感返回，体温36.7℃",
        "赵丽，女，31岁，12组，1月20日从黄冈返回，体温36.6℃",
    ],
    "duty": [f"1月2{i}日 带班领导：张建国 值班人员：李秀英、王小军" for i in range(5)],
    "agenda": [f"09:{i}0 县卫健局通报全县疫情防控工作进展情况。各镇汇报" for i in range(4)],
    "tasks": [f"逐户登记返乡人员，责任单位：各乡镇，完成时限：1月2{i}日" for i in range(4)],
    "bodies": [f"{name}镇新冠肺炎疫情防控工作领导小组办公室综合组" for name in "甲乙丙丁"],
    "rows": [f"| {name}镇 | 逐户登记返乡人员。每日测温 | 县卫健局 |" for name in "甲乙丙丁"],
    "narrow": [line[:14] for line in PROSE * 2],
    "closed": [line + "。" for line in PROSE],
    "uneven": [line[: 22 - 3 * (i % 4)] for i, line in enumerate(PROSE * 2)],
    "chat": [
        "各位家长好。明天下午两点到校开会",
        "收到。带好体温单和健康码",
        "三班的孩子先走东门。其他班走西门不要挤",
        "体温单到班主任那里领。没有的找校医",
        "好的。谢谢老师",
        "食堂明天停一天。请家长自备午饭",
    ],
    "lone": [PROSE[0], "实。"],
    "open": [
        line + "。明天"
        for line in (
            "上午各村书记到镇里来开会",
            "妇女主任统计返乡人员情况",
            "会计把消毒液送到小组里去",
        )
    ],
}


@pytest.mark.parametrize("name", LISTS)
def test_lines_that_are_no_broken_prose_stay_apart(name: str) -> None:
    assert find_margin("\n".join(LISTS[name])) is None
