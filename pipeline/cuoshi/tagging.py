"""What the model says of the tokens of a sentence: where it names those who are to act."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cuoshi.tags import ROLES, TAGS, Role, TokenOffsets

_BEGINS: Final = [i for i, name in enumerate(TAGS) if name.startswith("B")]
_GOES_ON: Final = [i for i, name in enumerate(TAGS) if name.startswith("I")]


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
    offsets: TokenOffsets

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
