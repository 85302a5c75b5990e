from hypothesis import given
from hypothesis import strategies as st

from cuoshi.text.document import CONTEXT_CHARACTERS, HEADINGS, outline
from cuoshi.text.sentences import clean
from cuoshi.text.structure import HEADING_LENGTH


def test_context_is_the_heading_and_the_sentence_before_it_in_the_section() -> None:
    text = (
        "篇一:讲话\n同志们：\n一、人员排查\n要逐户登记。这项工作不能停。\n"
        "二、物资\n备足口罩。\n篇二:讲话\n谢谢！"
    )
    sentences = {s.text: s for s in outline(text)}
    assert sentences["同志们："].context == "篇一:讲话"
    assert sentences["要逐户登记。"].context == "一、人员排查"
    assert sentences["这项工作不能停。"].context == "一、人员排查 要逐户登记。"
    assert sentences["备足口罩。"].context == "二、物资"
    assert sentences["备足口罩。"].heading == "二、物资"
    assert sentences["谢谢！"].context == "篇二:讲话"
    assert [sentences[t].piece for t in ("同志们：", "备足口罩。", "谢谢！")] == [1, 1, 2]


def test_context_holds_the_headings_above_whatever_their_numbering() -> None:
    text = (
        "在全市会议上的讲话\n一、前段工作\n（一）人员排查\n逐户登记。\n（二）强化物资保障\n"
        "二、下步安排\n1. 人员排查\n逐户登记清楚。\n① 返乡人员\n先问来处。\n2. 物资\n备足口罩。"
    )
    contexts = {s.text: s.context for s in outline(text)}
    title = "在全市会议上的讲话"
    assert contexts["逐户登记。"] == f"{title} 一、前段工作 （一）人员排查"
    assert contexts["（二）强化物资保障"] == f"{title} 一、前段工作"
    assert contexts["二、下步安排"] == title
    assert contexts["逐户登记清楚。"] == f"{title} 二、下步安排 1. 人员排查"
    assert contexts["先问来处。"] == "二、下步安排 1. 人员排查 ① 返乡人员"
    assert contexts["备足口罩。"] == f"{title} 二、下步安排 2. 物资"


def test_a_heading_must_stand_alone_on_its_line() -> None:
    alone, _, inside, _ = outline(
        "一、人员排查\n要登记。一、人员排查，要登记。\n一、排查　要登记。"
    )[:4]
    assert alone.is_heading
    assert not inside.is_heading
    assert not any(s.is_heading for s in outline("一、排查　要登记。"))


def test_the_page_around_the_speeches_is_marked(speeches: dict[str, str]) -> None:
    matter = {
        name[:3]: [s.text for s in outline(text) if s.is_web_matter]
        for name, text in speeches.items()
    }
    assert {name: len(texts) for name, texts in matter.items()} == {
        "000": 0,
        "001": 5,
        "002": 6,
        "003": 5,
        "004": 1,
    }
    assert "同志们：" in matter["003"], "the teaser before the first piece goes with its page"


def test_pieces_of_the_compilations_are_told_apart(speeches: dict[str, str]) -> None:
    pieces = {name[:3]: max(s.piece for s in outline(text)) for name, text in speeches.items()}
    assert pieces == {"000": 3, "001": 4, "002": 5, "003": 3, "004": 1}


@given(
    st.text(alphabet="一二、（）.1要做好。，\n\u3000 >【】篇:：以下是为大家整理的", max_size=300)
)
def test_any_text_has_an_outline(text: str) -> None:
    for sentence in outline(text):
        assert clean(text[sentence.start : sentence.end]) == sentence.text
        assert len(sentence.context) <= HEADINGS * (HEADING_LENGTH + 1) + CONTEXT_CHARACTERS


def test_blank_text_has_no_sentences() -> None:
    assert outline(" \n\u3000\n>\n") == []
