"""Tags of tokens that say where bodies stand: one alphabet for training, export and use.

BIO tags (Ramshaw and Marcus, arXiv:cmp-lg/9505040): B- begins a span, I- goes on with it, O is
outside; behind the dash stands the body's role.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

Role = Literal["lead", "support"]
ROLES: Final[tuple[Role, ...]] = ("lead", "support")
TAGS: Final = ("O", *(f"{place}-{role}" for role in ROLES for place in "BI"))
"""What each column of a vector of tags stands for."""
_BEGINS: Final = [i for i, name in enumerate(TAGS) if name.startswith("B")]
_GOES_ON: Final = [i for i, name in enumerate(TAGS) if name.startswith("I")]

Offsets = Sequence[tuple[int, int]]
"""Where each token stands in its sentence: character offsets, end excluded."""


class TaggedSpan(NamedTuple):
    """A body as the model reads it, with character offsets into the sentence."""

    start: int
    end: int
    role: Role


@dataclass(frozen=True, slots=True, eq=False)
class Tagging:
    """What the model says of the tokens of a sentence.

    Attributes:
        probabilities: `(tokens, len(TAGS))`, each row adding up to 1.
        offsets: of the tokens; one of no width is outside whatever its tags say.
    """

    probabilities: NDArray[np.float32]
    offsets: Offsets

    def spans(self) -> list[TaggedSpan]:
        """The spans that the likeliest tags mark, in order, without overlap.

        An I that follows no span begins one; the role is that of the first tag.
        """
        likeliest = self.probabilities.argmax(axis=1)
        spans: list[TaggedSpan] = []
        if not likeliest.any():
            return spans
        is_open = False
        for tag, (start, end) in zip(likeliest, self.offsets, strict=True):
            if tag == 0 or start == end:
                is_open = False
            elif is_open and tag in _GOES_ON:
                spans[-1] = spans[-1]._replace(end=end)
            else:
                spans.append(TaggedSpan(start, end, ROLES[(tag - 1) // 2]))
                is_open = True
        return spans

    def probability(self, start: int, end: int) -> float:
        """How likely a body stands at just these offsets, whatever its role.

        That is: its first token begins one, every other token goes on with it, the one behind it
        does not. Of the inner ones the least likely counts: neighbouring tokens are sure or
        unsure together, and the product would call a long name unlikely for its length.
        """
        inside = [i for i, (s, e) in enumerate(self.offsets) if s < e and s < end and start < e]
        if not inside:
            return 0.0
        first, last = inside[0], inside[-1]
        begins = self.probabilities[:, _BEGINS].sum(axis=1)
        goes_on = self.probabilities[:, _GOES_ON].sum(axis=1)
        likely = begins[first] * goes_on[first + 1 : last + 1].min(initial=1.0)
        behind = goes_on[last + 1] if last + 1 < len(goes_on) else 0.0
        return float(likely * (1 - behind))


def tag_tokens(offsets: Offsets, spans: Iterable[tuple[int, int, str]]) -> list[int]:
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
