"""Read what a request carries: into memory alone, within a limit of size and of time.

A request is read here and nowhere else, so that no upload reaches the disk, none grows without
end and none dribbles in for ever. What the fields mean is left to `documents`.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import NamedTuple

import anyio
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

IDLE_SECONDS = 15.0
"""Time between two parts of a body."""

BODY_SECONDS = 180.0
"""Time for all of a body: 20 MB over a line of 1 Mbit/s take 160 s."""

MAX_FIELDS = 10


class Upload(NamedTuple):
    """A file that was sent; `name` is "" where the sender gave none."""

    name: str
    data: bytes


class Form(NamedTuple):
    """A form that was sent: its texts by name, and its file if one was chosen."""

    texts: dict[str, str]
    upload: Upload | None


async def read_body(request: Request, max_bytes: int) -> bytes:
    """The body of a request.

    Raises:
        HTTPException: 413, it is longer than `max_bytes`; 408, it came too slowly.
        ClientDisconnect: the sender is gone.
    """
    return b"".join([chunk async for chunk in _stream_body(request, max_bytes)])


async def read_form(request: Request, max_bytes: int) -> Form:
    """A form in multipart/form-data.

    Raises:
        HTTPException: 415, it is in another format; 400, it is malformed or holds several
            files; 413 and 408 as for `read_body`.
        ClientDisconnect: the sender is gone.
    """
    if not is_form(request):
        raise HTTPException(415, "the form is not multipart/form-data: send it as that")
    stream = _stream_body(request, max_bytes)
    parser = _MemoryParser(
        request.headers, stream, max_files=1, max_fields=MAX_FIELDS, max_part_size=max_bytes
    )
    try:
        fields = await parser.parse()
    # The parser lets some encodings that a header may name ("undefined") fail with their own.
    except (MultiPartException, UnicodeError) as error:
        raise HTTPException(400, "the form is malformed: send it once more") from error
    texts = {name: value for name, value in fields.items() if isinstance(value, str)}
    upload = None
    for value in fields.values():
        if isinstance(value, UploadFile):
            data = await value.read()
            # A browser sends an empty file without a name where none was chosen.
            if data or value.filename:
                upload = Upload(value.filename or "", data)
    await fields.close()
    return Form(texts, upload)


def is_form(request: Request) -> bool:
    """Whether a request says that it carries multipart/form-data."""
    kind = request.headers.get("content-type", "").partition(";")[0]
    return kind.strip().lower() == "multipart/form-data"


class _MemoryParser(MultiPartParser):
    # SpooledTemporaryFile takes 0 for "never to disk"; starlette's default is 1 MB.
    spool_max_size = 0


async def _stream_body(request: Request, max_bytes: int) -> AsyncGenerator[bytes, None]:
    """The parts of a body as they come; the length that is declared is not relied on."""
    too_large = HTTPException(
        413, f"the request is larger than {max_bytes / 1_000_000:g} MB: split the document"
    )
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > max_bytes:
        raise too_large
    stream = request.stream()
    deadline = anyio.current_time() + BODY_SECONDS
    received = 0
    while True:
        try:
            with anyio.fail_after(min(IDLE_SECONDS, deadline - anyio.current_time())):
                chunk = await anext(stream, b"")
        except TimeoutError as error:
            # The rest of the body must not be waited for either.
            raise HTTPException(
                408, "the request came too slowly: try again", headers={"Connection": "close"}
            ) from error
        # Ours alone among the parts is empty: the end.
        if not chunk:
            return
        received += len(chunk)
        if received > max_bytes:
            raise too_large
        yield chunk
