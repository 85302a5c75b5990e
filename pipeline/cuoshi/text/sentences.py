"""Cut a document into sentences with character offsets.

The rules are those the annotation was made with; `cuoshi.stages.preprocess` fails when
fewer than 99 % of the annotated sentences come out at their offsets. Reading files and
recognising headings are left to the neighbouring modules.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from cuoshi.text.structure import is_piece_title
from cuoshi.text.wrapping import (
    LINE_BREAKS,
    PAGE_NUMBER,
    find_margin,
    is_broken,
    is_page_number,
    read_lines,
)

RUN_ON_LENGTH = 60
"""Characters from which a paragraph without a closing mark is taken to be broken by layout."""

QUOTE_LIMIT = 150
"""Characters from which a sentence ends inside “ ” too: the closing quote was forgotten."""

_LINE_CLOSERS = (*"。！？!?；;：:…”」）)—", "...")
_INDENTS = tuple(" \t\u3000\xa0>")
_INSIDE = "[^（）()。！？!?“”]"
# A semicolon inside brackets ends no sentence (责任单位：……；完成时限：……).
_MARK = re.compile(
    rf"(?P<bracket>[（(](?:{_INSIDE}|[（(]{_INSIDE}{{0,20}}[）)]){{0,120}}[）)])|[。！？!?；;“”]"
)
_HALF_WIDTH_STOP = re.compile(
    r"(?<=[\u4e00-\u9fff”’」』）)】》])(?<![一二三四五六七八九十])\.(?=[\s\u4e00-\u9fff“‘「『（(【《]|$)"
)
"""A full stop written as . , but not behind an ordinal (一.)."""

_TRAILERS = "。！？!?；;”’」』）)】》\"'"
_PART = re.compile(r"[^\u3000]+")
_LAYOUT = re.compile(
    rf"[{LINE_BREAKS}\u3000]+(?:[ \t\xa0]*{PAGE_NUMBER}[ \t\xa0]*[{LINE_BREAKS}]+)?[ \t\xa0>]*"
    r"|>(?!\s*[\d=])"
)


class Span(NamedTuple):
    """A half-open range of character offsets into a document's text."""

    start: int
    end: int


def clean(text: str) -> str:
    """Drop what layout put into a sentence: line breaks, page numbers, ideographic spaces, `>`.

    A `>` before a figure (体温>37.3℃) is kept, it means something.
    """
    return _LAYOUT.sub("", text).strip()


def kept_places(text: str) -> list[int]:
    """The offsets into `text` of the characters that `clean` keeps."""
    places: list[int] = []
    place = 0
    for layout in _LAYOUT.finditer(text):
        places.extend(range(place, layout.start()))
        place = layout.end()
    places.extend(range(place, len(text)))
    kept = "".join(text[place] for place in places)
    first = len(kept) - len(kept.lstrip())
    return places[first : first + len(kept.strip())]


def split_sentences(text: str) -> list[Span]:
    """Cut `text` into sentences.

    Returns:
        Spans in reading order, disjoint, without blanks or `>` at either end. Together
        they cover every character of `text` but white space, `>` and numbers of pages. In a text
        without a 。 a half-width . between Chinese characters is one.
    """
    if "。" not in text:
        text = _HALF_WIDTH_STOP.sub("。", text)
    return [
        sentence
        for paragraph in split_paragraphs(text)
        for part in _split_at_layout(text, paragraph)
        for sentence in _split_at_marks(text, part)
        if sentence.start < sentence.end
    ]


def split_paragraphs(text: str) -> list[Span]:
    """The lines of `text` that are not blank, those that layout broke joined to the next.

    In a document whose lines were broken at a width, `cuoshi.text.wrapping` tells which, and
    numbers of pages are no lines. In others layout broke a long line that does not close,
    unless an indent or the title of a piece follows.
    """
    paragraphs: list[Span] = []
    margin = find_margin(text)
    before = ""
    for match, is_below in read_lines(text, pages=margin is not None):
        line = match.group()
        if margin is not None:
            runs_on = is_below and is_broken(before, line, margin)
        else:
            runs_on = (
                is_below
                # Whether 12 is the number of a page or of people, nothing tells here.
                and not is_page_number(before)
                and not is_page_number(line)
                and not before.rstrip().endswith(_LINE_CLOSERS)
                and paragraphs[-1].end - paragraphs[-1].start >= RUN_ON_LENGTH
                and not line.startswith(_INDENTS)
            )
        if runs_on and not is_piece_title(line):
            paragraphs[-1] = Span(paragraphs[-1].start, match.end())
        else:
            paragraphs.append(Span(*match.span()))
        before = line
    return paragraphs


def _split_at_layout(text: str, paragraph: Span) -> Iterator[Span]:
    """Ideographic spaces inside a line set a part of it off."""
    for match in _PART.finditer(text, *paragraph):
        yield Span(*match.span())


def _split_at_marks(text: str, part: Span) -> Iterator[Span]:
    start, quoted = part.start, False
    position = part.start
    while match := _MARK.search(text, position, part.end):
        position = match.end()
        if match.group() in "“”":
            quoted = match.group() == "“"
            continue
        if match["bracket"]:
            continue
        while position < part.end and text[position] in _TRAILERS:
            position += 1
        if quoted and "”" not in text[match.end() : position] and position - start < QUOTE_LIMIT:
            continue
        yield trim(text, Span(start, position))
        start, quoted = position, False
    yield trim(text, Span(start, part.end))


def trim(text: str, span: Span) -> Span:
    """`span` without blanks and `>` at either end; empty where it holds nothing else."""
    start, end = span
    while start < end and _is_blank(text[start]):
        start += 1
    while end > start and _is_blank(text[end - 1]):
        end -= 1
    return Span(start, end)


def _is_blank(character: str) -> bool:
    return character.isspace() or character == ">"
