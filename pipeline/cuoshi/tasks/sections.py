"""Which heading stands above each sentence, and how far the section of each heading reaches."""

from __future__ import annotations

from collections.abc import Sequence

from cuoshi.classifier import ScoredSentence
from cuoshi.text.structure import is_piece_title, ordinal_style


def headings_above(sentences: Sequence[ScoredSentence]) -> list[int | None]:
    """For each sentence, the index of the heading above it; None for headings themselves."""
    above: list[int | None] = []
    nearest = None
    for index, sentence in enumerate(sentences):
        above.append(nearest if sentence.heading and not sentence.is_heading else None)
        if sentence.is_heading and not sentence.is_web_matter:
            nearest = index
    return above


def section_ends(sentences: Sequence[ScoredSentence]) -> dict[int, int]:
    """For the index of each heading, the index at which its section ends (exclusive).

    What tells is how headings are numbered: a section ends at the next heading that is numbered
    like its own or like one above it; a way of numbering that is new there opens a section inside.
    """
    ends: dict[int, int] = {}
    above: list[tuple[str, int]] = []
    for index, sentence in enumerate(sentences):
        if not sentence.is_heading or sentence.is_web_matter:
            continue
        style = _numbering(sentence.text)
        if style in (known for known, _ in above):
            while style in (known for known, _ in above):
                _, closed = above.pop()
                ends[closed] = index
        above.append((style, index))
    ends.update((index, len(sentences)) for _, index in above)
    return ends


def _numbering(heading: str) -> str:
    return "piece" if is_piece_title(heading) else ordinal_style(heading)
