import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cuoshi.text.sentences import clean, split_sentences

from ..conftest import PROJECT

LAYOUT = "。！？；;!?“”」）>\n\r\u3000 \x85\u2028一二三要做好，、：…"


def annotated() -> list[dict]:
    path = PROJECT / "data" / "annotation" / "speeches.jsonl"
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_all_annotated_sentences_come_out_at_their_offsets(speeches: dict[str, str]) -> None:
    units = annotated()
    for name, text in speeches.items():
        expected = [(u["start"], u["end"]) for u in units if u["document"] == name]
        assert split_sentences(text) == sorted(expected)


def test_cleaning_gives_the_annotated_text(speeches: dict[str, str]) -> None:
    different = [
        unit["text"]
        for unit in annotated()
        if clean(speeches[unit["document"]][unit["start"] : unit["end"]]) != unit["text"]
    ]
    # The annotation kept this one stray mark; the rule takes it out.
    assert different == ["二>、突出重点，狠抓落实"]


@given(st.one_of(st.text(), st.text(alphabet=LAYOUT, max_size=400)))
@example("要" * 200)
@example("“" + "要做好。" * 100)
def test_sentences_cover_the_text_in_order(text: str) -> None:
    spans = split_sentences(text)
    covered = set()
    position = 0
    for start, end in spans:
        assert position <= start < end
        assert not text[start].isspace()
        assert not text[end - 1].isspace()
        covered.update(range(start, end))
        position = end
    for i, character in enumerate(text):
        assert i in covered or character.isspace() or character == ">"


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("他说：“要做好。要落实！”大家鼓掌。", ["他说：“要做好。要落实！”", "大家鼓掌。"]),
        ("要做好;要落实", ["要做好;", "要落实"]),
        ("一.测温.体温37.3的留观.(二)备足口罩", ["一.测温.", "体温37.3的留观.", "(二)备足口罩"]),
        ("要做好.要落实。", ["要做好.要落实。"]),
        ("要做好（含村组）。）要落实", ["要做好（含村组）。）", "要落实"]),
        (
            "备足口罩（各区（县）自备；医院另发）；测温",
            ["备足口罩（各区（县）自备；医院另发）；", "测温"],
        ),
        ("一、加强领导\n要做好", ["一、加强领导", "要做好"]),
        ("　　一、加强领导　　要做好。", ["一、加强领导", "要做好。"]),
        ("做" * 60 + "\n好", ["做" * 60 + "\n好"]),
        ("做" * 59 + "\n好", ["做" * 59, "好"]),
        ("做" * 60 + "\n　　好", ["做" * 60, "好"]),
        ("做" * 60 + "\n\n好", ["做" * 60, "好"]),
        ("做" * 60 + "\n篇二:讲话", ["做" * 60, "篇二:讲话"]),
        ("做" * 60 + "\r\n好", ["做" * 60 + "\r\n好"]),
    ],
)
def test_cut_rules(text: str, sentences: list[str]) -> None:
    assert [text[start:end] for start, end in split_sentences(text)] == sentences


def test_a_forgotten_closing_quote_does_not_swallow_the_document() -> None:
    text = "他说：“要做好。" + "要落实。" * 100
    spans = split_sentences(text)
    assert spans[0].end < 160
    assert len(spans) > 60


def test_a_mark_with_a_meaning_is_kept() -> None:
    assert clean("> 体温>37.3℃的\n一律留观") == "体温>37.3℃的一律留观"
