from __future__ import annotations

import re

import pytest

from cuoshi.reading.paragraphs import join_pages

from .conftest import typeset

NUMBERS = ["— {} —", "- {} -", "第 {} 页 共 9 页", "第{}页", "{}/9", "{}", "·{}·", "Page {} of 9"]


def substance(text: str) -> list[str]:
    return [line.strip("\u3000 ") for line in text.splitlines() if line.strip()]


@pytest.mark.parametrize("columns", [24, 28, 36])
@pytest.mark.parametrize("number", NUMBERS)
def test_speeches_set_on_pages_come_back_as_paragraphs(
    speeches: dict[str, str], columns: int, number: str
) -> None:
    for text in speeches.values():
        paragraphs = [line for line in substance(text) if not re.search("[ >\xa0]", line)]
        pages = [
            "\n".join(["某市疫情防控工作通报", *page, number.format(i)])
            for i, page in enumerate(typeset(paragraphs, columns), 1)
        ]
        found = join_pages(pages)
        assert found[0] == "某市疫情防控工作通报"
        assert found[1:] == paragraphs


def test_without_indents_full_lines_run_on_and_ordinals_begin_anew() -> None:
    page = (
        "关于加强管控的讲话\n一、加强领导\n各乡镇要立即行动，对返乡人员逐一登记，落\n实居家观察，不得延误。\n"
        "各部门要各负其责，各司其职，守土尽责尽到。\n（二）保障物资供应，储备口罩和消毒液等防\n护用品"
    )
    assert join_pages([page]) == [
        "关于加强管控的讲话",
        "一、加强领导",
        "各乡镇要立即行动，对返乡人员逐一登记，落实居家观察，不得延误。",
        "各部门要各负其责，各司其职，守土尽责尽到。",
        "（二）保障物资供应，储备口罩和消毒液等防护用品",
    ]


def test_words_are_joined_with_a_blank_and_chinese_without() -> None:
    assert join_pages(["the quick brown fox jumps\nover the lazy dog"]) == [
        "the quick brown fox jumps over the lazy dog"
    ]


def test_blanks_between_all_characters_are_an_artefact() -> None:
    assert join_pages(["疫 情 防 控 ， 人 人 有 责 。"]) == ["疫情防控，人人有责。"]
    assert join_pages(["组长：张 三，副组长：李四光、王五六"]) == [
        "组长：张 三，副组长：李四光、王五六"
    ]


def test_radicals_become_the_characters_that_they_look_like() -> None:
    assert join_pages(["⼯作⼈员要⽴即⾏动。"]) == ["工作人员要立即行动。"]


def test_numbers_and_lines_inside_a_page_stay() -> None:
    lines = ["标题", "甲", "乙", "12", "丙", "丁", "戊"]
    assert join_pages(["\n".join(lines)]) == lines
    assert join_pages([]) == []
    assert join_pages(["", " \n"]) == []


def test_hostile_lines_cost_little() -> None:
    join_pages(["1" + " " * 100_000 + "x", "页 " * 100_000, "1 " * 50_000 + "\n" * 100_000])
