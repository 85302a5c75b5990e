"""Read the names of bodies in a list, up to the act that follows it.

Where in a sentence to look for a list, and what it means to stand there, is left to
`cuoshi.tasks.bodies`; the words are in `cuoshi.tasks.name_words` and `cuoshi.tasks.act_words`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

from cuoshi.tasks import act_words, name_words

LONGEST_NAME = 32
"""Most characters of one body's name; longer ones are whole clauses."""

_QUALIFIER = re.compile(
    r"(?:在[岗座家职编校场]|(?!的))[^，,。；;：:对把由将向给为是在要请的]{0,16}的(?=\S)"
)
_TASKS = name_words.split_words("承担 从事 负责 具备 涉及 生产 经营 参加 参与 设有 列入 纳入")
_FAILING = re.compile(
    "不(?!具备|符合|达标|足)|未(?!达标)|没|失|漏|瞒|违|拒|造成|擅自|影响(?!的)|缓慢|松懈|推诿|敷衍|拖延|缺|凡|被"
)
_BESIDE = re.compile("各|全[省市县区]各|(?<=机关)企|(?<=部门)单位|(?<=党委)政府")
_DENIALS = (act_words.DENIAL, act_words.COMPOUND, act_words.NOT_PREDICATE)
_NO_FREE_ACT = (*_DENIALS, name_words.CONTINUATION)


class Name(NamedTuple):
    """A name in a list of names.

    Attributes:
        start, end: its offsets.
        certainty: "sure" by its own words, "listed" only beside others (交通), "loose" only in a
            list closed as one of offices (国有资产管理、文旅等部门) or of known names in half.
    """

    start: int
    end: int
    certainty: Literal["sure", "listed", "loose"]


