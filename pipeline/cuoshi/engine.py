"""Run the exported network: from a stream of sentences to a stream of scores and bodies.

Needs numpy, onnxruntime and tokenizers only. How a score comes from the network's logits is left
to `cuoshi.calibration`, which texts to score to `cuoshi.classifier`, what a tag means to
`cuoshi.tags`.

A sentence is computed together with others of exactly its length, never with padding: nothing is
spent on padding, and a score cannot depend on the company in which it was computed. Within a
window of some thousand sentences there are enough of each length. Each core works on a batch of
its own; two threads inside one batch would wait for each other at every one of 300 operators.
"""

from __future__ import annotations

import os
import re
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import groupby
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cuoshi.calibration import Calibration
from cuoshi.errors import ModelError
from cuoshi.keywords import predict_keywords
from cuoshi.measures import MEASURES
from cuoshi.model_folder import FILES, ModelFolder
from cuoshi.tagging import Tagging
from cuoshi.tags import TAGS, TokenOffsets
from cuoshi.text.plain import place, plain, plain_context

Scores = NDArray[np.float32]
Logits = NDArray[np.float32]
TagProbabilities = NDArray[np.float32]

WINDOW_SENTENCES = 1024
WINDOW_CHARACTERS = 200_000
"""A window closes at whichever comes first; two are in memory at a time."""

BATCH_TOKENS = 512
"""A batch's activations stay in a core's second-level cache up to here."""

OVERLAP = 4
"""Windows of a long sentence share a quarter of their tokens with the next."""
CONTEXT_SHARE = 3
"""The context may take a third of such a window."""

_SURROGATE = re.compile("[\ud800-\udfff]")


class Reading(NamedTuple):
    """What the model says of a sentence.

    Attributes:
        scores: probabilities, float32 `(4,)`, in the order of `MEASURES`.
        tagging: where the network names those who are to act.
    """

    scores: Scores
    tagging: Tagging


class _Piece(NamedTuple):
    """An input of the network: a sentence, or a window of one that is too long.

    Attributes:
        owner: index of the sentence.
        first: which of its tokens the input begins with, special ones not counted.
        last: which it ends before.
        own: from which on it is this piece that says how they are tagged.
        ids: the input.
    """

    owner: int
    first: int
    last: int
    own: int
    ids: list[int]


