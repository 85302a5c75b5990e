"""The day that a deadline falls on.

It is the last day on which the deadline is kept: of 2月10日前 or 周五前 that day itself, as notices
use the words (of 零时前 the day before); of a festival (春节前) the day before it, or as many days
from it as are said (清明节前三天, 国庆节后三天内), however long the holiday; of a period
(月底, 下旬, 2月1日至7日, 三天内) its last day; of one that begins (9月起, 下周起) its first, of
本周起 today. A day without its year is the first on or after the reference, but of a beginning
(…起) the nearest; of several days (除夕、初一) the first is given. Hours count in whole days only,
and working days as the State Council's notices on holidays have them (the package
chinesecalendar, from 2004 to a year after its release at most).

None stands for what the words leave open: a time counted from an event, the length of a holiday,
and what counts from a reference that is unknown.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable
from contextlib import suppress
from datetime import date, timedelta

from cuoshi.tasks.lunar import (
    FESTIVALS,
    MONTH_OF_LUNAR_DAY,
    festival_in_year,
    lunar_day_in_year,
    read_lunar_day,
    read_lunar_month,
)
from cuoshi.tasks.numerals import BLANK, NUMBER, NUMERALS, read_number

_RANGE = re.compile(r"(?<!\d)(?:起?(?:直?至|到))|[—–~～－-]{1,2}(?=\d)|(?<=[日号])[—–~～－-]{1,2}")
_CLOCKS = re.compile(r"\D{0,2}\d{1,2}(?:[:：]\d\d|[时点](?:半|整|\d{1,2}分)?)[止前]?")
_QUOTES = re.compile("[“”\"‘’'「」]")
_ASIDE = re.compile("[（(][^（）()]*[）)]")
_FULL_DATE = re.compile(r"(\d{4})[-－/／.．](\d{1,2})[-－/／.．](\d{1,2})")
_SHORT_DATE = re.compile(r"^(\d{1,2})[.．](\d{1,2})(?=[之以]?前)")
_BEGINS = re.compile("(?:起|开始)$")
_YEAR = re.compile(rf"(?P<year>\d{{4}}|[{NUMERALS}]{{4}}|{BLANK}{{2,4}}|[今明后本当来])\s?年")
_DAY = re.compile(
    rf"(?P<month>{NUMBER})\s?月份?\s?"
    rf"(?:(?P<day>{NUMBER})\s?[日号]|(?P<third>[上中下]旬|中下旬|[底末初中])|(?P<eve>[之以]?前)"
    rf"|(?![\d{NUMERALS}]))"
)
_MONTH_OF_SPEECH = re.compile(
    rf"(?P<month>[本当次]|这个|下个?)月(?:(?P<day>{NUMBER})\s?[日号]|(?P<third>[上中下]旬|[底末初中]))?"
)
# Not 三年内, 一个月内 or X月底.
_YEAR_END = re.compile(
    rf"(?:(?<=\d{{4}})|(?<=[{NUMERALS}]{{4}})|(?<![\d{NUMERALS}半个]))年[底末内终]"
)
_MONTH_END = re.compile(rf"(?<![\d{NUMERALS}半个XxＸｘ×*＊_])月[底末内]")
_SEASON = re.compile("(?P<quarter>[一二三四1-4])季度|(?P<half>[上下])半年")
_LUNAR_DAY = re.compile(
    rf"(?:(?P<month>[正冬腊])月|[农阴]历(?P<number>[{NUMERALS}]{{1,2}}|\d{{1,2}})月"
    rf"|(?<![\d{NUMERALS}])(?P<named>{MONTH_OF_LUNAR_DAY})月(?!\w{{1,3}}[日号])"
    rf"|(?:大年|(?<![\d{NUMERALS}今明])年)(?=三十|初|廿|二十))"
    r"(?P<day>初.|廿.|二?十[一二三四五六七八九]?|三十|\d{1,2}|[二三九半](?![十日号]))?(?P<eve>[之以]?前)?"
)
_BARE_LUNAR_DAY = re.compile("初[一二三四五六七八九十]")
_FESTIVAL = re.compile(
    rf"(?<![{NUMERALS}月])(?P<name>{'|'.join(FESTIVALS)})(?![月日号时点天个周分年]|小时)"
    r"(?:国际)?(?:劳动|国庆|妇女|儿童|青年|建党|建军)?节?(?P<holiday>小?长假|假期)?"
    r"(?P<eve>(?:[、和及].{1,12})?[之以]?前)?(?P<open>.*(?:期间|假期|结束|后))?"
)
_FROM_FEAST = re.compile(
    rf"(?P<feast>.*?(?:节|{'|'.join(FESTIVALS)}|初.|[廿十][一二三四五六七八九]?|月半))[之以]?(?P<side>[前后])"
    rf"(?P<nth>第)?(?P<number>{NUMBER})个?(?P<unit>[天日周月]|星期|礼拜|工作日)(?P<within>[之以]?内)?"
)
# Not 2月30日: a damaged date is not the 30th of some other month.
_DAY_OF_MONTH = re.compile(rf"(?<![\d{NUMERALS}月])(?<!月\s)(?P<day>{NUMBER})\s?[日号](?!内)")
_WEEKDAY = re.compile("(?P<week>下下|[本这下])?个?(?:周|星期|礼拜)(?P<day>[一二三四五六日天末])")
_WEEK = re.compile("(?P<week>下下|[本这下])个?(?:周|星期|礼拜)")
_NEAR_DAY = re.compile("(?P<day>大后|[今明]?[明后]|今)(?:两)?[天日晚早夜儿]|现在起|即[日时刻]")
_COUNT = re.compile(
    rf"(?P<number>半|{NUMBER})个?\s?(?P<unit>小时|钟头|分钟|昼夜|自然日|工作日|[天日周月年]|星期|礼拜)"
    r"[之以]?[内后]"
)
_MIDNIGHT = re.compile(r"(?<![\d一二三四五六七八九十])[零〇0０](?:时|点|[:：][0０]{2})[之以]?前")
_MEETING = re.compile("会(?:议结束)?[之以]?后")
_EVENT = re.compile(r"[前后]|之日起|期|提前")

_WEEKDAYS = "一二三四五六"
_NEAR = {"今": 0, "明": 1, "后": 2, "大后": 3}
_WEEKS = {"下": 1, "下下": 2}
_DAYS_OF_UNIT = {"周": 7, "星期": 7, "礼拜": 7, "小时": 1 / 24, "钟头": 1 / 24, "分钟": 1 / 1440}
_LAST = 31
_FIRST_DAYS = {"中": 11, "中旬": 11, "中下旬": 11, "下旬": 21, "底": _LAST, "末": _LAST}
_LAST_DAYS = {"上旬": 10, "初": 10, "中": 20, "中旬": 20}
# 初七 alone is one of the next days.
_SOON = timedelta(days=60)


def resolve_date(words: str, reference: date | None) -> date | None:
    """The day that the words of a deadline name, by the conventions above.

    `reference` is the day that they are said; without it only days with their year are told.
    """
    words = _FULL_DATE.sub(r"\1年\2月\3日", _QUOTES.sub("", words))
    words = _SHORT_DATE.sub(r"\1月\2日", words)
    without_aside = _ASIDE.sub("", words)
    if _find_rule(without_aside) or _DAY_OF_MONTH.search(without_aside):
        words = without_aside
    head, *tails = _RANGE.split(words)
    if tails:
        month = re.match(r".*?月", head)
        is_same_month = month and _DAY_OF_MONTH.match(tails[-1])
        if month and is_same_month:
            words = month.group() + tails[-1]
        else:  # 2月1日8时至17时 is all one day
            words = head if _CLOCKS.fullmatch(tails[-1]) else tails[-1]
    if match := _FROM_FEAST.match(words):
        return _day_from_feast(match, reference)
    day = _named_day(words, reference, bool(_BEGINS.search(words)) and not tails)
    # The calendar ends with the year 9999.
    with suppress(OverflowError, ValueError):
        if day is None and reference:
            day = _counted_day(words, reference)
        return day - timedelta(days=1) if day and _MIDNIGHT.search(words) else day
    return None


def _named_day(words: str, reference: date | None, is_beginning: bool) -> date | None:
    """The day that the calendar names: 2月10日, 月底, 正月十五, 国庆节."""
    rule = _find_rule(words)
    if not rule:
        return None
    if year := _YEAR.search(words):
        number = _read_year(year["year"], reference)
        return rule(number) if number else None
    if not reference:
        return None
    # A lunar or a leap day may miss a year or, with 1900, as many as eight.
    first = min(max(reference.year - 1, date.min.year), date.max.year - 9)
    days = [day for year in range(first, first + 10) if (day := rule(year))]
    if is_beginning:
        return min(days, key=lambda day: abs(day - reference), default=None)
    return next((day for day in days if day >= reference), None)


def _day_from_feast(match: re.Match[str], reference: date | None) -> date | None:
    """The day so many days before or after a festival: 清明节前三天, 国庆节后三天内."""
    feast, unit, is_before = match["feast"], match["unit"], match["side"] == "前"
    if match["nth"] and unit not in ("天", "日", "工作日"):
        return None
    if is_before and match["within"]:
        day = resolve_date(feast, reference)
        return _eve(day, True)
    if not is_before and reference:  # three days after the festival it may be over already
        reference = _add(match["number"], unit, reference, -1)
    day = resolve_date(feast + ("起" if _BEGINS.search(match.string) else ""), reference)
    return _add(match["number"], unit, day, -1 if is_before else 1) if day else None


def _read_year(text: str, reference: date | None) -> int | None:
    number = read_number(text)
    if number is not None:
        return number if 1900 <= number <= 2100 else None
    if not reference or text not in "今明后本当来":
        return None
    return reference.year + {"明": 1, "来": 1, "后": 2}.get(text, 0)


def _find_rule(words: str) -> Callable[[int], date | None] | None:
    """What gives the day of each year that the words name, if they name one."""
    if match := _FESTIVAL.search(words):
        name, eve = match["name"], bool(match["eve"])
        if match["open"] or (match["holiday"] and not eve):
            return None
        return lambda year: _eve(festival_in_year(name, year), eve)
    if match := _LUNAR_DAY.search(words):
        month = read_lunar_month(match["month"] or match["number"] or match["named"] or "")
        return _lunar_rule(match, month)
    if match := _DAY.search(words):
        return _solar_rule(match)
    if _YEAR_END.search(words):
        return lambda year: date(year, 12, 31)
    if match := _SEASON.search(words):
        quarter = read_number(match["quarter"] or "") or {"上": 2, "下": 4}[match["half"]]
        return lambda year: _day_of_month(year, quarter * 3, _LAST)
    return None


def _lunar_rule(match: re.Match[str], month: int | None) -> Callable[[int], date | None] | None:
    day = read_lunar_day(match["day"]) if match["day"] else None
    if month is None and day == 30:  # 大年三十, the last day of the old year, may be the 29th
        return lambda year: lunar_day_in_year(12, None, year)
    if month is None:
        month = 12 if day and day > 15 else 1
    if day is None and match["eve"]:  # 腊月前
        return lambda year: _eve(lunar_day_in_year(month, 1, year), True)
    return lambda year: lunar_day_in_year(month, day, year)


def _solar_rule(match: re.Match[str]) -> Callable[[int], date | None] | None:
    month = read_number(match["month"])
    day = read_number(match["day"]) if match["day"] else _day_of_part(match)
    if not month or not day or month > 12:
        return None
    if match["eve"]:  # 2月前
        return lambda year: _eve(_day_of_month(year, month, 1), True)
    if match["day"]:
        return lambda year: _exact_day(year, month, day)
    return lambda year: _day_of_month(year, month, day)


def _day_of_part(match: re.Match[str]) -> int:
    """On which day of the month the month or its third ends, or begins where 起 follows."""
    if _BEGINS.search(match.string):
        return _FIRST_DAYS.get(match["third"], 1)
    return _LAST_DAYS.get(match["third"], _LAST)


def _eve(day: date | None, is_eve: bool) -> date | None:
    return day - timedelta(days=1) if day and is_eve else day


def _day_of_month(year: int, month: int, day: int) -> date:
    """A day of a month; the month's last where it is shorter."""
    return date(year, month, min(day, calendar.monthrange(year, month)[1]))


