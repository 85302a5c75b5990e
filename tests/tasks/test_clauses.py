import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cuoshi.tasks.clauses import split_clauses

from ..conftest import PROJECT


@pytest.mark.parametrize(
    "cut",
    [
        "排查返乡人员|储备口罩|追究责任。",
        "会后，各乡镇要逐户登记|由财政局拨付资金。",
        "凡是瞒报的，一律通报|发现一起、处理一起。",
        "对返乡人员，要逐一登记，从严。",
        "严格“早发现，早隔离”要求|利用《一封信，给家长》宣传（含短信，微信）。",
        "各乡镇、各部门，要立即行动|严格落实。",
        "会议要求，财政局拨付资金|县医院设立隔离区。",
        "副县长李明还强调，要宣传到户|县长同时要求，各镇要设卡。",
        "落实防控要求|做好宣传。",
        "做好宣传引导、物资保障工作。",
        "要落实。",
    ],
)
def test_clauses_end_at_level_commas_and_keep_what_leads_up_to_them(cut: str) -> None:
    text = cut.replace("|", "，")
    assert [text[start:end] for start, end in split_clauses(text)] == cut.split("|")


def test_a_listing_mark_parts_acts_but_not_nouns() -> None:
    text = "严查囤积居奇、储备口罩、张贴告示，配备体温计、口罩。"
    assert [text[start:end] for start, end in split_clauses(text)] == [
        "严查囤积居奇、储备口罩",
        "张贴告示",
        "配备体温计、口罩。",
    ]


@settings(deadline=None)
@given(st.text(st.sampled_from("，,、；。“”（）要的者加强开展 \u3000一二x"), max_size=60))
def test_clauses_are_in_order_and_cover_every_word(text: str) -> None:
    position, covered = 0, set()
    for start, end in split_clauses(text):
        assert position <= start < end <= len(text)
        covered.update(range(start, end))
        position = end
    assert all(i in covered for i, character in enumerate(text) if character.isalnum())


def test_authored_sentences_come_apart_into_a_handful_of_clauses() -> None:
    path = PROJECT / "data" / "annotation" / "authored.jsonl"
    texts = [json.loads(line)["text"] for line in path.read_text(encoding="utf-8").splitlines()]
    counts = [len(split_clauses(text)) for text in texts]
    assert min(counts) == 1
    assert 1.5 < sum(counts) / len(counts) < 4
