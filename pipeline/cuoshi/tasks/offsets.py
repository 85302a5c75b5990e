"""From offsets into a text that was cleaned back to offsets into what it was."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from cuoshi.tasks.task import Span
from cuoshi.text.plain import BLANKS, places_left
from cuoshi.text.sentences import kept_places

SomeSpan = TypeVar("SomeSpan", bound=Span)
Rest = ParamSpec("Rest")

_HAN = r"[\u4e00-\u9fff]"
_MARK = r"[，。；：、！？（）“”,;:()]"
_BLANKS = re.compile(
    rf"(?<={_MARK}){BLANKS}|{BLANKS}(?={_MARK})"
    rf"|(?<={_HAN}){BLANKS}(?=\d)|(?<=\d){BLANKS}(?={_HAN})"
)
"""Those that set nothing off; between two words a blank may part two names."""


def without_blanks(
    find: Callable[Concatenate[str, Rest], list[SomeSpan]],
) -> Callable[Concatenate[str, Rest], list[SomeSpan]]:
    """Let `find` read a text without the blanks at its marks and figures (各县 （市） 在 3 月前).

    What it gives has offsets into the text with them, and its words as they stand there.
    """

    @wraps(find)
    def found(text: str, /, *rest: Rest.args, **named: Rest.kwargs) -> list[SomeSpan]:
        places = places_left(text, _BLANKS)
        if len(places) == len(text):
            return find(text, *rest, **named)
        spans = find("".join(text[place] for place in places), *rest, **named)
        moved = [(span, places[span.start], places[span.end - 1] + 1) for span in spans]
        return [
            replace(span, start=start, end=end, text=text[start:end]) for span, start, end in moved
        ]

    return found


class Offsets:
    """Where each character of a cleaned sentence stands in its document.

    `cuoshi.text.sentences.clean` only deletes.

    Args:
        document: the document's text.
        start, end: the sentence's offsets into it.
        text: the sentence, cleaned.

    Raises:
        ValueError: `text` is not what `clean` makes of that place.
    """

    def __init__(self, document: str, start: int, end: int, text: str) -> None:
        self._places = [start + place for place in kept_places(document[start:end])]
        if "".join(document[place] for place in self._places) != text:
            raise ValueError(f"the sentence from {start} to {end} reads otherwise")

    def place(self, start: int, end: int) -> tuple[int, int]:
        """The document's offsets of `text[start:end]`, which must not be empty."""
        return self._places[start], self._places[end - 1] + 1

    def move(self, span: SomeSpan) -> SomeSpan:
        """The same span with the document's offsets."""
        start, end = self.place(span.start, span.end)
        return replace(span, start=start, end=end)
