"""Read a .docx file: paragraphs, tables and text boxes in reading order, numbers included.

Only the parts that hold text are taken out of the archive, within limits, and read as XML
without entities. python-docx is not used: it loads every part without a bound, and knows
neither text boxes nor rendered numbers nor tracked changes.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from posixpath import dirname, join, normpath
from typing import Any

from cuoshi.errors import DocumentError
from cuoshi.reading.blocks import join_blocks, join_row, read_span
from cuoshi.reading.limits import (
    FREE_EXPANSION,
    MAX_EXPANDED_BYTES,
    MAX_EXPANSION,
    MAX_MEMBERS,
    MAX_PART_BYTES,
)
from cuoshi.reading.numbering import Numbering

_RESAVE = "open it in Word or WPS and save it as .docx again"
_ENCRYPTED = 0x1
_CONTENTS = "Table of Contents"

_TRANSPARENT = frozenset(
    (
        *("ins", "moveTo", "hyperlink", "smartTag", "customXml", "sdtContent", "fldSimple"),
        *("bdo", "dir", "ruby", "rubyBase", "oMathPara", "oMath"),
    )
)
"""Elements that only wrap others. Deleted text (del, moveFrom) is not among them."""

_CHARACTERS = {"tab": "\t", "ptab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}


def read_docx(data: bytes, name: str) -> str:
    """Read a Word document.

    Text boxes follow the paragraph that they are anchored to; the cells of a table row
    stand in one line, merged cells once; automatic numbers are written out; tracked
    insertions count, deletions do not. Left out: headers, footers, footnotes, comments,
    hidden text, tables of contents.

    Returns:
        Its text, a blank line between paragraphs.

    Raises:
        DocumentError: it is no Word document, is protected or damaged, or beyond a limit
            of `cuoshi.reading.limits`.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = _Parts(archive, name)
            body = parts.read_main()
            numbering = Numbering(parts.read_related("numbering"), parts.read_related("styles"))
    # NotImplementedError is zipfile's word for a compression that it does not know.
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError) as error:
        reason = " ".join(str(error).split())
        raise DocumentError(f"{name} is damaged ({reason}): {_RESAVE}") from error
    return join_blocks(_Reader(numbering).read(body))


class _Parts:
    """The XML parts of the archive, read within limits."""

    def __init__(self, archive: zipfile.ZipFile, name: str) -> None:
        self._archive = archive
        self._name = name
        self._members = {member.filename: member for member in archive.infolist()}
        self._main = ""
        members = archive.infolist()
        if len(members) > MAX_MEMBERS:
            raise DocumentError(f"{name} has more than {MAX_MEMBERS:,} parts: {_RESAVE}")
        if sum(member.file_size for member in members) > MAX_EXPANDED_BYTES:
            raise DocumentError(
                f"{name} expands to more than {MAX_EXPANDED_BYTES // 1_000_000} MB: "
                "take out the pictures, or split it"
            )

    def read_main(self) -> Any:
        """The root element of the document itself."""
        targets = self._read_targets("_rels/.rels")
        self._main = targets.get("officeDocument", "word/document.xml")
        root = self._read(self._main)
        if root is None or _local(root) != "document":
            raise DocumentError(f"{self._name} is {self._guess()}: save it as .docx")
        return root

    def read_related(self, kind: str) -> Any | None:
        """The root element of the part that the document names for `kind`, if it does."""
        folder = dirname(self._main)
        targets = self._read_targets(f"{folder}/_rels/{self._main[len(folder) + 1 :]}.rels")
        return self._read(targets[kind]) if kind in targets else None

    def _read_targets(self, part: str) -> dict[str, str]:
        """What a part of relationships points to, by the last word of its type."""
        root = self._read(part)
        base = dirname(dirname(part))
        return {
            str(child.get("Type", "")).rpartition("/")[2]: normpath(
                join("/", base, str(child.get("Target", "")))
            ).lstrip("/")
            for child in (() if root is None else root)
        }

    def _read(self, part: str) -> Any | None:
        member = self._members.get(part)
        if member is None:
            return None
        if member.flag_bits & _ENCRYPTED:
            raise DocumentError(f"{self._name} is protected by a password: save it without")
        if member.file_size > FREE_EXPANSION and (
            member.file_size > MAX_EXPANSION * member.compress_size
        ):
            raise DocumentError(
                f"{self._name} expands {part} more than {MAX_EXPANSION} times: {_RESAVE}"
            )
        # The archive may declare a size that is not true.
        with self._archive.open(member) as file:
            data = file.read(MAX_PART_BYTES + 1)
        if len(data) > MAX_PART_BYTES:
            raise DocumentError(
                f"{self._name} has more than {MAX_PART_BYTES // 1_000_000} MB of text: split it"
            )
        return _parse(data, f"{self._name} ({part})")

    def _guess(self) -> str:
        known = {
            "xl/": "a spreadsheet",
            "ppt/": "a presentation",
            "content.xml": "OpenDocument",
            "OFD.xml": "an OFD document",
        }
        for prefix, guess in known.items():
            if any(member.startswith(prefix) for member in self._members):
                return guess
        return "an archive without a Word document in it"


