"""Tags of tokens that say where bodies stand: one alphabet for training, export and use.

BIO tags (Ramshaw and Marcus, arXiv:cmp-lg/9505040): B- begins a span, I- goes on with it, O is
outside; behind the dash stands the body's role.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, Literal

Role = Literal["lead", "support"]
ROLES: Final[tuple[Role, ...]] = ("lead", "support")
TAGS: Final = ("O", *(f"{place}-{role}" for role in ROLES for place in "BI"))
"""What each column of a vector of tags stands for."""
TokenOffsets = Sequence[tuple[int, int]]
"""Where each token stands in its sentence: character offsets, end excluded."""


def tag_tokens(offsets: TokenOffsets, spans: Iterable[tuple[int, int, str]]) -> list[int]:
    """The tag of each token, as an index into `TAGS`.

    A token that shares a character with a span belongs to it; an empty token is outside.

    Args:
        offsets: of the tokens, in order.
        spans: start, end and role of each body, without overlap.
    """
    tags = [0] * len(offsets)
    for start, end, role in spans:
        inside = [i for i, (s, e) in enumerate(offsets) if s < e and s < end and start < e]
        for i in inside:
            tags[i] = TAGS.index(f"{'B' if i == inside[0] else 'I'}-{role}")
    return tags
