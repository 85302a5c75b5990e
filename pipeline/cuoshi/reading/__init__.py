"""From files of any supported format to their text; knows nothing of sentences or models."""

from cuoshi.reading.document import Document, read_document
from cuoshi.reading.folders import find_documents
from cuoshi.reading.kinds import ENDINGS, FORMATS

__all__ = ["ENDINGS", "FORMATS", "Document", "find_documents", "read_document"]
