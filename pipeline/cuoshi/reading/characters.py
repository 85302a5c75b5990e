"""Make a text one that can be written anywhere, without moving a single offset."""

from __future__ import annotations

import re

_SURROGATE = re.compile("[\ud800-\udfff]")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_NOT_IN_NAMES = re.compile("[\ud800-\udfff\x00-\x1f\x7f-\x9f\u2028\u2029]")
_BREAKS = "\v\f\x1c\x1d\x1e"


def replace_unwritable(text: str) -> str:
    """`text` with what UTF-8 or a terminal cannot carry replaced, one character for one.

    Lone surrogates become U+FFFD. Of the control characters, those that break a line or
    page (vertical tab, form feed, the separators 1C to 1E) become a line feed, all others
    but tab, line feed and carriage return a blank.
    """
    text = _SURROGATE.sub("\ufffd", text)
    return _CONTROL.sub(lambda match: "\n" if match.group() in _BREAKS else " ", text)


def clean_name(name: str) -> str:
    """`name` fit for one line of a message: what does not belong in a name becomes U+FFFD."""
    return _NOT_IN_NAMES.sub("\ufffd", name)
