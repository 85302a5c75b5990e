import asyncio
import logging

import lxml.html
import pytest
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, Router
from starlette.testclient import TestClient

from cuoshi.serve.guard import HEADERS, Guard, check_host, check_site
from cuoshi.serve.pages import EXPLANATIONS
from tests.serve.conftest import BASE


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 200),
        ("HEAD", "/", 200),
        ("GET", "/static/page.css", 200),
        ("GET", "/static/page.js", 200),
        ("GET", "/static/form.css", 200),
        ("GET", "/static/form.js", 200),
        ("GET", "/static/page.py", 404),
        ("GET", "/static/..%2fpage.py", 404),
        ("GET", "/healthz", 200),
        ("GET", "/openapi.json", 200),
        ("GET", "/docs", 404),
        ("GET", "/redoc", 404),
        ("PUT", "/", 405),
        ("POST", "/", 415),
        ("POST", "/download/xlsx", 415),
        ("POST", "/download/exe", 404),
        ("POST", "/v1/predict", 400),
        ("POST", "/v1/documents", 422),
    ],
)
def test_every_answer_carries_the_headers(
    client: TestClient, method: str, path: str, status: int
) -> None:
    answer = client.request(method, path)
    assert answer.status_code == status
    assert {name: answer.headers[name] for name in HEADERS} == HEADERS
    assert "server" not in answer.headers
    if status >= 400 and path.startswith("/v1/"):
        assert set(answer.json()) == {"detail"}
    elif status >= 400:
        (alert,) = lxml.html.fromstring(answer.text).xpath("//*[@role='alert']")
        assert alert.xpath("string(h2)") == EXPLANATIONS[status].headline


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:8765", "127.0.0.1.evil.example", "", "[", "a@localhost.x"],
)
def test_a_foreign_name_is_refused_on_a_loopback_address(client: TestClient, host: str) -> None:
    answer = client.get("/healthz", headers={"host": host})
    assert answer.status_code == 421
    assert answer.json()["detail"] == "this server is called 127.0.0.1 or localhost only"
    assert answer.headers["content-security-policy"] == HEADERS["Content-Security-Policy"]


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8765", "127.0.0.1:1", "[::1]:8765"])
def test_own_names_with_any_port_are_answered(host: str) -> None:
    check_host(Headers({"host": host}), {"localhost", "127.0.0.1", "::1"})
    check_host(Headers({"host": "cuoshi.example"}), None)


@pytest.mark.parametrize(
    ("headers", "is_own"),
    [
        ({}, True),
        ({"sec-fetch-site": "same-origin", "origin": "null"}, True),
        ({"sec-fetch-site": "none"}, True),
        ({"sec-fetch-site": "cross-site", "origin": "http://localhost:8765"}, False),
        ({"sec-fetch-site": "same-site"}, False),
        ({"origin": "http://localhost:8765"}, True),
        ({"origin": "https://localhost:8765"}, True),
        ({"origin": "http://localhost:3000"}, False),
        ({"origin": "https://evil.example"}, False),
        ({"origin": "null"}, True),
    ],
)
def test_only_own_pages_and_programs_may_post(headers: dict[str, str], is_own: bool) -> None:
    sent = Headers({"host": "localhost:8765", **headers})
    check_site("GET", sent)
    if is_own:
        check_site("POST", sent)
    else:
        with pytest.raises(HTTPException, match="other sites") as refusal:
            check_site("POST", sent)
        assert refusal.value.status_code == 403


def test_a_post_from_another_site_reaches_no_route(client: TestClient) -> None:
    for path in ("/", "/download/xlsx", "/v1/predict", "/v1/documents"):
        answer = client.post(path, headers={"sec-fetch-site": "cross-site"})
        assert answer.status_code == 403


def test_a_bug_is_logged_by_its_place_and_answered_without_its_words(
    caplog: pytest.LogCaptureFixture,
) -> None:
    # Put together, for a traceback shows lines of code.
    secret = "秘" + "密"

    async def fail(request: Request) -> Response:
        raise KeyError(secret)

    routes = Router([Route("/fail", fail)])
    with caplog.at_level(logging.DEBUG):
        answer = TestClient(Guard(routes, None), base_url=BASE).get("/fail")
    assert answer.status_code == 500
    assert secret not in answer.text + caplog.text
    assert "KeyError" in caplog.text
    assert "in fail" in caplog.text


def test_who_is_worked_for_when_the_server_stops_is_told_so() -> None:
    async def stop(request: Request) -> Response:
        raise asyncio.CancelledError

    answer = TestClient(Guard(Router([Route("/", stop)]), None), base_url=BASE).get("/")
    assert answer.status_code == 503
    assert "is being stopped" in answer.text
