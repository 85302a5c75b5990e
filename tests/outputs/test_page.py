import base64
import hashlib
import re
from collections.abc import Iterator
from datetime import date

import lxml.html
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from lxml.html import HtmlElement

from cuoshi.classifier import ScoredDocument, ScoredSentence
from cuoshi.measures import MEASURES
from cuoshi.outputs.page import render_page
from cuoshi.reading.characters import replace_unwritable
from cuoshi.tasks.task import Body, Criterion, Deadline, Task, TaskList
from cuoshi.text.document import outline

SPEECH = """本文系作者原创投稿，仅供学习参考！
一、社区管控
市公安局会后立即设卡，卫健委配合。
昨天很冷。对返乡人员逐一登记，
并把须知送到每户。督查组每日核查。"""

HOSTILE = (
    "<script>document.title='x'</script>",
    "</script><!--",
    "-->",
    "]]>",
    "</a></p></div>",
    "<img src=x onerror=alert(1)>",
    "&lt;&amp;&#13;&",
    "\"' onfocus=alert(1) '\"",
    "{{ 7 * 7 }}{% raw %}",
    "\r\n",
    "\r",
    "\u2028",
    "\x00\x0b\x1b\x85",
    "\ud800",
    "。",
    "\n",
)
texts = st.lists(st.sampled_from(HOSTILE) | st.text(max_size=12), max_size=12).map("".join)


