"""The four measures, in the order in which every vector of scores carries them."""

from __future__ import annotations

from typing import Final

MEASURES: Final = ("隔离", "宣传", "物资", "问责")
"""Isolation and movement control, publicity, goods and funds, accountability."""

MEASURES_ENGLISH: Final = {
    "隔离": "isolation",
    "宣传": "publicity",
    "物资": "goods",
    "问责": "accountability",
}
"""Names for where only ASCII serves: file names and plots."""
