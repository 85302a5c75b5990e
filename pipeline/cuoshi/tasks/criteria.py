"""Finds what makes a task checkable: its quantities and the conditions that it sets.

Rules for what the codebook of tasks leaves outside the deadlines (隔离14天, 48小时核酸证明) and for
the set phrases of the register (应检尽检, 一人一档). Bare small counts (三个, 一次) are left out:
they name things more often than they bound an act.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import Literal

from cuoshi.tasks.deadlines import find_deadlines
from cuoshi.tasks.numerals import NUMERALS
from cuoshi.tasks.offsets import without_blanks
from cuoshi.tasks.task import Criterion

_HAN = r"[\u4e00-\u9fff]"
_ONE = rf"(?:\d{{1,9}}(?:[.．]\d{{1,3}})?[百千万亿]{{0,2}}|[半几{NUMERALS}千万亿]{{1,8}})"
_NUMBER = rf"(?<![第A-Za-z\d{NUMERALS}千万亿.．]){_ONE}(?:[-—~～至到]{_ONE})?(?!分之)\s?"
_MANY = (
    rf"(?<![第A-Za-z\d{NUMERALS}千万亿.．])(?:\d{{2,9}}[百千万亿]{{0,2}}"
    rf"|[{NUMERALS}][十百千万亿][{NUMERALS}千万亿]{{0,6}}|十[{NUMERALS}]?)\s?"
)
_TIME = "(?:个?半?(?:小时|钟头|工作日|星期)|(?:个半?|(?<=半))月|分钟|昼夜|天|日|周|年)(?![级产])"
_MEASURE = (
    "(?:平方米|立方米|厘米|毫米|公里|千米|米|公斤|千克|毫升|吨|斤|升|摄氏度|[℃%％]|度[一二三四五六七八九]?|"
    "[万亿]?元|倍|成)"
)
_PIECES = (
    "(?:人次|人份|人|名|只|套|次|遍|趟|轮|条|张|台|间|支|份|户|处|家|个百分点|分|件|顶|床|辆|架|箱|"
    "瓶|车|组|篇|集|批|例|场|队|桌|块|所|座|片|盒|袋)"
)
_UNIT = f"(?:{_TIME}|{_MEASURE}|{_PIECES}|个)"
_PERCENT = rf"(?:百分之{_ONE}|{_ONE}个百分点|\d{{1,3}}(?:\.\d{{1,2}})?[%％]|百分百)"
_AMOUNT = rf"(?:{_PERCENT}|{_NUMBER}{_UNIT})"
_AT_LEAST = (
    "(?:不(?:得|能)?(?:少于|低于|超过|高于|小于|大于|多于)|至少|最少|最多|至多|高于|低于|超过|少于|"
    "达到|控制在|限[制定]?在|住?满|[≥≤＞＜])"
)
_OR_MORE = "(?:及?以[上下内](?!学|老)|左右|之内|内(?![容部外]))"
_EACH = rf"(?:每(?!次|天|日|周|月|年|晚|一个){_HAN}{{1,7}}?(?:每{_HAN}{{1,3}}?)?)"
_OF_USE = "(?:的?(?:满负荷)?(?:用量|消费量|销量|使用量|需求量|间距|距离|库存))"

_QUANTITY = (
    rf"{_EACH}?(?:{_AT_LEAST}|(?:至少|最多|每次){_HAN}{{1,3}}?){_AMOUNT}{_OR_MORE}?{_OF_USE}?"
    rf"|{_EACH}{_AMOUNT}{_OR_MORE}?{_OF_USE}?"
    rf"|{_NUMBER}{_UNIT}{_OR_MORE}{_OF_USE}?"
    rf"|{_PERCENT}{_OR_MORE}?"
    rf"|(?!一[天日周年分月昼]){_NUMBER}(?:{_TIME}|{_MEASURE}){_OF_USE}?"
    rf"|{_MANY}{_PIECES}{_OF_USE}?"
)
_PROOF = (
    "(?:证明|报告|通行证|出入证|身份证|健康证|健康码|绿码|行程码|检测结果|诊断书|证件|票|预约|签字)"
)
_CONDITION = (
    r"应(?!当|该|急|对)[\u4e00-\u9fff]尽[\u4e00-\u9fff]"
    r"|一(?P<of>人|户|企|校|生|师|车|村|点|事|案|品|店|厂|区|楼|栋|县|镇|项|件|物|船|客|班|家)一"
    r"(?!(?P=of)|[个起些样时直致定])[\u4e00-\u9fff]"
    r"|不[漏落]一[\u4e00-\u9fff](?:、?不[漏落]一[\u4e00-\u9fff])*|一[个人户]不[漏落]"
    r"|逢[\u4e00-\u9fff]必[\u4e00-\u9fff]|日产日清|日清日结|非必要不[\u4e00-\u9fff]{2}门?"
    rf"|体温(?:超过|高于|达到?|大于|在|[≥>＞])?{_NUMBER}(?:℃|度[一二三四五六七八九]?|摄氏度)(?:以[上下])?"
    rf"|[凭持][^，。；、,;\s]{{1,18}}?{_PROOF}"
    rf"|{_NUMBER}(?:小时|天|日)(?:之?内)?(?:有效)?(?:的)?(?:新冠)?(?:病毒)?(?:核酸|抗原|阴性)"
    rf"(?:检测)?(?:阴性)?{_PROOF}?"
    r"|(?:\d|[一两二三])次(?:核酸|抗原)?(?:检测)?(?:结果)?(?:均|都)?(?:为|呈)?阴性?"
)
_CRITERION = re.compile(f"(?P<condition>{_CONDITION})|(?P<quantity>{_QUANTITY})")
# 近14天 (whom it concerns), 累计十二处 (what is), 这两天, 最后一公里, 十二月一日.
_NOT_ASKED = re.compile("(?:近|过去|前|截至|累计|共|已|这|未来|后|月)$")


@without_blanks
def find_criteria(text: str) -> list[Criterion]:
    """The quantities and conditions in `text`, in order, none overlapping another or a deadline."""
    deadlines = find_deadlines(text)
    criteria = []
    for match in _CRITERION.finditer(text):
        start, end = match.span()
        if _NOT_ASKED.search(text, max(0, start - 2), start):
            continue
        after = bisect_right(deadlines, start, key=lambda deadline: deadline.end)
        if after < len(deadlines) and deadlines[after].start < end:
            continue
        kind: Literal["condition", "quantity"] = "condition" if match["condition"] else "quantity"
        criteria.append(Criterion(start, end, match.group(), kind))
    return criteria
