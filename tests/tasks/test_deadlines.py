import json
import time
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cuoshi.tasks.deadlines import find_deadlines

from ..conftest import PROJECT

MONDAY = date(2020, 1, 27)  # 正月初三
WORDS = (
    "2月10日前 二月十日 10日 前 之前 内 起 至 每 每天 每周一 3点 下午 今天 明天 会后 立即 24小时 "
    "三天 正月 十五 春节 期间 月底 年 月 日 后 以前 X月X日 的 、 ， 。 接到通知 开学 返回 之日起 "
    "两次 一日 一查 2020年 ２０２０ 从 自 现在起 已 完成 截至 隔离 14天 a \n \u3000 🙂"
)
texts = st.one_of(st.text(max_size=60), st.lists(st.sampled_from(WORDS.split(" "))).map("".join))

FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
FIGURES = str.maketrans("0123456789", "〇一二三四五六七八九")


def found(text: str, reference: date | None = MONDAY) -> list[tuple[str, str, str | None]]:
    return [
        (d.text, d.kind, d.date.isoformat() if d.date else None)
        for d in find_deadlines(text, reference)
    ]


def chinese(number: int) -> str:
    tens, ones = divmod(number, 10)
    head = "" if not tens else "十" if tens == 1 else "〇一二三"[tens] + "十"
    return head + (str(ones).translate(FIGURES) if ones else "")


