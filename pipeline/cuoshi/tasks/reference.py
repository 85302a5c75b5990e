"""Finds the day that a document is dated: the one that its relative deadlines count from.

Only what can hardly mean anything else is taken: a date on a line of its own at the beginning or
the end, a line 时间：…, a signature's date or …印发, 今天是…, and the sentence that minutes open
with (2024年5月17日上午，县长主持召开会议). A date in any other sentence may be any day.
"""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import date, timedelta

from cuoshi.tasks.numerals import NUMERALS, read_number

_DATE = (
    rf"(?P<year>\d{{4}}|[{NUMERALS}]{{4}})\s?(?:年|[-./．－])\s?"
    rf"(?P<month>\d{{1,2}}|[{NUMERALS}]{{1,3}})\s?(?:月|[-./．－])\s?"
    rf"(?P<day>\d{{1,2}}|[{NUMERALS}]{{1,3}})(?:\s?[日号])?"
)
_CLOCK = rf"(?:\d{{1,2}}[:：]\d\d|(?:\d{{1,2}}|[{NUMERALS}]{{1,3}})\s?[点时](?:半|整|\d{{1,2}}分)?)"
_ADDED = (
    r"\s*(?:[(（]?(?:星期|周)[一二三四五六日天][)）]?)?\s*(?:[上下中]午|午后|凌晨|早[上晨]|傍晚|晚上?)?"
    rf"\s*(?:{_CLOCK}(?:\s*(?:至|到|[-—–~～－]{{1,2}})\s*(?:[上下中]午|晚上?)?{_CLOCK})?)?"
)
_LABEL = r"(?:会议|开会|讲话|发布|发送|印发|成文|交办|下达|签发|发文)?(?:时\s*间|日\s*期)"
# （2022年3月14日，根据录音整理）, ————— 2022-8-17 —————
_DATED_LINE = re.compile(
    rf"(?P<bracket>[(（【\[])?[—–―─=*-]*\s*(?P<label>{_LABEL}\s*[:：])?\s*"
    rf"{_DATE}{_ADDED}(?(bracket)(?![\d日号至到起前后以内])[^()（）。]{{0,24}}|\s*)[—–―─=*-]*[)）】\]]?"
    r"(?(label)(?:\s+[^。]*)?|(?:\s+地\s*点.*)?)[。.]?"
)
# The field of a form, beside others: 交办日期　2024年5月16日　办结时限　……
_DATED_FIELD = re.compile(
    rf"(?:\A|\u3000)\s*(?P<label>{_LABEL})\s*[:：]?\s*\u3000\s*{_DATE}\s*(?=\u3000|\Z)"
)
# XX县人民政府办公室　2020年1月27日
_SIGNATURE = re.compile(
    rf"(?!\S{{0,8}}(?:时限|期限|截止|时间|日期))[^\s，。；,;:：\d]{{2,30}}\s+{_DATE}"
)
# XX县人民政府办公室  2023年6月21日印发  共印50份
_PRINTED = re.compile(rf"(?:[^，。；,;:：\d《》]{{2,60}}(?<![于在]))?{_DATE}\s*印发(?:\s.*)?")
_TODAY = re.compile(rf"今[天日]是\s?(?:公历)?{_DATE}")

_HELD = re.compile(
    rf"{_DATE}{_ADDED}\s*[，,]?[^。；;！!？?]{{0,60}}?(?:主持|召开|举行)[^。；;！!？?]{{0,60}}?会"
)
# Speeches and notices, too, may open with a meeting: that of those above, or one that they follow.
_TITLE_OF_MINUTES = re.compile("纪要|记录")
_TITLE_OF_OTHERS = re.compile(
    "讲话|发言|致辞|通知|通报|意见|方案|报告|要点|总结|决定|公告|通告|函|稿"
)
_OF_OTHERS = re.compile("中央|总书记|国务院|省委|省政府|发生|以来|印发|出台|曾|日前")
_MINUTED = re.compile("会议(?:听取|指出|强调|要求|认为|决定|议定|研究|传达|学习|明确)|纪要如下")
_PROSE = re.compile(r"(?!抄\s?[送报]|[主分]送|附件|联系|[(（]此件).*[。：]")
_SENTENCE_END = re.compile("[。！!？?；;：:]$")

_FIRST = 12
_LAST = 6
# Minutes are signed and printed within weeks of the meeting.
_LATER = timedelta(days=60)


def find_reference(text: str) -> date | None:
    """The day that a document says it is of; None where it does not, or names several.

    What the opening states goes before the signature, and this before the day of printing, if
    these follow it within weeks. Looked at are the first 12 and the last 6 lines that are not
    blank, and 今天是… anywhere; a dated line between them must not say otherwise.
    """
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    prose = next((i for i, line in enumerate(lines) if line.endswith("。")), len(lines))
    opening = [*_TODAY.finditer(text)]
    signed: list[re.Match[str]] = []
    printed: list[re.Match[str]] = []
    elsewhere: list[re.Match[str]] = []
    if held := _find_meeting(lines[: _FIRST + 3]):
        opening.append(held)
    for i, line in enumerate(lines):
        is_last = i >= len(lines) - _LAST
        if dated := _DATED_LINE.fullmatch(line) or _DATED_FIELD.search(line):
            is_first = i < _FIRST and (i < prose or bool(dated["label"]))
            is_closing = is_last and not any(map(_PROSE.fullmatch, lines[i + 1 :]))
            (opening if is_first else signed if is_closing else elsewhere).append(dated)
        elif is_last and (match := _SIGNATURE.fullmatch(line)):
            signed.append(match)
        elif is_last and (match := _PRINTED.fullmatch(line)):
            printed.append(match)
    stated = [days for days in map(_read_days, (opening, signed, printed)) if days]
    if not stated or len(stated[0]) != 1 or not _read_days(elsewhere) <= stated[0]:
        return None
    (day,) = stated[0]
    is_agreed = all(len(days) == 1 and day <= min(days) <= day + _LATER for days in stated[1:])
    return day if is_agreed else None


def _find_meeting(lines: list[str]) -> re.Match[str] | None:
    """The date in the sentence that minutes open with, which only headings may stand before."""
    for i, line in enumerate(lines[:_FIRST]):
        titles = "\n".join(lines[:i])
        sentence = "".join(lines[i : i + 3])
        if held := _HELD.match(sentence):
            if _TITLE_OF_MINUTES.search(titles):
                return held
            is_of_others = _TITLE_OF_OTHERS.search(titles) or _OF_OTHERS.search(held.group())
            is_minuted = "主持" in held.group() or _MINUTED.search("\n".join(lines[i:]))
            return held if is_minuted and not is_of_others else None
        if _SENTENCE_END.search(line):
            return None
    return None


def _read_days(matches: list[re.Match[str]]) -> set[date]:
    return {day for match in matches if (day := _read_date(match))}


def _read_date(match: re.Match[str]) -> date | None:
    year, month, day = (read_number(match[name]) for name in ("year", "month", "day"))
    if not year or not month or not day or not 1949 <= year <= 2100:
        return None
    with suppress(ValueError):
        return date(year, month, day)
    return None
