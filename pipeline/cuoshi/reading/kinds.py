"""Tell what a file is, by its ending and by its first bytes, and whether the two agree."""

from __future__ import annotations

import re
from pathlib import PurePath

from cuoshi.errors import DocumentError

FORMATS = {
    ".txt": "txt",
    ".md": "md",
    ".docx": "docx",
    ".pdf": "pdf",
    ".html": "html",
    ".htm": "html",
    ".json": "json",
    ".jsonl": "jsonl",
    ".csv": "csv",
}
"""The formats that are read, by the ending of the file's name."""

ENDINGS = " ".join(FORMATS)
"""The endings as one reads them in a message."""

OFFICE_ENDINGS = frozenset(
    (
        *(".doc", ".docm", ".xls", ".xlsx", ".ppt", ".pptx", ".wps", ".et", ".dps"),
        *(".odt", ".ods", ".odp", ".rtf", ".ofd"),
    )
)
"""Endings of other Office documents: who has one in a folder expects it to be read."""

_BINARY = ("docx", "pdf")
_MARK_DISTANCE = 1_024
_HTML = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body)\b",
    re.IGNORECASE | re.DOTALL,
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OLE_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_FOREIGN = (
    (b"{\\rtf", "an RTF document", "save it as .docx"),
    (b"\x89PNG", "a picture", "run text recognition (OCR) on it first"),
    (b"\xff\xd8\xff", "a picture", "run text recognition (OCR) on it first"),
    (b"GIF8", "a picture", "run text recognition (OCR) on it first"),
    (b"II*\0", "a picture", "run text recognition (OCR) on it first"),
    (b"MM\0*", "a picture", "run text recognition (OCR) on it first"),
    (b"\x1f\x8b", "a compressed file", "unpack it first"),
    (b"7z\xbc\xaf", "a compressed file", "unpack it first"),
    (b"Rar!", "a compressed file", "unpack it first"),
    (b"\x7fELF", "a program", "choose a document"),
    (b"MZ\x90", "a program", "choose a document"),
    (b"SQLite format 3", "a database", "choose a document"),
)


def find_format(data: bytes, name: str) -> str:
    """The format of a document, one of the values of `FORMATS`.

    The ending of `name` decides, provided that the content agrees; where it says nothing,
    the content does, text that is not HTML being "txt".

    Raises:
        DocumentError: the content is of no format that is read, or not of that which the
            ending names.
    """
    ending = PurePath(name).suffix.lower()
    named = FORMATS.get(ending)
    found = _find_content(data, name)
    # Readers accept a PDF with some other bytes in front.
    if named == "pdf" and found == "txt" and b"%PDF-" in data[:_MARK_DISTANCE]:
        return named
    if named is None:
        return found
    if named in _BINARY or found in _BINARY:
        if named != found:
            raise DocumentError(_disagreement(name, ending, found))
    elif found == "html" and named in ("txt", "json", "jsonl", "csv"):
        raise DocumentError(_disagreement(name, ending, found))
    return named


def _find_content(data: bytes, name: str) -> str:
    """The format by content alone: "docx" for any zip archive, "txt" for any other text."""
    head = data[: 2 * _MARK_DISTANCE]
    if data.startswith(_OLE):
        if _OLE_ENCRYPTED in data:
            raise DocumentError(f"{name} is protected by a password: save it without")
        raise DocumentError(
            f"{name} is an Office document of the old kind (.doc, .xls, .ppt, .wps): "
            "open it in Word or WPS and save it as .docx"
        )
    for magic, kind, remedy in _FOREIGN:
        if data.startswith(magic):
            raise DocumentError(f"{name} is {kind}: {remedy}")
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "docx"
    if head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"%PDF-"):
        return "pdf"
    return "html" if _HTML.match(head) else "txt"


def _disagreement(name: str, ending: str, found: str) -> str:
    known = {"docx": "a zip archive", "pdf": "a PDF", "html": "HTML", "txt": "no such file"}
    remedy = {
        "docx": "if it is a Word document, name it .docx",
        "pdf": "name it .pdf",
        "html": "name it .html",
        "txt": "if it is text, name it .txt",
    }
    return f"{name} ends in {ending} but is {known[found]}: {remedy[found]}"
