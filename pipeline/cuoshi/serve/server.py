"""Start the server: a socket, a line that says where, and uvicorn, which writes no access log."""

from __future__ import annotations

import ipaddress
import logging
import signal
import socket
import sys
from contextlib import suppress

import uvicorn

from cuoshi import __version__
from cuoshi.classifier import Classifier
from cuoshi.errors import ServeError
from cuoshi.serve.app import Settings, create_app

SHUTDOWN_SECONDS = 5
"""How long requests in work may take to end after an interrupt."""

LOOPBACK_NAMES = ("localhost", "127.0.0.1", "::1")


def serve(
    classifier: Classifier, host: str, port: int, *, workers: int, max_bytes: int, waiting: int
) -> None:
    """Serve until interrupted.

    Args:
        classifier: the model, shared by all requests.
        host, port: where to listen; port 0 for any that is free.
        workers: how many requests are worked for at a time.
        max_bytes: size of a request.
        waiting: how many more requests may wait.

    Raises:
        ServeError: it is not possible to listen there.
    """
    # The command line dies of a closed pipe; here it is a client that went away.
    if hasattr(signal, "SIGPIPE"):
        signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    # What it remarks on malformed forms quotes bytes of them.
    logging.getLogger("python_multipart").setLevel(logging.CRITICAL)
    with listen(host, port) as listener:
        name, port = listener.getsockname()[:2]
        address = ipaddress.ip_address(name)
        is_local = address.is_loopback
        settings = Settings(
            workers=workers,
            waiting=waiting,
            max_bytes=max_bytes,
            hosts={*LOOPBACK_NAMES, host.lower()} if is_local else None,
        )
        reached = "localhost" if address.is_unspecified else name
        shown = f"[{reached}]" if ":" in reached else reached
        print(
            f"cuoshi {__version__}: 请在浏览器中打开 / open http://{shown}:{port} "
            "（按 Ctrl+C 结束 / Ctrl+C stops）",
            file=sys.stderr,
        )
        if not is_local:
            print(
                f"warning: {address} may be reached from other machines, and there is no login: "
                "whoever reaches it can use it",
                file=sys.stderr,
            )
        config = uvicorn.Config(
            create_app(classifier, settings),
            access_log=False,
            log_level="warning",
            lifespan="off",
            ws="none",
            proxy_headers=False,
            server_header=False,
            timeout_graceful_shutdown=SHUTDOWN_SECONDS,
        )
        # uvicorn passes the interrupt on when all is closed.
        with suppress(KeyboardInterrupt):
            uvicorn.Server(config).run(sockets=[listener])


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens.

    Raises:
        ServeError: the port is taken or not allowed, or `host` is not an address of this machine.
    """
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind)
        try:
            # A port that was listened on a moment ago is free.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
            listener.listen()
        except BaseException:
            listener.close()
            raise
    except OSError as error:
        reason = error.strerror or str(error)
        raise ServeError(
            f"cannot listen on {host}:{port}: {reason}; stop what listens there, or choose "
            "another --host or --port"
        ) from error
    return listener
