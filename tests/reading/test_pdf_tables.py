from __future__ import annotations

from collections.abc import Sequence

import pytest

from cuoshi.reading import pdf, pdf_tables
from cuoshi.reading.pdf import read_pdf

from .conftest import MakePdf, print_at

EDGES = [72, 132, 300, 400, 480]
Cell = tuple[int, int, int, int, str]


def draw(cells: Sequence[Cell], top: int = 700) -> bytes:
    """A table of cells `(row, column, rows, columns, text)`, rows 44 points high."""
    content = b""
    for row, column, rows, columns, text in cells:
        left, right = EDGES[column], EDGES[column + columns]
        bottom = top - 44 * (row + rows)
        content += b"%d %d %d %d re S\n" % (left, bottom, right - left, 44 * rows)
        for number, line in enumerate(text.split("\n")):
            content += print_at(left + 4, top - 44 * row - 17 - 18 * number, line)
    return content


TABLE: list[Cell] = [
    *((0, i, 1, 1, name) for i, name in enumerate(["序号", "任务", "责任单位", "完成时限"])),
    (1, 0, 1, 4, "一、人员管控"),
    (2, 0, 1, 1, "1"),
    (2, 1, 1, 1, "逐户登记返乡人员情况，\n每天测温。"),
    (2, 2, 2, 1, "县卫健局\n各镇"),
    (2, 3, 1, 1, "1月31\n日前"),
    (3, 0, 1, 1, "2"),
    (3, 1, 1, 1, "1.登记外来车辆。\n2.设卡点。"),
    (3, 3, 1, 1, "立即"),
]
TITLE, BEFORE, AFTER = "任务分解表", "各单位要对照下表抓好落实，", "不得迟报。"


def test_rows_of_tables_come_cell_by_cell(make_pdf: MakePdf) -> None:
    drawing = draw(TABLE) + print_at(72, 450, BEFORE[:8]) + print_at(184, 450, BEFORE[8:])
    assert read_pdf(make_pdf([[TITLE]], drawings=[drawing]), "x.pdf").split("\n\n") == [
        TITLE,
        "序号\u3000任务\u3000责任单位\u3000完成时限",
        "一、人员管控\u3000\u3000\u3000",
        "1\u3000逐户登记返乡人员情况，每天测温。\u3000县卫健局 各镇\u30001月31日前",
        "2\u30001.登记外来车辆。\u20282.设卡点。\u3000\u3000立即",
        BEFORE,
    ]


def test_a_row_goes_on_on_the_next_page(make_pdf: MakePdf) -> None:
    head, sides = draw([*TABLE[:4], (1, 0, 1, 1, "1")]), b""
    for edge in EDGES:
        sides += b"%d 540 m %d 656 l S\n" % (edge, edge)
    first = head + sides + print_at(136, 590, "逐户登记返乡人员情况，") + print_at(304, 590, "县卫")
    rest = draw([(0, i, 1, 1, text) for i, text in enumerate(["", "每天测温。", "健局", ""])])
    rest += draw([(1, i, 1, 1, text) for i, text in enumerate(["2", "广播。", "各镇", "立即"])])
    text = read_pdf(make_pdf([["— 1 —"], ["— 2 —"]], drawings=[first, rest]), "x.pdf")
    assert text.split("\n\n") == [
        "序号\u3000任务\u3000责任单位\u3000完成时限",
        "1\u3000逐户登记返乡人员情况，每天测温。\u3000县卫健局\u3000",
        "2\u3000广播。\u3000各镇\u3000立即",
    ]


def test_tables_are_looked_for_in_half_of_the_time(
    make_pdf: MakePdf, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = make_pdf([[TITLE]], drawings=[draw(TABLE)])
    ticks = iter(range(1_000_000))
    monkeypatch.setattr("cuoshi.reading.pdf.time.monotonic", lambda: next(ticks))
    monkeypatch.setattr(pdf, "MAX_PDF_SECONDS", 2_000.0)
    assert "\u3000" in read_pdf(data, "x.pdf")
    monkeypatch.setattr(pdf, "MAX_PDF_SECONDS", 120.0)
    assert "\u3000" not in read_pdf(data, "x.pdf")


def test_frames_and_drawings_are_no_tables(
    make_pdf: MakePdf, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [TITLE, BEFORE, AFTER]
    plain = read_pdf(make_pdf([lines]), "x.pdf")
    frame = b"60 600 400 220 re S\n" * pdf.FEWEST_RULES
    assert read_pdf(make_pdf([lines], drawings=[frame]), "x.pdf") == plain
    monkeypatch.setattr(pdf, "MOST_RULES", len(TABLE) - 1)
    assert "\u3000" not in read_pdf(make_pdf([lines], drawings=[draw(TABLE)]), "x.pdf")


def test_a_page_whose_tables_cannot_be_read_is_read_without(
    make_pdf: MakePdf, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: object) -> None:
        raise RecursionError

    monkeypatch.setattr(pdf_tables, "_read_page", fail)
    text = read_pdf(make_pdf([[TITLE]], drawings=[draw(TABLE)]), "x.pdf")
    assert TITLE in text
    assert "登记外来车辆" in text
