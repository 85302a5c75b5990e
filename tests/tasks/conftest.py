"""A classifier that goes by words alone, and documents scored by it."""

from collections.abc import Iterable, Sequence

import pytest

from cuoshi.classifier import Prediction, ScoredDocument, ScoredSentence
from cuoshi.measures import MEASURES
from cuoshi.text.document import outline

WORDS = {"隔离": "登记", "宣传": "广播", "物资": "口罩", "问责": "通报"}


class WordClassifier:
    """Gives a measure for its word with 0.9, for the word in doubt (或许) with 0.6."""

    measures = MEASURES
    thresholds = (0.5, 0.5, 0.5, 0.5)

    def __init__(self) -> None:
        self.asked: list[list[tuple[str, str]]] = []

    def predict(self, texts: Sequence[str], contexts: Iterable[str]) -> list[Prediction]:
        self.asked.append(list(zip(texts, contexts, strict=True)))
        return [self.score(text) for text in texts]

    def score(self, text: str) -> Prediction:
        given = 0.6 if "或许" in text else 0.9
        scores = {measure: given if WORDS[measure] in text else 0.1 for measure in MEASURES}
        return Prediction(text, tuple(m for m in MEASURES if scores[m] >= 0.5), scores)

    def read_text(self, text: str) -> ScoredDocument:
        sentences = []
        for sentence in outline(text):
            scored = self.score(sentence.text)
            sentences.append(
                ScoredSentence(
                    text=sentence.text,
                    measures=scored.measures,
                    scores=scored.scores,
                    start=sentence.start,
                    end=sentence.end,
                    heading=sentence.heading,
                    is_heading=sentence.is_heading,
                    is_web_matter=sentence.is_web_matter,
                )
            )
        return ScoredDocument(name="made", text=text, sentences=tuple(sentences))


@pytest.fixture
def word_classifier() -> WordClassifier:
    return WordClassifier()
