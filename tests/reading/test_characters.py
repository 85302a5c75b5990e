from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cuoshi.reading.characters import replace_unwritable


@given(st.text(st.characters(categories=("Cc", "Cs", "Lo", "Zs"))))
def test_every_text_becomes_writable_and_no_offset_moves(text: str) -> None:
    replaced = replace_unwritable(text)
    replaced.encode()
    assert len(replaced) == len(text)
    assert replace_unwritable(replaced) == replaced
    for before, after in zip(text, replaced, strict=True):
        assert after == before or after in "\ufffd \n"


def test_what_breaks_a_line_or_page_still_does() -> None:
    assert replace_unwritable("一\f二\v三\x1e四") == "一\n二\n三\n四"
    assert replace_unwritable("一\t二\r\n三") == "一\t二\r\n三"
    assert replace_unwritable("一\0二\x07\ud800三") == "一 二 \ufffd三"
