"""A document as the classifier sees it: its sentences with offsets, headings and context."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from cuoshi.text.sentences import clean, split_paragraphs, split_sentences, trim
from cuoshi.text.structure import is_heading, is_piece_title, is_web_matter, ordinal_style

CONTEXT_CHARACTERS = 80
"""How much of the end of the sentence before goes into the context."""

HEADINGS = 3
"""Most headings in a context; the innermost are kept."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a document.

    Attributes:
        start, end: character offsets; `document_text[start:end]` is the sentence as it stands.
        text: the same, cleaned of what layout put inside.
        piece: which speech of a compilation it belongs to, from 1; 0 before the first title.
        heading: the nearest heading above it in the same piece, or "".
        context: what the model reads beside it: the headings above and the end of the sentence
            before; see `Context`.
        is_heading: whether the sentence is itself a heading or a piece title.
        is_web_matter: whether it belongs to the page around the document.
    """

    start: int
    end: int
    text: str
    piece: int
    heading: str
    context: str
    is_heading: bool
    is_web_matter: bool


def outline(text: str, context_characters: int = CONTEXT_CHARACTERS) -> list[Sentence]:
    """Read the sentences of `text` in order, each with its place in the document.

    Blank text gives an empty list.
    """
    spans = split_sentences(text)
    lines = {trim(text, paragraph) for paragraph in split_paragraphs(text)}
    texts = [clean(text[start:end]) for start, end in spans]
    titles = [span in lines and is_piece_title(t) for span, t in zip(spans, texts, strict=True)]
    pieces = _number_pieces(titles)
    matter = _mark_web_matter(texts, pieces)
    headings = [
        title or (span in lines and is_heading(t))
        for span, t, title in zip(spans, texts, titles, strict=True)
    ]
    contexts = build_contexts(zip(texts, headings, titles, matter, strict=True))
    return [
        Sentence(
            start=spans[i].start,
            end=spans[i].end,
            text=texts[i],
            piece=pieces[i],
            heading=context.heading,
            context=context.text(context_characters),
            is_heading=headings[i],
            is_web_matter=matter[i],
        )
        for i, context in enumerate(contexts)
    ]


class Context(NamedTuple):
    """What stands above and before a sentence.

    Attributes:
        heading: the nearest heading above it, or "".
        above: the chain of headings above it, the outermost first. The outer ones tell what the
            inner do not: the same （二）强化物资保障 reports under 一、前段工作 and demands under
            二、下步安排.
        before: the sentence before it in its section, or "".
    """

    heading: str
    above: str
    before: str

    def text(self, characters: int = CONTEXT_CHARACTERS, *, said: str = "") -> str:
        """What the model reads: the headings and the end of what was said before.

        Args:
            characters: how much of that end.
            said: what stands between the sentence before and what is to be read.
        """
        end = (self.before + said)[-characters:]
        return " ".join(part for part in (self.above, end) if part)


def build_contexts(units: Iterable[tuple[str, bool, bool, bool]]) -> Iterator[Context]:
    """Yield the context of each unit `(text, is_heading, opens_piece, is_web_matter)`.

    A heading opens a section; the sentence before counts only within the section. Web-page
    matter is nobody's context.
    """
    title = before = ""
    chain: list[tuple[str, str]] = []
    for text, is_head, opens_piece, matter in units:
        if opens_piece:
            title, before, chain = "", "", []
        elif is_head:
            before = ""
            chain = _leave_sections(chain, ordinal_style(text))
        above = [heading for _, heading in chain[-HEADINGS:]] or [title]
        yield Context(above[-1], " ".join(part for part in above if part), before)
        if matter:
            continue
        if opens_piece and is_head:
            title = text
        elif is_head:
            chain.append((ordinal_style(text), text))
        else:
            before = text


def _leave_sections(chain: list[tuple[str, str]], style: str) -> list[tuple[str, str]]:
    """The headings that still hold where one numbered in `style` begins."""
    styles = [numbered for numbered, _ in chain]
    return chain[: styles.index(style)] if style in styles else chain


def _number_pieces(titles: list[bool]) -> list[int]:
    if not any(titles):
        return [1] * len(titles)
    numbers, piece = [], 0
    for opens in titles:
        piece += opens
        numbers.append(piece)
    return numbers


def _mark_web_matter(texts: list[str], pieces: list[int]) -> list[bool]:
    """Matter by its words, and with it all that stands before a compilation's first piece."""
    matter = [is_web_matter(text) for text in texts]
    if any(m for m, piece in zip(matter, pieces, strict=True) if piece == 0):
        matter = [m or piece == 0 for m, piece in zip(matter, pieces, strict=True)]
    return matter
