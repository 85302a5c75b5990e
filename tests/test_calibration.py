import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit

from cuoshi.calibration import Calibration
from cuoshi.measures import MEASURES

numbers = st.floats(-4, 4)
calibrations = st.builds(
    Calibration,
    scale=st.floats(0.1, 4),
    keyword=numbers,
    bias=numbers,
    thresholds=st.tuples(*[st.floats(0.2, 0.8)] * len(MEASURES)),
)


@given(calibrations)
def test_what_is_dumped_reads_back(calibration: Calibration) -> None:
    content = json.loads(json.dumps(calibration.dump() | {"log_loss": 0.1}))
    assert Calibration.parse(content) == calibration


@given(calibrations, st.lists(numbers, min_size=4, max_size=4), st.lists(st.booleans(), min_size=4))
def test_a_score_is_the_sigmoid_of_what_is_weighed(
    calibration: Calibration, logits: list[float], words: list[bool]
) -> None:
    row, found = np.array([logits], dtype=np.float32), np.array([words[:4]])
    expected = expit(calibration.scale * row + calibration.keyword * found + calibration.bias)
    scores = calibration.weigh(row, found)
    assert scores.dtype == np.float32
    np.testing.assert_allclose(scores, expected, atol=1e-6)


def test_a_score_at_its_threshold_gives_the_measure() -> None:
    calibration = Calibration(1.0, 0.0, 0.0, (0.3, 0.4, 0.5, 0.6))
    scores = np.full((1, 4), 0.4, dtype=np.float32)
    assert calibration.decide(scores).tolist() == [[True, True, False, False]]


def test_a_missing_weight_is_an_error() -> None:
    with pytest.raises(KeyError, match="bias"):
        Calibration.parse({"scale": 1, "keyword": 2, "thresholds": dict.fromkeys(MEASURES, 0.5)})
