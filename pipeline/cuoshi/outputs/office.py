"""What the Office formats share: text that XML can hold, hues, and packages alike each time."""

from __future__ import annotations

import re
from datetime import datetime
from typing import IO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

AUTHOR = "cuoshi"

MADE = datetime(2000, 1, 1)
"""When every file says it was made, so that the same tasks give the same bytes."""

INKS = {"隔离": "9C1C1C", "宣传": "1F4E9E", "物资": "1E6B32", "问责": "7A1F7A"}
FILLS = {"隔离": "FBE3E1", "宣传": "DDE9FA", "物资": "DFF2E1", "问责": "F3E0F5"}
"""The hues of `table.COLOURS`, dark to write in and light to write on."""
AMBER = "FFD966"
"""Behind what a person should look at."""
GREY = "E7E9ED"
"""Behind headings."""

_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def clean_text(text: str) -> str:
    """`text` without the characters that XML 1.0 cannot hold (its section 2.2)."""
    return _ILLEGAL.sub("", text)


def copy_package(source: IO[bytes], stream: IO[bytes]) -> None:
    """Copy a zip file with the times, systems and permissions of its members made alike.

    Args:
        source: the zip file, open for reading at any place.
        stream: where to write; need not be seekable.
    """
    with ZipFile(source) as old, ZipFile(stream, "w", ZIP_DEFLATED) as new:
        for name in old.namelist():
            member = ZipInfo(name, MADE.timetuple()[:6])
            member.create_system = 0
            member.compress_type = ZIP_DEFLATED
            new.writestr(member, old.read(name))
