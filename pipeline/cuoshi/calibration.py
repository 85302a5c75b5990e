"""From the network's logits to probabilities and decisions.

The network has seen few real speeches, the codebook's words (`cuoshi.keywords`) do not depend on
them: each is sure where the other errs, so that a probability weighs both.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cuoshi.measures import MEASURES


@dataclass(frozen=True, slots=True)
class Calibration:
    """How probabilities come about, and from which on a measure is given.

    Platt scaling ("Probabilistic Outputs for Support Vector Machines", 1999) with a second
    feature; one set of weights for all measures, since few positive sentences cannot bear four.

    Attributes:
        scale: of a logit.
        keyword: what is added where the codebook's words give the measure.
        bias: what is added everywhere.
        thresholds: one probability per measure, in the order of `MEASURES`.
    """

    scale: float
    keyword: float
    bias: float
    thresholds: tuple[float, ...]

    def weigh(
        self, logits: NDArray[np.floating], keywords: NDArray[np.bool_]
    ) -> NDArray[np.float32]:
        """Probabilities, float32 `(n, 4)`.

        Args:
            logits: the network's, `(n, 4)`.
            keywords: what `predict_keywords` says of the same sentences, `(n, 4)`.
        """
        weighed = self.scale * logits.astype(np.float64) + self.keyword * keywords + self.bias
        return np.asarray(1 / (1 + np.exp(-weighed)), dtype=np.float32)

    def decide(self, scores: NDArray[np.float32]) -> NDArray[np.bool_]:
        """Which measures are given, `(n, 4)`, for probabilities of that shape."""
        return np.asarray(scores >= np.array(self.thresholds, dtype=np.float32))

    def dump(self) -> dict[str, Any]:
        """For JSON; `parse` reads it back."""
        return {
            "scale": self.scale,
            "keyword": self.keyword,
            "bias": self.bias,
            "thresholds": dict(zip(MEASURES, self.thresholds, strict=True)),
        }

    @classmethod
    def parse(cls, content: Mapping[str, Any]) -> Calibration:
        """What `dump` gave, perhaps among other keys.

        Raises:
            KeyError: a key is missing.
        """
        return cls(
            scale=float(content["scale"]),
            keyword=float(content["keyword"]),
            bias=float(content["bias"]),
            thresholds=tuple(float(content["thresholds"][measure]) for measure in MEASURES),
        )
