"""From what was sent to tasks, and from tasks to what is sent back; runs in a worker thread.

Reading is left to `cuoshi.reading`, finding tasks to `cuoshi.tasks`, formats to
`cuoshi.outputs`. Nothing is kept: a result page carries its document and sends it back with
the wish for a download (`KeptDocument`).
"""

from __future__ import annotations

import json
from datetime import date
from io import BytesIO, StringIO
from pathlib import PurePosixPath
from typing import Annotated
from urllib.parse import quote

from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from cuoshi.classifier import Classifier
from cuoshi.errors import DocumentError
from cuoshi.outputs.rows import make_row
from cuoshi.outputs.tasks_rows import TITLE, write_tasks_json
from cuoshi.reading import read_document
from cuoshi.reading.characters import clean_name, replace_unwritable
from cuoshi.reading.kinds import find_format
from cuoshi.serve.bodies import Upload
from cuoshi.tasks.extract import find_tasks
from cuoshi.tasks.task import TaskList

MAX_CHARACTERS = 200_000
"""Characters of a document, or of all texts of a request: some 4,000 sentences, which one
request should not have to wait for much longer. `cuoshi tasks` takes more."""

YEARS = range(1900, 2200)
"""Years that a document may be of; the dates of its deadlines are counted from there."""

PASTED = "粘贴的文本"
UNNAMED = "document"

DOWNLOADS = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "json": "application/json",
}
"""What a result can be downloaded as: the media type by the ending."""

MAX_NAME = 80


class KeptDocument(BaseModel):
    """A document as a result page keeps it.

    As JSON its line breaks are escaped: a browser would turn bare ones into CR LF, and offsets
    would no longer be the document's.
    """

    name: str
    text: str
    reference: Annotated[date, Field(ge=date(YEARS.start, 1, 1), lt=date(YEARS.stop, 1, 1))] | None


def parse_date(text: str) -> date | None:
    """A reference date as YYYY-MM-DD, None where `text` is blank.

    Raises:
        HTTPException: 422, it is no such date.
    """
    if not text.strip():
        return None
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        day = None
    if day is None or day.year not in YEARS:
        raise HTTPException(
            422,
            f"the date is not a day from {YEARS.start} to {YEARS.stop - 1} as YYYY-MM-DD, "
            "2020-02-01 for instance",
        )
    return day


def read_upload(upload: Upload, reference: date | None) -> KeptDocument:
    """Read a file that was sent.

    Raises:
        HTTPException: 415, it is of no kind that is read or not of the kind that its name says;
            413, it is beyond `MAX_CHARACTERS`.
        DocumentError: it cannot be read.
    """
    name = clean_name(upload.name) or UNNAMED
    if upload.data.strip():
        try:
            find_format(upload.data, name)
        except DocumentError as error:
            raise HTTPException(415, str(error)) from error
    document = read_document(upload.data, name=name)
    check_characters(len(document.text))
    return KeptDocument(name=document.name, text=document.text, reference=reference)


def read_pasted(text: str, reference: date | None) -> KeptDocument:
    """A text from a form, with the line feeds that its writer knows of.

    Raises:
        HTTPException: 422, there is none; 413, it is beyond `MAX_CHARACTERS`.
    """
    text = replace_unwritable(text.replace("\r\n", "\n"))
    if not text.strip():
        raise HTTPException(422, "there is no text and no file: paste a text or choose a file")
    check_characters(len(text))
    return KeptDocument(name=PASTED, text=text, reference=reference)


def check_characters(number: int) -> None:
    """Refuse more than `MAX_CHARACTERS` with an HTTPException of 413."""
    if number > MAX_CHARACTERS:
        raise HTTPException(
            413,
            f"the text has {number:,} characters, more than {MAX_CHARACTERS:,}: "
            "split it, or run `cuoshi tasks`",
        )


def list_tasks(classifier: Classifier, document: KeptDocument) -> TaskList:
    """The tasks of a document."""
    scored = classifier.read_text(document.text, name=document.name)
    return find_tasks(scored, classifier, document.reference)


def write_download(task_list: TaskList, ending: str) -> bytes:
    """A result as a file, `ending` being one of `DOWNLOADS`."""
    if ending == "json":
        text = StringIO()
        write_tasks_json([task_list], text)
        return text.getvalue().encode()
    # Neither library is needed to start the server.
    if ending == "xlsx":
        from cuoshi.outputs.tasks_xlsx import write_xlsx as write
    else:
        from cuoshi.outputs.tasks_docx import write_docx as write
    file = BytesIO()
    write([task_list], file)
    return file.getvalue()


def write_answer(task_list: TaskList) -> bytes:
    """A result as the API gives it: the JSON of `cuoshi tasks`, with the text and its sentences."""
    text = StringIO()
    write_tasks_json([task_list], text)
    answer = json.loads(text.getvalue())
    sentences = []
    for sentence in task_list.document:
        row = make_row("", sentence)
        del row["document"]
        sentences.append({**row, "web_matter": sentence.is_web_matter})
    (document,) = answer["documents"]
    document["text"] = task_list.document.text
    document["sentences"] = sentences
    return json.dumps(answer, ensure_ascii=False).encode()


def name_download(name: str, ending: str) -> str:
    """The Content-Disposition (RFC 6266) of a download that goes with the document `name`."""
    stem = PurePosixPath(name.replace("\\", "/")).stem[:MAX_NAME]
    return (
        f'attachment; filename="tasks.{ending}"; '
        f"filename*=UTF-8''{quote(f'{stem}-{TITLE}.{ending}', safe='')}"
    )
