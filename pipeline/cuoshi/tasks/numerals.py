"""Chinese and other numerals: how they are written and what they are worth.

Unicode, and so the standard library, has the value of nearly every numeral. cn2an was tried: it
takes 0.14 s to import and in the mode that reads 两 and 〇 no figures.
"""

from __future__ import annotations

import unicodedata

NUMERALS = "〇零○一二两三四五六七八九十廿卅百"
BLANK = r"[XxＸｘ×*＊_]"
# A figure, a numeral, or what stands for one in a document with its dates blanked out.
NUMBER = rf"(?:\d{{1,4}}|[{NUMERALS}]{{1,5}}|{BLANK}{{1,4}})"

_UNKNOWN_TO_UNICODE = {"两": 2, "○": 0}


def read_number(text: str) -> int | None:
    """The value of a whole number below 1000 or of one written in figures; None for others (X, 几).

    Without 十 or 百 numerals are figures: 二〇二〇 is 2020, and 三五 35.
    """
    values = [_value_of(char) for char in text]
    if not values or min(values) < 0:
        return None
    if max(values) < 10:
        return int("".join(map(str, values)))
    total = digit = 0
    for value in values:
        if value < 10:
            digit = value
        elif value in (10, 100):
            total += (digit or 1) * value
            digit = 0
        else:  # 廿, 卅
            total += value
    return total + digit


def _value_of(char: str) -> int:
    if char in _UNKNOWN_TO_UNICODE:
        return _UNKNOWN_TO_UNICODE[char]
    return int(unicodedata.numeric(char, -1))
