from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cuoshi.reading.numbering import format_number

STYLES = [
    *("decimal", "decimalZero", "decimalFullWidth", "upperRoman", "lowerRoman", "upperLetter"),
    *("lowerLetter", "chineseCounting", "chineseCountingThousand", "japaneseCounting"),
    *("chineseLegalSimplified", "ideographDigital", "ideographTraditional", "ideographZodiac"),
    *("decimalEnclosedCircle", "decimalEnclosedParen", "ideographEnclosedCircle", "ordinalText"),
]


@pytest.mark.parametrize(
    ("number", "style", "text"),
    [
        (1, "chineseCounting", "一"),
        (10, "chineseCounting", "十"),
        (12, "japaneseCounting", "十二"),
        (20, "chineseCountingThousand", "二十"),
        (21, "chineseCountingThousand", "二十一"),
        (105, "chineseCountingThousand", "一百零五"),
        (112, "chineseCountingThousand", "一百一十二"),
        (1010, "chineseCountingThousand", "一千零一十"),
        (12345, "chineseCounting", "一二三四五"),
        (12, "chineseLegalSimplified", "壹拾贰"),
        (12, "ideographDigital", "一二"),
        (3, "ideographTraditional", "丙"),
        (3, "decimalEnclosedCircle", "③"),
        (21, "decimalEnclosedCircle", "21"),
        (3, "decimalFullWidth", "３"),
        (28, "lowerLetter", "bb"),
        (14, "upperRoman", "XIV"),
        (7, "someFutureFormat", "7"),
        (7, "bullet", ""),
    ],
)
def test_numbers_look_as_word_shows_them(number: int, style: str, text: str) -> None:
    assert format_number(number, style) == text


@given(st.integers(0, 10**9), st.sampled_from(STYLES))
def test_every_number_has_a_short_form_in_every_format(number: int, style: str) -> None:
    assert 0 < len(format_number(number, style)) <= 15


@given(st.integers(1, 9999))
def test_counting_in_chinese_tells_numbers_apart(number: int) -> None:
    digits = {c: i for i, c in enumerate("〇一二三四五六七八九")}
    value, digit = 0, 1
    for character in format_number(number, "chineseCounting"):
        if character in digits:
            digit = digits[character]
        elif character != "零":
            value += digit * {"十": 10, "百": 100, "千": 1000}[character]
            digit = 0
    assert value + (digit if character in digits else 0) == number
