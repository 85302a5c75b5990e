"""Who is to act where a task names nobody: the subject that was said before it.

Chinese leaves out a subject that goes on. What a sentence names itself is found by
`cuoshi.tasks.bodies`.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import replace

from cuoshi.classifier import ScoredDocument
from cuoshi.tasks.act_words import ACT, PREDICATE
from cuoshi.tasks.offsets import Offsets
from cuoshi.tasks.task import Body
from cuoshi.text.wrapping import LINE_BREAK

REACH = 4
"""How many sentences a subject that is left out may lie behind.

An enumeration (一是……；二是……；三是……；四是……) hangs on the subject before it that far; beyond it
speakers name a new one, and a wrong name costs more than an empty cell.
"""

STEP_LENGTH = 8
"""How many sentences one step of an enumeration is taken to have at most."""

CONJUNCTION_LENGTH = 3
"""Most characters between two bodies of one list (、 和 特别是)."""

_OPENING = re.compile(
    r"\s*(?:[（(]?[一二三四五六七八九十\d]{1,3}(?:[)）、.．]|[是要])|第[一二三四五六七八九十]+[、，,]?"
    r"|同时|另外|此外|并且?|还)*[，,]?"
)
_STEP = re.compile(
    r"\s*(?:[（(]?[一二三四五六七八九十\d]{1,3}(?:[)）、.．](?!\d)|[是要])|第[一二三四五六七八九十]+[、，,])"
)
_BYLINE = re.compile(
    r"(?![各全])[^，。：:]{0,12}?"
    r"(?:(?:副?书记|副?[市县区镇乡省州局部院校厅]长|副?主任|副?主席)[、，,\s]*)+"
    r"[\u4e00-\u9fffX*＊×\s]{0,4}"
)
"""A line under the title that says who speaks (市委副书记、市长 王某某): nobody's orders."""
_TITLE = re.compile(
    r".*(?:讲话|发言|致辞|报告|汇报|通知|通告|公告|通报|纪要|意见|方案|预案|办法|规定|决定|提纲|摘要)"
    r"(?:稿|[（(][^（）()]*[)）])*|.*[〔\[]\d{4}[〕\]].*号[)）]?"
)
"""A document's title or number, which names its author (县长在……会上的讲话, 县政发〔2020〕3号)."""


def inherit_bodies(
    document: ScoredDocument,
    bodies: Callable[[int], list[Body]],
    offsets: Callable[[int], Offsets],
    index: int,
    start: int,
    heading: int | None,
) -> list[Body]:
    """The leading bodies that a task without its own goes on with.

    They are those of an earlier part of its sentence, the last list of them. Else, where the
    sentence opens with an act, those of a sentence before it in the paragraph, at most `REACH`
    back, if they are its one subject. Else those of the heading above.

    Args:
        document: the document.
        bodies: gives the bodies of the sentence at an index, offsets into its cleaned text.
        offsets: gives the document's offsets of that sentence.
        index: the task's sentence.
        start: where the task begins in the sentence's cleaned text.
        heading: the heading above the sentence; None where there is none.

    Returns:
        Bodies with the document's offsets, marked as inherited.
    """
    own = bodies(index)
    if earlier := _last_list(own[: bisect_right(own, start, key=lambda body: body.end)]):
        return _mark(offsets(index), earlier)
    for before in _sentences_gone_on_with(document, index):
        if leads := _leads(bodies(before)):
            return _mark(offsets(before), leads) if _governs(document, before, leads) else []
    if heading is None or _says_whose_words(document.sentences[heading].text.strip()):
        return []
    return _mark(offsets(heading), _leads(bodies(heading)))


def _says_whose_words(heading: str) -> bool:
    return any(kind.fullmatch(heading) is not None for kind in (_BYLINE, _TITLE))


def _sentences_gone_on_with(document: ScoredDocument, index: int) -> Iterator[int]:
    """The sentences whose subject a sentence may go on with, the nearest first.

    It must open with an act, and so must every sentence between them: any other has a subject
    of its own that is no body. A step (二是……) does not go on with what the step before it
    says further down, but with how that opens.
    """
    is_next_step = False
    for later in range(index, max(0, index - REACH), -1):
        if not _follows(document, later) or not _opens_with_act(document.sentences[later].text):
            return
        is_next_step |= _opens_step(document, later)
        if not is_next_step or not _is_inside_step(document, later - 1):
            yield later - 1


def _follows(document: ScoredDocument, index: int) -> bool:
    """Whether a sentence follows another in its paragraph."""
    if not index:
        return False
    sentence, earlier = document.sentences[index], document.sentences[index - 1]
    between = document.text[earlier.end : sentence.start]
    return not (earlier.is_heading or earlier.is_web_matter or LINE_BREAK.search(between))


def _opens_step(document: ScoredDocument, index: int) -> bool:
    return _STEP.match(document.sentences[index].text) is not None


def _is_inside_step(document: ScoredDocument, index: int) -> bool:
    """Whether a sentence goes on with a step that another opens."""
    if _opens_step(document, index):
        return False
    for later in range(index, max(0, index - STEP_LENGTH), -1):
        if not _follows(document, later):
            return False
        if _opens_step(document, later - 1):
            return True
    return False


def _opens_with_act(text: str) -> bool:
    opening = _OPENING.match(text)
    position = opening.end() if opening else 0
    return any(act.match(text, position) is not None for act in (PREDICATE, ACT))


def _governs(document: ScoredDocument, index: int, leads: list[Body]) -> bool:
    """Whether a sentence's leading bodies are one list that opens it."""
    opening = _OPENING.match(document.sentences[index].text)
    return leads[0].start <= (opening.end() if opening else 0) and _last_list(leads) == leads


def _leads(bodies: list[Body]) -> list[Body]:
    return [body for body in bodies if body.role == "lead"]


def _last_list(bodies: list[Body]) -> list[Body]:
    """The leading bodies at the end that stand in one list."""
    last: list[Body] = []
    for body in reversed(bodies):
        if body.role != "lead":
            continue
        if last and last[-1].start - body.end > CONJUNCTION_LENGTH:
            break
        last.append(body)
    return last[::-1]


def _mark(offsets: Offsets, bodies: list[Body]) -> list[Body]:
    return [replace(offsets.move(body), is_inherited=True) for body in bodies]
