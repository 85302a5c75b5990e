"""Read Markdown as the text that it stands for: without the marks, a block a paragraph."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from cuoshi.errors import DocumentError
from cuoshi.reading.blocks import join_blocks, join_row
from cuoshi.reading.encoding import decode
from cuoshi.reading.limits import (
    MAX_MARKDOWN_CHARACTERS,
    MAX_MARKDOWN_DEPTH,
    MAX_MARKDOWN_MARKS,
)

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

_FRONT_MATTER = re.compile(r"\A---[ \t]*\r?\n(?:.*\r?\n)*?(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)")
_LINE_END = re.compile(r"\r\n?")
_BREAK_TAG = re.compile(r"<br\s*/?>", re.IGNORECASE)
_INDENT = re.compile(r"^[ \t]{4,}", re.MULTILINE)
_MARKS = re.compile(r"[\[*_`<]")
# CommonMark does not close 落实**“四早”**要求: it looks for blanks around words.
_LEFT_OVER = re.compile(r"\*{2,}")


def read_markdown(data: bytes, name: str) -> tuple[str, str]:
    """Read a .md file (CommonMark with tables).

    Headings, paragraphs, list items, table rows and code stand apart by a blank line; line
    breaks inside a paragraph stay. Marks, link targets, images, front matter and HTML tags
    go; the numbers of an ordered list stay, they make a heading of an item. Text indented
    by four blanks is a paragraph: in Chinese documents that is an indent, not code.

    Returns:
        Its text and its encoding.

    Raises:
        DocumentError: the bytes are not text, or beyond a limit of `cuoshi.reading.limits`.
    """
    text, encoding = decode(data, name)
    if len(text) > MAX_MARKDOWN_CHARACTERS:
        raise DocumentError(
            f"{name} has {len(text):,} characters of Markdown, more than "
            f"{MAX_MARKDOWN_CHARACTERS:,}: split it"
        )
    return _to_text(_FRONT_MATTER.sub("", _LINE_END.sub("\n", text)), name), encoding


def _to_text(source: str, name: str) -> str:
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"maxNesting": MAX_MARKDOWN_DEPTH + 2}).enable("table")
    parser.disable(["code", "inline"])
    inline = MarkdownIt("commonmark")
    references: dict[str, Any] = {}
    blocks: list[str] = []
    numbers: list[int | None] = []
    row: list[list[str]] | None = None
    marker = ""
    for token in parser.parse(source, references):
        if token.level > MAX_MARKDOWN_DEPTH:
            raise DocumentError(
                f"{name} nests quotations and lists more than {MAX_MARKDOWN_DEPTH} deep: flatten it"
            )
        if token.type == "ordered_list_open":
            numbers.append(int(token.attrs.get("start", 1)))
        elif token.type == "bullet_list_open":
            numbers.append(None)
        elif token.type in ("ordered_list_close", "bullet_list_close"):
            numbers.pop()
        elif token.type == "list_item_open":
            number = numbers[-1]
            marker = "" if number is None else f"{number}{token.markup} "
            numbers[-1] = None if number is None else number + 1
        elif token.type == "tr_open":
            row = []
        elif token.type == "tr_close":
            blocks += join_row(row or [])
            row = None
        elif token.type == "html_block":
            blocks.append(_read_html(token.content, name))
        elif token.type == "fence":
            blocks.append(token.content)
        elif token.type == "inline":
            content = marker + _inline_text(inline, token.content, references)
            marker = ""
            if row is None:
                blocks.append(_INDENT.sub("", content))
            else:
                row.append([content])
    return join_blocks(blocks)


def _inline_text(parser: MarkdownIt, content: str, references: dict[str, Any]) -> str:
    # The time for unclosed marks grows with the square of their number.
    if len(_MARKS.findall(content)) > MAX_MARKDOWN_MARKS:
        return content
    parts = []
    for token in parser.parseInline(content, references)[0].children or []:
        if token.type in ("text", "text_special", "code_inline"):
            parts.append(_LEFT_OVER.sub("", token.content))
        elif token.type in ("softbreak", "hardbreak") or (
            token.type == "html_inline" and _BREAK_TAG.match(token.content)
        ):
            parts.append("\n")
    return "".join(parts)


def _read_html(fragment: str, name: str) -> str:
    from cuoshi.reading.web import html_to_text

    return html_to_text(fragment, name)
