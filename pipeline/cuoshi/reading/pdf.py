"""Read a PDF that holds text; a scan needs another program first."""

from __future__ import annotations

import io
import logging
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple

from cuoshi.errors import DocumentError
from cuoshi.reading.blocks import join_blocks
from cuoshi.reading.limits import MAX_CHARACTERS, MAX_PAGES, MAX_PDF_SECONDS
from cuoshi.reading.paragraphs import join_pages
from cuoshi.reading.pdf_tables import FEWEST_RULES, MOST_RULES, TablePages
from cuoshi.text.wrapping import display_width

_PROTECTED = "is encrypted: save it without a password and read it again"


INDENT_POINTS = 12.0
"""How far right of the others a line is indented; Chinese paragraphs are by two characters."""


class _Piece(NamedTuple):
    text: str
    left: float
    bottom: float
    size: float


@dataclass(slots=True)
class _Line:
    """A line of a page: its text, its beginning, and its last piece, as far as known."""

    parts: list[str]
    left: float | None = None
    end: _Piece | None = None

    @property
    def is_blank(self) -> bool:
        return not any(part.strip() for part in self.parts)

    @property
    def text(self) -> str:
        return "".join(self.parts)

    def add(self, text: str, piece: _Piece) -> None:
        if self.is_blank:
            self.left = piece.left
        self.parts.append(text)
        self.end = piece


class _TooSlowError(Exception):
    """The time for this document is over."""


def read_pdf(data: bytes, name: str) -> str:
    """Read a PDF.

    A document that is encrypted only against changes, with an empty password for reading,
    is read.

    Tables take longest to read: after half of the time for a document its further pages are read
    as if they held none.

    Returns:
        Its text, a blank line between paragraphs and rows of tables; see
        `cuoshi.reading.paragraphs` and `cuoshi.reading.blocks.join_row`.

    Raises:
        DocumentError: it is a scan, encrypted or damaged, or beyond a limit of
            `cuoshi.reading.limits`.
    """
    from pypdf.errors import DependencyError, LimitReachedError, PyPdfError

    try:
        with _quiet():
            pages = _extract(data, name)
    except DocumentError:
        raise
    except _TooSlowError as error:
        raise DocumentError(
            f"{name} takes longer than {MAX_PDF_SECONDS:.0f} s to read: "
            "split it, or save it from a viewer as a new PDF"
        ) from error
    except DependencyError as error:
        raise DocumentError(f"{name} {_PROTECTED}, or install cryptography") from error
    except LimitReachedError as error:
        raise DocumentError(f"{name} goes beyond a limit ({_reason(error)}): split it") from error
    except (PyPdfError, RuntimeError, ArithmeticError, LookupError, OSError) as error:
        raise _damaged(name, error) from error
    except (AttributeError, TypeError, ValueError, AssertionError) as error:
        # pypdf takes the kinds of a file's objects for granted in many places; an object of
        # another kind is a fault of the file.
        raise _damaged(name, error) from error
    return join_blocks(join_pages(_mark_indents(pages)))


def _damaged(name: str, error: Exception) -> DocumentError:
    return DocumentError(
        f"{name} is damaged ({_reason(error)}): open it in a viewer and save it as a new PDF"
    )


def _reason(error: Exception) -> str:
    return (" ".join(str(error).split()) or type(error).__name__)[:100]


