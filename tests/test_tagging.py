import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cuoshi.tagging import Tagging
from cuoshi.tags import ROLES, TAGS, tag_tokens

Spans = list[tuple[int, int, str]]


@st.composite
def sentences(draw: st.DrawFn) -> tuple[list[tuple[int, int]], Spans]:
    """Offsets of tokens of one to three characters, and spans that begin and end with tokens."""
    lengths = draw(st.lists(st.integers(1, 3), min_size=1, max_size=20))
    ends = np.cumsum(lengths).tolist()
    offsets = list(zip([0, *ends[:-1]], ends, strict=True))
    cuts = sorted(draw(st.sets(st.integers(0, len(offsets)), max_size=8)))
    spans = [
        (offsets[a][0], offsets[b - 1][1], draw(st.sampled_from(ROLES)))
        for a, b in zip(cuts[::2], cuts[1::2], strict=False)
    ]
    return offsets, spans


@given(sentences())
def test_tags_are_read_back_as_the_spans_they_were_made_from(
    sentence: tuple[list[tuple[int, int]], Spans],
) -> None:
    offsets, spans = sentence
    # Tokens of no width, as an empty piece or a special token has.
    offsets = [(0, 0), *offsets, (0, 0)]
    tags = tag_tokens(offsets, spans)
    probabilities = np.full((len(tags), len(TAGS)), 0.05, dtype=np.float32)
    probabilities[np.arange(len(tags)), tags] = 0.8
    tagging = Tagging(probabilities, offsets)
    assert tagging.spans() == spans
    for start, end, _ in spans:
        # A single token only has to begin a body, and the one behind it not to go on with it.
        inner = 1.0 if (start, end) in offsets else 0.85
        assert tagging.probability(start, end) == pytest.approx(0.85 * inner * 0.9, abs=1e-5)


def test_an_inner_tag_without_a_beginning_begins_a_span() -> None:
    names = ["I-lead", "I-support", "O", "B-support", "B-lead", "O"]
    probabilities = np.eye(len(TAGS), dtype=np.float32)[[TAGS.index(name) for name in names]]
    offsets = [(0, 1), (1, 3), (3, 4), (4, 5), (5, 7), (7, 8)]
    assert Tagging(probabilities, offsets).spans() == [
        (0, 3, "lead"),
        (4, 5, "support"),
        (5, 7, "lead"),
    ]


def test_where_no_token_stands_there_is_no_body() -> None:
    tagging = Tagging(np.full((1, len(TAGS)), 0.2, dtype=np.float32), [(0, 2)])
    assert tagging.probability(2, 4) == 0.0