def _parse(data: bytes, name: str) -> Any:
    from lxml import etree

    parser = etree.XMLParser(
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        reason = " ".join(error.msg.split())
        raise DocumentError(f"{name} is damaged ({reason}): {_RESAVE}") from error
    # Office Open XML forbids them; what declares entities is not from a word processor.
    if root.getroottree().docinfo.doctype:
        raise DocumentError(f"{name} declares a document type, as no Word file does: {_RESAVE}")
    return root


class _Reader:
    """Walks the document. Depth is bounded by libxml2: it refuses XML of more than 256 levels."""

    def __init__(self, numbering: Numbering) -> None:
        self._numbering = numbering
        self._unended: list[str] = []

    def read(self, root: Any) -> list[str]:
        blocks = [block for body in root for block in self._read_container(body)]
        return [*blocks, "".join(self._unended)]

    def _read_container(self, container: Any) -> Iterator[str]:
        for element in container:
            kind = _local(element)
            if kind == "p":
                yield from self._read_paragraph(element)
            elif kind == "tbl":
                yield from self._read_table(element)
            elif kind == "sdt":
                if not _is_contents(element):
                    yield from self._read_container(element)
            elif kind == "AlternateContent":
                yield from self._read_container(_alternative(element))
            elif kind in _TRANSPARENT:
                yield from self._read_container(element)

    def _read_paragraph(self, paragraph: Any) -> Iterator[str]:
        properties = _find(paragraph, "pPr")
        boxes: list[Any] = []
        text = "".join(_read_inline(paragraph, boxes))
        if _find(properties, "rPr", "del") is not None:
            # With its mark deleted a paragraph runs on into the next.
            self._unended.append(text)
            return
        text = "".join((*self._unended, text))
        self._unended.clear()
        if not _is_contents_line(properties):
            number = self._numbering.number(properties)
            yield number + text.strip() if text.strip() else ""
        for box in boxes:
            yield from self._read_container(box)

    def _read_table(self, table: Any) -> Iterator[str]:
        for row in _unwrap(table, "tr"):
            if _find(row, "trPr", "del") is None:
                yield from join_row(
                    [
                        blocks
                        for cell in _unwrap(row, "tc")
                        for blocks in (self._read_cell(cell), *[[]] * (_columns(cell) - 1))
                    ]
                )

    def _read_cell(self, cell: Any) -> list[str]:
        """Its blocks; none where it lies hidden below the first of cells merged downwards."""
        if _continues_merge(cell):
            return []
        return [block for block in self._read_container(cell) if block]


def _read_inline(element: Any, boxes: list[Any]) -> Iterator[str]:
    """The text within a paragraph; the text boxes anchored in it are added to `boxes`."""
    for child in element:
        kind = _local(child)
        if kind == "r":
            if _is_shown(child):
                yield from _read_inline(child, boxes)
        elif kind == "t":
            yield child.text or ""
        elif kind in _CHARACTERS:
            yield _CHARACTERS[kind]
        elif kind == "AlternateContent":
            yield from _read_inline(_alternative(child), boxes)
        elif kind in ("drawing", "pict", "object"):
            boxes += _find_boxes(child)
        elif kind in _TRANSPARENT or kind == "sdt":
            yield from _read_inline(child, boxes)


def _find_boxes(drawing: Any) -> Iterator[Any]:
    """The outermost text boxes of a drawing."""
    for child in drawing:
        if _local(child) == "txbxContent":
            yield child
        elif _local(child) == "AlternateContent":
            yield from _find_boxes(_alternative(child))
        else:
            yield from _find_boxes(child)


def _alternative(element: Any) -> Any:
    """Of the same content in several forms, the first: Word writes each text box twice."""
    choice = _find(element, "Choice")
    fallback = _find(element, "Fallback")
    if choice is not None:
        return choice
    return () if fallback is None else fallback


def _unwrap(parent: Any, kind: str) -> Iterator[Any]:
    """The rows of a table or the cells of a row, also those in a wrapper."""
    for child in parent:
        if _local(child) == kind:
            yield child
        elif _local(child) in _TRANSPARENT or _local(child) == "sdt":
            yield from _unwrap(child, kind)


def _columns(cell: Any) -> int:
    """How many columns a cell takes."""
    span = _find(cell, "tcPr", "gridSpan")
    return read_span("" if span is None else _value(span))


def _continues_merge(cell: Any) -> bool:
    merge = _find(cell, "tcPr", "vMerge")
    return merge is not None and _value(merge) != "restart"


def _is_shown(run: Any) -> bool:
    vanish = _find(run, "rPr", "vanish")
    return vanish is None or _value(vanish) in ("0", "false", "off")


def _is_contents(control: Any) -> bool:
    gallery = _find(control, "sdtPr", "docPartObj", "docPartGallery")
    return gallery is not None and _value(gallery) == _CONTENTS


def _is_contents_line(properties: Any | None) -> bool:
    style = _find(properties, "pStyle")
    return style is not None and _value(style).upper().startswith("TOC")


def _find(element: Any | None, *path: str) -> Any | None:
    """The first child by local name, and so on down `path`: namespaces differ by edition."""
    for name in path:
        if element is None:
            return None
        element = next((child for child in element if _local(child) == name), None)
    return element


def _value(element: Any) -> str:
    return next((str(v) for k, v in element.items() if k.rpartition("}")[2] == "val"), "")


def _local(element: Any) -> str:
    return str(element.tag).rpartition("}")[2]