def _exact_day(year: int, month: int, day: int) -> date | None:
    """The same; None where the month is shorter."""
    return date(year, month, day) if day <= calendar.monthrange(year, month)[1] else None


def _counted_day(words: str, reference: date) -> date | None:
    """The day that is counted from the day of the speech: 明天, 下周五, 三天内, 会后立即."""
    if match := _BARE_LUNAR_DAY.search(words):
        day = read_lunar_day(match.group())
        coming = [lunar_day_in_year(1, day, year) for year in (reference.year, reference.year + 1)]
        return next((d for d in coming if d and timedelta(0) <= d - reference <= _SOON), None)
    if match := _MONTH_OF_SPEECH.search(words):
        return _day_of_near_month(match, reference)
    if _MONTH_END.search(words):
        return _day_of_month(reference.year, reference.month, _LAST)
    if match := _DAY_OF_MONTH.search(words):
        return _next_day_of_month(read_number(match["day"]), reference)
    if match := _WEEKDAY.search(words):
        return _weekday(match, reference)
    if match := _WEEK.search(words):
        monday = reference + timedelta(days=7 * _WEEKS.get(match["week"], 0) - reference.weekday())
        return max(monday, reference) if _BEGINS.search(words) else monday + timedelta(days=6)
    if match := _NEAR_DAY.search(words):
        near = match["day"] or "今"  # 今明两天 ends with 明
        return reference + timedelta(days=_NEAR.get(near) or _NEAR[near[-1]])
    if is_meeting := bool(_MEETING.search(words)):
        words = _MEETING.sub("", words)
    if match := _COUNT.search(words):
        is_open = _EVENT.search(words[: match.start()])
        return None if is_open else _add(match["number"], match["unit"], reference)
    return reference if is_meeting and not _EVENT.search(words) else None


