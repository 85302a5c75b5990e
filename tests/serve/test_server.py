import errno
import io
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
from typer.testing import CliRunner

from cuoshi import cli_serve
from cuoshi.classifier import Classifier
from cuoshi.cli import app
from cuoshi.errors import ServeError
from cuoshi.serve.server import listen, serve


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as other:
        yield other.getsockname()[1]


def test_a_taken_port_and_a_foreign_address_are_one_line(taken: int, tiny_export: Path) -> None:
    result = CliRunner().invoke(app, ["serve", "--port", str(taken), "--model", str(tiny_export)])
    assert result.exit_code == 1
    assert result.stderr == (
        f"error: cannot listen on 127.0.0.1:{taken}: {os.strerror(errno.EADDRINUSE)}; "
        "stop what listens there, or choose another --host or --port\n"
    )
    for host in ("203.0.113.1", "no.such.host.invalid"):
        with pytest.raises(ServeError, match=rf"cannot listen on {host}:0: "):
            listen(host, 0)


def test_a_missing_extra_is_one_line_that_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli_serve, "PACKAGES", ("fastapi", "no_such_package"))
    result = CliRunner().invoke(app, ["serve"])
    assert result.exit_code == 1
    assert result.stderr == (
        "error: no_such_package is missing: run `pip install 'cuoshi[serve]'`, then try again\n"
    )


@pytest.mark.parametrize(("host", "lines"), [("127.0.0.1", 1), ("0.0.0.0", 2)])
def test_who_may_call_depends_on_the_address(
    classifier: Classifier,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    host: str,
    lines: int,
) -> None:
    statuses = []

    def run(server: uvicorn.Server, sockets: list[socket.socket]) -> None:
        from starlette.testclient import TestClient

        assert signal.getsignal(signal.SIGPIPE) is signal.SIG_IGN
        client = TestClient(server.config.app)  # type: ignore[arg-type]
        statuses.append(client.get("/", headers={"host": "cuoshi.example"}).status_code)

    monkeypatch.setattr(uvicorn.Server, "run", run)
    before = signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    try:
        serve(classifier, host, 0, workers=1, max_bytes=1_000_000, waiting=1)
    finally:
        signal.signal(signal.SIGPIPE, before)
    shown = capsys.readouterr().err.splitlines()
    assert len(shown) == lines
    assert "http://" in shown[0]
    assert (
        shown[1:]
        == [
            "warning: 0.0.0.0 may be reached from other machines, and there is no login: "
            "whoever reaches it can use it"
        ][: lines - 1]
    )
    assert statuses == [421 if lines == 1 else 200]


def test_it_serves_until_interrupted_and_writes_one_line(tiny_export: Path) -> None:
    arguments = ["serve", "--port", "0", "--model", str(tiny_export), "--threads", "1"]
    command = [sys.executable, "-c", "from cuoshi.cli import app; app()", *arguments]
    with subprocess.Popen(command, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL) as process:
        assert process.stderr is not None
        stderr = io.TextIOWrapper(process.stderr, encoding="utf-8")
        address = re.search(r"http://127\.0\.0\.1:(\d+)", stderr.readline())
        assert address is not None
        with urllib.request.urlopen(f"{address[0]}/healthz") as answer:
            assert answer.status == 200
        # A length that lies, and a client that goes away in the middle of it.
        with socket.create_connection(("127.0.0.1", int(address[1]))) as client:
            client.sendall(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n12")
        with urllib.request.urlopen(address[0]) as answer:
            assert "措施" in answer.read().decode()
        process.send_signal(signal.SIGINT)
        assert stderr.read() == ""
    assert process.returncode == 0
