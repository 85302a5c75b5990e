"""The words of time that deadlines are made of, as patterns.

`TIME` finds one word or figure at a time (2月10日 · 下午 · 3点 · 会后 · 24小时内) and names its
class. Which of them make a deadline together is decided in `deadlines`, which day they name in
`dates`. Every repetition is bounded, so that the time taken grows with the length of the text.
"""

from __future__ import annotations

import re

from cuoshi.tasks.lunar import MONTH_OF_LUNAR_DAY
from cuoshi.tasks.numerals import BLANK, NUMBER, NUMERALS

# Print and PDF leave blanks between a figure and its unit.
_GAP = r"[ \u3000]?"
_NEW = rf"(?<![\d{NUMERALS}第])"
_HAN = r"[\u4e00-\u9fff]"

PART_OF_DAY = (
    "(?:凌晨|清晨|早晨|早上|上午|中午|午后|下午|傍晚|晚上|晚间|夜间|夜里|半夜|午夜|天亮|天黑|"
    "下班|上班|收工|[早中晚]饭|[早中晚夜]班(?![车主])|早|晚)"
)
_CLOCK = (
    rf"(?:\d{{1,2}}[:：]\d\d"
    rf"|{NUMBER}{_GAP}(?:时(?!间|期|段|常|刻|候)|点(?!位|对|名|多|儿))钟?"
    rf"(?:半|整|{NUMBER}刻|{NUMBER}分)?)"
)
_YEAR = (
    rf"(?:(?:\d{{4}}|[{NUMERALS}]{{4}}|{BLANK}{{2,4}}){_GAP}年{_GAP}"
    "|(?:今|明|后|本|当|来)年)"
)
_MONTH_OF_SPEECH = "(?:本|当|次|这个|下个?)月"
_THIRD = "(?:中下旬|[上中下]旬|月?底|月?末|月?初(?![步级中一二三四五六七八九十])|月中)"
_DAY = rf"{NUMBER}{_GAP}[日号]"
_DASH, _SLASH, _POINT = "[-－]", "[/／]", "[.．]"
_MONTH_FIGURE, _DAY_FIGURE = r"(?:1[0-2]|0?[1-9])", r"(?:3[01]|[12]\d|0?[1-9])"
# 2025-03-05, and 3.15 with 前 where it can be neither a version (升级到3.15前, Python 3.15前)
# nor a quantity (数值在3.15前).
_DATE_IN_FIGURES = (
    rf"(?:(?<![A-Za-z./／-])[12１２]\d{{3}}"
    rf"(?:{_DASH}\d{{1,2}}{_DASH}|{_SLASH}\d{{1,2}}{_SLASH}|{_POINT}\d{{1,2}}{_POINT})"
    r"\d{1,2}(?![-－/／.．]?\d)"
    r"|(?:^|(?<=[，。；：！,;\n请要须应必])|(?<=(?<![值度率量数价比低高大小优等本版])[在于]))"
    rf"(?!0?2{_POINT}3|(?:0?[469]|11){_POINT}31){_MONTH_FIGURE}{_POINT}{_DAY_FIGURE}(?=[之以]?前(?![的版后往])))"
)
DATE = (
    rf"(?:{_DATE_IN_FIGURES}|{_YEAR}?(?:{NUMBER}{_GAP}月份?|{_MONTH_OF_SPEECH}){_GAP}(?:{_DAY}|{_THIRD})"
    rf"|{_YEAR}(?:[年]?[底末初]|年?终)"
    rf"|(?<![{NUMERALS}\d上个去])(?:[月年][底末内]))"
)
_SEASON = "(?:(?:第?[一二三四1-4]季度|[上下]半年)[底末]?)"
_LUNAR_DAY = r"(?:初[一二三四五六七八九十]|廿[一二三四五六七八九]|二?十[一二三四五六七八九]?|三十)"
LUNAR = (
    rf"(?:(?:{_YEAR}|[农阴]历)?(?:正月|腊月|冬月|[农阴]历{NUMBER}月){_GAP}"
    rf"(?:(?:{_LUNAR_DAY}|\d{{1,2}}(?=[日号前]))[日号]?|底|末)?"
    rf"|(?:{_YEAR}|[农阴]历)?"
    rf"(?:{MONTH_OF_LUNAR_DAY}月(?:{_LUNAR_DAY}|[二三九半])|(?:十[一二]|[二三四五六七八九十])月{_LUNAR_DAY})"
    rf"(?![日号\d{NUMERALS}])"
    rf"|(?<=[初十廿][一二三四五六七八九十]、){_LUNAR_DAY}(?=[等、，。和及前]|[两二三四五六七八]天)"
    rf"|大?年(?:三十|{_LUNAR_DAY})|初[一二三四五六七八九十](?!级|中|三年|[二三]学))"
)
_QUOTED_FESTIVAL = (
    r"[“\"‘'「](?:元旦|春节|元宵|清明|端午|中秋|国庆|重阳|三八|五一|五四|六一|七一|八一|十一)[”\"’'」]"
    "(?:国际)?(?:(?:劳动|国庆|妇女|儿童|青年|建党|建军)?节)?"
)
FESTIVAL = (
    rf"(?:{_YEAR}?(?:{_QUOTED_FESTIVAL}|春节|除夕(?:夜(?![里间晚]))?|元旦|元宵节?|清明节?|端午节?|中秋节?|国庆节?|重阳节?|劳动节"
    rf"|(?<![{NUMERALS}])五一(?!线)|(?<![{NUMERALS}])十一(?=假期|期间|前|黄金周)|小年|腊八节?|七夕"
    "|寒假|暑假|春运|汛期)(?:小?长假|假期)?|过年|新年|节日|(?<![季士师])节(?=[前后])(?!后[^一-龥])|(?<![今明去每数多])年(?=[前后]))"
)
_UNIT = "(?:小时|钟头|分钟|工作日|自然日|昼夜|[天日周月年]|星期|礼拜|季度)"
SPAN = (
    rf"(?:(?:{NUMBER}|[几数])(?:{_GAP}[-—~～至到]{_GAP}{NUMBER})?{_GAP}(?:个?半)?个?{_UNIT}"
    "|半个?(?:小时|钟头|[天日月年]))"
)
TIMES = rf"(?:(?:不少于|至少|不低于|各|开展)?{NUMBER}{_GAP}(?:次|遍|趟|轮|回))"
WEEKDAY = "(?<!上)(?:(?:下下|[本这下]个?)?(?:周|星期|礼拜)(?:[一二三四五六日天]|末))"
# What an idiom of four or so characters does again and again: 一天一检, 一周一通报.
_ACT = (
    "(?:通报|暗访|调度|排名|检[查测]?|公示|轮换?|评比?|督查|更新|研判|会商|报告?|清[洗洁]|消[毒杀]?|盘点|"
    "对账|汇总|补(?!充)|[查测榜结换调问])"
)
RECURRING = (
    "(?:"
    rf"每(?:隔)?(?:周|星期|礼拜)(?:[一二三四五六日天](?![次趟轮回遍个]|{_ACT})|末)"
    rf"|每隔?(?:个|{NUMBER}{_GAP}个?|半个?)?(?:{_UNIT}|晚|旬|早|夜)(?!均|度|一个人)"
    rf"(?:{NUMBER}[日号](?:[、和]{NUMBER}[日号]){{0,4}}|[上中下]旬|[底末初](?!步))?(?:早[、]?中?[、]?晚)?{TIMES}?"
    rf"|(?:{NUMBER}|半){_GAP}个?(?:小时|钟头|[天日周月年]|星期|季度?)(?:一{_ACT}|{TIMES})"
    rf"|(?:{NUMBER}|半){_GAP}个?(?:小时|钟头|[天日周月年]|星期|季度?)"
    rf"(?:通报|暗访|督查|检查|巡查|排查|核查|调度|会商|研判|消毒|消杀|报告|上报|汇报|更新|演练|轮换){NUMBER}次"
    rf"|隔[天日周](?!离)|逐[日周月旬](?!益|渐)|[按](?:日|周|月|旬|季度?)(?=[^期计历])"
    "|(?<![昨今明后当前去春夏秋冬每半全白一二三四五六七八九十])天天|日日|月月|季季|周周"
    rf"|(?<![规固不])定期(?![限间存])|早晚(?={NUMBER}|各|两|分别){TIMES}?|早中晚(?={NUMBER}|各|三){TIMES}?"
    ")"
)
AT_ONCE = "(?:立即|立刻|立马|马上|即刻|当即|第一时间)"
FROM_NOW = "(?:即日(?:起|始)?|(?:即时|现在|此刻)(?:起|开始))"
DAY_OF_SPEECH = (
    r"(?:[今明]明?后?两[天日]|明?后天|大后天|(?:[今明当][天日晚早夜]|次[日晨]|翌日|第二天)"
    "(?:一早)?|(?:[今明]|大?后)儿个?)"
)
_PERIOD_OF_SPEECH = "(?:(?:下下|[本这下]个?)(?:周|星期|礼拜|月|季度)(?!报|期|边|转))"

