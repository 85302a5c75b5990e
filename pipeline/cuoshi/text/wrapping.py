"""Find lines that were broken at a width, as mail programs and printed pages do.

Such a line ends where the next character or word would not have fitted, in the middle of a
sentence. Whether a document was broken so is told from all its lines, never from one.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from functools import cache
from itertools import accumulate
from typing import NamedTuple

LEAST_WIDTH = 32
"""Columns that lines broken at a width have at least: sixteen Chinese characters."""

HANGING_WIDTH = 2
"""Columns that a mark may hang over the margin; where none does, as much is left free."""

RAGGED_WIDTH = 6
"""The same where the margin is ragged, as recognised text has it: half-width marks and gaps."""

LEAST_RAGGED = 4
"""Broken lines from which a ragged margin is believed."""

RAGGED_SHARE = 0.8
"""Share of the lines of some width ending within a sentence that must reach a ragged margin."""

LEAST_BROKEN = 2
"""Broken lines from which a document is taken to be broken at a width."""

BROKEN_SHARE = 0.4
"""Share of the lines with a line right below them that must be broken."""

PROSE_SHARE = 0.1
"""Share of the broken lines in which a sentence must end before the line does.

Of the speeches broken at 34 to 100 columns it ends in 0.21 to 0.77 of them; rosters, addresses
and other lists of even width hold none.
"""

WIDER_SHARE = 0.25
"""Most lines, as a share, that may be wider: addresses of web pages are not broken."""

LINE_BREAKS = r"\n\r\v\f\x1c-\x1e\x85\u2028\u2029"
"""What ends a line, as a class of characters; the paragraphs of a cell end with U+2028."""

LINE_BREAK = re.compile(f"[{LINE_BREAKS}]")
"""What ends a line, to search for."""

_ONE_BREAK = re.compile(r"\r\n(?![\r\n])|[\n\r](?![\r\n])")
"""The end of a line that another follows directly."""

_BLANKS = r"[ \t\xa0\u3000]{0,9}"
_DASHES = rf"(?:[\-–—－·•.~～|/]{_BLANKS}){{0,4}}"
PAGE_NUMBER = (
    rf"(?:{_DASHES}(?:\d{{1,4}}|[ivxIVX]{{1,6}}){_BLANKS}{_DASHES}"
    rf"|第?{_BLANKS}\d{{1,4}}{_BLANKS}(?:页{_BLANKS}[,，/／|]?{_BLANKS}共?|[,，/／|]{_BLANKS}共?|共)"
    rf"{_BLANKS}\d{{1,4}}{_BLANKS}页?"
    rf"|第{_BLANKS}\d{{1,4}}{_BLANKS}页"
    rf"|[Pp][Aa][Gg][Ee]{_BLANKS}\d{{1,4}}(?:{_BLANKS}[Oo][Ff]{_BLANKS}\d{{1,4}})?)"
)
"""The number of a page, all that its line holds: - 1 -, 第 1 页 共 2 页."""

_PAGE_NUMBER = re.compile(PAGE_NUMBER)
_NUMERAL = "[一二三四五六七八九十百零〇]"
ORDINAL = re.compile(
    rf"\s*(?:第[一二三四五六七八九十百零〇\d]{{1,4}}[章节条部篇]|{_NUMERAL}{{1,3}}、"
    r"|[（(][一二三四五六七八九十\d]{1,3}[)）]|\d{1,2}[.．、](?!\d)|[①-⑳])"
)
"""The ordinal that begins an item; 第一时间 and 2.5 are none."""

_ITEM = re.compile(
    rf"{ORDINAL.pattern}|[\s>]*(?:\d{{1,2}}[)）]|[-*•·●■□◆▪]\s|{_NUMERAL}{{1,2}}(?:是|要)"
    rf"|第{_NUMERAL}{{1,2}}[，,、：:]|\d{{1,2}}:\d\d|\|)"
)
_ITEM_OPENING = re.compile(rf"(?:{_ITEM.pattern})\s*")
_PREFIX = re.compile(r"[\s>]*")
_LINE = re.compile(rf"[^{LINE_BREAKS}]+")
_ENDS_SENTENCE = re.compile(r"[。！？!?；;：:…][”’」』）)】》\"']*$")
_ENDS_INSIDE = re.compile(r"[。！？!?；;][”’」』）)】》\"']*[^”’」』）)】》\"'\s]")
# What cannot be parted from the first character: a word, openers before it, marks behind it.
_FIRST_UNIT = re.compile(
    r"[“‘「『（(【《]*(?:[A-Za-z0-9.%:/_-]+|.)[，。、；：！？,.;:!?”’」』）)】》…]*"
)


class _Line(NamedTuple):
    text: str
    width: int
    below: str
    """The line right below it, "" where there is none."""

    def free_from(self, free: int) -> int:
        """The width from which on the line below would have begun in this one."""
        return self.width + unit_width(self.below) + free


class Margin(NamedTuple):
    """Where the lines of a document were broken.

    Attributes:
        width: the columns that fitted into a line.
        free: how many of them may have been left empty though the next character fitted.
    """

    width: int
    free: int


def is_page_number(line: str) -> bool:
    """Whether a line holds the number of a page and nothing else."""
    return _PAGE_NUMBER.fullmatch(line.strip()) is not None


def read_lines(text: str, *, pages: bool) -> Iterator[tuple[re.Match[str], bool]]:
    """The lines of `text` that are not blank, each with whether one stands right above it.

    Args:
        text: a document.
        pages: whether it was set on pages, so that numbers of pages are no lines of it, and
            what stands above them or a form feed is right above what stands below.
    """
    end: int | None = None
    for line in _LINE.finditer(text):
        if line.group().isspace() or (pages and is_page_number(line.group())):
            continue
        between = "" if end is None else text[end : line.start()]
        turns = pages and ("\f" in between or bool(between.strip()))
        yield line, turns or _ONE_BREAK.fullmatch(between) is not None
        end = line.end()


def display_width(text: str) -> int:
    """Columns that a line takes: two for a Chinese character."""
    return len(text) if text.isascii() else sum(map(_columns, text))


def find_margin(text: str) -> Margin | None:
    """Where the lines of `text` were broken; None where they were not.

    It is the width that explains most of the lines which end within a sentence. It must explain
    many of those with a line right below them, in some of them a sentence must end, some line
    must end with one, as paragraphs do, and few lines may be wider. A ragged margin is believed
    where, besides, nearly all lines which end within a sentence reach it, short ones aside.
    """
    lines = list(_read_lines(text))
    followed = [line for line in lines if line.below]
    broken = [line for line in followed if _may_be_broken(line.text, line.below)]
    if len(broken) < LEAST_BROKEN:
        return None
    even, ragged = (_likeliest_margin(broken, free) for free in (HANGING_WIDTH, RAGGED_WIDTH))
    is_even = _explains(even, lines, followed, broken)
    followed, broken = (
        [line for line in some if 2 * line.width >= ragged.width] for some in (followed, broken)
    )
    least = max(LEAST_RAGGED, RAGGED_SHARE * len(broken))
    if is_even and _count_reaching(even, broken) >= least:
        return even
    if _count_reaching(ragged, broken) >= least and _explains(ragged, lines, followed, broken):
        return ragged
    return even if is_even else None


def _likeliest_margin(broken: list[_Line], free: int) -> Margin:
    """The width that explains most of the lines."""
    steps: Counter[int] = Counter()
    for line in broken:
        steps[line.width] += 1
        steps[line.free_from(free)] -= 1
    widths = sorted(steps)
    counts = dict(zip(widths, accumulate(steps[width] for width in widths), strict=True))
    return Margin(max(widths, key=lambda width: (counts[width], width)), free)


def _reaches(line: _Line, margin: Margin) -> bool:
    return line.width <= margin.width < line.free_from(margin.free)


def _count_reaching(margin: Margin, lines: list[_Line]) -> int:
    return sum(_reaches(line, margin) for line in lines)


def _explains(
    margin: Margin, lines: list[_Line], followed: list[_Line], broken: list[_Line]
) -> bool:
    width = margin.width
    broken = [line for line in broken if _reaches(line, margin)]
    is_closed = any(_ENDS_SENTENCE.search(line.text) for line in lines if line.width <= width)
    wider = sum(line.width > width for line in lines)
    prose = sum(_ENDS_INSIDE.search(line.text) is not None for line in broken)
    return (
        width >= LEAST_WIDTH
        and len(broken) >= max(LEAST_BROKEN, BROKEN_SHARE * len(followed))
        and is_closed
        and wider <= WIDER_SHARE * len(lines)
        and prose >= max(1, PROSE_SHARE * len(broken))
    )


def is_broken(line: str, below: str, margin: Margin) -> bool:
    """Whether `line` ends within a sentence, because what is `below` did not fit into it.

    It does not where the line below begins an item, or stands further right or deeper in a
    quoted mail.
    """
    if not _may_be_broken(line, below):
        return False
    words = line.rstrip()
    return _reaches(_Line(words, display_width(words), below), margin)


def _may_be_broken(line: str, below: str) -> bool:
    if _ENDS_SENTENCE.search(line.rstrip()) or _ITEM.match(below):
        return False
    prefix, prefix_below = _prefix(line), _prefix(below)
    # The further lines of an item may stand below its words, right of its ordinal.
    item = _ITEM_OPENING.match(line)
    room = display_width(item.group() if item else prefix)
    return (
        prefix_below.count(">") == prefix.count(">")
        and len(prefix_below) <= room
        # Ideographic spaces set parts of a line off wherever they stand.
        and "\u3000" not in prefix_below
    )


def _prefix(line: str) -> str:
    match = _PREFIX.match(line)
    return match.group() if match else ""


def unit_width(line: str) -> int:
    """Columns of what a line begins with that cannot be parted: a character, or a word."""
    match = _FIRST_UNIT.match(line, len(_prefix(line)))
    return display_width(match.group()) if match else 0


@cache
def _columns(character: str) -> int:
    return 2 if unicodedata.east_asian_width(character) in "WFA" else 1


def _read_lines(text: str) -> Iterator[_Line]:
    lines = list(read_lines(text, pages=True))
    below = [after.group() if is_below else "" for after, is_below in lines[1:]] + [""]
    for (line, _), after in zip(lines, below, strict=False):
        words = line.group().rstrip()
        yield _Line(words, display_width(words), after)