def make_list(text: str, name: str = "a.txt", *, every: int = 1) -> TaskList:
    """A list where each `every`-th sentence directs measures, in all combinations by turns."""
    sentences, tasks = [], []
    for i, sentence in enumerate(outline(text)):
        scores = {m: 0.9 if (i // every + 1) >> j & 1 else 0.1 for j, m in enumerate(MEASURES)}
        measures = tuple(m for m in MEASURES if scores[m] > 0.5 and i % every == 0)
        start, end = sentence.start, sentence.end
        place = ScoredSentence(
            text=sentence.text,
            measures=measures,
            scores=scores,
            start=start,
            end=end,
            heading=sentence.heading,
            is_heading=sentence.is_heading,
            is_web_matter=sentence.is_web_matter,
        )
        sentences.append(place)
        if not measures or place.is_web_matter:
            continue
        middle = (start + end) // 2
        tasks.append(
            Task(
                start=start,
                end=end,
                text=sentence.text,
                sentence=i,
                heading=sentence.heading,
                measures=measures,
                scores=scores,
                is_uncertain=i % 3 == 0,
                bodies=(Body(start, middle, text[start:middle]),),
                deadlines=(Deadline(start + 1, end, text[start + 1 : end]),),
                criteria=(Criterion(middle, end, text[middle:end]),),
            )
        )
    return TaskList(ScoredDocument(name, text, tuple(sentences)), None, tuple(tasks))


def parse(*task_lists: TaskList, **options: object) -> HtmlElement:
    return lxml.html.document_fromstring(render_page(task_lists, **options))


def read_texts(page: HtmlElement) -> list[str]:
    return [text.text_content() for text in page.find_class("text")]


def find_links(page: HtmlElement) -> Iterator[str]:
    for element in page.iter("*"):
        for name in ("href", "src", "action", "srcset", "data", "poster"):
            if name in element.attrib:
                yield element.get(name)


@settings(deadline=None)
@given(texts)
@example("".join(HOSTILE))
@example("甲要登记。" + "".join(HOSTILE) + "。")
def test_no_document_changes_the_page_or_loses_a_character(text: str) -> None:
    task_list = make_list(text, name=text)
    page = parse(task_list)
    assert read_texts(page) == [replace_unwritable(text)]
    marks = page.find_class("mark")
    assert [mark.text_content() for mark in marks] == [
        replace_unwritable(text[task.start : task.end]) for task in task_list.tasks
    ]
    used = {element.tag for element in page.find_class("text")[0].iter("*")}
    assert used <= {"div", "p", "h4", "a", "span", "i"}
    assert len(page.findall(".//script")) == len(page.findall(".//style")) == 1
    assert not page.xpath("//@style | //@*[starts-with(name(), 'on')] | //comment()")
    assert [cell.text_content() for cell in page.xpath("//td[@class='what']/a")] == [
        replace_unwritable(task.text) for task in task_list.tasks
    ]


def test_the_real_speeches_stand_as_they_are(speeches: dict[str, str]) -> None:
    page = parse(*(make_list(text, name, every=4) for name, text in speeches.items()))
    assert read_texts(page) == list(speeches.values())
    assert [h.text for h in page.xpath("//h3[@class='name']")] == list(speeches)


def test_sentences_and_tasks_lead_to_each_other_in_all_documents(speeches: dict[str, str]) -> None:
    task_lists = [make_list(text, name, every=4) for name, text in speeches.items()]
    page = parse(*task_lists)
    ids = page.xpath("//@id")
    assert len(ids) == len(set(ids))
    assert {link[1:] for link in find_links(page)} <= set(ids)
    rows = page.find_class("task")
    assert len(rows) == sum(len(task_list.tasks) for task_list in task_lists)
    for row in rows:
        (link,) = row.xpath("td[@class='what']/a")
        sentence = page.get_element_by_id(link.get("href")[1:])
        assert sentence.get("href") == f"#{row.get('id')}"


def test_a_page_of_its_own_allows_and_asks_for_nothing_else() -> None:
    page = parse(make_list(SPEECH))
    (policy,) = page.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    for element, directive in (("style", "style-src"), ("script", "script-src")):
        (source,) = page.xpath(f"//{element}/text()")
        digest = base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()
        assert f"{directive} 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none';")
    assert all(link.startswith("#") for link in find_links(page))
    assert not re.search(r"url\(|@import|https?:", "".join(page.xpath("//style/text()")))


def test_a_served_page_has_no_inline_code_and_links_its_assets() -> None:
    page = parse(make_list(SPEECH), assets="/static/")
    assert not page.xpath("//style | //@style | //@*[starts-with(name(), 'on')]")
    assert [script.text for script in page.iter("script")] == [None]
    links = [link for link in find_links(page) if not link.startswith("#")]
    assert links == ["data:,", "/static/page.css", "/static/page.js"]


def test_a_task_is_shown_with_all_that_was_found() -> None:
    document = make_list(SPEECH, every=100).document
    page = parse(TaskList(document, date(2020, 2, 3), (find_task(),)))
    (row,) = page.find_class("task")
    assert [re.sub(r"\s+", " ", cell.text_content()).strip() for cell in row] == [
        "1",
        "隔离 问责",
        "市公安局会后立即设卡，卫健委配合。要求：设卡",
        "市公安局防控办（承前）",
        "卫健委",
        "会后立即 2020-02-03每日",
        "0.71 需核对",
    ]
    (mark,) = page.xpath("//a[@href='#t1']")
    assert mark.xpath("span/@class") == ["body", "deadline", "body"]
    assert mark.xpath("i/@aria-label") == ["隔离", "问责", "需核对"]
    assert mark.xpath("i/@data-tag") == ["隔", "责", "？"]
    assert page.xpath("//p[@class='reference']/time/@datetime") == ["2020-02-03"]


def test_web_matter_and_sentences_without_measure_are_plain() -> None:
    task_list = make_list(SPEECH, every=2)
    assert task_list.document.sentences[0].is_web_matter
    marked = [mark.text_content() for mark in parse(task_list).find_class("mark")]
    assert marked == [task.text for task in task_list.tasks]
    assert SPEECH[:17] not in marked


def test_a_sentence_over_a_line_break_stays_in_one_paragraph() -> None:
    text = (
        "全市各级各部门要严格落实对返乡人员逐一登记造册并居家观察十四天的规定，确保" * 2
        + "\n不漏一人。"
    )
    (paragraph,) = parse(make_list(text)).xpath("//div[@class='text']/p")
    assert paragraph.text_content() == text


@pytest.mark.parametrize("lists", [[], [make_list("")]])
def test_a_page_without_tasks_says_so(lists: list[TaskList]) -> None:
    page = parse(*lists)
    assert page.get_element_by_id("empty").text == "没有找到任务。"
    assert not page.find_class("task")


def find_task() -> Task:
    sentence = make_list(SPEECH).document.sentences[2]
    at = SPEECH.index

    def span(part: str) -> tuple[int, int, str]:
        return at(part), at(part) + len(part), part

    return Task(
        start=sentence.start,
        end=sentence.end,
        text=sentence.text,
        sentence=2,
        heading="一、社区管控",
        measures=("隔离", "问责"),
        scores=dict(zip(MEASURES, (0.93, 0.02, 0.1, 0.71), strict=True)),
        is_uncertain=True,
        bodies=(
            Body(*span("市公安局")),
            Body(at("一"), at("一") + 1, "防控办", is_inherited=True),
            Body(*span("卫健委"), role="support"),
        ),
        deadlines=(
            Deadline(*span("会后立即"), kind="relative", date=date(2020, 2, 3)),
            Deadline(*span("每日"), kind="recurring"),
        ),
        criteria=(Criterion(*span("设卡"), kind="condition"),),
    )
