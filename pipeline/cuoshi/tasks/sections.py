"""Which heading stands above each sentence, how far sections reach, and titles of attachments."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

from cuoshi.classifier import ScoredSentence
from cuoshi.text.structure import is_piece_title, ordinal_style
from cuoshi.text.wrapping import LINE_BREAK

TITLE_LENGTH = 12
"""Most characters, its ordinal aside, of a title that runs into its paragraph."""

_ORDINAL = re.compile(r"\s*[（(]?[第\d一二三四五六七八九十①-⑳]+[)）、.．，,]*\s*")
_STEP = re.compile(r"\s*[一二三四五六七八九十]{1,2}是")
_OPENS_ORDER = ("对", "把", "由", "停", "关闭")
_ORDER = re.compile("[，,；;！!？?要]|禁止|严禁|不得|一律|立即|暂停|停止|取消")
_IMPRINT = re.compile(
    r"[（(〔【\[][^（）()]*[)）〕】\]]"
    r"|[\u4e00-\u9fff]{0,10}[〔\[（(]\d{4}[〕\])）]\s?第?\s?\d{1,4}\s?号(?:文件)?"
    r"|[\u4e00-\u9fff]{0,12}?[\d〇零一二三四五六七八九]{4}年[\d一二三四五六七八九十]{1,2}月[\d一二三四五六七八九十]{1,3}日"
)
"""What is set like a heading but tells nothing of what follows: a document's number, a day."""
_ATTACHMENT = re.compile(
    r"\s*附(?:件|表|录)?\s*(?P<own>[\d一二三四五六七八九十]*)\s*[：:]\s*"
    r"(?:(?P<number>\d{1,2})\s*[.．、]\s*)?(?P<title>[^。，！？]*)"
)
_LISTED = re.compile(r"\s*(?P<number>\d{1,2})\s*[.．、]\s*[^。，！？；]*")


def headings_above(sentences: Sequence[ScoredSentence]) -> list[int | None]:
    """For each sentence, the index of the heading above it; None for headings themselves."""
    above: list[int | None] = []
    nearest = None
    for index, sentence in enumerate(sentences):
        above.append(nearest if sentence.heading and not sentence.is_heading else None)
        if sentence.is_heading and not sentence.is_web_matter:
            nearest = index
    return above


def shown_headings(sentences: Sequence[ScoredSentence], run_in: Mapping[int, int]) -> Iterator[str]:
    """For each sentence, the heading to show beside it, "" where there is none.

    It is the nearest one that is no number or day of the document, or a title that its paragraph
    goes on behind.

    Args:
        sentences: those of a document.
        run_in: as `run_in_titles` gives it.
    """
    title = inner = ""
    end = 0
    for index, sentence in enumerate(sentences):
        heading = title if _IMPRINT.fullmatch(sentence.heading.strip()) else sentence.heading
        yield inner if index < end else heading
        if index in run_in:
            inner, end = sentence.text.rstrip("。.：: "), run_in[index]
        if sentence.is_heading and not sentence.is_web_matter:
            title = title if _IMPRINT.fullmatch(sentence.text.strip()) else sentence.text


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


def noted_sections(
    sentences: Sequence[ScoredSentence], titles: Iterable[int]
) -> dict[int, list[int]]:
    """For the index of each sentence, the nearest of the `titles` in whose section it stands."""
    ends = section_ends(sentences)
    return {
        index: [title] for title in sorted(titles) for index in range(title, ends.get(title, title))
    }


def run_in_titles(text: str, sentences: Sequence[ScoredSentence]) -> dict[int, int]:
    """Titles that their paragraph goes on behind (一、物资储备。县工信局要……); 要 makes an order.

    Returns:
        For the index of each, the index at which its paragraph ends or the next such title in
        it stands (exclusive). Items right behind one another (第一，……。第二，……。) are orders.
    """
    titles: dict[int, int] = {}
    for paragraph in _paragraphs(text, sentences):
        alike: dict[str, list[int]] = {}
        for index in paragraph:
            words = sentences[index].text
            style = "一是" if _STEP.match(words) else ordinal_style(words)
            alike.setdefault(style, []).append(index)
        alike.pop("", None)
        for items in alike.values():
            ends = [*items[1:], paragraph.stop]
            if all(end > index + 1 for index, end in zip(items, ends, strict=True)):
                titles.update(
                    (index, end)
                    for index, end in zip(items, ends, strict=True)
                    if _is_title(sentences[index].text)
                )
    return titles


def attachment_titles(sentences: Sequence[ScoredSentence]) -> set[int]:
    """The indices of titles of attachments (附件：1.……登记表) and of those that count on below."""
    titles: set[int] = set()
    following = 0
    for index, sentence in enumerate(sentences):
        listed = _LISTED.fullmatch(sentence.text)
        if listed and int(listed["number"]) == following:
            following += 1
        elif title := _ATTACHMENT.fullmatch(sentence.text):
            # Behind 附件1：…… comes what the attachment says, its own items perhaps.
            begins = not title["own"] and not title["title"]
            following = int(title["number"]) + 1 if title["number"] else int(begins)
        else:
            following = 0
            continue
        titles.add(index)
    return titles


def _paragraphs(text: str, sentences: Sequence[ScoredSentence]) -> Iterator[range]:
    """The indices of the sentences of one paragraph after another."""
    start = 0
    for index, (before, sentence) in enumerate(pairwise(sentences), 1):
        if LINE_BREAK.search(text, before.end, sentence.start):
            yield range(start, index)
            start = index
    yield range(start, len(sentences))


def _is_title(sentence: str) -> bool:
    words = sentence.rstrip("。.：: ")
    ordinal = _STEP.match(words) or _ORDINAL.match(words)
    return (
        ordinal is not None
        and len(words) - ordinal.end() <= TITLE_LENGTH
        and not words.startswith(_OPENS_ORDER, ordinal.end())
        and not _ORDER.search(words, ordinal.end())
    )


def _numbering(heading: str) -> str:
    return "piece" if is_piece_title(heading) else ordinal_style(heading)