# Events that a time is counted from. What stands before them is cut at an opener, at a body or at
# a verb that takes the event as its object.
_EVENT_VERB = (
    "(?:接到|接报|接收|收到|得知|发现|确认|确诊|返回|返[校岗乡程汉]|抵达|到达|到岗|抵[^御抗制触押]|"
    "入[市省境院校园村住]|进[入站校]|解除|结束|开[学工业课考]|复[工产课学]|上岗|上班|下车|出院|"
    "离[校院岗开]|回去|印发|发布|下发|报告|审定|核实|检测|通知|判定|转运|启用|出舱|治愈|期满|放假)"
)
_SUBJECT = (
    "(?:人员|旅客|学生|师生|员工|病例|患者|车辆|船员|会议|疫情|疫点|"
    "隔离|观察|留观|监测|采样|检测|消杀|整改|培训|捐赠|演练|封控|[春秋]季|结果|本?通[知告])"
)
_STOP = (
    "(?!单位|部门|乡镇|社区|学校|医院|企业|属地|各地|一旦|确保|务必|必须|力争|争取|赶在"
    "|[要须应在由将请各如若的把对让给周月每])"
)
_FREE = rf"(?:{_STOP}{_HAN})"
BEFORE = (
    "(?:[之以]前|(?<![提面目当眼跟门台床事生空史往此窗车房店屋靠上])"
    "前(?![后往来期面置列沿线端移段例所台门头线]|提(?![交出供报醒高升])))"
)
AFTER = "(?:[之以]?后(?![续期方面勤来备果顾台]))"
_COUNTED = rf"(?=的?(?:{AT_ONCE}|{SPAN}[之以]?内|当[天日晚]|次日|第二天))"
EVENT = (
    "(?:"
    rf"(?:散会|会议结束|回去|(?<![社协学商工委])会议?){AFTER}"
    r"|本?(?:通[知告]|意见|方案|办法|文件)?(?:印发|发布|下发|公布|施行)之日起"
    rf"|{_SUBJECT}{{0,2}}(?:尚?未|还?没有?)?{_EVENT_VERB}{_FREE}{{0,6}}?"
    rf"(?:{BEFORE}(?:{SPAN}起?)?|{AFTER}{_COUNTED}|之日起)"
    rf"|(?<![^在于保，。；：、,;:\s])(?![目当此以之]前){_FREE}{{2,9}}?(?:[之以]前|{AFTER}{_COUNTED})"
    "|(?:疫情(?:防控|流行)?|防控|防疫|封[闭控]|静默|停课|停业|隔离管控|战时|放假|假期|特殊|非常|响应|节假日|"
    "封锁|会议|(?:流行|祭扫)?高峰|两会|[高中]考|考试|停运)(?:期间|存续期|时期|(?<=峰)期)"
    r"|(?:开[学工业]|复[工产课学]|入学|返[校岗]|上[岗班])[之以]?后?的?"
    rf"第(?:{NUMBER})个?(?:[天日周]|星期|礼拜|月|工作日)[之以]?内?"
    rf"|提前{SPAN}"
    ")"
)

