from __future__ import annotations

import random
from contextlib import suppress

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from opencc import OpenCC

from cuoshi.errors import DocumentError
from cuoshi.reading import read_document
from cuoshi.reading.encoding import CHINESE_ENCODINGS, decode, plausibility

SIMPLIFIED = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030")
BIG5 = ("big5", "cp950", "big5hkscs")


@pytest.fixture(scope="session")
def traditional(speeches: dict[str, str]) -> dict[str, str]:
    converter = OpenCC("s2t")
    return {name: converter.convert(text) for name, text in speeches.items()}


def encodable(text: str, encoding: str) -> str:
    """The part of `text` that survives a round trip; a character that does not is left out."""
    return text.encode(encoding, "ignore").decode(encoding)


@pytest.mark.parametrize("encoding", [*SIMPLIFIED, "gbk"])
def test_each_speech_reads_back_identical_from_each_encoding(
    speeches: dict[str, str], encoding: str
) -> None:
    for text in speeches.values():
        # The no-break spaces of one speech are not in GBK.
        kept = encodable(text, "gbk") if encoding == "gbk" else text
        assert decode(kept.encode(encoding), "x")[0] == kept


@pytest.mark.parametrize("encoding", BIG5)
def test_each_speech_in_traditional_characters_reads_back_identical_from_big5(
    traditional: dict[str, str], encoding: str
) -> None:
    for text in traditional.values():
        kept = encodable(text, encoding)
        assert len(kept) > 0.98 * len(text)
        assert decode(kept.encode(encoding), "x")[0] == kept


@pytest.mark.parametrize("encoding", [*SIMPLIFIED, *BIG5])
@pytest.mark.parametrize(("length", "share"), [(8, 0.99), (60, 1.0)])
def test_short_extracts_read_back_identical(
    speeches: dict[str, str],
    traditional: dict[str, str],
    encoding: str,
    length: int,
    share: float,
) -> None:
    chance = random.Random(f"{encoding} {length}")
    texts = list((traditional if encoding in BIG5 else speeches).values())
    right = 0
    for _ in range(400):
        text = encodable(chance.choice(texts), encoding)
        start = chance.randrange(len(text) - length)
        extract = text[start : start + length]
        right += decode(extract.encode(encoding), "x")[0] == extract
    assert right >= share * 400


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_extracts_among_ascii_read_back_identical(data: st.DataObject) -> None:
    chinese = data.draw(
        st.text(
            st.sampled_from("对返乡人员逐一登记，居家观察。各级党委要加强领导：物资"), min_size=8
        )
    )
    ascii_text = data.draw(st.text(st.characters(min_codepoint=32, max_codepoint=126)))
    encoding = data.draw(st.sampled_from(SIMPLIFIED))
    text = ascii_text + chinese + ascii_text
    assert decode(text.encode(encoding), "x")[0] == text


@given(
    st.text(st.characters(exclude_categories=("Cc", "Cs"))),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_any_text_with_a_mark_or_in_utf_8_reads_back_identical(text: str, encoding: str) -> None:
    assume(encoding != "utf-8" or not text.startswith("\ufeff"))
    assert decode(text.encode(encoding), "x")[0] == text


@settings(max_examples=200)
@given(st.binary(max_size=400))
def test_any_bytes_give_text_or_a_document_error(data: bytes) -> None:
    with suppress(DocumentError):
        read_document(data, name="x.txt").text.encode()


def test_a_damaged_byte_or_a_cut_character_does_not_change_the_encoding(
    speeches: dict[str, str],
) -> None:
    text = next(iter(speeches.values()))[:2000]
    for encoding in ("utf-8", "gb18030"):
        data = bytearray(text.encode(encoding))
        data[601] = 0xFF
        found, name = decode(bytes(data[:-1]), "x")
        assert name == encoding
        assert found.count("\ufffd") <= 4
        assert found[:200] == text[:200]
        assert found[-1000:-1] in text


def test_what_decides_late_in_a_long_text_is_seen() -> None:
    # 0xFB41 is a character in Hong Kong's extension of Big5 alone, behind a long beginning.
    text = "各級黨委要加強領導，落實責任。" * 4000 + "衞" * 3
    assert decode(text.encode("big5hkscs"), "x") == (text, "big5hkscs")
    page = "<p>abc</p>" * 20_000 + "对返乡人员逐一登记，居家观察。"
    assert decode(page.encode("gb18030"), "x") == (page, "gb18030")


def test_a_declaration_is_followed_where_it_can_be_true() -> None:
    text = "隔離觀察"
    assert decode(text.encode("big5"), "x", "Big5")[0] == text
    assert decode("隔离观察".encode(), "x", "gb2312") == ("隔离观察", "utf-8")
    speech = "对返乡人员逐一登记，居家观察。"
    assert decode(speech.encode("gb18030"), "x", "utf-8")[0] == speech
    assert decode(speech.encode("gb18030"), "x", "unicode_escape")[0] == speech


def test_text_that_is_not_chinese_is_left_to_charset_normalizer() -> None:
    text = "Die Maßnahmen müssen überall für alle gelten, die größer wären. " * 5
    assert decode(text.encode("cp1252"), "x")[0] == text
    russian = "Меры профилактики должны соблюдаться повсюду и всеми гражданами. " * 5
    assert decode(russian.encode("cp1251"), "x")[0] == russian


@pytest.mark.parametrize("data", [bytes(range(256)) * 8, b"\0" * 100, b"\x80\0\x81\0\xff" * 50])
def test_bytes_that_are_no_text_are_refused_with_a_remedy(data: bytes) -> None:
    with pytest.raises(DocumentError, match=r"x\.txt is not text .*save it as UTF-8"):
        decode(data, "x.txt")


def test_plausibility_parts_chinese_from_mojibake(speeches: dict[str, str]) -> None:
    for text in speeches.values():
        data = text.encode("gb18030")
        assert plausibility(text) > 0.9
        for wrong in CHINESE_ENCODINGS[1:]:
            assert plausibility(data.decode(wrong, "replace")) < 0.5
