import subprocess
import sys
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import cuoshi
from cuoshi.classifier import Classifier, load
from cuoshi.errors import DocumentError, ModelError
from cuoshi.measures import MEASURES

TEXTS = [
    "各镇要居家观察。",
    "全市都要广播喇叭，口罩储备。",
    "请大家督查追究。",
    "务必居家观察，广播喇叭，口罩储备，督查追究。",
    "各镇要。",
]


@pytest.fixture(scope="module", params=["int8", "fp32"])
def classifier(request: pytest.FixtureRequest, tiny_export: Path) -> Classifier:
    return load(tiny_export, precision=request.param)


def test_a_text_gives_a_prediction_with_the_measures_that_reach_their_threshold(
    classifier: Classifier,
) -> None:
    prediction = classifier.predict(TEXTS[1])
    assert prediction.text == TEXTS[1]
    assert list(prediction.scores) == list(MEASURES)
    assert prediction.measures == tuple(
        m
        for m, threshold in zip(MEASURES, classifier.thresholds, strict=True)
        if prediction.scores[m] >= threshold
    )
    assert prediction.measures == ("宣传", "物资")


def test_a_list_gives_a_list_and_a_generator_an_iterator(classifier: Classifier) -> None:
    assert [p.text for p in classifier.predict(TEXTS)] == TEXTS
    asked: list[str] = []

    def endless() -> Iterator[str]:
        while True:
            asked.append(TEXTS[len(asked) % len(TEXTS)])
            yield asked[-1]

    predictions = classifier.predict(endless())
    assert [next(predictions).text for _ in range(7)] == (TEXTS * 2)[:7]
    assert len(asked) < 10_000
    assert classifier.predict([]) == []


def test_probabilities_are_an_array_of_four_columns(classifier: Classifier) -> None:
    array = classifier.predict_proba(TEXTS)
    assert (array.shape, array.dtype) == ((len(TEXTS), 4), np.float32)
    assert classifier.predict_proba([]).shape == (0, 4)
    np.testing.assert_allclose(
        array, [list(p.scores.values()) for p in classifier.predict(TEXTS)], atol=1e-6
    )


def test_neighbours_and_order_change_nothing(classifier: Classifier) -> None:
    texts = TEXTS + [text * 3 for text in TEXTS]
    together = classifier.predict_proba(texts)
    alone = np.concatenate([classifier.predict_proba([text]) for text in texts])
    np.testing.assert_allclose(together, alone, atol=1e-4)
    backwards = classifier.predict_proba(texts[::-1])[::-1]
    np.testing.assert_allclose(together, backwards, atol=1e-4)


def test_contexts_must_be_as_many_as_texts(classifier: Classifier) -> None:
    assert classifier.predict(TEXTS[0], "一、全市都要").text == TEXTS[0]
    with pytest.raises(ValueError, match="shorter"):
        classifier.predict(TEXTS, ["一、"])
    with pytest.raises(ValueError, match="longer"):
        classifier.predict(TEXTS[:1], ["一、", "二、"])
    with pytest.raises(ValueError, match="one string"):
        classifier.predict(TEXTS, "一、")


def test_traditional_characters_are_understood(classifier: Classifier) -> None:
    simplified = classifier.predict_proba(["各镇要居家观察，督查追究。"])
    traditional = classifier.predict_proba(["各鎮要居家觀察，督查追究。"])
    np.testing.assert_array_equal(simplified, traditional)
    document = classifier.read_text("各鎮要居家觀察。")
    assert document.sentences[0].text == "各鎮要居家觀察。"


