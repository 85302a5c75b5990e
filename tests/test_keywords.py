import pytest

from cuoshi.keywords import predict_keywords
from cuoshi.measures import MEASURES


@pytest.mark.parametrize(
    ("text", "measures"),
    [
        # The codebook's made-up examples.
        ("对返乡人员逐一登记、居家观察十四天，并要把防护知识送到每户。", {"隔离", "宣传"}),
        (
            "各镇要备足口罩和消毒液，区督查组每日核查到位情况，落实不力的点名通报。",
            {"物资", "问责"},
        ),
        ("全市已设隔离点十二处，储备口罩三十万只。", set()),
        ("要压实属地责任，做到守土尽责。", set()),
    ],
)
def test_rules_follow_the_codebook(text: str, measures: set[str]) -> None:
    (row,) = predict_keywords([text])
    assert {measure for measure, given in zip(MEASURES, row, strict=True) if given} == measures
