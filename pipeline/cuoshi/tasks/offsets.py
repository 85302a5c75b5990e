"""From offsets into a sentence's cleaned text back to offsets into its document."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from cuoshi.tasks.task import Span
from cuoshi.text.sentences import kept_places

SomeSpan = TypeVar("SomeSpan", bound=Span)


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
