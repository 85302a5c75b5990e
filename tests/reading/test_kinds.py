from __future__ import annotations

import pytest

from cuoshi.errors import DocumentError
from cuoshi.reading.kinds import FORMATS, find_format

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600
ZIP = b"PK\x03\x04" + b"\0" * 60
PAGE = b"<!DOCTYPE html>\n<html><body>x</body></html>"


def test_the_ending_decides_among_texts_in_either_case() -> None:
    for ending, kind in FORMATS.items():
        if kind not in ("docx", "pdf"):
            assert find_format("正文".encode(), f"a/b.{ending[1:].upper()}") == kind


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (ZIP, "docx"),
        (b"%PDF-1.7\n", "pdf"),
        (b"\xef\xbb\xbf\n%PDF-1.4", "pdf"),
        (b"a text about %PDF-1.4", "txt"),
        (PAGE, "html"),
        (b'<?xml version="1.0"?>\n<!-- x -->\n<html xmlns="x">', "html"),
        ("<正文>不是标记".encode(), "txt"),
        (b'{"text": "x"}', "txt"),
    ],
)
def test_without_a_supported_ending_the_content_decides(data: bytes, kind: str) -> None:
    for name in ("standard input", "speech.upload", "2.10会议"):
        assert find_format(data, name) == kind


def test_a_pdf_may_have_other_bytes_in_front() -> None:
    assert find_format(b"HTTP/1.1 200\r\n\r\n%PDF-1.4", "x.pdf") == "pdf"


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("a.docx", OLE, "old kind .*save it as .docx"),
        ("a.txt", OLE, "old kind"),
        ("a.docx", OLE + "EncryptedPackage".encode("utf-16-le"), "password: save it without"),
        ("a.docx", PAGE, "ends in .docx but is HTML: name it .html"),
        ("a.docx", b"plain", "if it is text, name it .txt"),
        ("a.pdf", PAGE, "ends in .pdf but is HTML: name it .html"),
        ("a.pdf", ZIP, "is a zip archive: if it is a Word document, name it .docx"),
        ("a.txt", b"%PDF-1.7", "ends in .txt but is a PDF: name it .pdf"),
        ("a.json", PAGE, "ends in .json but is HTML"),
        ("a.txt", b"\x89PNG\r\n\x1a\n", "is a picture: run text recognition"),
        ("a.doc", b"{\\rtf1 x}", "an RTF document: save it as .docx"),
        ("a.md", b"\x1f\x8b\x08", "compressed file: unpack"),
    ],
)
def test_what_is_not_what_it_says_is_refused_with_a_remedy(
    name: str, data: bytes, message: str
) -> None:
    with pytest.raises(DocumentError, match=message) as caught:
        find_format(data, name)
    assert str(caught.value).startswith(name)
    assert "\n" not in str(caught.value)
