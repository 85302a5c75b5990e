from __future__ import annotations

import io

import pypdf
import pytest

from cuoshi.errors import DocumentError
from cuoshi.reading import pdf
from cuoshi.reading.pdf import read_pdf
from cuoshi.text.document import outline

from .conftest import MakePdf, typeset


def encrypt(data: bytes, password: str) -> bytes:
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(data))
    writer.encrypt(user_password=password, owner_password="owner", algorithm="RC4-128")
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()


def test_a_printed_speech_has_the_sentences_of_its_source(
    speeches: dict[str, str], make_pdf: MakePdf
) -> None:
    source = speeches["004_098f448c9d1eb0bb.txt"]
    paragraphs = [line.strip() for line in source.splitlines() if line.strip()]
    pages = [
        ["某市防控工作专题会议", *page, f"— {i} —"] for i, page in enumerate(typeset(paragraphs), 1)
    ]
    text = read_pdf(make_pdf(pages), "x.pdf")
    assert text.split("\n\n") == ["某市防控工作专题会议", *paragraphs]
    expected = [(s.text, s.heading) for s in outline("\n\n".join(paragraphs))]
    assert [(s.text, s.heading) for s in outline(text)][-50:] == expected[-50:]


def test_pieces_of_a_line_come_together_and_columns_stay_apart(make_pdf: MakePdf) -> None:
    data = make_pdf([["截止", "日", "单位"]])
    # To the corner of the page between two pieces of a line, as some programs go.
    moves = {b"72 758 Td": b"0 0 Td 100 780 Td", b"72 736 Td": b"0 0 Td 300 780 Td"}
    for move, other in moves.items():
        data = data.replace(b"%s <" % move, b"%s <" % other)
    assert read_pdf(data, "x.pdf") == "截止日 单位"


def test_a_scan_says_what_it_is_and_what_to_do(make_pdf: MakePdf) -> None:
    with pytest.raises(DocumentError, match=r"x\.pdf is a scan.*\(OCR\)"):
        read_pdf(make_pdf([[], []], picture=True), "x.pdf")
    with pytest.raises(DocumentError, match=r"x\.pdf holds no text"):
        read_pdf(make_pdf([[], []]), "x.pdf")


def test_an_encrypted_document_is_read_only_without_a_password(make_pdf: MakePdf) -> None:
    data = make_pdf([["隔离观察。"]])
    assert read_pdf(encrypt(data, ""), "x.pdf") == "隔离观察。"
    with pytest.raises(DocumentError, match="is encrypted: save it without a password"):
        read_pdf(encrypt(data, "secret"), "x.pdf")


def test_documents_beyond_the_limits_are_refused(
    make_pdf: MakePdf, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = make_pdf([["隔离观察。"]] * 5)
    monkeypatch.setattr(pdf, "MAX_PDF_SECONDS", -1.0)
    with pytest.raises(DocumentError, match=r"takes longer than .* s to read: split it"):
        read_pdf(data, "x.pdf")
    monkeypatch.undo()
    monkeypatch.setattr(pdf, "MAX_CHARACTERS", 20)
    with pytest.raises(DocumentError, match="more than 20 characters: split it"):
        read_pdf(data, "x.pdf")
    monkeypatch.setattr(pdf, "MAX_PAGES", 4)
    with pytest.raises(DocumentError, match="has 5 pages, more than 4: split it"):
        read_pdf(data, "x.pdf")


def test_the_time_is_looked_at_within_a_page_too(
    make_pdf: MakePdf, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticks = iter(range(1_000_000))
    monkeypatch.setattr("cuoshi.reading.pdf.time.monotonic", lambda: next(ticks))
    monkeypatch.setattr(pdf, "MAX_PDF_SECONDS", 100.0)
    assert read_pdf(make_pdf([["甲"] * 10]), "x.pdf")
    with pytest.raises(DocumentError, match="takes longer"):
        read_pdf(make_pdf([["甲"] * 200]), "x.pdf")


def test_every_cut_or_changed_file_gives_text_or_a_document_error(
    make_pdf: MakePdf, capfd: pytest.CaptureFixture[str]
) -> None:
    data = make_pdf([["隔离观察。", "\u3000逐一登记。"], ["保障物资。"]])
    for i in range(0, len(data), 5):
        changed = bytearray(data)
        changed[i] ^= 0x15
        for hostile in (bytes(changed), data[:i]):
            try:
                read_pdf(hostile, "x.pdf")
            except DocumentError as error:
                message = str(error)
                assert message.startswith("x.pdf")
                assert "\n" not in message
    captured = capfd.readouterr()
    assert captured.out == captured.err == ""