@pytest.mark.parametrize(
    ("text", "words", "kind", "day"),
    [
        ("各乡镇要在2月10日前完成整改。", "2月10日前", "absolute", "2020-02-10"),
        ("务必于２月１０日前送达。", "２月１０日前", "absolute", "2020-02-10"),
        ("请在1月20日前报送。", "1月20日前", "absolute", "2021-01-20"),
        ("自1月24日起关闭景区。", "1月24日起", "absolute", "2020-01-24"),
        ("每日16时前提交报表。", "每日16时前", "recurring", None),
        ("缺口31日上午补齐。", "31日上午", "absolute", "2020-01-31"),
        ("每日早班前测温。", "每日早班前", "recurring", None),
        ("半月通报一次。", "半月通报一次", "recurring", None),
        ("2月29日之前补足。", "2月29日之前", "absolute", "2020-02-29"),
        ("2月10日零时前撤出。", "2月10日零时前", "absolute", "2020-02-09"),
        ("15日前冷链送达。", "15日前", "absolute", "2020-02-15"),
        ("于X月X日前上报。", "X月X日前", "absolute", None),
        ("三月底前采购到位。", "三月底前", "absolute", "2020-03-31"),
        ("月底前贴进每个单元。", "月底前", "absolute", "2020-01-31"),
        ("年底前组织演练。", "年底前", "absolute", "2020-12-31"),
        ("2月中旬前开仓。", "2月中旬前", "absolute", "2020-02-20"),
        ("明年3月1日前建成。", "明年3月1日前", "absolute", "2021-03-01"),
        ("一季度前达产。", "一季度前", "absolute", "2020-03-31"),
        ("即日起至3月15日停运。", "即日起至3月15日", "absolute", "2020-03-15"),
        ("2月1日至7日停课。", "2月1日至7日", "absolute", "2020-02-07"),
        ("今晚8点前送到。", "今晚8点前", "absolute", "2020-01-27"),
        ("明早六点前清场。", "明早六点前", "absolute", "2020-01-28"),
        ("在初七上班之前查处。", "初七上班之前", "absolute", "2020-01-31"),
        ("正月十五前不开业。", "正月十五前", "absolute", "2020-02-08"),
        ("腊月二十前配齐。", "腊月二十前", "absolute", "2021-02-01"),
        ("年三十前上齐货架。", "年三十前", "absolute", "2021-02-11"),
        ("春节前打完第二针。", "春节前", "absolute", "2021-02-11"),
        ("元宵节前不聚集。", "元宵节前", "absolute", "2020-02-07"),
        ("清明节前发公告。", "清明节前", "absolute", "2020-04-03"),
        ("国庆节前验收。", "国庆节前", "absolute", "2020-09-30"),
        ("2月10日（星期一）前拨款。", "2月10日（星期一）前", "absolute", "2020-02-10"),
        ("2月10日(周一)下午3点前报送。", "2月10日(周一)下午3点前", "absolute", "2020-02-10"),
        ("15日（周六）前报送。", "15日（周六）前", "absolute", "2020-02-15"),
        ("2月10日（含）前报送。", "2月10日（含）前", "absolute", "2020-02-10"),
        ("本周五（1月31日）前报送。", "本周五（1月31日）前", "absolute", "2020-01-31"),
        (
            "2月10日（周一）至14日（周五）停课。",
            "2月10日（周一）至14日（周五）",
            "absolute",
            "2020-02-14",
        ),
        ("小年前完成慰问。", "小年前", "absolute", "2021-02-03"),
        ("腊月二十三（小年）前慰问。", "腊月二十三（小年）前", "absolute", "2021-02-04"),
        ("八月十五以前发放。", "八月十五以前", "absolute", "2020-10-01"),
        ("腊月二十三前发放。", "腊月二十三前", "absolute", "2021-02-04"),
        ("二月初二前发放。", "二月初二前", "absolute", "2020-02-24"),
        ("三月三前发放。", "三月三前", "absolute", "2020-03-26"),
        ("八月十五日前发放。", "八月十五日前", "absolute", "2020-08-15"),
        ("八月二十前发放。", "八月二十前", "absolute", None),
        ("清明节前三天上岗。", "清明节前三天", "absolute", "2020-04-01"),
        ("从清明节前三天开始上岗。", "清明节前三天开始", "absolute", "2020-04-01"),
        ("除夕前一周内备齐。", "除夕前一周内", "absolute", "2021-02-10"),
        ("元宵节后两天内报送。", "元宵节后两天内", "absolute", "2020-02-10"),
        ("春节后一周内报送。", "春节后一周内", "absolute", "2020-02-01"),
        ("春节前三个工作日报送。", "春节前三个工作日", "absolute", "2021-02-08"),
        ("“五一”前验收。", "“五一”前", "absolute", "2020-04-30"),
        ("“七一”前慰问。", "“七一”前", "absolute", "2020-06-30"),
        ("五一假期前验收。", "五一假期前", "absolute", "2020-04-30"),
        ("到五一假期结束，全县禁火。", "五一假期结束", "absolute", None),
        ("2020-03-05前报送。", "2020-03-05前", "absolute", "2020-03-05"),
        ("于2020/3/5前报送。", "2020/3/5前", "absolute", "2020-03-05"),
        ("在3.15前检查到位。", "3.15前", "absolute", "2020-03-15"),
        ("2月30日前报送。", "2月30日前", "absolute", None),
        ("下月初组织检查。", "下月初", "absolute", "2020-02-10"),
        ("要在上半年组织演练。", "上半年", "absolute", "2020-06-30"),
        ("上半年完成整改。", "上半年", "absolute", "2020-06-30"),
        ("除夕、初一要专人值守。", "除夕、初一", "absolute", "2021-02-11"),
        ("除夕、初一、初二三天不走亲。", "除夕、初一、初二三天", "absolute", "2021-02-11"),
        ("除夕夜前送到困难户家中。", "除夕夜前", "absolute", "2021-02-11"),
        ("除夕夜里12点前关闭。", "除夕夜里12点前", "absolute", "2021-02-11"),
        ("正月十四、十五两天不组织灯会。", "正月十四、十五两天", "absolute", "2020-02-07"),
        ("元旦、春节一天一调度。", "元旦、春节一天一调度", "recurring", None),
        (
            "在除夕、初一、初五、十五等重点时段巡查。",
            "除夕、初一、初五、十五等重点时段",
            "absolute",
            "2021-02-11",
        ),
        ("开学第一周排查。", "开学第一周", "relative", None),
        ("从明儿个起值班。", "明儿个起", "relative", "2020-01-28"),
        ("十一小时内上报。", "十一小时内", "relative", "2020-01-27"),
        ("过年期间少聚会。", "过年期间", "absolute", None),
        ("24小时内转运到位。", "24小时内", "relative", "2020-01-28"),
        ("半小时内核实。", "半小时内", "relative", "2020-01-27"),
        ("三天内全部查清。", "三天内", "relative", "2020-01-30"),
        ("一周之内书面反馈。", "一周之内", "relative", "2020-02-03"),
        ("一个月内整改。", "一个月内", "relative", "2020-02-27"),
        ("5个工作日内上账。", "5个工作日内", "relative", "2020-02-07"),
        ("节后第三个工作日前报送。", "节后第三个工作日前", "absolute", None),
        ("春节后第三个工作日报送。", "春节后第三个工作日", "absolute", "2020-02-05"),
        ("明天开始派督导组。", "明天", "relative", "2020-01-28"),
        ("从明天开始派督导组。", "明天开始", "relative", "2020-01-28"),
        ("今明两天列出清单。", "今明两天", "relative", "2020-01-28"),
        ("本周五前交账。", "本周五前", "relative", "2020-01-31"),
        ("下周一前拨款。", "下周一前", "relative", "2020-02-03"),
        ("从下周起测温。", "下周起", "relative", "2020-02-03"),
        ("2月起停止聚餐。", "2月起", "absolute", "2020-02-01"),
        ("2月中旬起停止聚餐。", "2月中旬起", "absolute", "2020-02-11"),
        ("1月20日开始，学校停课。", "1月20日开始", "absolute", "2020-01-20"),
        ("2月4日6时至20时开展采样。", "2月4日6时至20时", "absolute", "2020-02-04"),
        ("每月1日、15日公布。", "每月1日、15日", "recurring", None),
        ("秋季开学前备齐。", "秋季开学前", "relative", None),
        ("周日前运抵。", "周日前", "relative", "2020-02-02"),
        ("本周内补足库存。", "本周内", "relative", "2020-02-02"),
        ("从现在起一律停办。", "现在起", "relative", "2020-01-27"),
        ("会后立即部署。", "会后立即", "relative", "2020-01-27"),
        ("今天会后抓紧落实。", "今天会后", "relative", "2020-01-27"),
        ("属地接到线索后2小时内核查。", "接到线索后2小时内", "relative", None),
        ("确保人员入市后第一时间掌握情况。", "人员入市后第一时间", "relative", None),
        ("在疫情解除前不要返回。", "疫情解除前", "relative", None),
        ("要在开学前三天完成。", "开学前三天", "relative", None),
        ("一旦发现疫情,立即上报。", "立即", "relative", None),
        ("每日下午3点前报送。", "每日下午3点前", "recurring", None),
        ("干部每日二次随访。", "每日二次", "recurring", None),
        ("每日的12点、17点报数。", "每日的12点、17点", "recurring", None),
        ("每周二、周五开会。", "每周二、周五", "recurring", None),
        ("落实情况一周一通报。", "一周一通报", "recurring", None),
        ("对从业人员定期检测。", "定期", "recurring", None),
    ],
)
def test_a_deadline_is_found_whole_with_its_kind_and_day(
    text: str, words: str, kind: str, day: str | None
) -> None:
    assert found(text) == [(words, kind, day)]


