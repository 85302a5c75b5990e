"""Render the automatic numbers of a Word document: 一、 （一） 1. before their paragraphs.

Word keeps them out of the text. Here they matter: an ordinal makes a line a heading.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, NamedTuple

_PLACE = re.compile(r"%([1-9])")
_LEVELS = 9
_STYLE_CHAIN = 20
# What stands before every paragraph of a list must not be long.
_LONGEST_TEXT = 100

_CHINESE = ("〇一二三四五六七八九", "十百千")
_LEGAL_SIMPLIFIED = ("零壹贰叁肆伍陆柒捌玖", "拾佰仟")
_LEGAL_TRADITIONAL = ("零壹貳參肆伍陸柒捌玖", "拾佰仟")
_ROMAN = (
    *((1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L")),
    *((40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I")),
)
_SERIES = {
    "ideographTraditional": "甲乙丙丁戊己庚辛壬癸",
    "ideographZodiac": "子丑寅卯辰巳午未申酉戌亥",
    "decimalEnclosedCircle": "".join(map(chr, range(0x2460, 0x2474))),
    "decimalEnclosedCircleChinese": "".join(map(chr, range(0x2460, 0x2474))),
    "decimalEnclosedParen": "".join(map(chr, range(0x2474, 0x2488))),
    "decimalEnclosedFullstop": "".join(map(chr, range(0x2488, 0x249C))),
    "ideographEnclosedCircle": "".join(map(chr, range(0x3280, 0x328A))),
}
_COUNTING = {
    **dict.fromkeys(
        (
            "chineseCounting",
            "chineseCountingThousand",
            "japaneseCounting",
            "taiwaneseCounting",
            "taiwaneseCountingThousand",
            "koreanCounting",
        ),
        _CHINESE,
    ),
    "chineseLegalSimplified": _LEGAL_SIMPLIFIED,
    "japaneseLegal": _LEGAL_TRADITIONAL,
    "ideographLegalTraditional": _LEGAL_TRADITIONAL,
}


def format_number(number: int, style: str) -> str:
    """`number` in one of Word's number formats, in plain digits where the format is unknown.

    Args:
        number: 0 or more.
        style: the `w:numFmt` of the level, e.g. "chineseCounting".
    """
    if style in ("bullet", "none"):
        return ""
    if style in _COUNTING:
        return _count(number, *_COUNTING[style])
    if style in _SERIES:
        series = _SERIES[style]
        return series[number - 1] if 0 < number <= len(series) else str(number)
    if style in ("ideographDigital", "japaneseDigitalTenThousand", "taiwaneseDigital"):
        return "".join(_CHINESE[0][int(digit)] for digit in str(number))
    if style in ("decimalFullWidth", "decimalFullWidth2"):
        return "".join(chr(0xFF10 + int(digit)) for digit in str(number))
    if style == "decimalZero":
        return f"{number:02}"
    if style in ("upperLetter", "lowerLetter") and number > 0:
        letter = chr(ord("A") + (number - 1) % 26) * min((number - 1) // 26 + 1, 10)
        return letter if style == "upperLetter" else letter.lower()
    if style in ("upperRoman", "lowerRoman") and 0 < number < 4000:
        roman = _to_roman(number)
        return roman if style == "upperRoman" else roman.lower()
    return str(number)


def _count(number: int, digits: str, places: str) -> str:
    if not 0 < number < 10_000:
        return "".join(digits[int(digit)] for digit in str(number))
    text, skipped = "", False
    for power in range(len(str(number)) - 1, -1, -1):
        digit = number // 10**power % 10
        if digit == 0:
            skipped = True
            continue
        if skipped and text:
            text += "零"
        skipped = False
        text += digits[digit] + (places[power - 1] if power else "")
    # 12 is 十二, but 112 is 一百一十二.
    return text[1:] if 10 <= number < 20 and digits == _CHINESE[0] else text


def _to_roman(number: int) -> str:
    text = ""
    for value, letters in _ROMAN:
        count, number = divmod(number, value)
        text += letters * count
    return text


class _Level(NamedTuple):
    start: int
    style: str
    text: str
    suffix: str
    is_legal: bool
    restart: int | None


@dataclass(slots=True)
class _List:
    """A `w:abstractNum`: its levels, and how far each has counted."""

    levels: dict[int, _Level] = field(default_factory=dict)
    level_by_style: dict[str, int] = field(default_factory=dict)
    counts: dict[int, int] = field(default_factory=dict)


@dataclass(slots=True)
class _Use:
    """A `w:num`: the list that it uses, and what it changes in it."""

    items: _List
    starts: dict[int, int] = field(default_factory=dict)
    levels: dict[int, _Level] = field(default_factory=dict)
    is_begun: bool = False


class Numbering:
    """The lists of a document, counting as its paragraphs are read in order."""

    def __init__(self, numbering: Any | None, styles: Any | None) -> None:
        """Read the lists.

        Args:
            numbering: the root element of numbering.xml, where there is one.
            styles: the root element of styles.xml, where there is one.
        """
        self._uses = {} if numbering is None else _read_uses(numbering)
        self._styles = {} if styles is None else _read_styles(styles)

    def number(self, properties: Any | None) -> str:
        """Count a paragraph.

        Args:
            properties: its `w:pPr` element, where it has one.

        Returns:
            What Word shows before it, with a blank behind where one is wanted; "" for a
            paragraph without a number.
        """
        found = self._find_place(properties)
        use = self._uses.get(found[0]) if found else None
        if found is None or use is None:
            return ""
        depth = found[1]
        level = use.levels.get(depth) or use.items.levels.get(depth)
        if level is None:
            return ""
        if not use.is_begun:
            use.is_begun = True
            for changed in use.starts:
                use.items.counts.pop(changed, None)
        self._count(use, depth, level)
        return self._render(use, level)

    def _find_place(self, properties: Any | None) -> tuple[str, int] | None:
        """The `w:num` and the level of a paragraph, from itself or else from its style."""
        style = _value(_child(properties, "pStyle"))
        own = _child(properties, "numPr")
        number, level = _value(_child(own, "numId")), _value(_child(own, "ilvl"))
        named = style
        for _ in range(_STYLE_CHAIN):
            if style is None or (number is not None and level is not None):
                break
            inherited = self._styles.get(style)
            if inherited is None:
                break
            style = inherited[2]
            if number is None:
                number, level = inherited[0], level or inherited[1]
        if number is None or number == "0":
            return None
        if level is None and named is not None and number in self._uses:
            return number, self._uses[number].items.level_by_style.get(named, 0)
        return number, _to_int(level, 0)

    def _count(self, use: _Use, depth: int, level: _Level) -> None:
        counts = use.items.counts
        start = use.starts.get(depth, level.start)
        counts[depth] = counts[depth] + 1 if depth in counts else start
        for deeper in range(depth + 1, _LEVELS):
            lower = use.levels.get(deeper) or use.items.levels.get(deeper)
            # A level may go on counting through the levels above it (w:lvlRestart).
            if lower is None or lower.restart is None or depth < lower.restart:
                counts.pop(deeper, None)

    def _render(self, use: _Use, level: _Level) -> str:
        def place(match: re.Match[str]) -> str:
            depth = int(match.group(1)) - 1
            named = use.levels.get(depth) or use.items.levels.get(depth)
            if named is None:
                return ""
            number = use.items.counts.get(depth, use.starts.get(depth, named.start))
            return format_number(number, "decimal" if level.is_legal else named.style)

        if level.style in ("bullet", "none"):
            return ""
        text = _PLACE.sub(place, level.text).strip()
        # After a full-width mark (一、) no blank is wanted.
        wants_blank = level.suffix != "nothing" and text[-1:] not in "、．。：）】"
        return text + " " if text and wants_blank else text


def _read_uses(numbering: Any) -> dict[str, _Use]:
    lists: dict[str, _List] = {}
    links: dict[str, str] = {}
    defined: dict[str, str] = {}
    for element in _children(numbering, "abstractNum"):
        key = _attribute(element, "abstractNumId")
        lists[key] = items = _List()
        for child in _children(element, "lvl"):
            depth = _to_int(_attribute(child, "ilvl"), 0)
            items.levels[depth] = _read_level(child)
            style = _value(_child(child, "pStyle"))
            if style is not None:
                items.level_by_style[style] = depth
        linked, definition = _child(element, "numStyleLink"), _child(element, "styleLink")
        if linked is not None:
            links[key] = _value(linked) or ""
        if definition is not None:
            defined[_value(definition) or ""] = key
    uses: dict[str, _Use] = {}
    for element in _children(numbering, "num"):
        key = _value(_child(element, "abstractNumId")) or ""
        key = defined.get(links.get(key, ""), key)
        if key not in lists:
            continue
        uses[_attribute(element, "numId")] = use = _Use(lists[key])
        for override in _children(element, "lvlOverride"):
            depth = _to_int(_attribute(override, "ilvl"), 0)
            start, changed = _child(override, "startOverride"), _child(override, "lvl")
            if changed is not None:
                use.levels[depth] = _read_level(changed)
            if start is not None:
                use.starts[depth] = _to_int(_value(start), 1)
    return uses


def _read_level(element: Any) -> _Level:
    restart = _child(element, "lvlRestart")
    return _Level(
        start=_to_int(_value(_child(element, "start")), 0),
        style=_value(_child(element, "numFmt")) or "decimal",
        text=(_value(_child(element, "lvlText")) or "")[:_LONGEST_TEXT],
        suffix=_value(_child(element, "suff")) or "tab",
        is_legal=_child(element, "isLgl") is not None,
        restart=None if restart is None else _to_int(_value(restart), 0),
    )


def _read_styles(styles: Any) -> dict[str, tuple[str | None, str | None, str | None]]:
    """For each paragraph style the `w:num`, the level and the style it is based on."""
    found = {}
    for style in _children(styles, "style"):
        numbers = _child(_child(style, "pPr"), "numPr")
        found[_attribute(style, "styleId")] = (
            _value(_child(numbers, "numId")),
            _value(_child(numbers, "ilvl")),
            _value(_child(style, "basedOn")),
        )
    return found


def _children(element: Any, name: str) -> list[Any]:
    """Children by local name: the strict and the transitional format differ in namespaces."""
    return [child for child in element if str(child.tag).rpartition("}")[2] == name]


def _child(element: Any | None, name: str) -> Any | None:
    found = [] if element is None else _children(element, name)
    return found[0] if found else None


def _attribute(element: Any, name: str) -> str:
    return next((str(v) for k, v in element.items() if k.rpartition("}")[2] == name), "")


def _value(element: Any | None) -> str | None:
    return None if element is None else _attribute(element, "val")


def _to_int(text: str | None, default: int) -> int:
    # Word writes at most nine digits; more would be there to cost time.
    return int(text) if text and re.fullmatch(r"\d{1,9}", text) else default
