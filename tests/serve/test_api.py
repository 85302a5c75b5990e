import json
from datetime import date

import pytest
from starlette.testclient import TestClient

from cuoshi.classifier import Classifier
from cuoshi.serve import schemas
from tests.serve.conftest import SPEECH, as_json, find


def test_the_api_gives_the_tasks_and_all_sentences_with_offsets(
    client: TestClient, classifier: Classifier
) -> None:
    by_form = client.post(
        "/v1/documents", files={"file": ("讲话.txt", SPEECH.encode())}, data={"date": "2020-02-01"}
    )
    raw = client.post(
        "/v1/documents?filename=讲话.txt&date=2020-02-01",
        content=SPEECH.encode("gb18030"),
        headers={"content-type": "application/x-www-form-urlencoded"},
    )
    assert by_form.json() == raw.json()
    (document,) = schemas.Documents.model_validate(raw.json()).documents
    assert document.text == SPEECH
    assert len(document.sentences) == 5
    for sentence in document.sentences:
        assert sentence.text == document.text[sentence.start : sentence.end]
    (answer,) = raw.json()["documents"]
    del answer["text"], answer["sentences"]
    expected = as_json(find(classifier, SPEECH, "讲话.txt", date(2020, 2, 1)))
    assert expected == {"documents": [answer]}


def test_predictions_come_in_the_order_of_the_texts(
    client: TestClient, classifier: Classifier
) -> None:
    texts, contexts = ["各镇要居家观察。", "请大家。", ""], ["", "一、全市都要", ""]
    for body in ({"texts": texts}, {"texts": texts, "contexts": contexts}):
        answer = client.post("/v1/predict", json=body)
        predictions = schemas.Predictions.model_validate(answer.json()).predictions
        expected = classifier.predict(texts, body.get("contexts"))
        assert [p.measures for p in predictions] == [list(p.measures) for p in expected]
        assert predictions[0].scores == pytest.approx(expected[0].scores, abs=1e-4)


@pytest.mark.parametrize(
    ("body", "status", "detail"),
    [
        (b"{", 400, "the body: Invalid JSON"),
        (b"\xff", 400, "the body: Invalid JSON"),
        (b"[]", 422, "the body: "),
        (b'{"texts": "a"}', 422, "texts: "),
        (b'{"texts": [1]}', 422, "texts.0: "),
        (b'{"texts": []}', 422, "texts: "),
        (b'{"texts": ["a"], "\\n": 1}', 422, "\ufffd: "),
        (b'{"texts": ["a"], "contexts": []}', 422, "contexts are 0 for 1 texts"),
        (json.dumps({"texts": ["a"] * 1001}).encode(), 413, "texts: "),
        (json.dumps({"texts": ["a" * 200_001]}).encode(), 413, "the text has 200,001 characters"),
        (b" " * 1_000_001, 413, "the request is larger than 1 MB"),
    ],
    ids=str,
)
def test_wrong_texts_are_refused_in_one_line(
    client: TestClient, body: bytes, status: int, detail: str
) -> None:
    answer = client.post("/v1/predict", content=body)
    assert answer.status_code == status
    assert answer.json()["detail"].startswith(detail)
    assert len(answer.json()["detail"].splitlines()) == 1


def test_health_names_the_model_and_no_path(client: TestClient, classifier: Classifier) -> None:
    health = client.get("/healthz").json()
    assert health["status"] == "ok"
    assert health["model"]["name"] == "export"
    assert len(health["model"]["sha256"]) == 64
    assert str(classifier.folder.path.parent) not in json.dumps(health)