class Engine:
    """An exported model, ready to score; several streams may use it at once."""

    def __init__(self, folder: ModelFolder, precision: str, threads: int | None = None) -> None:
        """Load the model.

        Args:
            folder: the exported model.
            precision: "int8" or "fp32".
            threads: how many batches are computed at a time; by default one for each core that
                this process may use.

        Raises:
            ModelError: the model or its tokenizer cannot be loaded.
            ValueError: `threads` is less than one.
        """
        import onnxruntime as ort
        from tokenizers import Tokenizer

        if threads is None:
            threads = count_cores()
        if threads < 1:
            raise ValueError(f"threads is {threads}: give at least 1")
        options = ort.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        # A memory plan is kept for every shape of a batch; there are thousands of shapes.
        options.enable_mem_pattern = False
        path = folder.path / FILES[precision]
        try:
            self._session = ort.InferenceSession(
                str(path), options, providers=["CPUExecutionProvider"]
            )
            path = folder.path / "tokenizer.json"
            self._tokenizer = Tokenizer.from_file(str(path))
        # Neither library says which errors it raises.
        except Exception as error:
            reason = str(error).partition("\n")[0]
            raise ModelError(f"{path} cannot be loaded ({reason}): export it again") from error
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        *self._start, self._separator = self._tokenizer.encode("").ids
        self._max_length = folder.max_length
        self._calibration = folder.calibration
        self._workers = ThreadPoolExecutor(threads, thread_name_prefix="cuoshi")

    def score(self, pairs: Iterable[tuple[str, str]]) -> Iterator[Scores]:
        """The scores alone of what `read` gives, float32 `(4,)` for each pair in order."""
        return (reading.scores for reading in self.read(pairs))

    def read(self, pairs: Iterable[tuple[str, str]]) -> Iterator[Reading]:
        """Read sentences with their contexts, in a stream, both as `cuoshi.text.plain` has them.

        Reads `pairs` at most two windows ahead of what it gives, and holds no more than that.

        Args:
            pairs: each a sentence and its context, "" where it has none. The context loses its
                beginning where both are too long for the model; a sentence that is too long by
                itself is read in overlapping windows, and the highest logit of each measure
                counts.

        Returns:
            A reading for each pair, in order.
        """
        waiting: deque[_Window] = deque()
        try:
            for window in _windows(pairs):
                waiting.append(self._start_window(window))
                if len(waiting) > 1:
                    yield from waiting.popleft().finish()
            while waiting:
                yield from waiting.popleft().finish()
        finally:
            for left in waiting:
                left.cancel()

    def _start_window(self, pairs: list[tuple[str, str]]) -> _Window:
        """Tokenize the sentences and hand them to the workers, the longest first."""
        texts = [_SURROGATE.sub("\ufffd", plain(sentence)) for sentence, _ in pairs]
        sentences = self._tokenizer.encode_batch(texts)
        contexts = iter(
            self._tokenizer.encode_batch_fast(
                [_SURROGATE.sub("\ufffd", plain_context(c)) for _, c in pairs if c],
                add_special_tokens=False,
            )
        )
        pieces: list[_Piece] = []
        for owner, (sentence, (_, context)) in enumerate(zip(sentences, pairs, strict=True)):
            beside = next(contexts).ids if context else []
            pieces += self._fit(owner, sentence.ids[len(self._start) : -1], beside)
        pieces.sort(key=lambda piece: len(piece.ids), reverse=True)
        window = _Window(
            [
                place(encoded.offsets[len(self._start) : -1], sentence)
                for encoded, (sentence, _) in zip(sentences, pairs, strict=True)
            ],
            predict_keywords(texts),
            self._calibration,
        )
        for length, alike in groupby(pieces, key=lambda piece: len(piece.ids)):
            group = list(alike)
            size = max(1, BATCH_TOKENS // length)
            for first in range(0, len(group), size):
                batch = group[first : first + size]
                future = self._workers.submit(self._run, [piece.ids for piece in batch])
                window.batches.append((batch, future))
        return window

    def _fit(self, owner: int, sentence: list[int], context: list[int]) -> Iterator[_Piece]:
        """The inputs that a sentence makes: one, or several windows where it is too long."""
        length = len(sentence)
        room = self._max_length - len(self._start) - length - 1
        if room >= 0:
            kept = context[-(room - 1) :] if room > 1 else []
            ending = [self._separator, *kept, self._separator] if kept else [self._separator]
            yield _Piece(owner, 0, length, 0, [*self._start, *sentence, *ending])
            return
        kept = context[-(self._max_length // CONTEXT_SHARE) :]
        ending = [self._separator, *kept, self._separator] if kept else [self._separator]
        size = self._max_length - len(self._start) - len(ending)
        before = 0
        for first in [*range(0, length - size, size - size // OVERLAP), length - size]:
            ids = [*self._start, *sentence[first : first + size], *ending]
            # Where windows overlap each tags the half that lies further inside it.
            yield _Piece(owner, first, first + size, (first + max(first, before)) // 2, ids)
            before = first + size

    def _run(self, inputs: list[list[int]]) -> tuple[Logits, TagProbabilities]:
        """What the network gives for inputs of one length.

        Returns:
            Logits of the measures, `(n, 4)`, and probabilities of the tags,
            `(n, tokens, len(TAGS))`: first the sentence's own tokens, then separators and context.
        """
        ids = np.array(inputs, dtype=np.int64)
        # The second segment begins after the first separator, as in training.
        seconds = (ids == self._separator).argmax(axis=1, keepdims=True) + 1
        segments = (np.arange(ids.shape[1]) >= seconds).astype(np.int64)
        logits, tags = self._session.run(
            ["logits", "tags"],
            {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": segments},
        )
        tags = tags[:, len(self._start) :]
        tags = np.exp(tags - tags.max(axis=-1, keepdims=True))
        return logits, tags / tags.sum(axis=-1, keepdims=True)


class _Window:
    """Sentences whose batches are being computed.

    Args:
        offsets: of each sentence's tokens.
        keywords: which measures the codebook's words give each sentence, `(n, 4)`.
        calibration: what makes scores of logits and keywords.
    """

    def __init__(
        self,
        offsets: list[TokenOffsets],
        keywords: NDArray[np.bool_],
        calibration: Calibration,
    ) -> None:
        self.offsets = offsets
        self.keywords = keywords
        self.calibration = calibration
        self.batches: list[tuple[list[_Piece], Future[tuple[Logits, TagProbabilities]]]] = []

    def finish(self) -> Iterator[Reading]:
        """Wait for the batches; the readings of the sentences in order."""
        logits = np.full((len(self.offsets), len(MEASURES)), -np.inf, dtype=np.float32)
        tags = [np.zeros((len(own), len(TAGS)), dtype=np.float32) for own in self.offsets]
        done = [
            piece
            for pieces, future in self.batches
            for piece in zip(pieces, *future.result(), strict=True)
        ]
        # A sentence's windows in their order: the later one takes its half of what they share.
        done.sort(key=lambda row: row[0].first)
        for piece, own_logits, own_tags in done:
            np.maximum(logits[piece.owner], own_logits, out=logits[piece.owner])
            inside = slice(piece.own - piece.first, piece.last - piece.first)
            tags[piece.owner][piece.own : piece.last] = own_tags[inside]
        scores = self.calibration.weigh(logits, self.keywords)
        for row, probabilities, offsets in zip(scores, tags, self.offsets, strict=True):
            yield Reading(row, Tagging(probabilities, offsets))

    def cancel(self) -> None:
        """Drop the batches that nobody has begun."""
        for _, future in self.batches:
            future.cancel()


def _windows(pairs: Iterable[tuple[str, str]]) -> Iterator[list[tuple[str, str]]]:
    """Consecutive pairs, as many as a window may hold."""
    window: list[tuple[str, str]] = []
    characters = 0
    for pair in pairs:
        window.append(pair)
        characters += len(pair[0]) + len(pair[1])
        if len(window) == WINDOW_SENTENCES or characters >= WINDOW_CHARACTERS:
            yield window
            window, characters = [], 0
    if window:
        yield window


def count_cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
