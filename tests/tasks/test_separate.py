import pytest

from cuoshi.tasks.bodies import find_bodies
from cuoshi.tasks.separate import Part, separate
from cuoshi.text.document import Context

from .conftest import WordClassifier


def parts_of(classifier: WordClassifier, text: str, before: str = "") -> list[Part]:
    (sentence,) = classifier.read_text(text)
    (parts,) = separate([sentence], [Context("", "", before)], [find_bodies(text)], classifier)
    return parts


def cut(classifier: WordClassifier, text: str) -> list[tuple[str, tuple[str, ...]]]:
    return [(text[p.start : p.end], p.measures) for p in parts_of(classifier, text)]


def test_clauses_that_direct_different_things_part(word_classifier: WordClassifier) -> None:
    assert cut(word_classifier, "返乡人员一律登记，不漏一户，每村播放广播，备足医用口罩。") == [
        ("返乡人员一律登记，不漏一户", ("隔离",)),
        ("每村播放广播", ("宣传",)),
        ("备足医用口罩。", ("物资",)),
    ]


def test_neighbours_that_share_a_measure_stay_together(word_classifier: WordClassifier) -> None:
    assert cut(word_classifier, "逐户登记到人，边登记边广播，每晚滚动广播。") == [
        ("逐户登记到人，边登记边广播，每晚滚动广播。", ("隔离", "宣传"))
    ]


def test_another_leading_body_begins_another_task(word_classifier: WordClassifier) -> None:
    assert cut(word_classifier, "各村要逐户登记，公安部门要在路口登记。") == [
        ("各村要逐户登记", ("隔离",)),
        ("公安部门要在路口登记。", ("隔离",)),
    ]
    assert word_classifier.asked[-1][1] == ("公安部门要在路口登记。", "各村要逐户登记，")


def test_a_clause_that_only_names_who_acts_goes_with_the_act(
    word_classifier: WordClassifier,
) -> None:
    text = "逐户进行登记，宣传部门要高度重视，每天早晚广播。"
    assert cut(word_classifier, text) == [
        ("逐户进行登记", ("隔离",)),
        ("宣传部门要高度重视，每天早晚广播。", ("宣传",)),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "外地返回人员，由社区逐户登记。",
        "路口都要登记，这件事林业局牵头，乡镇派人登记。",
        "各村每晚广播，县教育局负责。",
    ],
)
def test_a_clause_that_says_who_does_the_act_before_it_goes_with_that(
    word_classifier: WordClassifier, text: str
) -> None:
    assert [part for part, _ in cut(word_classifier, text)] == [text]


def test_a_clause_is_read_behind_what_was_said_before_it(word_classifier: WordClassifier) -> None:
    parts_of(word_classifier, "返乡人员一律登记，每村播放广播。", before="前一句。")
    assert word_classifier.asked == [
        [("返乡人员一律登记", "前一句。"), ("每村播放广播。", "前一句。返乡人员一律登记，")]
    ]


def test_a_sentence_that_its_clauses_do_not_give_stays_whole(
    word_classifier: WordClassifier,
) -> None:
    class Forgetful(WordClassifier):
        def predict(self, texts, contexts):  # type: ignore[no-untyped-def]
            return [self.score(text.replace("广播", "")) for text in texts]

    text = "返乡人员一律登记，每村播放广播。"
    assert cut(Forgetful(), text) == [(text, ("隔离", "宣传"))]


def test_a_sentence_with_one_measure_and_one_body_is_not_asked_about(
    word_classifier: WordClassifier,
) -> None:
    assert len(parts_of(word_classifier, "各村要逐户登记，不漏一户，不落一人。")) == 1
    assert word_classifier.asked == []
