"""The exported model in use: from texts or a document to measures with their scores.

Needs neither torch nor transformers; what a document is and how it is cut is left to
`cuoshi.reading` and `cuoshi.text`, running the network to `cuoshi.engine`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice, tee
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Literal, overload

import numpy as np
from numpy.typing import NDArray

from cuoshi.errors import ModelError
from cuoshi.measures import MEASURES
from cuoshi.model_folder import ModelFolder, check_hashes, open_model_folder
from cuoshi.tagging import Tagging
from cuoshi.text.document import Sentence, outline

if TYPE_CHECKING:
    from cuoshi.engine import Engine, Reading

Precision = Literal["int8", "fp32"]

SHORTEST_WITH_CONTEXT = 5
"""Fewest letters, digits and Chinese characters of a sentence that is read with its context.

Shorter ones (收到。 散会。 完毕。) say so little that the model repeats what stands before them: it
gives up to 0.9 behind a demand, 0.1 alone. None in the annotated speeches directs a measure.
"""

_QUESTION = re.compile(r"(?!.*(?:必须|务必|一律|不得|严禁|请))[^\n]*[？?][”’」』）)\"']*\Z")


@dataclass(frozen=True, slots=True)
class Prediction:
    """What a text directs.

    Attributes:
        text: the text as it was given.
        measures: those whose score reaches its threshold, in the order of `MEASURES`.
        scores: one probability per measure, in the order of `MEASURES`.
    """

    text: str
    measures: tuple[str, ...]
    scores: dict[str, float]


@dataclass(frozen=True, slots=True)
class ScoredSentence(Prediction):
    """A sentence of a document and what it directs.

    Attributes:
        text: the sentence, cleaned of what layout put inside.
        start, end: character offsets; `document.text[start:end]` is the sentence as it stands.
        heading: the nearest heading above it, or "".
        is_heading: whether it is a heading itself.
        is_web_matter: whether it belongs to the web page around the document.
        tagging: where `text` names those who are to act; None where it directs nothing, which
            the model has not learnt to tag, or where the model saw other characters.
    """

    start: int
    end: int
    heading: str
    is_heading: bool
    is_web_matter: bool
    tagging: Tagging | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class ScoredDocument:
    """A document's text and its sentences in order; iterates over the sentences."""

    name: str
    text: str
    sentences: tuple[ScoredSentence, ...]

    def __iter__(self) -> Iterator[ScoredSentence]:
        return iter(self.sentences)

    def __len__(self) -> int:
        return len(self.sentences)


