"""Put paragraphs and table rows together so that the sentence rules cannot join them.

Where a format knows its paragraphs, they stand apart by a blank line: the rule that
continues a long line in the next one is for layout that got lost, not for these.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

_HANZI = "\u2e80-\u2fdf\u3001-\u303f\u3400-\u9fff\uf900-\ufaff\uff01-\uff60\U00020000-\U0003ffff"
_BREAK_IN_CHINESE = re.compile(rf"(?<=[{_HANZI}])[ \t]*[\r\n]\s*(?=[{_HANZI}])")
_WHITE_SPACE = re.compile(r"[ \t\r\n\f\v\xa0]+")


def join_blocks(blocks: Iterable[str]) -> str:
    """The blocks that are not blank, without white space at their ends, a blank line between."""
    return "\n\n".join(stripped for block in blocks if (stripped := block.strip()))


def join_row(cells: Sequence[Sequence[str]]) -> list[str]:
    """The blocks of a table row whose cells hold these blocks.

    Cells of one block each make one line, an ideographic space between them: this parts
    them into sentences, and keeps a short cell from being taken for a heading. Otherwise
    the table is there for layout, and each cell's blocks stand for themselves.
    """
    filled = [blocks for cell in cells if (blocks := [b for b in cell if b.strip()])]
    if all(len(blocks) == 1 and "\n" not in blocks[0].strip() for blocks in filled):
        row = "\u3000".join(blocks[0].strip() for blocks in filled)
        return [row] if row else []
    return [block for blocks in filled for block in blocks]


def collapse(text: str) -> str:
    """`text` with each run of white space made one blank, as a browser shows it.

    A line break between two Chinese characters goes: Chinese has no blanks between words.
    """
    return _WHITE_SPACE.sub(" ", _BREAK_IN_CHINESE.sub("", text)).strip()
