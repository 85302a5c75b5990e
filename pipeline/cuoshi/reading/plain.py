"""Read plain text: it is the file itself, but for its encoding."""

from __future__ import annotations

from cuoshi.reading.encoding import decode


def read_plain(data: bytes, name: str) -> tuple[str, str]:
    """Read a .txt file.

    Returns:
        Its text without a byte order mark, line ends as they are, and its encoding.

    Raises:
        DocumentError: the bytes are not text.
    """
    return decode(data, name)