def _extract(data: bytes, name: str) -> list[list[_Line]]:
    """The lines of each page, in the order in which they are drawn."""
    from pypdf import PdfReader

    deadline = time.monotonic() + MAX_PDF_SECONDS

    def watch(*_: Any) -> None:
        if time.monotonic() > deadline:
            raise _TooSlowError

    reader = PdfReader(io.BytesIO(data))
    if reader.is_encrypted and not reader.decrypt(""):
        raise DocumentError(f"{name} {_PROTECTED}")
    count = len(reader.pages)
    if count > MAX_PAGES:
        raise DocumentError(f"{name} has {count:,} pages, more than {MAX_PAGES:,}: split it")
    tables = TablePages(data)
    pages: list[list[_Line]] = []
    characters = 0
    for number, page in enumerate(reader.pages):
        watch()
        pieces, rules = _extract_page(page, watch)
        characters += sum(len(piece.text) for piece in pieces)
        if characters > MAX_CHARACTERS:
            raise DocumentError(f"{name} holds more than {MAX_CHARACTERS:,} characters: split it")
        has_rules = FEWEST_RULES <= rules <= MOST_RULES
        is_early = time.monotonic() < deadline - MAX_PDF_SECONDS / 2
        rows = tables.read(number) if has_rules and is_early else None
        pages.append(
            _read_lines(pieces) if rows is None else [_Line([t], left) for t, left in rows]
        )
    if all(line.is_blank for lines in pages for line in lines):
        if any("/XObject" in (page.get("/Resources") or {}) for page in reader.pages):
            raise DocumentError(
                f"{name} is a scan, its pages are pictures: run text recognition (OCR) on it "
                "first, then read the result"
            )
        raise DocumentError(f"{name} holds no text: choose another file")
    return pages


def _extract_page(page: Any, watch: Callable[..., None]) -> tuple[list[_Piece], int]:
    """The pieces of text on a page, and how many lines and rectangles are drawn there."""
    pieces: list[_Piece] = []
    rules = 0

    def count(operator: bytes, *_: Any) -> None:
        nonlocal rules
        watch()
        rules += operator in (b"re", b"l")

    def collect(text: str, cm: Sequence[float], tm: Sequence[float], _: Any, size: float) -> None:
        left = tm[4] * cm[0] + tm[5] * cm[2] + cm[4]
        bottom = tm[4] * cm[1] + tm[5] * cm[3] + cm[5]
        pieces.append(_Piece(text, left, bottom, size * abs(tm[3] * cm[3])))

    text = page.extract_text(visitor_operand_before=count, visitor_text=collect)
    # Where the pieces are not the whole, their places are not to be trusted either.
    whole = "".join(piece.text for piece in pieces) == text
    return pieces if whole else [_Piece("\n" + text, 0, 0, 0)], rules


def _read_lines(pieces: Sequence[_Piece]) -> list[_Line]:
    """The lines of a page; of a piece that holds several, only the first has a known place."""
    lines = [_Line([])]
    for piece in pieces:
        first, *others = piece.text.split("\n")
        if first.strip():
            if lines[-1].is_blank and len(lines) > 1 and _continues(lines[-2], piece):
                lines.pop()
                first = _gap(lines[-1].end, piece) + first
            lines[-1].add(first, piece)
        elif first:
            lines[-1].parts.append(first)
        lines += [_Line([line]) for line in others]
    return lines


def _continues(line: _Line, piece: _Piece) -> bool:
    """Whether a piece stands further right on the same baseline.

    Some programs go to the corner of the page between two pieces of a line, which pypdf
    takes for the end of the line.
    """
    end = line.end
    return end is not None and abs(end.bottom - piece.bottom) < 1 and end.left < piece.left


def _gap(before: _Piece | None, piece: _Piece) -> str:
    """A blank where there is room for one between two pieces of a line."""
    if before is None:
        return ""
    right = before.left + display_width(before.text.strip()) * before.size / 2
    return " " if piece.left - right > piece.size else ""


def _mark_indents(pages: Sequence[Sequence[_Line]]) -> list[str]:
    """The text of the pages, an ideographic space before lines right of where most begin."""
    known = Counter(
        round(line.left)
        for lines in pages
        for line in lines
        if line.left is not None and line.text.strip()
    )
    usual = max(known, key=lambda left: known[left], default=0)
    return [
        "\n".join(
            "\u3000" + line.text
            if line.left is not None and line.left - usual > INDENT_POINTS
            else line.text
            for line in lines
        )
        for lines in pages
    ]


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the libraries' remarks on a file's flaws from standard error."""
    loggers = [logging.getLogger(name) for name in ("pypdf", "pdfminer")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
