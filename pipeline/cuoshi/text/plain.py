"""What the model reads of a text: the same without what numbers it, and without blanks.

The speeches that the model learnt from count their reviews (一是, 一、) more often than their
demands, and none writes 一是要; few have blanks. Left in, 一是要严格落实隔离措施 scores 0.01 where
严格落实隔离措施 has 0.93, and a blank behind each comma costs a fifth of the recall;
docs/experiments.md has the figures.
"""

from __future__ import annotations

import re

from cuoshi.tags import TokenOffsets

_HAN = "[一二三四五六七八九十]{1,3}"
# Not 一、二级医院, nor 1、2号楼.
_LISTED = rf"(?!{_HAN}(?:、{_HAN}){{0,3}}[级类线期批次季号楼组产])"
_ORDINAL = (
    rf"(?:第{_HAN}[章节条部]?[、，,：:\s]|{_HAN}\s*[、．.]{_LISTED}"
    r"|\d{1,3}(?:\.\d{1,2})*\s*[、．.)）](?!\d)"
    rf"|[（(]\s*(?:\d{{1,3}}|{_HAN})\s*[)）][、．.]?|[①-⑳㈠-㈩])\s*"
)
# 一是, 第二个是：, 其三，, 另一方面; the 要 of 二要 stays, for it demands.
_ONE_OF = rf"(?:第?{_HAN}个?|其{_HAN})"
_STEP = (
    rf"(?:{_ONE_OF}是[：:，,]?(?=[^\s：:，,。；;])"
    rf"|{_ONE_OF}(?=要(?![素件点求义塞冲么务闻职事])[^\s，,。；;])"
    rf"|其{_HAN}[：:，,]|另?一方面[，,]?)"
)
# Whole runs, tried once each.
BLANKS = r"(?<![ \t\xa0])[ \t\xa0]++"
_WIDE = r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef“”‘’…—]"
_DROPPED = re.compile(
    rf"\A\s*(?:{_ORDINAL}){{1,3}}(?:{_STEP})?(?=\S)"
    rf"|(?:\A\s*|(?<=[：:，,；;。]))(?:{_STEP})"
    rf"|(?<={_WIDE}){BLANKS}|{BLANKS}(?={_WIDE})"
)

# No heading ends with one of these.
_BLANKS_INSIDE = re.compile(rf"(?<=[，,、；;]){BLANKS}")


def plain(text: str) -> str:
    """A sentence or heading as the model reads it; one that is but a number stays."""
    return _DROPPED.sub("", text)


def plain_context(context: str) -> str:
    """A context as the model reads it.

    Args:
        context: as `Context.text` gives it, its parts set off by blanks.
    """
    return " ".join(map(plain, _BLANKS_INSIDE.sub("", context).split(" ")))


def place(offsets: TokenOffsets, text: str) -> TokenOffsets:
    """Offsets into `text` from those into `plain(text)`; those of no width come to no place."""
    places = places_left(text, _DROPPED)
    if len(places) == len(text):
        return offsets
    return [(places[s], places[e - 1] + 1) if s < e else (0, 0) for s, e in offsets]


def places_left(text: str, dropped: re.Pattern[str]) -> list[int]:
    """The offsets into `text` of the characters outside what `dropped` matches."""
    places: list[int] = []
    end = 0
    for match in dropped.finditer(text):
        places.extend(range(end, match.start()))
        end = match.end()
    places.extend(range(end, len(text)))
    return places