class NameReader:
    """Reads lists of names in one part of a sentence, between two commas.

    Args:
        text: the sentence.
        end: where the part ends in it.
    """

    def __init__(self, text: str, end: int) -> None:
        self.text, self.end = text, end
        self._is_handed = False

    def read_list(
        self,
        start: int,
        predicate: re.Pattern[str] = act_words.PREDICATE,
        *,
        may_end: bool = False,
        is_handed: bool = False,
    ) -> tuple[list[Name], int]:
        """Read the names from `start` on, and what closes their list.

        Args:
            start: where the list begins.
            predicate: what must follow it; else there is no list.
            is_handed: whether a word before it hands an act over, so that no name needs a
                known act behind it.
            may_end: whether the part's end may follow instead. It may in any case where the next
                part is what these names do (各镇、各部门，要……).

        Returns:
            The names, those that share a head as one, and where what follows begins;
            `([], start)` where there is no list.
        """
        names: list[Name] = []
        self._is_handed = is_handed
        position = start
        while position < self.end:
            name = self._read_name(position, predicate, may_end, is_list=bool(names))
            if name is None:
                break
            names.append(name)
            follow = self._closing(name.end)
            separator = name_words.SEPARATOR.match(self.text, follow, self.end)
            if self._is_predicate(names, follow, predicate, may_end) or (
                separator is None and self._is_free(name, follow, predicate, len(names) > 1)
            ):
                is_list = self._is_list_of_bodies(names, follow)
                return (join_owners(self.text, names), follow) if is_list else ([], start)
            if separator is None:
                break
            position = separator.end()
        return [], start

    def _read_name(
        self, start: int, predicate: re.Pattern[str], may_end: bool, is_list: bool
    ) -> Name | None:
        """The longest name at `start` that a separator, a closing or an act follows."""
        if act_words.STARTS_OTHERWISE.match(self.text, start, self.end):
            return None
        loose = name_words.LOOSE_FIELD.match(self.text, start, self.end)
        if loose and max(start + 1, loose.end() - 2) > self._limit(start, start):
            loose = None
        for rank, name in enumerate(self._candidates(start)):
            if name.certainty == "listed" and loose and loose.end() > name.end:
                break
            if (
                self._closing(name.end) > name.end
                or self._is_predicate([name], name.end, predicate, may_end)
                or name_words.SEPARATOR.match(self.text, name.end, self.end)
                or (rank == 0 and self._is_free(name, name.end, predicate, is_list))
            ):
                return name
        return Name(start, loose.end(), "loose") if loose else None

    def _candidates(self, start: int) -> Iterator[Name]:
        """What may be a name at `start`, the likeliest first."""
        known = name_words.FIELD.match(self.text, start, self.end)
        limit = self._limit(start, start)
        # A field may hold a word for an act (市场监管), which ends other names.
        reach = max(limit, known.end()) if known and known["sure"] else limit
        for end in range(reach, start + 1, -1):
            if self._is_sure_name(start, end):
                yield Name(start, end, "sure")
        if act_words.ACT.match(self.text, limit, self.end):
            # 流调溯源组要……: what looks like an act within is none where a sure one follows.
            for end in range(self._limit(start, start, ends_at_act=False), limit + 2, -1):
                if (
                    act_words.MODAL.match(self.text, end, self.end)
                    and name_words.STRONG.search(self.text, start, end)
                    and not name_words.DETERMINER.search(self.text, limit, end)
                    and self._is_sure_name(start, end)
                ):
                    yield Name(start, end, "sure")
        if known and not known["sure"]:
            yield Name(start, known.end(), "listed")
        if (qualifier := _QUALIFIER.match(self.text, start, self.end)) and _qualifies(qualifier):
            for end in range(self._limit(start, qualifier.end()), qualifier.end() + 1, -1):
                if self._is_sure_name(start, end):
                    yield Name(start, end, "sure")
        if limit - start > 1 and act_words.VENUE_ACT.match(self.text, limit, self.end):
            yield Name(start, limit, "sure")

    def _is_sure_name(self, start: int, end: int) -> bool:
        name = self.text[start:end]
        if len(name) == 1 or self.text.startswith(name_words.BROKEN, end - 1):
            return False
        if name_words.OURS.fullmatch(name):
            return False
        field = name_words.FIELD.fullmatch(name)
        if name_words.DAMAGED.fullmatch(name) or (field and field["sure"]):
            return True
        if name_words.NAMED_LEADER.search(name):
            return True
        if name.endswith(name_words.QUOTATION):
            return name_words.ends_as_name(self.text, start, end - 1)
        if name.endswith((")", "）")):
            opening = max(name.rfind(mark) for mark in "(（")
            return opening > 0 and name_words.ends_as_name(self.text, start, start + opening)
        return name_words.ends_as_name(self.text, start, end)

    def _limit(self, start: int, position: int, *, ends_at_act: bool = True) -> int:
        """How far a name may reach from `position`: to the first word that no name holds."""
        limit = min(self.end, start + LONGEST_NAME)
        while position < limit:
            if self.text[position] in "（(":
                marks = (self.text.find(mark, position, limit) for mark in ")）")
                closing = min((mark for mark in marks if mark >= 0), default=-1)
                if closing < 0:
                    return position
                position = closing + 1
            elif (
                act_words.STOP.match(self.text, position)
                or (ends_at_act and act_words.ACT.match(self.text, position))
                or self._begins_another(start, position)
            ):
                return position
            else:
                position += 1
        return limit

    def _begins_another(self, start: int, position: int) -> bool:
        """Whether a name stands beside the one before it without a mark: 各地|各部门."""
        if position == start or self.text[position - 1] == "的":
            return False
        if self.text.startswith("各级", position):
            return False
        if self.text.startswith("每", position):
            return True
        if not _BESIDE.match(self.text, position):
            return False
        before = self.text[start:position]
        return name_words.ends_as_name(before, 0, len(before)) and not before.endswith(
            ("各级", "直")
        )

    def _closing(self, end: int) -> int:
        match = name_words.CLOSING.match(self.text, end, self.end)
        return match.end() if match else end

    def _is_predicate(
        self, names: list[Name], position: int, predicate: re.Pattern[str], may_end: bool
    ) -> bool:
        if position >= self.end:
            return may_end or self._opens_next_part(names)
        noun = act_words.NOT_PREDICATE.match(self.text, position, self.end)
        # 由卫健部门管理: what is a noun elsewhere, alone behind an agent is its act.
        is_agent = self.text[names[0].start - 1 : names[0].start] in ("由", "归")
        if noun and not (is_agent and position + 2 == self.end):
            return False
        if act_words.DENIAL.match(self.text, position, self.end):
            return False
        return predicate.match(self.text, position, self.end) is not None

    def _is_free(self, name: Name, end: int, predicate: re.Pattern[str], is_list: bool) -> bool:
        """Whether what follows a name is its act, though it begins with no known word for one."""
        text = self.text[name.start : end]
        if predicate is not act_words.PREDICATE or end == self.end:
            return False
        if any(denial.match(self.text, end, self.end) for denial in _NO_FREE_ACT):
            return False
        if self._is_handed or name_words.STRONG.search(text):
            return True
        if not is_list and not name_words.is_plain(text):
            return False
        return act_words.LATER.match(self.text, end, self.end) is None

    def _opens_next_part(self, names: list[Name]) -> bool:
        """Whether names that fill a part are the subject of the next: 各镇、各部门，要……"""
        mark = self.text[self.end : self.end + 1]
        if mark in ("：", ":"):
            return True
        if mark not in ("，", ","):
            return False
        if len(names) > 1:
            return True
        # 非法机构，坚决取缔: what is no certain body may be the object of the act behind it.
        is_certain = name_words.DETERMINER.match(self.text, names[0].start) is not None
        expected = act_words.PREDICATE if is_certain else act_words.MODAL
        return expected.match(self.text, self.end + 1) is not None

    def _is_list_of_bodies(self, names: list[Name], follow: int) -> bool:
        if name_words.OFFICE_CLOSING.fullmatch(self.text, names[-1].end, follow):
            return True
        if any(name.certainty == "loose" for name in names):
            sure = sum(name.certainty != "loose" for name in names)
            return names[-1].certainty == "sure" and 2 * sure >= len(names)
        return any(name.certainty == "sure" for name in names)


def _qualifies(qualifier: re.Match[str]) -> bool:
    """Whether words before a 的 say which body is meant, not what is done to it or why."""
    own = qualifier.group()
    is_act = act_words.ACT.match(own) is not None and not own.startswith(_TASKS)
    return not is_act and _FAILING.search(own) is None


def join_owners(text: str, names: list[Name]) -> list[Name]:
    """Join names that share the head of the last: 乡镇、村干部 is one body, 城管、商务 two.

    Args:
        text: the sentence.
        names: those of one list, in order.
    """
    joined: list[Name] = []
    for name in names:
        joined.append(name)
        own = text[name.start : name.end]
        while len(joined) > 1:
            owner = joined[-2]
            if name_words.SINGLED_OUT.match(text, owner.end):
                break
            if not name_words.shares_head(text[owner.start : owner.end], own):
                break
            joined[-2:] = [Name(owner.start, name.end, "sure")]
    return joined