def _day_of_near_month(match: re.Match[str], reference: date) -> date | None:
    ahead = int(match["month"] in ("下", "下个", "次"))
    year, month = divmod(reference.year * 12 + reference.month - 1 + ahead, 12)
    if not match["day"]:
        named = _day_of_month(year, month + 1, _day_of_part(match))
        return max(named, reference) if _BEGINS.search(match.string) else named
    day = read_number(match["day"])
    return _exact_day(year, month + 1, day) if day else None


def _next_day_of_month(day: int | None, reference: date) -> date | None:
    """The first 15日 on or after the reference; every two months have every day."""
    if not day or day > _LAST:
        return None
    for ahead in range(3):
        year, month = divmod(reference.year * 12 + reference.month - 1 + ahead, 12)
        found = _exact_day(year, month + 1, day)
        if found and found >= reference:
            return found
    return None


def _weekday(match: re.Match[str], reference: date) -> date:
    index = _WEEKDAYS.find(match["day"]) % 7  # 日, 天 and 末 are not found: the seventh
    if not match["week"]:
        return reference + timedelta(days=(index - reference.weekday()) % 7)
    monday = reference - timedelta(days=reference.weekday())
    return monday + timedelta(days=7 * _WEEKS.get(match["week"], 0) + index)


def _add(amount: str, unit: str, reference: date, sign: int = 1) -> date | None:
    half = amount == "半"
    number = 0.5 if half else read_number(amount)
    if number is None:
        return None
    if unit == "工作日":
        return _add_working_days(int(number), reference, sign)
    with suppress(OverflowError, ValueError):
        if unit == "年" or (unit == "月" and not half):
            months = sign * int(number * (12 if unit == "年" else 1))
            year, month = divmod(reference.year * 12 + reference.month - 1 + months, 12)
            return _day_of_month(year, month + 1, reference.day)
        days = number * (30 if unit == "月" else _DAYS_OF_UNIT.get(unit, 1))
        return reference + sign * timedelta(days=int(days + 1e-9))
    return None


def _add_working_days(number: int, reference: date, sign: int) -> date | None:
    # Slow to load, and few documents count working days.
    from chinese_calendar import is_workday

    day = reference
    # NotImplementedError is chinesecalendar's word for a year whose holidays it does not know.
    with suppress(NotImplementedError, OverflowError):
        while number > 0:
            day += timedelta(days=sign)
            number -= is_workday(day)
        return day
    return None
