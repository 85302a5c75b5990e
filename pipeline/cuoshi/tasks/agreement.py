"""Settle which bodies a sentence names, by rules and model together.

The two err differently. The rules go by words and their order and miss what their lists do not
hold; the model goes by what it has seen and takes a place or an object for one who acts. Where
both find a body they are nearly always right (docs/experiments.md).
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Sequence
from statistics import geometric_mean

from cuoshi.tagging import Tagging
from cuoshi.tasks import act_words, name_words
from cuoshi.tasks.names import Name, join_owners
from cuoshi.tasks.task import Body

DOUBTED = 0.003
"""The rules' finding is dropped where the model gives it a lower probability.

A list stands or falls as one, by the geometric mean of its bodies: half of it is wrong either way
(物价 of 物价、商务等部门).
"""

SURE = 0.5
"""What the model alone finds must be so probable.

Both were chosen on 613 authored sentences (765 bodies) that neither the rules nor the model of that
time had seen. F1 hardly depends on them there, 0.910 to 0.915 for 0.003 to 0.03 and 0.4 to 0.8, so
that those were taken that miss least: a body that is missing is lost on who reads the list
alone, a wrong one stands beside its sentence.
"""

CUT_SHORT = 0.2
"""The rules' finding gives way to a longer one of the model's where it is less probable.

Rules stop at the last word they know (会计 of 会计小梅, 经信 of 经信局).
"""

_BEFORE_NAME = re.compile(
    r"(?:的|[以由]|(?:督促|责成|商请|提请|发动)|指导(?![组员小中委部])|派出(?![所机单地])|支持(?!组)|协调(?![组办小中专机部])|经(?![信开发济贸管营委理])|[希望盼](?=[各全])|\d{1,3}[.．、)）]|[（(][一二三四五六七八九十\d]{1,3}[)）]|[^\w（(《“])+"
)
"""What may stand before a name and is none of it: the number of a line, 的, 以, 由, 经, a mark."""

_OPENERS = "（(《“、，,：: "
"""What may stand behind a name and is none of it."""

_FOUNDS = ("成立", "组建", "组成", "设立", "建立")
"""What sets up the group behind it, which counts where nobody else is named."""

_LIST_CLOSING = re.compile("等(?:[各这]类|各种)?$")
"""What parts a list from the general word for all it holds (影院、网吧等公共场所)."""


def settle_bodies(text: str, by_rules: Sequence[Body], tagging: Tagging) -> list[Body]:
    """The bodies of a sentence, in order, without overlap.

    Where both mark the same stretch and cut it otherwise (各地各部门), the rules' cut stands, which
    follows the codebook. What the model alone finds is none where the codebook says so: the place
    that all of the speech is about (我市), the general word that closes a list (等公共场所), who
    has done what is reported (市委已成立专班), the official who speaks (张县长要求).

    Args:
        text: the sentence.
        by_rules: what the rules find in it.
        tagging: what the model says of its tokens.
    """
    by_model = list(_likely_bodies(text, tagging))
    bodies = [
        body
        for listed in _split_lists(text, by_rules)
        for body, stands in zip(listed, _stand(listed, by_model, tagging), strict=True)
        if stands or _is_cut_otherwise(text, body, by_rules, by_model)
    ]
    ends = {body.end for body in (*by_rules, *by_model)}
    bodies += [
        body
        for body in _join_owners(text, by_model)
        if not any(_overlap(body, other) for other in bodies)
        and not name_words.OURS.fullmatch(body.text)
        and not act_words.REPORT.match(text, body.end)
        and not act_words.speaks(text, body.start, body.end)
        and not _closes_list(text, body, ends)
        and not (text.endswith(_FOUNDS, 0, body.start) and _follows(body, bodies))
    ]
    return sorted(bodies, key=lambda body: body.start)


def _likely_bodies(text: str, tagging: Tagging) -> Iterator[Body]:
    for start, end, role in tagging.spans():
        if tagging.probability(start, end) >= SURE:
            if before := _BEFORE_NAME.match(text, start, end):
                start = before.end()
            end = start + len(text[start:end].rstrip(_OPENERS))
            if start < end:
                yield Body(start=start, end=end, text=text[start:end], role=role)


def _join_owners(text: str, by_model: Sequence[Body]) -> Iterator[Body]:
    """The model's bodies, those that stand in one list and share a head as one."""
    for bodies in _split_lists(text, by_model):
        roles = {body.end: body.role for body in bodies}
        for start, end, _ in join_owners(text, [Name(b.start, b.end, "sure") for b in bodies]):
            yield Body(start=start, end=end, text=text[start:end], role=roles[end])


def _split_lists(text: str, bodies: Sequence[Body]) -> list[list[Body]]:
    """Bodies by the list that they stand in, those that stand alone each by itself."""
    lists: list[list[Body]] = []
    for body in bodies:
        if lists and name_words.SEPARATOR.fullmatch(text, lists[-1][-1].end, body.start):
            lists[-1].append(body)
        else:
            lists.append([body])
    return lists


def _is_cut_otherwise(
    text: str, body: Body, by_rules: Sequence[Body], by_model: Sequence[Body]
) -> bool:
    """Whether several bodies of the one cover the stretch of a single one of the other.

    The model may leave out the head that they share (各乡镇、各部门|一把手).
    """
    parts = _within(body, by_model)
    if _cover(parts, body):
        return True
    is_without_head = parts and name_words.LEADERS.fullmatch(text, parts[-1].end, body.end)
    if is_without_head and parts[0].start == body.start:
        return True
    around = next((m for m in by_model if m.start <= body.start and body.end <= m.end), None)
    return around is not None and _cover(_within(around, by_rules), around)


def _within(whole: Body, bodies: Sequence[Body]) -> list[Body]:
    return [body for body in bodies if whole.start <= body.start and body.end <= whole.end]


def _cover(parts: Sequence[Body], whole: Body) -> bool:
    return len(parts) > 1 and (parts[0].start, parts[-1].end) == (whole.start, whole.end)


def _closes_list(text: str, body: Body, ends: Container[int]) -> bool:
    closing = _LIST_CLOSING.search(text, max(0, body.start - 3), body.start)
    return closing is not None and closing.start() in ends


def _follows(body: Body, bodies: Sequence[Body]) -> bool:
    return bool(bodies) and bodies[0].end <= body.start


def _stand(listed: Sequence[Body], by_model: Sequence[Body], tagging: Tagging) -> Iterator[bool]:
    """Whether the model believes each body of a list that the rules find."""
    probability = {body: tagging.probability(body.start, body.end) for body in listed}
    crossed = {
        body
        for body in listed
        for other in by_model
        if _overlap(body, other) and (body.start, body.end) != (other.start, other.end)
    }
    others = [max(probability[body], 1e-9) for body in listed if body not in crossed]
    for body in listed:
        if body not in crossed:
            yield geometric_mean(others) >= DOUBTED
        else:
            is_cut = any(other.start == body.start and other.end > body.end for other in by_model)
            yield probability[body] >= (CUT_SHORT if is_cut else DOUBTED)


def _overlap(one: Body, other: Body) -> bool:
    return one.start < other.end and other.start < one.end
