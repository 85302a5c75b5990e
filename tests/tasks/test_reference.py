from datetime import date

import pytest

from cuoshi.tasks.reference import find_reference


@pytest.mark.parametrize(
    "text",
    [
        "在全市疫情防控会议上的讲话\n（2020年1月27日）\n同志们：",
        "在全市疫情防控会议上的讲话\n　　(二〇二〇年一月二十七日)\n同志们：",
        "会议纪要\n时间：2020年1月27日 上午9:30\n地点：一楼会议室",
        "讲话\n2020-01-27\n同志们：",
        "通知\n各单位：\n请于2月1日前报送。\n滨江县人民政府办公室　2020年1月27日",
        "通知\n请各单位落实。\n滨江县人民政府\n２０２０年１月２７日\n",
        "同志们，今天是2020年1月27日，大年初三。",
        "讲话（稿）\n（2020年1月27日）\n今天是2020年1月27日。",
    ],
)
def test_the_day_that_a_document_gives_itself_is_found(text: str) -> None:
    assert find_reference(text) == date(2020, 1, 27)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "同志们，2020年1月25日，中央召开了会议。",
        "第一篇\n（2020年1月27日）\n同志们。\n第二篇\n（2020年2月3日）\n同志们。",
        "通知\n（2020年13月27日）\n各单位：",
        "讲话\n（X年X月X日）\n同志们：",
        "通知\n即日起施行，有效期至2021年1月27日",
    ],
)
def test_no_day_is_better_than_a_wrong_one(text: str) -> None:
    assert find_reference(text) is None
