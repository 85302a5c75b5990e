"""Festivals and lunar days: the day of the solar calendar that their names stand for.

Of the libraries that convert lunar days, borax, lunardate, LunarCalendar, zhdate and lunar-python
were compared on 5,400 days of 1950-2099. They agree until 2050 but for lunardate, which differs in
1954 and 1978 (and is under the GPL). borax is taken: MIT, no dependencies, imported in 0.02 s, the
years 1900-2100, and it has the solar terms too. holidays (14 MB) and chinesecalendar list the
holidays of years that are decided, not festivals of any year by name.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import date

from cuoshi.tasks.numerals import read_number

_SOLAR = {
    "元旦": (1, 1),
    "三八": (3, 8),
    "劳动": (5, 1),
    "五一": (5, 1),
    "五四": (5, 4),
    "六一": (6, 1),
    "七一": (7, 1),
    "八一": (8, 1),
    "国庆": (10, 1),
    "十一": (10, 1),
}
_LUNAR = {
    "春": (1, 1),
    "过年": (1, 1),
    "元宵": (1, 15),
    "端午": (5, 5),
    "七夕": (7, 7),
    "中秋": (8, 15),
    "重阳": (9, 9),
    "腊八": (12, 8),
    # As the north keeps it; much of the south keeps the 24th.
    "小年": (12, 23),
    "除夕": (12, None),
}
_MONTHS = {"正": 1, "冬": 11, "腊": 12}
FESTIVALS = (*(f"{name}节" for name in ("春", "劳动")), "清明", *_SOLAR, *_LUNAR)
# Months that a day makes lunar without 农历: 二月初二, 八月十五, 三月三. A 八月二十 may be either.
MONTH_OF_LUNAR_DAY = (
    r"(?:(?:十[一二]|[二三四五六七八九十])(?=月(?:初[一二三四五六七八九十]|廿))|[七八](?=月十五)|七(?=月半)"
    r"|二(?=月二)|三(?=月三)|九(?=月九))"
)


def festival_in_year(name: str, year: int) -> date | None:
    """The day of a festival (国庆节, 除夕, 清明) in a solar year; None outside 1901-2100."""
    name = name.removesuffix("节")
    if name in _SOLAR:
        return date(year, *_SOLAR[name])
    if name == "清明":
        from borax.calendars.lunardate import TermUtils

        with suppress(ValueError):
            qingming: date = TermUtils.nth_term_day(year, term_name=name)
            return qingming
        return None
    return lunar_day_in_year(*_LUNAR[name], year)


def lunar_day_in_year(month: int, day: int | None, year: int) -> date | None:
    """The first day in a solar year that is day `day` of lunar month `month`.

    Without `day` it is the last of the month. Leap months are passed over. None where the year
    has no such day, or lies outside 1901-2100.
    """
    from borax.calendars.lunardate import InvalidLunarDateError, LCalendars, LunarDate

    for lunar_year in (year - 1, year):
        with suppress(InvalidLunarDateError):
            last = LCalendars.ndays(lunar_year, month)
            solar: date = LunarDate(lunar_year, month, day or last).to_solar_date()
            if solar.year == year:
                return solar
    return None


def read_lunar_month(text: str) -> int | None:
    """The number of a lunar month: 正, 冬, 腊 or a numeral."""
    return _MONTHS.get(text) or read_number(text)


def read_lunar_day(text: str) -> int | None:
    """The number of a lunar day: 初三, 十五, 廿三, 二十九, and the 半 of 七月半."""
    return 15 if text == "半" else read_number(text.removeprefix("初"))