# What tells the same day once more: 5月20日（星期一）, 本周五（5月10日）, 腊月二十三（小年）.
ASIDE = re.compile(
    rf"{_GAP}[（(]{_GAP}(?:含(?:当[天日]|本[天日])?|(?:{WEEKDAY}|{LUNAR}|{FESTIVAL}|{DAY_OF_SPEECH})"
    rf"|(?:{DATE}|{_DAY})(?:[至—–~～－-]{{1,2}}(?:{DATE}|{_DAY}))?)"
    rf"(?:[，,]?{_GAP}{PART_OF_DAY})?(?:{_GAP}{_CLOCK})?{_GAP}[）)]"
)
# 清明节前三天: what may follow a festival or a lunar day.
COUNTED_FROM_DAY = re.compile(
    rf"[之以]?[前后]第?(?:{NUMBER}|[几数])(?:[天日周]|个?(?:星期|礼拜|工作日)|个月)(?:[之以]?[内前]|起)?"
)

TIME = re.compile(
    rf"(?P<recurring>{_NEW}{RECURRING})"
    rf"|(?P<lunar>{_NEW}{LUNAR})"
    rf"|(?P<date>{_NEW}{DATE})"
    rf"|(?P<festival>{FESTIVAL})"
    rf"|(?P<at_once>{AT_ONCE})"
    rf"|(?P<from_now>{FROM_NOW})"
    rf"|(?P<weekday>(?<![{NUMERALS}\d]){WEEKDAY})"
    rf"|(?P<near_day>{DAY_OF_SPEECH})"
    rf"|(?P<near_period>{_PERIOD_OF_SPEECH})"
    rf"|(?P<span>{_NEW}{SPAN}(?=[之以]?[内后]))"
    rf"|(?P<clock>{_NEW}{_CLOCK})"
    rf"|(?P<event>{EVENT})"
    rf"|(?P<part>{PART_OF_DAY})"
    rf"|(?P<day>{_NEW}{_DAY})"
    rf"|(?P<season>{_NEW}{_YEAR}?{_SEASON})"
    rf"|(?P<month>{_NEW}(?:{_YEAR}?{NUMBER}{_GAP}月份?|{_YEAR}))"
)