@pytest.mark.parametrize(
    "text",
    [
        "1月22日，党中央果断要求湖北省对人员外流实施管控。",
        "截至2月10日24时，累计报告病例12例。",
        "今年以来已查处案件三起。",
        "去年底建成，上周五验收，昨天投用。",
        "要落实好2月2日省领导小组会议上的要求。",
        "在春节期间人口大规模流动的背景下，要加强宣传。",
        "隔离14天，居家观察十四天，24小时值班值守。",
        "凭48小时内核酸检测证明通行，7日内核酸检测阴性。",
        "三年内不得提拔，近十四天内有旅居史的人员要登记。",
        "要及时、尽快、随时报告，目前先继续坚持。",
        "健全每日发布机制、定期报告制度。",
        "今天，我们在这里召开会议，讲三点意见，少一点口号。",
        "升级到3.15前要备份，Python 3.15前的版本停用，数值在7.15前属正常，2.30前不报。",
        "去年上半年完成整改，上半年完成投资3亿元，在上半年工作基础上再提高。",
        "3月初步建成，编号2025-03-05-001，开学第一课，八月十五个村。",
        "初一、初二学生错峰返校，初一、初二两个年级分批，初一、初二3日返校。",
        "正月十五元宵节灯会一律取消，春节（正月初一）庙会停办，除夕、初一的聚餐退订。",
        "提前介入、关口前移，在疫情面前不退缩，春节祭扫从简。",
        "要不定期抽查，发放前提是登记，关于上半年自查情况要上报。",
    ],
)
def test_reports_durations_and_haste_are_no_deadlines(text: str) -> None:
    assert found(text) == []


