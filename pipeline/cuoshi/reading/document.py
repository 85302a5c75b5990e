"""Read a document of any supported format to a string.

What the string holds is said by the readers of the formats: plain, markdown, word, pdf,
web, records. From here on the text is never altered; offsets are offsets into it.
"""

from __future__ import annotations

import errno
import os
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from cuoshi.errors import DocumentError
from cuoshi.reading.characters import clean_name, replace_unwritable
from cuoshi.reading.kinds import find_format
from cuoshi.reading.limits import MAX_BYTES, MAX_CHARACTERS

STANDARD_INPUT = "standard input"
"""What a document without a name is called."""


@dataclass(frozen=True, slots=True)
class Document:
    """A document that was read.

    Attributes:
        name: the path that was given, or the name, without control characters.
        text: its text. It can be written as UTF-8, and holds no control characters but tab,
            line feed and carriage return.
        format: "txt", "md", "docx", "pdf", "html", "json", "jsonl" or "csv".
        encoding: of a text format, the encoding that it was in, e.g. "gb18030"; else "".
    """

    name: str
    text: str
    format: str
    encoding: str


def read_document(
    source: str | os.PathLike[str] | bytes | BinaryIO, *, name: str | None = None
) -> Document:
    """Read a document.

    The format follows from the ending of the name and the first bytes, which must agree; a
    name without a supported ending, or no name, leaves it to the bytes. The text of a .txt
    file is the file decoded, without a byte order mark; of all formats, control characters
    and lone surrogates are replaced, one character for one
    (`cuoshi.reading.characters`).

    Args:
        source: a path; or the bytes of a document; or a binary file, read from where it
            stands to its end, e.g. `sys.stdin.buffer`.
        name: what to call it, where that is not the path, e.g. the name of an upload.

    Raises:
        DocumentError: it cannot be read, is not what its ending says, holds no text, or is
            beyond a limit of `cuoshi.reading.limits`. The message is one line: what, where,
            what to do.
    """
    name = clean_name(_name(source) if name is None else name)
    data = _read_bytes(source, name)
    if not data.strip():
        raise _no_text(name)
    kind = find_format(data, name)
    text, encoding = _read(data, kind, name)
    if len(text) > MAX_CHARACTERS:
        raise DocumentError(
            f"{name} holds {len(text):,} characters, more than {MAX_CHARACTERS:,}: split it"
        )
    text = replace_unwritable(text)
    if not text.strip("\ufeff\u200b \t\r\n\u3000\xa0") or not text.strip():
        raise _no_text(name)
    return Document(name=name, text=text, format=kind, encoding=encoding)


def _no_text(name: str) -> DocumentError:
    return DocumentError(f"{name} holds no text: choose another file")


def _name(source: str | os.PathLike[str] | bytes | BinaryIO) -> str:
    if isinstance(source, (str, os.PathLike)):
        return str(source)
    name = getattr(source, "name", None)
    # Files opened by number, and the standard streams ("<stdin>"), have no name of use.
    return name if isinstance(name, str) and not name.startswith("<") else STANDARD_INPUT


def _read_bytes(source: str | os.PathLike[str] | bytes | BinaryIO, name: str) -> bytes:
    if isinstance(source, bytes):
        data = source
    else:
        try:
            if isinstance(source, (str, os.PathLike)):
                with Path(source).open("rb") as file:
                    data = file.read(MAX_BYTES + 1)
            else:
                data = source.read(MAX_BYTES + 1)
        except FileNotFoundError as error:
            raise DocumentError(f"{name} does not exist: check the path") from error
        except IsADirectoryError as error:
            raise DocumentError(f"{name} is a folder: choose a file in it") from error
        except (OSError, ValueError) as error:
            if getattr(error, "errno", None) == errno.ENAMETOOLONG:
                raise DocumentError(
                    f"{name[:30]}… is no path but a text: give the path of a file, or its bytes"
                ) from error
            reason = getattr(error, "strerror", None) or str(error)
            raise DocumentError(f"cannot read {name}: {reason}; check the file") from error
    if len(data) > MAX_BYTES:
        raise DocumentError(
            f"{name} is larger than {MAX_BYTES // 1_000_000} MB: split it, or save its text alone"
        )
    return data


def _read(data: bytes, kind: str, name: str) -> tuple[str, str]:
    """Text and encoding. Each reader is imported where it is used: start-up stays quick."""
    if kind == "docx":
        from cuoshi.reading.word import read_docx

        return read_docx(data, name), ""
    if kind == "pdf":
        from cuoshi.reading.pdf import read_pdf

        return read_pdf(data, name), ""
    if kind == "html":
        from cuoshi.reading.web import read_html

        return read_html(data, name)
    if kind == "md":
        from cuoshi.reading.markdown import read_markdown

        return read_markdown(data, name)
    if kind == "txt":
        from cuoshi.reading.plain import read_plain

        return read_plain(data, name)
    from cuoshi.reading import records

    readers = {
        "json": records.read_json,
        "jsonl": records.read_json_lines,
        "csv": records.read_csv,
    }
    return readers[kind](data, name)
