"""How a running server answers many uploads at a time.

    cuoshi serve &
    python benchmarks/serve.py [--url http://127.0.0.1:8765] [--uploads 32] [--document FILE]

Sends the same document that often at once, each over a connection of its own, and prints how
long the answers took and what they were; asks /healthz meanwhile, which must not wait. Exits
with 1 where an upload was not answered with its tasks.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

PROJECT = Path(__file__).parent.parent
SPEECH = PROJECT / "data/speeches/004_098f448c9d1eb0bb.txt"


def upload(url: str, document: bytes) -> tuple[float, str]:
    """Send a document; seconds until the answer was there, and what it was."""
    start = time.perf_counter()
    request = urllib.request.Request(f"{url}/v1/documents?filename=speech.txt", data=document)
    try:
        with urllib.request.urlopen(request) as answer:
            tasks = len(json.load(answer)["documents"][0]["tasks"])
            outcome = f"{tasks} tasks"
    except (urllib.error.URLError, OSError) as error:
        outcome = str(error)
    return time.perf_counter() - start, outcome


def watch_health(url: str, stop: threading.Event, seconds: list[float]) -> None:
    """Ask for the health until told to stop, noting how long each answer took."""
    while not stop.wait(0.1):
        start = time.perf_counter()
        with urllib.request.urlopen(f"{url}/healthz") as answer:
            answer.read()
        seconds.append(time.perf_counter() - start)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--url", default="http://127.0.0.1:8765")
    parser.add_argument("--uploads", type=int, default=32)
    parser.add_argument("--document", type=Path, default=SPEECH)
    options = parser.parse_args()
    document = options.document.read_bytes()
    alone, _ = min(upload(options.url, document) for _ in range(3))
    print(f"one upload alone: {alone:.2f} s")
    stop, health = threading.Event(), list[float]()
    watcher = threading.Thread(target=watch_health, args=(options.url, stop, health))
    watcher.start()
    start = time.perf_counter()
    with ThreadPoolExecutor(options.uploads) as threads:
        answers = list(threads.map(lambda _: upload(options.url, document), range(options.uploads)))
    total = time.perf_counter() - start
    stop.set()
    watcher.join()
    seconds = [taken for taken, _ in answers]
    print(
        f"{options.uploads} uploads at once: all answered after {total:.2f} s, "
        f"{options.uploads / total:.1f} a second; median {statistics.median(seconds):.2f} s, "
        f"slowest {max(seconds):.2f} s"
    )
    outcomes = Counter(outcome for _, outcome in answers)
    print("answers:", ", ".join(f"{number} × {outcome}" for outcome, number in outcomes.items()))
    print(f"/healthz meanwhile: slowest {max(health, default=0):.3f} s of {len(health)}")
    if len(outcomes) != 1 or not next(iter(outcomes)).endswith("tasks"):
        sys.exit(1)


if __name__ == "__main__":
    main()
