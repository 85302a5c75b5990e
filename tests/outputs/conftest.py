"""Task lists to write: two tasks by hand, and the sentences of the five documents."""

from dataclasses import replace
from datetime import date

import pytest

from cuoshi.classifier import ScoredDocument, ScoredSentence
from cuoshi.measures import MEASURES
from cuoshi.tasks.task import Body, Criterion, Deadline, Task, TaskList
from cuoshi.text.document import outline

SCORES = dict(zip(MEASURES, (0.011111, 0.02, 0.987654, 0.7), strict=True))

TASK = Task(
    start=12,
    end=40,
    text="各镇2月10日前备足口罩，公安局配合，督查组每日核查。",
    sentence=3,
    heading="二、物资",
    measures=("物资", "问责"),
    scores=SCORES,
    is_uncertain=True,
    bodies=(
        Body(0, 5, "县指挥部", is_inherited=True),
        Body(12, 14, "各镇"),
        Body(29, 32, "公安局", role="support"),
    ),
    deadlines=(
        Deadline(36, 38, "每日", "recurring"),
        Deadline(14, 20, "2月10日前", "absolute", date(2020, 2, 10)),
    ),
    criteria=(Criterion(20, 24, "备足口罩", "condition"),),
)
PLAIN = replace(
    TASK, measures=("隔离",), is_uncertain=False, bodies=(), deadlines=(), criteria=(), heading=""
)


def make_list(*tasks: Task, name: str = "a.txt", reference: date | None = None) -> TaskList:
    return TaskList(ScoredDocument(name, "", ()), reference, tasks)


def score(text: str, name: str) -> ScoredDocument:
    """A document whose every fourth sentence directs a measure, each another one."""
    sentences = []
    for i, sentence in enumerate(outline(text)):
        measures = (MEASURES[i // 4 % 4],) if i % 4 == 0 else ()
        scores = {measure: 0.9 if measure in measures else 0.1 for measure in MEASURES}
        sentences.append(
            ScoredSentence(
                text=sentence.text,
                measures=measures,
                scores=scores,
                start=sentence.start,
                end=sentence.end,
                heading=sentence.heading,
                is_heading=sentence.is_heading,
                is_web_matter=sentence.is_web_matter,
            )
        )
    return ScoredDocument(name, text, tuple(sentences))


@pytest.fixture(scope="session")
def real_lists(speeches: dict[str, str]) -> list[TaskList]:
    """The five documents, with the sentences that `score` gives a measure as tasks."""
    lists = []
    for name, text in speeches.items():
        document = score(text, name)
        tasks = tuple(
            replace(
                TASK if i % 3 else PLAIN,
                start=sentence.start,
                end=sentence.end,
                text=sentence.text,
                heading=sentence.heading,
                sentence=i,
                measures=sentence.measures,
                scores=sentence.scores,
            )
            for i, sentence in enumerate(document)
            if sentence.measures
        )
        lists.append(TaskList(document, date(2020, 2, 1), tasks))
    return lists
