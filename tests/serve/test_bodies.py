import asyncio
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.types import Message

from cuoshi.serve import bodies
from cuoshi.serve.bodies import Upload, read_body, read_form

FORM = {"content-type": "multipart/form-data; boundary=x"}
PARTS = (
    '--x\r\nContent-Disposition: form-data; name="date"\r\n\r\n2020-02-01\r\n'
    '--x\r\nContent-Disposition: form-data; name="file"; filename="讲话.txt"\r\n\r\n要登记。\r\n'
    "--x--\r\n"
).encode()


def make_request(
    chunks: Iterable[bytes], headers: dict[str, str] | None = None, *, ends: str = "properly"
) -> Request:
    """A request whose body comes in `chunks` and ends properly, by a disconnect or never."""
    messages: list[Message] = [
        {"type": "http.request", "body": chunk, "more_body": True} for chunk in chunks
    ]
    messages.append({"type": "http.request"} if ends == "properly" else {"type": "http.disconnect"})

    async def receive() -> Message:
        if len(messages) == 1 and ends == "never":
            await asyncio.Event().wait()
        return messages.pop(0)

    raw = [(name.encode(), value.encode()) for name, value in (headers or {}).items()]
    return Request({"type": "http", "method": "POST", "headers": raw}, receive)


@given(st.lists(st.binary(max_size=20), max_size=8), st.integers(0, 100), st.booleans())
def test_a_body_is_whole_or_refused_whatever_length_it_claims(
    chunks: list[bytes], limit: int, lies: bool
) -> None:
    body = b"".join(chunks)
    claimed = {"content-length": "0" if lies else str(len(body))}
    reading = read_body(make_request(chunks, claimed), limit)
    if len(body) <= limit:
        assert asyncio.run(reading) == body
    else:
        with pytest.raises(HTTPException, match="larger than") as refusal:
            asyncio.run(reading)
        assert refusal.value.status_code == 413


def test_a_length_beyond_the_limit_is_refused_before_anything_is_read() -> None:
    request = make_request([], {"content-length": "20000001"}, ends="never")
    with pytest.raises(HTTPException, match="larger than 20 MB"):
        asyncio.run(read_body(request, 20_000_000))


def test_a_slow_body_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "IDLE_SECONDS", 0.01)
    with pytest.raises(HTTPException, match="too slowly") as refusal:
        asyncio.run(read_body(make_request([b"a"], ends="never"), 10))
    assert refusal.value.status_code == 408
    assert refusal.value.headers == {"Connection": "close"}
    monkeypatch.setattr(bodies, "IDLE_SECONDS", 60)
    monkeypatch.setattr(bodies, "BODY_SECONDS", 0.01)
    with pytest.raises(HTTPException, match="too slowly"):
        asyncio.run(read_body(make_request([b"a"], ends="never"), 10))


def test_a_sender_that_is_gone_is_noticed() -> None:
    with pytest.raises(ClientDisconnect):
        asyncio.run(read_body(make_request([b"a"], ends="gone"), 10))


@given(st.integers(1, len(PARTS)))
def test_a_form_is_read_however_it_is_cut(size: int) -> None:
    chunks = [PARTS[i : i + size] for i in range(0, len(PARTS), size)]
    form = asyncio.run(read_form(make_request(chunks, FORM), 10_000))
    assert form.texts == {"date": "2020-02-01"}
    assert form.upload == Upload("讲话.txt", "要登记。".encode())


def test_an_empty_file_without_a_name_is_no_file() -> None:
    body = b'--x\r\nContent-Disposition: form-data; name="file"; filename=""\r\n\r\n\r\n--x--\r\n'
    assert asyncio.run(read_form(make_request([body], FORM), 10_000)).upload is None


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"text=a", "application/x-www-form-urlencoded", 415),
        (PARTS, "multipart/form-data", 400),
        (b"no boundary", FORM["content-type"], 400),
        (b"--x\r\nContent-Disposition: form-data\r\n\r\na\r\n--x--\r\n", FORM["content-type"], 400),
        (PARTS.replace(b'"date"', b'"a"; filename="b"'), FORM["content-type"], 400),
        (PARTS, FORM["content-type"] + "; charset=undefined", 400),
    ],
    ids=["another format", "no boundary named", "none there", "no name", "two files", "encoding"],
)
def test_what_is_no_form_is_refused(body: bytes, kind: str, status: int) -> None:
    with pytest.raises(HTTPException) as refusal:
        asyncio.run(read_form(make_request([body], {"content-type": kind}), 10_000))
    assert refusal.value.status_code == status
