"""Find the documents in files and folders."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from cuoshi.errors import DocumentError
from cuoshi.files import is_folder
from cuoshi.reading.characters import clean_name
from cuoshi.reading.kinds import ENDINGS, FORMATS, OFFICE_ENDINGS

_ENDINGS = FORMATS.keys() | OFFICE_ENDINGS


def find_documents(
    paths: Iterable[Path], *, on_error: Callable[[DocumentError], None] | None = None
) -> Iterator[Path]:
    """The documents among `paths`: files as given, of folders all with a document's ending.

    Those are the supported endings and `OFFICE_ENDINGS`: most of the latter cannot be read,
    which the reader says; passed over here, they would be missed without a word.

    Folders are walked to the bottom, in the order of the names, without following links to
    folders; hidden files and folders and Office's lock files (`~$…`) are passed over.

    Args:
        paths: files and folders.
        on_error: called with each error, after which the search goes on with the next
            path; by default the error is raised.

    Raises:
        DocumentError: a path does not exist, or a folder cannot be read or holds no
            documents.
    """
    for path in paths:
        try:
            if is_folder(path):
                yield from _walk_whole(path)
            elif _may_exist(path):
                yield path
            else:
                raise DocumentError(f"{clean_name(str(path))} does not exist: check the path")
        except DocumentError as error:
            if on_error is None:
                raise
            on_error(error)


def _may_exist(path: Path) -> bool:
    """Whether to let the reader try; a pipe is no regular file and yet can be read."""
    try:
        return path.exists()
    except OSError:  # It lies in a folder that is closed to us, say: the reader tells.
        return True


def _walk_whole(folder: Path) -> Iterator[Path]:
    is_empty = True
    for path in _walk(folder):
        is_empty = False
        yield path
    if is_empty:
        name = clean_name(str(folder))
        raise DocumentError(f"{name} holds no documents: put files in it that end in {ENDINGS}")


def _walk(folder: Path) -> Iterator[Path]:
    try:
        entries = sorted(folder.iterdir())
    except OSError as error:
        name = clean_name(str(folder))
        raise DocumentError(f"cannot read {name}: {error.strerror}; check the folder") from error
    for entry in entries:
        if entry.name.startswith((".", "~$")):
            continue
        if entry.is_dir():
            if not entry.is_symlink():
                yield from _walk(entry)
        elif entry.suffix.lower() in _ENDINGS:
            yield entry
