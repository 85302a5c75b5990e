from cuoshi.tags import TAGS, tag_tokens


def test_a_token_that_only_touches_a_span_belongs_to_it() -> None:
    tags = tag_tokens([(0, 2), (2, 4), (4, 6)], [(1, 3, "lead")])
    assert [TAGS[i] for i in tags] == ["B-lead", "I-lead", "O"]
