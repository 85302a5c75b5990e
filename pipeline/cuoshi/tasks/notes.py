"""Notes behind an item that say who answers for it and by when (责任单位：……；完成时限：……).

Notices and plans write them in brackets or on lines of their own; they are no tasks themselves,
their bodies and deadlines are those of the item's tasks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from cuoshi.classifier import ScoredSentence
from cuoshi.tags import Role
from cuoshi.tasks.bodies import ASSIGNMENT, RESPONSIBLE, find_bodies
from cuoshi.tasks.deadlines import find_deadlines
from cuoshi.tasks.task import Body, Deadline
from cuoshi.text.wrapping import LINE_BREAK

_NAME = (
    rf"(?:{RESPONSIBLE}|(?P<time>(?:完成|整改|办结|办理|落实|截止)(?:时限|时间|期限)|时限|期限))"
)
_ROLE = "(?:(?P<lead>责任|牵头|主办|承办|主责|负责)|(?P<support>配合|协办|协助|参与))"
_NEXT, _NEXT_ROLE = (re.sub("P<[a-z]+>", ":", pattern) for pattern in (_NAME, _ROLE))
_FIELD = re.compile(
    rf"{_NAME}\s*[：:]\s*"
    rf"(?P<value>(?:(?!{_NEXT}\s*[：:])(?:[（(][^（）()]{{1,8}}[）)]"
    rf"|{_NEXT_ROLE}[：:]|[^；;。：:）)】\]]))+)"
)
_BEGINS_WITH_NAME = re.compile(_NAME)
_BEFORE_FIELD = re.compile(r"[\s（(【\[]*")
_ASSIGNED = re.compile(rf"\s*[（(](?P<value>{ASSIGNMENT})\s*[。；;]?\s*")
_SAID_OTHERWISE = re.compile("由|[此该本]|工作|[对把将]")
"""What shows that such a bracket holds a sentence and not a list."""
_DONE_BY = re.compile(".*(?:完成|办结|到位|上报|[之以]?前|[之以]?内|底)")
"""By when, among the members of a list (……、林业站，6月20日前完成)."""
_IN_BRACKETS = rf"\s*[（(]{_ROLE}(?:单位|部门)?[）)]"
_MEMBER = re.compile(
    rf"(?:[（(](?!{_NEXT_ROLE})[^（）()]*[）)]|[^、，,；;/／\s])+?"
    rf"(?:{_IN_BRACKETS}|(?=[、，,；;/／\s])|\Z)"
)
_OPENS_WITH_ROLE = re.compile(rf"{_ROLE}(?:单位|部门|领导|科室|处室|人员?)?[：:]")
_ENDS_WITH_BRACKET = re.compile(rf"{_IN_BRACKETS}\Z")
_ENDS_WITH_ROLE = re.compile(
    r"(?:统一|具体|共同|分别|全面|积极)?(?:(?P<lead>牵头|主办|承办|主责|负责|落实|实施)"
    r"|(?P<support>配合|协办|协助|参与))(?:负责|落实|实施|办理)?\Z"
)
_PARTS = re.compile("[，,；;]")
_SEPARATELY = re.compile(r"\s*[（(]?按(?:照)?(?:各自)?职责(?:分工)?(?:负责|落实|配合)?[）)]?\Z")
"""What says of a whole list that each does its part."""
_CLOSING_BRACKET = re.compile(r"[（(](?:[^（）()]|[（(][^（）()]{0,20}[）)]){1,200}[）)]\Z")
_PART = re.compile("牵头|负责|配合|落实|主办|承办|协办|协助")
_PARTS_ALONE = re.compile(
    rf"(?:{_PART.pattern}|共同|分别|具体|抓好|组织|实施|按(?:照)?(?:各自)?职责(?:分工)?|由|等|和|与|及"
    r"|[、，,；;。\s])*"
)
_UNFILLED = re.compile(r"(?:[\s年月日时（()）_—:：/-]|签[字名章]|盖章|公章|暂?无)*")
"""What forms leave to be filled in by hand."""


@dataclass(frozen=True, slots=True)
class Note:
    """What a note says; offsets into the text that it was read from."""

    bodies: list[Body]
    deadlines: list[Deadline]


def read_note(text: str, reference: date | None = None) -> Note | None:
    """What `text` says as a note; None where it is none.

    What stands behind 责任单位 is taken as it is, known as a body or not, and so is what stands
    behind 完成时限, as a relative deadline without a date where it names none (长期坚持).

    Args:
        text: a sentence, cleaned of layout.
        reference: the day that relative deadlines count from.
    """
    if _says_only_who(text):
        return Note(find_bodies(text), find_deadlines(text, reference))
    if assigned := _ASSIGNED.fullmatch(text):
        start, end = assigned.start("value"), assigned.end("value") - 1
        is_list = _SAID_OTHERWISE.search(text) is None
        bodies = _read_members(text, start, end, "lead") if is_list else find_bodies(text)
        return Note(bodies, find_deadlines(text, reference))
    fields = list(_FIELD.finditer(text))
    if not fields or not _BEFORE_FIELD.fullmatch(text, 0, fields[0].start()):
        return None
    note = Note([], [])
    for field in fields:
        more = read_value(field, text, *field.span("value"), reference)
        note.bodies.extend(more.bodies)
        note.deadlines.extend(more.deadlines)
    return note


def _says_only_who(text: str) -> bool:
    """Whether a sentence is nothing but bodies and their parts (由甲局牵头，各镇落实。)."""
    if not _PART.search(text):
        return False
    rest, end = "", 0
    for body in find_bodies(text):
        rest, end = rest + text[end : body.start], body.end
    return end > 0 and _PARTS_ALONE.fullmatch(rest + text[end:]) is not None


def read_title_note(text: str, reference: date | None = None) -> Note | None:
    """What the bracket at the end of a title says as a note, with offsets into the title."""
    bracket = _CLOSING_BRACKET.search(text)
    note = read_note(bracket.group(), reference) if bracket else None
    if bracket is None or note is None:
        return None
    start = bracket.start()
    return Note(
        [replace(body, start=start + body.start, end=start + body.end) for body in note.bodies],
        [replace(due, start=start + due.start, end=start + due.end) for due in note.deadlines],
    )


def without_note(text: str) -> str:
    """A title without the note in the bracket that it closes with."""
    bracket = _CLOSING_BRACKET.search(text)
    return text[: bracket.start()] if bracket and read_note(bracket.group()) else text


def match_name(text: str) -> re.Match[str] | None:
    """What says, at the beginning of `text`, that a body or a deadline follows (责任单位)."""
    return _BEGINS_WITH_NAME.match(text)


def read_value(
    name: re.Match[str],
    text: str,
    start: int,
    end: int,
    reference: date | None,
    role: Role | None = None,
) -> Note:
    """What stands behind a name, or below it in a table; see `read_note`.

    Args:
        name: a match of `match_name`.
        text: the sentence, whose characters from `start` to `end` are the value.
        reference: the day that relative deadlines count from.
        role: of bodies, where something before the value says another than `name`.
    """
    value = text[start:end].rstrip("。；;，, 　")
    if _UNFILLED.fullmatch(value):
        return Note([], [])
    if name["time"]:
        found = find_deadlines(value, reference) or [Deadline(0, len(value), value, "relative")]
        return Note(
            [], [Deadline(start + d.start, start + d.end, d.text, d.kind, d.date) for d in found]
        )
    members = _read_members(text, start, start + len(value), role or _role(name))
    return Note(members, [])


def _read_members(text: str, start: int, end: int, role: Role) -> list[Body]:
    """The bodies of a list, each with `role` but where the list says another.

    牵头：甲局　配合：乙局、丙局 holds up to the next such word, 甲局牵头，乙局、丙局配合 for what
    、 joins, 甲局（牵头），乙局、丙局（配合） for one body, but for those between two brackets too.
    """
    found: list[Body] = []
    # Of the bodies found, the first that a word and that a bracket may still speak of.
    joined, bracketed = 0, None
    place = start
    for member in _MEMBER.finditer(text, start, end):
        if _PARTS.search(text, place, member.start()):
            joined = len(found)
        first, place = member.span()
        if _DONE_BY.fullmatch(member.group()) and find_deadlines(member.group()):
            continue
        if opening := _OPENS_WITH_ROLE.match(text, first, place):
            first, role = opening.end(), _role(opening)
            joined, bracketed = len(found), None
        elif text.startswith("由", first):
            first += 1
        each = _SEPARATELY.search(text, first, place)
        last, own = each.start() if each else place, role
        bracket = _ENDS_WITH_BRACKET.search(text, first, last)
        if ending := bracket or _ENDS_WITH_ROLE.search(text, first, last):
            last, own = ending.start(), _role(ending)
            before = joined if not bracket else len(found) if bracketed is None else bracketed
            found[before:] = [replace(body, role=own) for body in found[before:]]
        if first < last:
            found.append(Body(first, last, text[first:last], own))
        if ending:
            joined = len(found)
            bracketed = len(found) if bracket else bracketed
    return found


def last_role(text: str) -> Role | None:
    """The role that a list goes on with after `text` (牵头：甲局；配合：乙局), if it says one."""
    members = _MEMBER.finditer(text)
    roles = [_role(opening) for m in members if (opening := _OPENS_WITH_ROLE.match(m[0]))]
    return roles[-1] if roles else None


def _role(words: re.Match[str]) -> Role:
    return "support" if words["support"] else "lead"


def find_notes(sentences: Sequence[ScoredSentence], reference: date | None) -> dict[int, Note]:
    """The notes of a document, by the index of their sentence."""
    notes = {index: read_note(s.text, reference) for index, s in enumerate(sentences)}
    return {index: note for index, note in notes.items() if note}


def find_title_notes(
    sentences: Sequence[ScoredSentence], reference: date | None
) -> dict[int, Note]:
    """The notes that headings close with (三、储备（责任单位：……）), by the heading's index."""
    notes = {
        index: read_title_note(sentence.text, reference)
        for index, sentence in enumerate(sentences)
        if sentence.is_heading
    }
    return {index: note for index, note in notes.items() if note}


def noted_sentences(
    text: str, sentences: Sequence[ScoredSentence], notes: dict[int, Note]
) -> dict[int, list[int]]:
    """For the index of each sentence that notes speak of, those of the notes.

    That is every sentence of the paragraph before them, or of their own up to them where they
    close one.
    """
    noted: dict[int, list[int]] = {}
    item: list[int] = []
    for index in sorted(notes):
        if index - 1 not in notes:
            item = list(_item(text, sentences, notes, index - 1))
        for before in item:
            noted.setdefault(before, []).append(index)
    return noted


def _item(
    text: str, sentences: Sequence[ScoredSentence], notes: dict[int, Note], index: int
) -> Iterator[int]:
    """The sentences of a paragraph from `index` back to its beginning, or to a note in it."""
    while index >= 0 and index not in notes:
        yield index
        between = text[sentences[index - 1].end : sentences[index].start] if index else "\n"
        if LINE_BREAK.search(between):
            return
        index -= 1