def test_several_deadlines_of_a_sentence_keep_their_order() -> None:
    text = "会后要部署，发现疑似人员要立即报告，每天汇总，并于2020年2月1日前报市里。"
    assert [words for words, _, _ in found(text, None)] == [
        "会后",
        "立即",
        "每天",
        "2020年2月1日前",
    ]


def test_a_range_written_as_two_clauses_is_two_deadlines() -> None:
    text = "清明节前三天开始，到五一假期结束，全县禁火。"
    assert found(text, date(2025, 3, 1)) == [
        ("清明节前三天", "absolute", "2025-04-01"),
        ("五一假期结束", "absolute", None),
    ]


def test_days_before_a_festival_that_have_begun_are_this_year_s() -> None:
    assert found("清明节前三天上岗。", date(2025, 4, 2))[0][2] == "2025-04-01"
    assert found("国庆节后三天内报送。", date(2025, 10, 2))[0][2] == "2025-10-04"


def test_without_a_reference_only_a_day_with_its_year_is_dated() -> None:
    assert found("2020年2月10日前，2月10日前，三天内，明天。", None) == [
        ("2020年2月10日前", "absolute", "2020-02-10"),
        ("2月10日前", "absolute", None),
        ("三天内", "relative", None),
        ("明天", "relative", None),
    ]


@given(st.dates(date(1950, 1, 1), date(2099, 12, 31)), st.sampled_from(["前", "之前", "起"]))
def test_a_date_is_read_alike_however_it_is_written(day: date, closing: str) -> None:
    numerals = f"{str(day.year).translate(FIGURES)}年{chinese(day.month)}月{chinese(day.day)}日"
    figures = f"{day.year}年{day.month}月{day.day}日"
    for words in (figures, figures.translate(FULL_WIDTH), numerals, f"{day.year}年 {figures[5:]}"):
        assert [(d.text, d.date) for d in find_deadlines(f"请于{words}{closing}报送。")] == [
            (words + closing, day)
        ]


@given(st.dates(date(1950, 1, 1), date(2090, 12, 31)), st.integers(0, 364))
def test_a_day_without_its_year_is_the_next_one(reference: date, ahead: int) -> None:
    day = reference + timedelta(days=ahead)
    (deadline,) = find_deadlines(f"在{day.month}月{day.day}日前完成。", reference)
    assert deadline.date == day


@given(texts, st.none() | st.dates(date(1, 1, 1), date.max))
def test_spans_are_the_text_at_their_place_in_order(text: str, reference: date | None) -> None:
    end = 0
    for deadline in find_deadlines(text, reference):
        assert end <= deadline.start < deadline.end
        assert text[deadline.start : deadline.end] == deadline.text
        end = deadline.end


@pytest.mark.parametrize("part", ["2", "十", "2月1", "每", "X", "人员返回", "在会后", "即日起至"])
def test_the_time_grows_with_the_length_of_the_text(part: str) -> None:
    def seconds(size: int) -> float:
        text = (part * size)[:size]
        start = time.process_time()
        find_deadlines(text)
        return time.process_time() - start

    seconds(1_000)
    # Linear is 10; a quadratic pattern would take 100 times as long, and minutes on 5 MB.
    assert seconds(200_000) < 40 * max(seconds(20_000), 0.005)


def test_the_annotated_development_sentences_are_read_as_annotated() -> None:
    path = PROJECT / "data" / "annotation" / "tasks.jsonl"
    same = annotated = returned = 0
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if row["set"] == "development":
            wanted = {(d["start"], d["end"], d["kind"]) for d in row["deadlines"]}
            got = {(d.start, d.end, d.kind) for d in find_deadlines(row["text"])}
            same += len(wanted & got)
            annotated += len(wanted)
            returned += len(got)
    assert 2 * same / (annotated + returned) >= 0.95


@pytest.mark.parametrize("words", ["下周内", "下月起", "三天内", "2月30日前"])
def test_no_day_is_told_behind_the_end_of_the_calendar(words: str) -> None:
    assert [d.date for d in find_deadlines(f"各镇要在{words}登记。", date.max)] == [None]
