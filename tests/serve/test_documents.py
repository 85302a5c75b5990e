from datetime import date
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.exceptions import HTTPException

from cuoshi.errors import DocumentError
from cuoshi.serve.bodies import Upload
from cuoshi.serve.documents import (
    MAX_CHARACTERS,
    KeptDocument,
    name_download,
    parse_date,
    read_pasted,
    read_upload,
)

PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(40)
OLD_WORD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("a.pdf", PICTURE, "is a picture"),
        ("a.docx", b"%PDF-1.7", "ends in .docx but is a PDF"),
        ("a.doc", OLD_WORD, "save it as .docx"),
    ],
)
def test_a_kind_that_is_not_read_is_415(name: str, data: bytes, reason: str) -> None:
    with pytest.raises(HTTPException, match=reason) as refusal:
        read_upload(Upload(name, data), None)
    assert refusal.value.status_code == 415


@pytest.mark.parametrize(
    ("name", "data"), [("a.txt", b""), ("a.pdf", b" \n"), ("a.pdf", b"%PDF-1.7"), ("a.json", b"{")]
)
def test_what_cannot_be_read_is_the_documents_error(name: str, data: bytes) -> None:
    with pytest.raises(DocumentError, match=name):
        read_upload(Upload(name, data), None)


def test_a_text_beyond_the_limit_is_413_and_says_the_limit() -> None:
    for read in (
        lambda text: read_pasted(text, None),
        lambda text: read_upload(Upload("a.txt", text.encode()), None),
    ):
        assert len(read("要" * MAX_CHARACTERS).text) == MAX_CHARACTERS
        with pytest.raises(HTTPException, match="200,001 characters, more than 200,000") as refusal:
            read("要" * (MAX_CHARACTERS + 1))
        assert refusal.value.status_code == 413


def test_encodings_and_nameless_uploads_are_understood() -> None:
    text = "请大家务必对返乡人员逐一登记、居家观察。\r\n"
    document = read_upload(Upload("", text.encode("gb18030")), date(2020, 2, 1))
    assert document == KeptDocument(name="document", text=text, reference=date(2020, 2, 1))


@given(st.text())
def test_a_pasted_text_can_be_kept_whatever_it_is(text: str) -> None:
    document = read_pasted(f"。{text}", None)
    kept = document.model_dump_json()
    assert KeptDocument.model_validate_json(kept) == document
    # What a browser would rewrite when it sends the form.
    assert not {"\r", "\n"} & set(kept)


@pytest.mark.parametrize(
    "text", ["2020-2-30", "2020-02-30", "1.2.2020", "0001-01-01", "9999-12-31"]
)
def test_what_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(HTTPException, match="YYYY-MM-DD") as refusal:
        parse_date(text)
    assert refusal.value.status_code == 422


def test_blank_text_is_refused() -> None:
    with pytest.raises(HTTPException, match="paste a text or choose a file") as refusal:
        read_pasted(" \r\n\x00\u3000", None)
    assert refusal.value.status_code == 422


def test_a_day_may_be_missing() -> None:
    assert parse_date(" ") is None
    assert parse_date("2020-02-29 ") == date(2020, 2, 29)


@given(st.text())
def test_the_name_of_a_download_is_one_header_and_no_path(name: str) -> None:
    header = name_download(name.encode("utf-8", "replace").decode(), "xlsx")
    assert header.isascii()
    assert header.isprintable()
    shown = unquote(header.partition("UTF-8''")[2])
    assert shown.endswith("-督办清单.xlsx")
    assert not {"/", "\\"} & set(shown)


def test_the_name_of_a_download_is_the_documents() -> None:
    assert name_download("区/讲话 1.docx", "docx").endswith(
        "filename=\"tasks.docx\"; filename*=UTF-8''"
        "%E8%AE%B2%E8%AF%9D%201-%E7%9D%A3%E5%8A%9E%E6%B8%85%E5%8D%95.docx"
    )
