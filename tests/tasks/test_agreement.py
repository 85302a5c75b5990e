import numpy as np
import pytest

from cuoshi.tagging import Tagging
from cuoshi.tags import TAGS
from cuoshi.tasks.bodies import find_bodies

TEXT = "各镇要组织排查，卫生院测温。"
TOKENS = [(0, 2), (2, 3), (3, 5), (5, 7), (7, 8), (8, 11), (11, 13), (13, 14)]


def tag(**likely: tuple[str, float]) -> Tagging:
    """A tagging of `TEXT` in which the token at each named word has a tag at a probability."""
    probabilities = np.full((len(TOKENS), len(TAGS)), 0.0, dtype=np.float32)
    probabilities[:, 0] = 1.0
    for word, (name, probability) in likely.items():
        row = next(i for i, (start, end) in enumerate(TOKENS) if TEXT[start:end] == word)
        probabilities[row, 0] = 1 - probability
        probabilities[row, TAGS.index(name)] = probability
    return Tagging(probabilities, TOKENS)


def tag_sure(*tokens: tuple[int, str]) -> Tagging:
    """A tagging in which each token, of so many characters, has its tag at 0.95."""
    probabilities = np.full((len(tokens), len(TAGS)), 0.0125, dtype=np.float32)
    offsets, end = [], 0
    for row, (width, name) in enumerate(tokens):
        probabilities[row, TAGS.index(name)] = 0.95
        offsets.append((end, end + width))
        end += width
    return Tagging(probabilities, offsets)


def names(tagging: Tagging | None) -> list[tuple[str, str]]:
    return [(body.text, body.role) for body in find_bodies(TEXT, tagging)]


def test_what_both_find_stays_and_what_the_model_denies_goes() -> None:
    rules = names(None)
    assert ("各镇", "lead") in rules
    kept = names(tag(各镇=("B-lead", 0.05)))
    assert ("各镇", "lead") in kept
    assert names(tag()) == []


def test_what_the_model_finds_alone_is_taken_where_it_is_likely() -> None:
    assert names(tag(各镇=("B-lead", 0.9), 卫生院=("B-support", 0.4))) == [("各镇", "lead")]
    assert names(tag(各镇=("B-lead", 0.9), 卫生院=("B-support", 0.6))) == [
        ("各镇", "lead"),
        ("卫生院", "support"),
    ]


def test_a_list_stands_or_falls_as_one() -> None:
    text = "物价、商务要检查。"
    by_rules = [body.text for body in find_bodies(text)]
    assert by_rules == ["物价", "商务"]
    tagging = tag_sure((2, "O"), (1, "O"), (2, "B-lead"), (4, "O"))
    denied = [0.999] + [0.001 / (len(TAGS) - 1)] * (len(TAGS) - 1)
    tagging.probabilities[0] = denied
    assert [body.text for body in find_bodies(text, tagging)] == by_rules
    tagging.probabilities[2] = denied
    assert find_bodies(text, tagging) == []


def test_a_name_that_the_rules_cut_short_is_taken_from_the_model() -> None:
    text, tagging = "会计小梅牵头登记。", tag_sure((2, "B-lead"), (2, "I-lead"), (5, "O"))
    assert [body.text for body in find_bodies(text)] == ["会计"]
    assert [body.text for body in find_bodies(text, tagging)] == ["会计小梅"]


def test_what_stands_before_a_name_is_no_part_of_it() -> None:
    tagging = tag_sure((2, "B-lead"), (1, "I-lead"), (3, "I-lead"), (3, "O"))
    (body,) = find_bodies("2.、某专班登记。", tagging)
    assert (body.text, body.start) == ("某专班", 3)
    tagging = tag_sure((2, "O"), (1, "B-lead"), (3, "I-lead"), (5, "O"))
    (body,) = find_bodies("不够的某专班去想办法。", tagging)
    assert (body.text, body.start) == ("某专班", 3)


def test_what_the_rules_found_has_its_ends_and_role_from_them() -> None:
    tagging = tag(各镇=("B-support", 0.9), 要=("I-support", 0.6))
    assert names(tagging) == [("各镇", "lead")]


@pytest.mark.parametrize(
    ("text", "tokens", "bodies"),
    [
        # 各地各部门 is one stretch, which the rules cut as the codebook does.
        ("各地各部门要排查。", [(2, "B-lead"), (3, "I-lead"), (4, "O")], ["各地", "各部门"]),
        (
            "乡镇和村党组织要排查。",
            [(2, "B-lead"), (1, "O"), (4, "B-lead"), (4, "O")],
            ["乡镇和村党组织"],
        ),
        ("我市要做好储备。", [(2, "B-lead"), (6, "O")], []),
        ("小张（二楼）来测。", [(2, "B-lead"), (1, "I-lead"), (6, "O")], ["小张"]),
        ("市委已成立专班。", [(2, "B-lead"), (6, "O")], []),
        ("秘书长要求清点口罩。", [(3, "B-lead"), (7, "O")], []),
        ("经某专班同意可以通行。", [(1, "B-support"), (3, "I-support"), (7, "O")], ["某专班"]),
        ("经信组来补货。", [(1, "B-lead"), (2, "I-lead"), (4, "O")], ["经信组"]),
        (
            "网吧、影院等公共场所一律停业。",
            [(2, "B-lead"), (1, "O"), (2, "B-lead"), (1, "O"), (4, "B-lead"), (5, "O")],
            ["网吧", "影院"],
        ),
        # Owners that share a head are one body, also where the model leaves the head out.
        (
            "他叮嘱某甲局、某乙局负责人去备货。",
            [(3, "O"), (3, "B-lead"), (1, "O"), (3, "B-lead"), (3, "I-lead"), (4, "O")],
            ["某甲局、某乙局负责人"],
        ),
        (
            "各镇、各部门一把手要带头。",
            [(2, "B-lead"), (1, "O"), (3, "B-lead"), (3, "O"), (4, "O")],
            ["各镇、各部门一把手"],
        ),
        (
            "县里要成立某某组，登记到户。",
            [(2, "B-lead"), (3, "O"), (3, "B-lead"), (6, "O")],
            ["县里"],
        ),
    ],
)
def test_the_codebook_settles_what_model_and_rules_read_otherwise(
    text: str, tokens: list[tuple[int, str]], bodies: list[str]
) -> None:
    assert [body.text for body in find_bodies(text, tag_sure(*tokens))] == bodies
