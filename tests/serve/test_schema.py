"""What the description of the API allows, and what it does not, sent to the API."""

from collections import Counter

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
)

from cuoshi.classifier import Classifier
from cuoshi.serve.app import Settings, create_app

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/healthz"), ("POST", "/v1/predict"), ("POST", "/v1/documents")],
)
def test_whatever_is_sent_is_answered_as_described(
    classifier: Classifier, method: str, path: str
) -> None:
    app = create_app(classifier, Settings(workers=1))
    operation = schemathesis.openapi.from_asgi("/openapi.json", app)[path][method]
    strategies = [operation.as_strategy(generation_mode=mode) for mode in GenerationMode]
    seen: Counter[int] = Counter()

    @settings(
        max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
    )
    @given(st.one_of(strategies))
    def send(case: Case) -> None:
        response = case.call()
        seen[response.status_code] += 1
        checks = list(CHECKS)
        # Any bytes may be a document; what is no list of texts is none. That a list is too long
        # is said with a status which the check does not know for a refusal.
        if path == "/v1/predict" and response.status_code != 413:
            checks.append(negative_data_rejection)
        case.validate_response(response, checks=checks)

    send()
    assert seen[200]
    assert len(seen) > 1 or path == "/healthz"
