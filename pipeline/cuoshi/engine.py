"""Run the exported network: from a stream of sentences to a stream of scores.

Needs numpy, onnxruntime and tokenizers only. What a score means, and which texts to score, is
left to `cuoshi.classifier`.

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

import numpy as np
from numpy.typing import NDArray

from cuoshi.errors import ModelError
from cuoshi.measures import MEASURES
from cuoshi.model_folder import FILES, ModelFolder

Scores = NDArray[np.float32]

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
        self._workers = ThreadPoolExecutor(threads, thread_name_prefix="cuoshi")

    def score(self, pairs: Iterable[tuple[str, str]]) -> Iterator[Scores]:
        """Score sentences with their contexts, in a stream.

        Reads `pairs` at most two windows ahead of what it gives, and holds no more than that.

        Args:
            pairs: each a sentence and its context, "" where it has none. The context loses its
                beginning where both are too long for the model; a sentence that is too long by
                itself is read in overlapping windows, and the highest score of each measure
                counts.

        Returns:
            For each pair in order its probabilities, float32 `(4,)`, in the order of `MEASURES`.
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
        pieces = [
            (owner, piece)
            for owner, (sentence, context) in enumerate(self._tokenize(pairs))
            for piece in self._fit(sentence, context)
        ]
        pieces.sort(key=lambda piece: len(piece[1]), reverse=True)
        window = _Window(len(pairs))
        for length, alike in groupby(pieces, key=lambda piece: len(piece[1])):
            owners, inputs = zip(*alike, strict=True)
            size = max(1, BATCH_TOKENS // length)
            for first in range(0, len(owners), size):
                batch = slice(first, first + size)
                future = self._workers.submit(self._run, inputs[batch])
                window.batches.append((owners[batch], future))
        return window

    def _tokenize(self, pairs: list[tuple[str, str]]) -> Iterator[tuple[list[int], list[int]]]:
        """Token ids of each sentence, with the special ones, and of its context, without."""
        encode = self._tokenizer.encode_batch_fast
        sentences = encode([_SURROGATE.sub("\ufffd", sentence) for sentence, _ in pairs])
        contexts = iter(
            encode(
                [_SURROGATE.sub("\ufffd", context) for _, context in pairs if context],
                add_special_tokens=False,
            )
        )
        for sentence, (_, context) in zip(sentences, pairs, strict=True):
            yield sentence.ids, next(contexts).ids if context else []

    def _fit(self, sentence: list[int], context: list[int]) -> list[list[int]]:
        """The inputs that a sentence makes: one, or several windows where it is too long."""
        room = self._max_length - len(sentence) - 1
        if room >= -1:
            kept = context[-room:] if room > 0 else []
            return [[*sentence, *kept, self._separator] if kept else sentence]
        kept = context[-(self._max_length // CONTEXT_SHARE) :]
        ending = [self._separator, *kept, self._separator] if kept else [self._separator]
        body = sentence[len(self._start) : -1]
        size = self._max_length - len(self._start) - len(ending)
        last = len(body) - size
        firsts = [*range(0, last, size - size // OVERLAP), last]
        return [[*self._start, *body[first : first + size], *ending] for first in firsts]

    def _run(self, inputs: tuple[list[int], ...]) -> Scores:
        """Probabilities `(len(inputs), 4)` of inputs of one length."""
        ids = np.array(inputs, dtype=np.int64)
        # The second segment begins after the first separator, as in training.
        seconds = (ids == self._separator).argmax(axis=1, keepdims=True) + 1
        segments = (np.arange(ids.shape[1]) >= seconds).astype(np.int64)
        (logits,) = self._session.run(
            ["logits"],
            {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": segments},
        )
        return np.asarray(1 / (1 + np.exp(-logits.astype(np.float64))), dtype=np.float32)


class _Window:
    """Sentences whose batches are being computed."""

    def __init__(self, sentences: int) -> None:
        self.sentences = sentences
        self.batches: list[tuple[tuple[int, ...], Future[Scores]]] = []

    def finish(self) -> Scores:
        """Wait for the batches; the scores of the sentences in order, `(sentences, 4)`."""
        scores = np.zeros((self.sentences, len(MEASURES)), dtype=np.float32)
        for owners, future in self.batches:
            np.maximum.at(scores, list(owners), future.result())
        return scores

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
