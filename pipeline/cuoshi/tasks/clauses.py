"""Cut a sentence into the clauses that may direct things of their own.

Cutting goes by marks and by how a part begins and ends, never by what it directs: which clauses
belong to one task is decided in `cuoshi.tasks.separate`.
"""

from __future__ import annotations

import re
from itertools import pairwise

SHORTEST_CLAUSE = 4
"""Fewest characters of a clause; what is shorter (会后，同时，) goes with the clause after it."""

_OPENING = "“‘「『（(《〈【[{"
_CLOSING = "”’」』）)》〉】]}"
_MARKS = "，,；;。！!？?"
_BLANKS = " \t\u3000\xa0"

_CONDITION = re.compile(
    r"(?:如果?|若|凡是?|一旦|只要|对于?|对照|针对|按照|根据|围绕|结合|通过|随着|为了?|由于|除)"
    r"(?![^，,]*(?:要|须|必须|应当|不得|严禁|一律))"
)
_DEPENDENT = re.compile(
    r"(?:[的时后前起中上下间内者]|期间|以来|方面|基础上|情况下)$"
    r"|^(?:各|全[省市县]|所有|有关|相关|任何).*(?:人员|部门|单位|机构|[局委办县区市镇乡村])$"
)
_ATTRIBUTION = re.compile(
    r"[^，,]{1,24}(?:强调|指出|表示|认为)"
    r"|(?:[^，,]{0,16}(?:会议?|同志|书记|主任|[省市县区镇乡局部院校站组]长|指挥部|[他她])"
    r"(?:还|又|也|同时|最后|再次)?|[\u4e00-\u9fff]{2,3}(?:还|又|也))(?:要求|决定|明确|提出)"
)
"""On whose word the rest is said (会议要求，……)."""
_LISTED_ACT = re.compile(
    r"(?:加强|强化|落实|做好|抓好|搞好|开展|严格|严查|严禁|严防|停办|暂停|取消|关闭|引导|制止|打击|发放|张贴|备足|备齐|配齐|配备"
    r"|储备好|筹措|采购|调拨|发动|动员|组织|确保|追究|约谈|通报|问责)(?=\S{2})"
)


def split_clauses(text: str) -> list[tuple[int, int]]:
    """Cut a sentence at the commas between clauses that can stand alone.

    Conditions, times, bare subjects and whose words they are stay with the clause after them; what
    stands inside quotes, brackets or book marks is never cut. A 、 parts clauses only where acts
    stand on both sides of it.

    Args:
        text: a sentence, cleaned of layout.

    Returns:
        Offsets `(start, end)` in order, without the commas between them; the last one takes the
        closing mark along. A blank text has none.
    """
    clauses: list[tuple[int, int]] = []
    parts = _split_at_marks(text)
    begin = parts[0][0] if parts else 0
    for (_, end), after in pairwise([*parts, (len(text), len(text))]):
        is_last = after[0] == len(text)
        if is_last:
            end = len(text.rstrip())
        if not is_last and _leads_up(text[begin:end]):
            continue
        if is_last and clauses and end - begin <= SHORTEST_CLAUSE:
            begin, _ = clauses.pop()
        clauses.append((begin, end))
        begin = after[0]
    return clauses


def _split_at_marks(text: str) -> list[tuple[int, int]]:
    """The parts between marks that are not enclosed, trimmed of blanks, none of them empty."""
    cuts, depth, last_act = [], 0, 0
    for position, character in enumerate(text):
        if character in _OPENING:
            depth += 1
        elif character in _CLOSING:
            depth = max(0, depth - 1)
        elif depth == 0 and character in _MARKS:
            cuts.append(position)
            last_act = position + 1
        elif depth == 0 and character == "、" and _LISTED_ACT.match(text, position + 1):
            if _LISTED_ACT.match(text, last_act):
                cuts.append(position)
            last_act = position + 1
    parts = []
    for start, end in zip([0, *(cut + 1 for cut in cuts)], [*cuts, len(text)], strict=True):
        while start < end and text[start] in _BLANKS:
            start += 1
        while start < end and text[end - 1] in _BLANKS:
            end -= 1
        if start < end and any(character.isalnum() for character in text[start:end]):
            parts.append((start, end))
    return parts


def _leads_up(part: str) -> bool:
    """Whether a part, with what leads up to it, only leads up to the next."""
    if len(part) < SHORTEST_CLAUSE:
        return True
    last = re.split("[，,]", part)[-1]
    return (
        _CONDITION.match(last) is not None
        or _DEPENDENT.search(last) is not None
        or _ATTRIBUTION.fullmatch(last) is not None
    )
