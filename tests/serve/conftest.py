import io
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from cuoshi.classifier import Classifier, load
from cuoshi.outputs.tasks_rows import write_tasks_json
from cuoshi.serve.app import Settings, create_app
from cuoshi.tasks.extract import find_tasks
from cuoshi.tasks.task import TaskList

BASE = "http://127.0.0.1:8765"
HOSTS = ("127.0.0.1", "localhost")

# The tiny model knows no context with a measure in it: each measure begins a section.
SPEECH = "全市都要\n请大家。各镇要居家观察。\n全市都要\n务必口罩储备，督查追究。\n"


@pytest.fixture(scope="session")
def classifier(tiny_export: Path) -> Classifier:
    return load(tiny_export, threads=1)


@pytest.fixture
def client(classifier: Classifier) -> Iterator[TestClient]:
    """A server of two workers that takes a megabyte."""
    app = create_app(classifier, Settings(workers=2, max_bytes=1_000_000, hosts=HOSTS))
    with TestClient(app, base_url=BASE) as client:
        yield client


def find(classifier: Classifier, text: str, name: str, day: date | None = None) -> TaskList:
    return find_tasks(classifier.read_text(text, name=name), classifier, day)


def as_json(task_list: TaskList) -> Any:
    """What `cuoshi tasks --format json` writes."""
    stream = io.StringIO()
    write_tasks_json([task_list], stream)
    return json.loads(stream.getvalue())
