import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cuoshi.tasks.bodies import find_bodies
from cuoshi.text.plain import place, plain, plain_context


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("一、加强组织领导", "加强组织领导"),
        ("（二）各村要设卡。", "各村要设卡。"),
        ("3.做好宣传", "做好宣传"),
        ("第四，抓好落实", "抓好落实"),
        ("①备足口罩", "备足口罩"),
        ("（一）一是要备足口罩", "要备足口罩"),
        ("会议强调:一是要摸排，二是宣传；三要问责。", "会议强调:要摸排，宣传；要问责。"),
        ("第二个是：摸排到户", "摸排到户"),
        ("其三，加强储备；另一方面，做好宣传", "加强储备；做好宣传"),
        ("各 村 要 在 2 月 1 日前，  设 卡。", "各村要在2月1日前，设卡。"),
    ],
)
def test_numbers_and_blanks_are_not_read(text: str, read: str) -> None:
    assert plain(text) == read


@pytest.mark.parametrize(
    "text",
    [
        "一、二级医院要设发热门诊",
        "二、三级响应期间一律停课",
        "1、2号楼封闭",
        "3.8万只口罩",
        "2020.1.24",
        "第一书记要驻村",
        "三要素缺一不可",
        "统一是关键",
        "第一要务是防控",
        "三个要点",
        "其中一是口罩",
        "一、",
        "Wi Fi and COVID 19",
    ],
)
def test_what_only_looks_like_a_number_is_read(text: str) -> None:
    assert plain(text) == text


def test_the_parts_of_a_context_stay_apart() -> None:
    assert plain_context("一、人员管控 （一）排查 二是摸清， 做到心中有数。") == (
        "人员管控 排查 摸清，做到心中有数。"
    )


@given(st.lists(st.sampled_from("一二是要、，（）3. 各村设卡口罩:"), max_size=30).map("".join))
def test_each_character_read_has_its_place(text: str) -> None:
    read = plain(text)
    characters = [(i, i + 1) for i in range(len(read))]
    assert [text[start:end] for start, end in place(characters, text)] == list(read)
    assert place([(0, len(read))], text)[0] == (
        (place(characters, text)[0][0], place(characters, text)[-1][1]) if read else (0, 0)
    )


@pytest.mark.parametrize(
    "text", ["一、" * 50_000, "一是" * 50_000, "a" + " " * 100_000 + "b", "1." * 50_000]
)
def test_long_runs_take_no_time(text: str) -> None:
    begin = time.process_time()
    plain(text)
    plain_context(text)
    find_bodies(text)
    # Trying each place of a run anew took a minute.
    assert time.process_time() - begin < 5
