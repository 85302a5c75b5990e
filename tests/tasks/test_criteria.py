import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cuoshi.tasks.criteria import find_criteria
from cuoshi.tasks.deadlines import find_deadlines

WORDS = (
    "隔离 14天 24小时内 每个 市场 至少 两人 不少于 30天 用量 百分之 十五 100% 应检尽检 一人一档 "
    "凭 48小时 核酸 阴性 证明 体温 超过 37.3℃ 一 一户 每人每天 米 以上 三年 内 不得 ， 。 2月10日前"
)


def found(text: str) -> list[tuple[str, str]]:
    return [(criterion.text, criterion.kind) for criterion in find_criteria(text)]


@pytest.mark.parametrize(
    ("text", "words", "kind"),
    [
        ("一律集中隔离14天。", "14天", "quantity"),
        ("每个农贸市场至少两人值守。", "每个农贸市场至少两人", "quantity"),
        ("每万人不少于四十间。", "每万人不少于四十间", "quantity"),
        ("每人每天两只口罩。", "每人每天两只", "quantity"),
        ("座位间隔一米以上。", "一米以上", "quantity"),
        ("库存不低于30天用量。", "不低于30天用量", "quantity"),
        ("完成率要达到100%。", "达到100%", "quantity"),
        ("权重不低于百分之十五。", "不低于百分之十五", "quantity"),
        ("三年内不得提拔。", "三年内", "quantity"),
        ("坚决做到应检尽检。", "应检尽检", "condition"),
        ("建立一人一档。", "一人一档", "condition"),
        ("做到不漏一户、不漏一人。", "不漏一户、不漏一人", "condition"),
        ("体温超过37.3℃的送留观。", "体温超过37.3℃", "condition"),
        ("凭48小时核酸阴性证明入内。", "凭48小时核酸阴性证明", "condition"),
        ("医疗废物日产日清。", "日产日清", "condition"),
    ],
)
def test_a_criterion_is_found_whole_with_its_kind(text: str, words: str, kind: str) -> None:
    assert found(text) == [(words, kind)]


@pytest.mark.parametrize(
    "text",
    [
        "讲三点意见，抓好第一件事。",
        "一项一项抓落实，应当一起努力。",
        "在2月10日前、24小时内、每天两次报送。",
        "打通最后一公里，这两天要抓紧。",
        "累计12处，近14天来过的人员。",
    ],
)
def test_small_counts_deadlines_and_facts_are_no_criteria(text: str) -> None:
    assert found(text) == []


@given(st.one_of(st.text(max_size=60), st.lists(st.sampled_from(WORDS.split(" "))).map("".join)))
def test_spans_are_the_text_at_their_place_and_apart_from_deadlines(text: str) -> None:
    criteria = find_criteria(text)
    for criterion in criteria:
        assert text[criterion.start : criterion.end] == criterion.text
    places = sorted((span.start, span.end) for span in [*criteria, *find_deadlines(text)])
    assert all(end <= start for (_, end), (start, _) in pairwise(places))


@pytest.mark.parametrize("part", ["2", "十", "每人", "1.", "凭证", "百分之"])
def test_the_time_grows_with_the_length_of_the_text(part: str) -> None:
    def seconds(size: int) -> float:
        text = (part * size)[:size]
        start = time.process_time()
        find_criteria(text)
        return time.process_time() - start

    seconds(1_000)
    assert seconds(200_000) < 40 * max(seconds(20_000), 0.005)
