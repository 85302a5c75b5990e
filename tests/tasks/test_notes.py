from datetime import date

import pytest

from cuoshi.tasks.notes import Note, match_name, read_note, read_value


def names(note: Note | None) -> dict[str, str]:
    assert note is not None
    return {body.text: body.role for body in note.bodies}


def test_fields_name_bodies_and_deadlines_whether_known_or_not() -> None:
    text = "（责任单位：县发改局、某某专班　配合单位：各乡镇；完成时限：1月31日前）"
    note = read_note(text, date(2022, 1, 20))
    assert names(note) == {"县发改局": "lead", "某某专班": "lead", "各乡镇": "support"}
    assert note is not None
    assert [(due.text, due.date) for due in note.deadlines] == [("1月31日前", date(2022, 1, 31))]
    for span in (*note.bodies, *note.deadlines):
        assert text[span.start : span.end] == span.text


def test_brackets_inside_a_note_belong_to_it() -> None:
    note = read_note("（责任单位：县卫健局（牵头）、县公安局；完成时限：立即）")
    assert names(note) == {"县卫健局": "lead", "县公安局": "lead"}
    assert note is not None
    assert [due.text for due in note.deadlines] == ["立即"]


def test_a_note_may_say_who_leads_and_who_supports() -> None:
    note = read_note("责任单位：牵头：县公安局 配合：各镇，完成时限：立即")
    assert names(note) == {"县公安局": "lead", "各镇": "support"}


def test_a_time_limit_without_a_date_is_kept_as_it_is() -> None:
    note = read_note("完成时限：长期坚持")
    assert note is not None
    assert [(due.text, due.date) for due in note.deadlines] == [("长期坚持", None)]


def test_a_bracket_that_hands_work_out_is_a_note() -> None:
    note = read_note("（县纪委监委牵头，县委组织部配合）")
    assert names(note) == {"县纪委监委": "lead", "县委组织部": "support"}
    note = read_note("（应急办、林业站牵头，各镇配合，6月20日前完成）")
    assert names(note) == {"应急办": "lead", "林业站": "lead", "各镇": "support"}
    assert note is not None
    assert [due.text for due in note.deadlines] == ["6月20日前"]
    assert names(read_note("（林业站，各村按职责分工负责）")) == {"林业站": "lead", "各村": "lead"}


@pytest.mark.parametrize(
    ("cell", "bodies"),
    [
        ("县卫健局（牵头）、县公安局", {"县卫健局": "lead", "县公安局": "lead"}),
        ("县卫健局，各镇（配合单位）", {"县卫健局": "lead", "各镇": "support"}),
        (
            "牵头：县卫健局 配合：县公安局、各镇；责任人：李明",
            {"县卫健局": "lead", "县公安局": "support", "各镇": "support", "李明": "lead"},
        ),
        ("牵头单位： 县卫健局", {"县卫健局": "lead"}),
        ("李明（副县长）", {"李明（副县长）": "lead"}),
        ("县卫健局（牵头）县公安局（配合）", {"县卫健局": "lead", "县公安局": "support"}),
        ("县公安局（主办）/县教体局", {"县公安局": "lead", "县教体局": "lead"}),
        (
            "县公安局牵头，县卫健局、各镇配合",
            {"县公安局": "lead", "县卫健局": "support", "各镇": "support"},
        ),
        (
            "县公安局（牵头），县交通局、各镇（配合），县教体局",
            {"县公安局": "lead", "县交通局": "support", "各镇": "support", "县教体局": "lead"},
        ),
        ("县公安局 （牵头） 各镇 （配合）", {"县公安局": "lead", "各镇": "support"}),
        ("县公安局、各镇（按职责分工负责）", {"县公安局": "lead", "各镇": "lead"}),
        ("由县公安局统一负责，各镇具体落实", {"县公安局": "lead", "各镇": "lead"}),
        (
            "配合：县公安局牵头，县卫健局、各镇",
            {"县公安局": "lead", "县卫健局": "support", "各镇": "support"},
        ),
        ("各镇（街道、开发区）、县公安局", {"各镇（街道、开发区）": "lead", "县公安局": "lead"}),
        ("无", {}),
        ("（牵头）", {}),
        ("（签字）", {}),
        ("    年  月  日", {}),
    ],
)
def test_a_cell_may_say_who_leads_and_who_supports(cell: str, bodies: dict[str, str]) -> None:
    column = match_name("责任单位")
    assert column is not None
    note = read_value(column, cell, 0, len(cell), None)
    assert names(note) == bodies
    assert all(cell[body.start : body.end] == body.text for body in note.bodies)


@pytest.mark.parametrize(
    "text",
    [
        "时间：2022年8月16日晚上7点半",
        "参加人员：张三、李四",
        "各镇负责登记，责任单位：县卫健局。",
        "县卫健局负责登记。",
        "（略）",
        "",
    ],
)
def test_other_lines_are_none(text: str) -> None:
    assert read_note(text) is None
