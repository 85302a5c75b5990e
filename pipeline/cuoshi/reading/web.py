"""Read the text of a web page: what it says, without what leads around in it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from cuoshi.errors import DocumentError
from cuoshi.reading.blocks import collapse, join_blocks, join_row, read_span
from cuoshi.reading.characters import replace_unwritable
from cuoshi.reading.encoding import decode
from cuoshi.reading.limits import MAX_HTML_DEPTH, MAX_HTML_ELEMENTS

NAVIGATION_LINKS = 4
"""Links from which a block that consists of links is navigation."""

NAVIGATION_SHARE = 0.7
"""Share of a block's characters that are links from which it consists of links."""

ARTICLE_SHARE = 0.3
"""Share of the page's text from which a marked article is taken for the document."""

DENSE_SHARE = 0.9
"""Share of the text from which a part of a page with navigation is taken for the document."""

_META_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w-]{2,30})", re.IGNORECASE)
_PROLOG_CHARSET = re.compile(rb"^\s*<\?xml[^>]{0,100}?encoding\s*=\s*[\"']([\w-]{2,30})")
_DECLARATION_BYTES = 8_192
_TAG = re.compile(r"<[a-zA-Z!/?]")


def _tags(names: str) -> frozenset[str]:
    return frozenset(names.split())


# "head" carries the title, which on official sites is that of the site; "rt" the reading of
# the character below it.
_SILENT = _tags(
    """head script style noscript template nav aside button select option datalist iframe
    object embed applet svg canvas audio video map dialog menu input textarea
    rt rp"""
)
_INLINE = _tags(
    """a abbr acronym b bdi bdo big cite code data del dfn em font i img ins kbd label mark
    math meter output progress q ruby s samp small span strike strong sub sup time tt
    u var wbr"""
)
_GROUPS = _tags("div ul ol dl table tr td section p center li")
_PARTS = _GROUPS | {"nav", "aside", "header", "footer", "form"}
_FRAME = ("header", "footer")
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_ARTICLES = ".//main | .//article | .//*[@role='main']"


def read_html(data: bytes, name: str) -> tuple[str, str]:
    """Read a .html file.

    Scripts, styles, navigation, page headers and footers, asides and forms go, and blocks
    of links. Of a page that marks its article, or where nine tenths of the text stand in
    one part beside navigation, only that part is read, with the main heading above it.
    Blocks stand apart by a blank line; `<br>` breaks a line; the cells of a table row stand
    in one line.

    Returns:
        Its text and its encoding: UTF-8, or what the page declares, or what it looks like.

    Raises:
        DocumentError: the bytes are not text, hold no markup, nest too deep or
            have too many elements.
    """
    head = data[:_DECLARATION_BYTES]
    charset = _META_CHARSET.search(head) or _PROLOG_CHARSET.search(head)
    text, encoding = decode(data, name, charset.group(1).decode() if charset else None)
    if text.strip() and not _TAG.search(text):
        raise DocumentError(f"{name} holds no HTML markup: if it is plain text, name it .txt")
    return html_to_text(text, name), encoding


def html_to_text(source: str, name: str) -> str:
    """The text of a page or of a piece of HTML; see `read_html`.

    Raises:
        DocumentError: elements nest deeper than `MAX_HTML_DEPTH`, or are more than
            `MAX_HTML_ELEMENTS`.
    """
    page = _parse(source, name)
    if page is None:
        return ""
    silent = _find_silent(page, name)
    silent |= _find_navigation(page, silent)
    return join_blocks(_read_blocks(page, silent))


def _parse(source: str, name: str) -> Any:
    from lxml import etree

    parser = etree.HTMLParser(
        # The bytes are given to it in UTF-8, whatever the page declares.
        encoding="utf-8",
        no_network=True,
        remove_comments=True,
        remove_pis=True,
        # Its own limits truncate silently (depth) or are lower than ours (text).
        huge_tree=True,
    )
    data = replace_unwritable(source).encode()
    root = etree.fromstring(data, parser) if data.strip() else None
    if any("depth" in entry.message.lower() for entry in parser.error_log):
        raise _too_deep(name)
    return root


def _too_deep(name: str) -> DocumentError:
    return DocumentError(
        f"{name} nests elements more than {MAX_HTML_DEPTH:,} deep: "
        "copy its text into a .txt file and read that"
    )


def _find_silent(page: Any, name: str) -> set[Any]:
    """The elements that say nothing of the document by what they are."""
    from lxml import etree

    silent: set[Any] = set()
    forms: list[Any] = []
    depth = elements = articles = 0
    for event, element in etree.iterwalk(page, events=("start", "end")):
        is_article = element.tag in ("article", "main")
        if event == "end":
            depth -= 1
            articles -= is_article
            continue
        depth += 1
        articles += is_article
        elements += 1
        if depth > MAX_HTML_DEPTH:
            raise _too_deep(name)
        if elements > MAX_HTML_ELEMENTS:
            raise DocumentError(f"{name} has more than {MAX_HTML_ELEMENTS:,} elements: split it")
        tag = element.tag
        if tag == "form":
            forms.append(element)
        elif tag in _SILENT or _is_hidden(element) or (tag in _FRAME and not articles):
            silent.add(element)
    weights = _weigh(page, silent)
    # ASP.NET puts the whole page into one form.
    silent.update(form for form in forms if weights[form].text < weights[page].text / 2)
    return silent


def _is_hidden(element: Any) -> bool:
    return "hidden" in element.attrib or bool(_HIDDEN.search(element.get("style", "")))


@dataclass(slots=True)
class _Weight:
    """How much an element says, and how much of it in links."""

    text: int = 0
    linked: int = 0
    links: int = 0


