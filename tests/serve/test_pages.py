import re

import lxml.html
import pytest

from cuoshi.serve.api import PROBLEMS
from cuoshi.serve.pages import EXPLANATIONS, OTHERWISE, Explanation, render_form


def test_every_refusal_of_the_api_has_its_explanation_on_the_page() -> None:
    assert PROBLEMS.keys() <= EXPLANATIONS.keys()


@pytest.mark.parametrize("explanation", [*EXPLANATIONS.values(), OTHERWISE])
def test_a_page_with_an_error_is_chinese_but_for_the_line_that_says_it_is_english(
    explanation: Explanation,
) -> None:
    tree = lxml.html.fromstring(render_form(explanation=explanation, detail="it is <damaged>"))
    assert tree.xpath("string(//title)") == f"{explanation.headline} · 措施"
    (detail,) = tree.xpath("//*[@lang='en']")
    assert detail.text_content() == "it is <damaged>"
    detail.drop_tree()
    # The endings of files are the only other words in Latin letters.
    words = re.findall("[A-Za-z]+", re.sub(r"\.[a-z]+", "", tree.body.text_content()))
    assert words == []
