"""Finds the day that a document is dated: the one that its relative deadlines count from.

Only what can hardly mean anything else is taken: a date on a line of its own at the beginning or
the end, a signature's date, or 今天是…. A date in a sentence may be any day.
"""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import date

from cuoshi.tasks.numerals import NUMERALS, read_number

_DATE = (
    rf"(?P<year>\d{{4}}|[{NUMERALS}]{{4}})\s?(?:年|[-./．－])\s?"
    rf"(?P<month>\d{{1,2}}|[{NUMERALS}]{{1,3}})\s?(?:月|[-./．－])\s?"
    rf"(?P<day>\d{{1,2}}|[{NUMERALS}]{{1,3}})(?:\s?[日号])?"
)
_ADDED = (
    r"\s*(?:[(（]?(?:星期|周)[一二三四五六日天][)）]?)?\s*(?:[上下]午)?\s*(?:\d{1,2}[:：]\d\d)?"
)
_DATED_LINE = re.compile(
    r"[(（【\[]?\s*(?:(?:会议|讲话|发布|印发|成文)?(?:时间|日期)\s*[:：])?\s*"
    rf"{_DATE}{_ADDED}\s*[)）】\]]?"
)
# XX县人民政府办公室　2020年1月27日
_SIGNATURE = re.compile(rf"[^\s，。；,;:：\d]{{2,30}}\s+{_DATE}")
_TODAY = re.compile(rf"今[天日]是\s?(?:公历)?{_DATE}")
_FIRST = 12
_LAST = 6


def find_reference(text: str) -> date | None:
    """The day that a document says it is of; None where it does not, or names several.

    Looked at are the first 12 and the last 6 lines that are not blank, and 今天是… anywhere.
    """
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    found = [match for line in lines if (match := _DATED_LINE.fullmatch(line))]
    places = {*range(_FIRST), *range(len(lines) - _LAST, len(lines))}
    is_dated = any(_DATED_LINE.fullmatch(lines[i]) for i in places if 0 <= i < len(lines))
    if found and not is_dated:
        return None
    found += [match for line in lines[-_LAST:] if (match := _SIGNATURE.fullmatch(line))]
    found += _TODAY.finditer(text)
    days = {day for match in found if (day := _read_date(match))}
    return days.pop() if len(days) == 1 else None


def _read_date(match: re.Match[str]) -> date | None:
    year, month, day = (read_number(match[name]) for name in ("year", "month", "day"))
    if not year or not month or not day or not 1949 <= year <= 2100:
        return None
    with suppress(ValueError):
        return date(year, month, day)
    return None
