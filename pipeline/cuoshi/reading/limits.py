"""What a document may cost to read: a file from anywhere must not exhaust the machine.

A file beyond a limit is a `DocumentError` that names the limit. The libraries' own limits
(libxml2's 256 levels of XML, pypdf's 75 MB a stream, csv's 131,072 characters a cell) hold
besides.
"""

from __future__ import annotations

MAX_BYTES = 50_000_000
"""Size of a file."""

MAX_CHARACTERS = 20_000_000
"""Characters of a document's text."""

MAX_MEMBERS = 5_000
"""Members of a .docx archive."""

MAX_EXPANDED_BYTES = 200_000_000
"""Size of all members of a .docx archive when expanded, as the archive declares it."""

MAX_PART_BYTES = 50_000_000
"""Size of one XML part of a .docx when expanded."""

MAX_EXPANSION = 200
"""How many times larger than in the archive an XML part of more than `FREE_EXPANSION` may be.

Word's own XML shrinks 5 to 40 times; runs of one byte shrink a thousand times.
"""

FREE_EXPANSION = 1_000_000
"""Size of an XML part up to which its expansion is not looked at."""

MAX_JSON_DEPTH = 100
"""Levels of objects and lists within one another."""

MAX_HTML_DEPTH = 1_000
"""Levels of elements within one another; pages that forget end tags reach some hundreds."""

MAX_HTML_ELEMENTS = 500_000
"""Elements of an HTML page."""

MAX_SPAN = 63
"""Columns or rows over which a merged cell is followed; a table in Word has 63 columns at most."""

MAX_MARKDOWN_DEPTH = 50
"""Levels of quotations, lists and their items within one another."""

MAX_MARKDOWN_CHARACTERS = 5_000_000
"""Characters of a Markdown file."""

MAX_MARKDOWN_MARKS = 5_000
"""Marks in one paragraph of Markdown; with more it is taken as it stands."""

MAX_PAGES = 2_000
"""Pages of a PDF."""

MAX_PDF_SECONDS = 60.0
"""Time for a PDF, looked at before each drawing operation of a page."""
