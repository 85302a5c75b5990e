import pytest
from hypothesis import given
from hypothesis import strategies as st

from cuoshi.tasks.offsets import Offsets
from cuoshi.tasks.task import Span
from cuoshi.text.sentences import clean, split_sentences

RAW = st.text(st.sampled_from("各镇要登记，。 \n\r\u3000>3%x"), max_size=60)


@given(RAW, st.data())
def test_a_span_of_the_cleaned_text_is_found_in_the_document(raw: str, data: st.DataObject) -> None:
    document = f"第一句。\n{raw}\n完"
    for start, end in split_sentences(document):
        text = clean(document[start:end])
        if not text:
            continue
        offsets = Offsets(document, start, end, text)
        first = data.draw(st.integers(0, len(text) - 1))
        last = data.draw(st.integers(first + 1, len(text)))
        words = text[first:last]
        # clean() would take these off a span that begins or ends with them.
        if words[0] in " >" or words[-1] in " >":
            continue
        moved = offsets.move(Span(first, last, words))
        assert start <= moved.start < moved.end <= end
        assert clean(document[moved.start : moved.end]) == moved.text == words


def test_layout_inside_a_span_stays_inside() -> None:
    document = "　　各\n乡\u3000镇要登记。"
    offsets = Offsets(document, 2, len(document), "各乡镇要登记。")
    moved = offsets.move(Span(0, 3, "各乡镇"))
    assert document[moved.start : moved.end] == "各\n乡\u3000镇"


def test_a_text_from_elsewhere_is_refused() -> None:
    with pytest.raises(ValueError, match="reads otherwise"):
        Offsets("各镇要登记。", 0, 6, "各村")