def _weigh(page: Any, silent: set[Any]) -> dict[Any, _Weight]:
    from lxml import etree

    weights: dict[Any, _Weight] = {}
    for _, element in etree.iterwalk(page, events=("end",)):
        weight = weights[element] = _Weight()
        if element in silent:
            continue
        weight.text = _length(element.text)
        for child in element:
            inner = weights[child]
            weight.text += inner.text + _length(child.tail)
            weight.linked += inner.linked
            weight.links += inner.links
        if element.tag == "a":
            weight.linked, weight.links = weight.text, 1
    return weights


def _length(text: str | None) -> int:
    return len("".join(text.split())) if text else 0


def _find_navigation(page: Any, silent: set[Any]) -> set[Any]:
    """The blocks that consist of links."""
    return {
        element
        for element, weight in _weigh(page, silent).items()
        if element.tag in _GROUPS
        and weight.links >= NAVIGATION_LINKS
        and weight.linked >= NAVIGATION_SHARE * weight.text
    }


def _read_blocks(page: Any, silent: set[Any]) -> list[str]:
    """The blocks of the document, below the main heading where that stands outside it."""
    part = _find_document(page, silent)
    blocks = _Reader(silent).read(part)
    headings = [e for e in page.iter("h1") if e not in silent and "".join(e.itertext()).strip()]
    if len(headings) != 1 or headings[0] is part or part in headings[0].iterancestors():
        return blocks
    return _Reader(silent).read(headings[0]) + blocks


def _find_document(page: Any, silent: set[Any]) -> Any:
    weights = _weigh(page, silent)
    text = weights[page].text
    articles = [e for e in page.xpath(_ARTICLES) if weights[e].text >= ARTICLE_SHARE * text]
    if len(articles) == 1 or (articles and articles[0].tag == "main"):
        return articles[0]
    if articles or not any(element.tag in _GROUPS for element in silent):
        return page
    part, least = page, DENSE_SHARE * text
    while inner := [e for e in part if e.tag not in _INLINE and weights[e].text >= least]:
        part = inner[0]
    return part


@dataclass(slots=True)
class _Frame:
    """Where text goes: the page, or a cell of a table.

    `cells` are those of its open row, `merged` says of columns over how many rows more the
    cell above reaches.
    """

    blocks: list[str] = field(default_factory=list)
    has_row: bool = False
    cells: list[list[str]] = field(default_factory=list)
    merged: dict[int, int] = field(default_factory=dict)
    pieces: list[str] = field(default_factory=list)

    def add_cell(self, cell: list[str], columns: int, rows: int) -> None:
        """Put a cell into the open row, to the right of what is merged from above."""
        self.fill_merged()
        for blocks in (cell, *[[]] * (columns - 1)):
            self.merged[len(self.cells)] = rows - 1
            self.cells.append(blocks)

    def fill_merged(self) -> None:
        """Leave the places that cells from above take."""
        while self.merged.get(len(self.cells), 0) > 0:
            self.merged[len(self.cells)] -= 1
            self.cells.append([])


class _Reader:
    """Turns elements into blocks, in one walk without recursion."""

    def __init__(self, silent: set[Any]) -> None:
        self._silent = silent
        self._frames = [_Frame()]
        self._preformatted = 0

    def read(self, root: Any) -> list[str]:
        from lxml import etree

        walk = etree.iterwalk(root, events=("start", "end"))
        for event, element in walk:
            is_silent = element in self._silent
            if event == "end":
                if not is_silent:
                    self._close(element)
                elif element.tag in _PARTS:
                    self._end_block()
                if element is not root and element.tail:
                    self._write(element.tail)
            elif is_silent:
                walk.skip_subtree()
            else:
                self._open(element)
        self._end_block()
        return self._frames[0].blocks

    def _open(self, element: Any) -> None:
        tag = element.tag
        if tag == "br":
            self._frames[-1].pieces.append("\n")
        elif tag not in _INLINE:
            self._end_block()
        if tag in ("td", "th"):
            self._frames.append(_Frame())
        elif tag == "tr":
            self._frames[-1].has_row = True
        elif tag == "pre":
            self._preformatted += 1
        if element.text:
            self._write(element.text)

    def _close(self, element: Any) -> None:
        tag = element.tag
        if tag not in _INLINE and tag != "br":
            self._end_block()
        if tag in ("td", "th") and len(self._frames) > 1:
            cell = self._frames.pop()
            frame = self._frames[-1]
            if frame.has_row:
                columns, rows = (
                    read_span(element.get(f"{name}span", "")) for name in ("col", "row")
                )
                frame.add_cell(cell.blocks, columns, rows)
            else:
                frame.blocks += cell.blocks
        elif tag == "tr":
            self._end_row()
        elif tag == "table":
            self._frames[-1].merged.clear()
        elif tag == "pre":
            self._preformatted -= 1

    def _write(self, text: str) -> None:
        if self._preformatted:
            self._frames[-1].pieces.append(text)
        else:
            # White space of the source, with a form feed in place of its line breaks: the
            # line feed stands for <br>.
            self._frames[-1].pieces.append(text.replace("\r", "").replace("\n", "\f"))

    def _end_block(self) -> None:
        frame = self._frames[-1]
        if frame.pieces:
            text = "".join(frame.pieces).split("\n")
            lines = (collapse(line.replace("\f", "\n")) for line in text)
            frame.blocks.append("\n".join(line for line in lines if line))
            frame.pieces.clear()

    def _end_row(self) -> None:
        frame = self._frames[-1]
        frame.fill_merged()
        frame.blocks += join_row(frame.cells)
        frame.cells.clear()
        frame.has_row = False
