"""Finds the deadlines of a text: by when, from when or how often something is to be done.

What counts, and where a span begins and ends, follows data/annotation/TASKS.md.

JioNLP 1.5.31 reads times too. Of the 17 deadlines of the development sentences it finds 3 at their
place, and 14 that are none: it knows no 立即, 会后, 疫情解除前 or 每日二次, and takes durations and
reports along. Of 83 expressions written out for a trial it finds 61 and dates 58. It brings 167 MB
(jiojio, numpy, requests), 0.2-0.6 s of import and a banner on the output, and is not used.
dateparser reads single dates, not their place in a text. The lunar calendar does come from a
library: see `lunar`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

from cuoshi.tasks.dates import resolve_date
from cuoshi.tasks.offsets import without_blanks
from cuoshi.tasks.task import Deadline
from cuoshi.tasks.times import AFTER, ASIDE, BEFORE, COUNTED_FROM_DAY, TIME, TIMES

_CALENDAR = frozenset({"lunar", "date", "festival", "clock", "day", "season", "month"})
# Alone these say too little: 3点, 下午, 春节, 7日 and 本月 may name anything.
_WEAK = frozenset(
    {"lunar", "festival", "near_period", "span", "clock", "part", "day", "season", "month"}
)
_DAYS = frozenset({"date", "day", "lunar", "festival", "weekday", "near_day", "near_period"})
_FEASTS = frozenset({"lunar", "festival"})
# More words than any deadline has; without a bound the time on 2月1日2月1日… would be quadratic.
_MOST_WORDS = 8
_REPEATED = frozenset({"clock", "part", "date", "weekday", "lunar", "festival"})

_LIST = re.compile(r"[、和及与]")
_RANGE = re.compile(r"起?(?:直?至|到)|[—–~～－-]{1,2}")
_JOINT = re.compile(rf"[ \u3000]?的?[ \u3000]?|{_LIST.pattern}|{_RANGE.pattern}")
_CLOSING = re.compile(
    rf"前夕|{BEFORE}|{AFTER}|[之以]?内|起(?![来草诉伏居降点])|之日起|止|为止|期间|当[天日晚]"
)
_HOW_OFTEN = re.compile(TIMES)
_OPENED = re.compile(r"[从自]$")
_BEGINNING = re.compile("开始")
_BEGINNING_OF_PART = re.compile("开始(?=[，,])")
# 除夕、初一、十五等重点时段, 五一假期结束
_CLOSING_OF_FEASTS = re.compile(
    rf"(?:等?(?:重[点要]|关键|敏感|特殊)(?:时段|时期|时间?节点|节点|日子)|结束(?:{BEFORE}|{AFTER})?)"
)
# 除夕、初一、初二三天
_HOW_MANY_DAYS = re.compile("[这等]?[两二三四五六七八]天(?:[之以]?内|期间|时间)?(?!小?长?假|一)")
# A half-year or a quarter is by when, not of what, where it is directed.
_DIRECTED_BEFORE = re.compile("(?:[在于要须应]|力争|争取|确保|务必)$")
_DIRECTED_AFTER = re.compile(
    r"(?:[要须应]|必须|务必|力争|确保|(?:全[部面]|基本)?完成(?![^，。；]{0,8}\d))"
)
_REVIEWED = re.compile("的|工作|经济|各项|情况")
_PAST = re.compile("(?:[去前往上]年|关于|听取|通报|总结|回顾)$")

_IF = re.compile(r"(?:一旦|如果?|若|假如)$")
# 属地接到线索后: the one who receives is a body, not a part of the event.
_RECEIVES = re.compile("接到|接报|接收|收到|得知|发现")

_REPORT_BEFORE = re.compile(
    r"(?:截[至止]到?|近|最近|过去|此前|早在|自从|去|超过|满|隔离|观察|监测|[是过凡对])$"
)
_REPORT_AFTER = re.compile(
    r"以来|来[，,的]|前后"
    r"|[^，。；,;\n]{0,12}(?:会议[上的]|会上|讲话|(?:召开|印发|发布|下发|通报|要求|议定|宣布)的)"
    r"|[^，。；,;\n]{0,24}的(?:背景|形势|情况)下"
)
_SENTENCE_END = re.compile("[。；;\n]")
_DONE = re.compile("已|累计|共[计有]?")
_REPORT = re.compile(r"[了已曾]|果断|召开|印发|作出|出台|确诊|累计|取得")
_TODAY_IN_PASSING = re.compile(r"[，,、这我会在召是的全又再和省市来立议宣]")
# 48小时内核酸检测证明, 三年内不得提拔: what the measure is, not when it is to be done.
_MEASURED = re.compile(
    r"[的不未没禁严停暂有曾]|(?:新冠|病毒|\d次|[两二三]次){0,3}(?:核酸|抗原|阴性)|(?:到|去|来)过|行程|轨迹|旅居"
)
_NAME = re.compile(
    r"[\u4e00-\u9fff、]{0,10}?(?:制度|机制|台账|(?<!代)表(?![示扬决态彰明面]))|零报告"
)


@dataclass(slots=True)
class _Time:
    """Words of time that stand together, on their way to a deadline."""

    start: int
    end: int
    kinds: list[str]
    is_closed: bool = False


@without_blanks
def find_deadlines(text: str, reference: date | None = None) -> list[Deadline]:
    """The deadlines in `text`, in order, none overlapping another.

    Meant for text that directs something: what merely reports is left out where it shows
    (截至, 以来, 已, 了), but a bare statement is not told from a demand.

    `reference` is the day that relative ones count from, and that dates without a year follow.
    """
    deadlines = []
    for time in _join_times(text):
        if _is_deadline(time, text):
            part = text[time.start : time.end]
            kind = _kind_of(time)
            day = None if kind == "recurring" else resolve_date(part, reference)
            deadlines.append(Deadline(time.start, time.end, part, kind, day))
    return deadlines


def _join_times(text: str) -> Iterator[_Time]:
    """Words of time that stand directly together, with the 前, 内 or 起 that closes them."""
    time: _Time | None = None
    position = 0
    while match := TIME.search(text, position):
        start, position = match.span()
        kind = match.lastgroup or ""
        if kind == "event":
            if _IF.search(text, max(0, start - 2), start):
                continue
            if received := _RECEIVES.search(text, start, position):
                start = received.start()
        joint = text[time.end : start] if time else ""
        if time and _joins(joint, time, kind):
            time.end = position
            time.kinds.append(kind)
            time.is_closed |= bool(joint) and bool(_RANGE.fullmatch(joint))
        else:
            if time:
                yield time
            time = _Time(start, position, [kind])
        if kind in _DAYS and (aside := ASIDE.match(text, position)):
            time.kinds += [word.lastgroup or "" for word in TIME.finditer(aside.group())]
            time.end = position = aside.end()
        if closing := _find_closing(time, text):
            time.end = position = closing.end()
            time.is_closed = True
        is_opened = _OPENED.search(text, max(0, time.start - 1), time.start)
        beginning = (_BEGINNING if is_opened else _BEGINNING_OF_PART).match(text, position)
        if beginning and (is_opened or time.kinds == ["date"]):
            time.end = position = beginning.end()
            time.is_closed = True
    if time:
        yield time


def _find_closing(time: _Time, text: str) -> re.Match[str] | None:
    if time.kinds[-1] in _FEASTS and (counted := COUNTED_FROM_DAY.match(text, time.end)):
        return counted
    if closing := _CLOSING.match(text, time.end):
        return closing
    if "recurring" in time.kinds:
        return _HOW_OFTEN.match(text, time.end)
    if not _FEASTS.issuperset(time.kinds):
        return None
    how_many = _HOW_MANY_DAYS.match(text, time.end) if len(time.kinds) > 1 else None
    return how_many or _CLOSING_OF_FEASTS.match(text, time.end)


def _joins(joint: str, time: _Time, kind: str) -> bool:
    if len(time.kinds) >= _MOST_WORDS or len(joint) > 4 or not _JOINT.fullmatch(joint):
        return False
    if _LIST.fullmatch(joint):
        return kind in _REPEATED and (time.kinds[-1] in _REPEATED or "recurring" in time.kinds)
    return not time.kinds[-1] == kind == "at_once"


def _is_deadline(time: _Time, text: str) -> bool:
    before = text[max(0, time.start - 3) : time.start]
    after = text[time.end : time.end + 32]
    kinds = set(time.kinds)
    if "recurring" in kinds:
        is_name = not time.is_closed and _NAME.match(after)
        return not is_name and not before.endswith("每人")
    if _REPORT_BEFORE.search(before) or _REPORT_AFTER.match(after):
        return False
    part = text[time.start : time.end]
    if kinds == {"season"} and not time.is_closed:
        return _is_directed(before, text[time.end : time.end + 60])
    # 下午3点, 17日上午; 3点 or 17日 alone may be anything.
    is_precise = len(kinds & {"day", "part", "clock"}) > 1
    is_told = time.is_closed or is_precise or _lists_days(part, kinds, after)
    if not is_told and kinds <= _WEAK:
        return False
    if "span" in kinds and part.endswith("内") and _MEASURED.match(after):
        return False
    if part in ("今天", "今日", "今儿", "今儿个") and _TODAY_IN_PASSING.match(after):
        return False
    if kinds == {"near_day"} and after.startswith("的"):
        return False
    if part.endswith("间") and after.startswith("的"):
        return False
    if kinds == {"part"} and not part.endswith("前"):
        return False
    if "date" in kinds and not part.endswith(("前", "内")):
        rest = _SENTENCE_END.split(text[time.end : time.end + 60])[0]
        return not (_DONE if part.endswith("起") else _REPORT).search(rest)
    return True


def _lists_days(part: str, kinds: set[str], after: str) -> bool:
    """Whether 除夕、初一 say when; 初一、初二 alone may be classes at school."""
    is_list = _LIST.search(part) is not None
    return is_list and kinds == {"lunar", "festival"} and not after.startswith("的")


def _is_directed(before: str, after: str) -> bool:
    rest = _SENTENCE_END.split(after)[0]
    if _REVIEWED.match(rest) or _PAST.search(before) or _DONE.search(rest) or _REPORT.search(rest):
        return False
    return bool(_DIRECTED_BEFORE.search(before) or _DIRECTED_AFTER.match(rest))


def _kind_of(time: _Time) -> Literal["absolute", "relative", "recurring"]:
    kinds = set(time.kinds)
    if "recurring" in kinds:
        return "recurring"
    return "absolute" if kinds & _CALENDAR or kinds == {"part"} else "relative"