class Classifier:
    """A loaded model; made by `load`.

    Attributes:
        measures: the four measures, in the order of every vector of scores.
        thresholds: from which score on each is given, in the same order.
    """

    measures = MEASURES

    def __init__(self, folder: ModelFolder, engine: Engine) -> None:
        self.folder = folder
        self.thresholds = folder.calibration.thresholds
        self._engine = engine

    @overload
    def predict(self, texts: str, contexts: str | None = None) -> Prediction: ...  # type: ignore[overload-overlap]
    @overload
    def predict(  # type: ignore[overload-overlap]
        self, texts: Sequence[str], contexts: Iterable[str] | None = None
    ) -> list[Prediction]: ...
    @overload
    def predict(
        self, texts: Iterable[str], contexts: Iterable[str] | None = None
    ) -> Iterator[Prediction]: ...
    def predict(
        self, texts: str | Iterable[str], contexts: str | Iterable[str] | None = None
    ) -> Prediction | list[Prediction] | Iterator[Prediction]:
        """Say what texts direct.

        Args:
            texts: one text, a list of them, or any iterable, which is read as the results are
                asked for.
            contexts: as many, each the headings above a text and the end of the sentence
                before it; "" where there is none. Reading a document supplies them.

        Returns:
            A prediction for one text, a list for a list, else an iterator.

        Raises:
            ValueError: there are more or fewer contexts than texts.
        """
        if isinstance(texts, str):
            (prediction,) = self._stream([texts], None if contexts is None else [str(contexts)])
            return prediction
        if isinstance(contexts, str):
            raise ValueError("contexts is one string where texts are several: give one for each")
        results = self._stream(texts, contexts)
        return list(results) if isinstance(texts, Sequence) else results

    def predict_proba(
        self, texts: Iterable[str], contexts: Iterable[str] | None = None
    ) -> NDArray[np.float32]:
        """The probabilities of texts, float32 `(n, 4)`, columns in the order of `MEASURES`.

        Raises:
            ValueError: there are more or fewer contexts than texts.
        """
        if isinstance(texts, str):
            texts = [texts]
        rows = list(self._scores(texts, contexts))
        return np.array(rows, dtype=np.float32).reshape(len(rows), len(MEASURES))

    def read(
        self, source: str | os.PathLike[str] | bytes | BinaryIO, *, name: str | None = None
    ) -> ScoredDocument:
        """Read a document and say what each of its sentences directs.

        Args:
            source: a path, a document's bytes, or a binary file; see `cuoshi.reading`.
            name: what to call it where that is not the path.

        Raises:
            DocumentError: the document cannot be read.
        """
        from cuoshi.reading import read_document

        document = read_document(source, name=name)
        return self.read_text(document.text, name=document.name)

    def read_text(self, text: str, *, name: str = "") -> ScoredDocument:
        """The same for a document that is already a string; blank text has no sentences.

        Sentences of fewer than `SHORTEST_WITH_CONTEXT` characters are read without context, and
        questions get no measure.
        """
        sentences = outline(text)
        texts = [self._simplify(sentence.text) for sentence in sentences]
        contexts = (self._simplify(_context_of(sentence)) for sentence in sentences)
        readings = self._engine.read(zip(texts, contexts, strict=True))
        return ScoredDocument(
            name=name,
            text=text,
            sentences=tuple(
                self._describe(sentence, reading, has_its_offsets=len(read) == len(sentence.text))
                for sentence, read, reading in zip(sentences, texts, readings, strict=True)
            ),
        )

    def _describe(
        self, sentence: Sentence, reading: Reading, *, has_its_offsets: bool
    ) -> ScoredSentence:
        measures = () if is_question(sentence.text) else self._give(reading.scores)
        return ScoredSentence(
            text=sentence.text,
            measures=measures,
            scores=_name_scores(reading.scores),
            start=sentence.start,
            end=sentence.end,
            heading=sentence.heading,
            is_heading=sentence.is_heading,
            is_web_matter=sentence.is_web_matter,
            # A few traditional words have more or fewer characters in simplified ones.
            tagging=reading.tagging if measures and has_its_offsets else None,
        )

    def _stream(self, texts: Iterable[str], contexts: Iterable[str] | None) -> Iterator[Prediction]:
        kept, scored = tee(texts)
        for row in self._scores(scored, contexts):
            (text,) = islice(kept, 1)
            yield Prediction(text=text, measures=self._give(row), scores=_name_scores(row))

    def _scores(
        self, texts: Iterable[str], contexts: Iterable[str] | None
    ) -> Iterator[NDArray[np.float32]]:
        if contexts is None:
            pairs: Iterator[tuple[str, str]] = ((text, "") for text in texts)
        else:
            pairs = zip(texts, contexts, strict=True)
        simplify = self._simplify
        return self._engine.score((simplify(text), simplify(context)) for text, context in pairs)

    def _give(self, row: NDArray[np.float32]) -> tuple[str, ...]:
        return tuple(
            measure
            for measure, score, threshold in zip(MEASURES, row, self.thresholds, strict=True)
            if score >= threshold
        )

    @cached_property
    def _converter(self) -> object:
        from opencc import OpenCC

        return OpenCC("t2s")

    def _simplify(self, text: str) -> str:
        """Traditional characters as simplified ones, which the model was trained on."""
        if text.isascii():
            return text
        # A lone surrogate, which no document holds but any string may, cannot be passed on.
        writable = text.encode("utf-8", "replace").decode("utf-8")
        return str(self._converter.convert(writable))  # type: ignore[attr-defined]


def load(
    path: str | os.PathLike[str],
    *,
    precision: Precision | None = None,
    threads: int | None = None,
    check_files: bool = False,
) -> Classifier:
    """Load an exported model.

    Args:
        path: the folder, models/export for instance.
        precision: "int8" is twice as fast as "fp32" and decides alike; by default int8
            where the folder holds it.
        threads: how many to compute on; by default as many as there are cores for this process.
        check_files: whether to compare every file's SHA-256 with the manifest too, not only
            its size.

    Raises:
        ModelError: there is no exported model at `path`, it is of another version, incomplete
            or changed, or it does not hold `precision`.
    """
    folder = open_model_folder(Path(path))
    if check_files:
        check_hashes(folder)
    if precision is None:
        precision = "int8" if "int8" in folder.precisions else "fp32"
    if precision not in folder.precisions:
        held = ", ".join(folder.precisions)
        raise ModelError(f"{folder.path} holds no {precision} model: choose from {held}")
    from cuoshi.engine import Engine

    return Classifier(folder, Engine(folder, precision, threads))


def is_question(text: str) -> bool:
    """Whether a sentence asks (返程人员要不要隔离？) and orders nothing besides.

    `Classifier.read` gives it no measure, whatever its scores: of 60 questions in the annotated
    material none directs one.
    """
    return _QUESTION.match(text) is not None


def _context_of(sentence: Sentence) -> str:
    is_long = sum(map(str.isalnum, sentence.text)) >= SHORTEST_WITH_CONTEXT
    return sentence.context if is_long else ""


def _name_scores(row: NDArray[np.float32]) -> dict[str, float]:
    return dict(zip(MEASURES, row.tolist(), strict=True))