def test_a_directing_sentence_says_where_bodies_stand(
    classifier: Classifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "各镇要居家观察。\n大家辛苦了。\n各鎮要居家觀察。"
    first, second, third = classifier.read_text(text)
    assert second.tagging is None
    for sentence in (first, third):
        assert sentence.tagging is not None
        assert [span[:2] for span in sentence.tagging.spans()] == [(0, 2)]
        assert sentence.tagging.probability(0, 2) > 0.5
    # What has another length when it is simplified has no tagging that fits its own words.
    monkeypatch.setattr(Classifier, "_simplify", lambda self, text: text.replace("。", "！。"))
    (longer,) = classifier.read_text("各镇要居家观察。")
    assert longer.measures
    assert longer.tagging is None


def test_reading_gives_each_sentence_its_context(tiny_export: Path, tmp_path: Path) -> None:
    path = tmp_path / "speech.txt"
    path.write_text("一、全市都要\n各镇要居家观察。请大家督查追究。收到。\n", encoding="gb18030")
    classifier = load(tiny_export)
    document = classifier.read(path)
    assert document.name == str(path)
    heading, first, second, reply = document
    assert heading.is_heading
    assert (first.heading, second.heading) == ("一、全市都要", "一、全市都要")
    expected = classifier.predict_proba(
        [heading.text, first.text, second.text, reply.text],
        ["", "一、全市都要", "一、全市都要 各镇要居家观察。", ""],
    )
    found = [list(sentence.scores.values()) for sentence in document]
    np.testing.assert_allclose(found, expected, atol=1e-4)


def test_questions_direct_nothing_unless_they_order_besides(tiny_export: Path) -> None:
    classifier = load(tiny_export)
    classifier.thresholds = (0.0,) * len(MEASURES)
    text = "返乡人员要不要居家观察？”\n今晚必须居家观察，行不行？\n怎么办？各镇要居家观察。"
    asked, ordered, again, demand = classifier.read_text(text)
    assert (asked.measures, again.measures) == ((), ())
    assert ordered.measures == demand.measures == MEASURES


@settings(deadline=None, max_examples=40, suppress_health_check=list(HealthCheck))
@given(st.text(st.characters(), max_size=200))
def test_any_string_predicts_and_offsets_slice_back(tiny_export: Path, text: str) -> None:
    classifier = load(tiny_export, threads=1)
    assert set(classifier.predict(text).scores) == set(MEASURES)
    document = classifier.read_text(text)
    position = 0
    for sentence in document:
        assert position <= sentence.start < sentence.end
        assert not document.text[position : sentence.start].replace(">", "").strip()
        position = sentence.end
    assert not document.text[position:].replace(">", "").strip()


@pytest.mark.parametrize("name", sorted(p.name for p in Path("data/speeches").glob("*.txt")))
def test_the_real_speeches_are_read_whole(
    tiny_export: Path, speeches: dict[str, str], name: str
) -> None:
    document = load(tiny_export).read(f"data/speeches/{name}")
    assert document.text == speeches[name]
    assert len(document) > 80


def test_a_document_that_cannot_be_read_is_named(tiny_export: Path, tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match=r"none\.txt does not exist"):
        load(tiny_export).read(tmp_path / "none.txt")


def test_a_precision_that_is_not_there_is_named(tiny_export: Path) -> None:
    with pytest.raises(ModelError, match="holds no int4 model: choose from fp32, int8"):
        load(tiny_export, precision="int4")  # type: ignore[arg-type]


def test_predicting_imports_nothing_that_only_training_needs(tiny_export: Path) -> None:
    program = (
        "import sys, cuoshi\n"
        f"cuoshi.load({str(tiny_export)!r}).read_text('各镇要居家观察。')\n"
        "heavy = {'torch', 'transformers', 'datasets', 'sklearn', 'dvc', 'pandas', 'onnx'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    found = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert found.stdout == "[]\n"


def test_memory_does_not_grow_with_the_stream(tiny_export: Path) -> None:
    classifier = load(tiny_export, threads=1)
    tracemalloc.start()
    peaks = []
    stream = classifier.predict(TEXTS[i % len(TEXTS)] for i in range(40_000))
    for number, _ in enumerate(stream):
        if number in (10_000, 39_000):
            peaks.append(tracemalloc.get_traced_memory()[1])
    tracemalloc.stop()
    # Keeping each text's answer would take ten times as much; less may be another test's garbage.
    assert peaks[1] < peaks[0] + 1_000_000


def test_the_public_face() -> None:
    assert cuoshi.load is load
    assert cuoshi.MEASURES == MEASURES
    with pytest.raises(AttributeError, match="nothing"):
        cuoshi.nothing  # noqa: B018
