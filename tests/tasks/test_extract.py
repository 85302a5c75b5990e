import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cuoshi.classifier import ScoredSentence, load
from cuoshi.measures import MEASURES
from cuoshi.tagging import Tagging
from cuoshi.tags import TAGS, tag_tokens
from cuoshi.tasks.extract import find_tasks
from cuoshi.tasks.task import Task, TaskList
from cuoshi.text.sentences import clean

from ..conftest import PROJECT
from .conftest import WordClassifier


def read(classifier: WordClassifier, text: str, reference: date | None = None) -> TaskList:
    return find_tasks(classifier.read_text(text), classifier, reference)  # type: ignore[arg-type]


def names(task: Task) -> list[str]:
    return [("^" if body.is_inherited else "") + body.text for body in task.bodies]


def test_a_document_becomes_its_tasks_in_order(word_classifier: WordClassifier) -> None:
    text = "会议通报了疫情。\n一、要求\n  各村要在2月10日前登记，由财>政局采购口罩。\n谢谢大家！"
    document = word_classifier.read_text(text)
    tasks = find_tasks(document, word_classifier, date(2020, 2, 1)).tasks[1:]  # type: ignore[arg-type]
    assert [(task.text, task.measures, task.heading) for task in tasks] == [
        ("各村要在2月10日前登记", ("隔离",), "一、要求"),
        ("由财政局采购口罩。", ("物资",), "一、要求"),
    ]
    assert [names(task) for task in tasks] == [["各村"], ["财政局"]]
    assert [deadline.text for deadline in tasks[0].deadlines] == ["2月10日前"]
    assert tasks[0].deadlines[0].date == date(2020, 2, 10)
    assert text[tasks[1].bodies[0].start : tasks[1].bodies[0].end] == "财>政局"


def test_the_models_bodies_join_those_of_the_rules(word_classifier: WordClassifier) -> None:
    document = word_classifier.read_text("各村要逐户登记，卫生院广播。")
    (sentence,) = document.sentences
    offsets = [(i, i + 1) for i in range(len(sentence.text))]
    tags = tag_tokens(offsets, [(0, 2, "lead"), (8, 11, "lead")])
    tagging = Tagging(np.eye(len(TAGS), dtype=np.float32)[tags], offsets)
    tagged = replace(document, sentences=(replace(sentence, tagging=tagging),))
    tasks = find_tasks(tagged, word_classifier).tasks  # type: ignore[arg-type]
    assert [names(task) for task in tasks] == [["各村"], ["卫生院"]]


def test_notes_behind_an_item_say_who_answers_for_it_and_by_when(
    word_classifier: WordClassifier,
) -> None:
    text = (
        "1.补足口罩。逐户登记，由各村上报登记表。"
        "（责任单位：县发改局、某专班；配合单位：各镇；完成时限：1月31日前）\n"
        "2.每天广播。\n责任单位：融媒体中心\n完成时限：广播恢复之日起长期坚持\n"
        "3.登记返乡人员。"
    )
    goods, visits, publicity, last = read(word_classifier, text, date(2022, 1, 20)).tasks
    assert names(goods) == ["县发改局", "某专班", "各镇"]
    assert [body.role for body in goods.bodies] == ["lead", "lead", "support"]
    assert [(due.text, due.date) for due in goods.deadlines] == [("1月31日前", date(2022, 1, 31))]
    assert names(visits) == ["县发改局", "某专班", "各镇", "各村"]
    assert names(publicity) == ["融媒体中心"]
    assert [due.text for due in publicity.deadlines] == ["广播恢复之日起长期坚持", "每天"]
    assert (names(last), last.deadlines) == ([], ())
    for task in (goods, publicity):
        for span in (*task.bodies, *task.deadlines):
            assert text[span.start : span.end] == span.text


@pytest.mark.parametrize(
    ("heading", "inherited"),
    [
        ("各镇党委书记", ["^各镇党委书记"]),
        ("市委副书记、市长 王某某", []),
        ("县长  王××", []),
        ("县长在防控大会上的讲话（录音整理）", []),
    ],
)
def test_who_speaks_is_nobody_to_act(
    word_classifier: WordClassifier, heading: str, inherited: list[str]
) -> None:
    (task,) = read(word_classifier, f"讲话\n{heading}\n　　要逐户登记。").tasks
    assert names(task) == inherited


def test_a_sentence_of_twelve_thousand_clauses_takes_seconds(
    word_classifier: WordClassifier,
) -> None:
    clauses = ["各村要登记两次", "公安局要广播", "每天备足14天的口罩"] * 4000
    document = word_classifier.read_text("，".join(clauses) + "。")
    begin = time.process_time()
    tasks = find_tasks(document, word_classifier).tasks  # type: ignore[arg-type]
    # A second in all; looking at every pair of a clause and a body would take a minute.
    assert time.process_time() - begin < 20
    assert len(document) == 1
    assert len(tasks) == len(clauses)
    assert [names(task) for task in tasks[:3]] == [["各村"], ["公安局"], ["^公安局"]]
    assert [names(task) for task in tasks[-3:]] == [["各村"], ["公安局"], ["^公安局"]]


def test_a_subject_goes_on_through_its_sentence_and_paragraph(
    word_classifier: WordClassifier,
) -> None:
    text = "各村要逐户登记，每天早晚广播。要备足口罩。\n要加强登记。"
    tasks = read(word_classifier, text).tasks
    assert [names(task) for task in tasks] == [["各村"], ["^各村"], ["^各村"], []]
    assert tasks[2].bodies[0].start == 0


def test_a_step_goes_on_with_how_the_one_before_opens(word_classifier: WordClassifier) -> None:
    text = "一是各村要登记。要广播。二是要备足口罩。"
    assert [names(task) for task in read(word_classifier, text).tasks] == [
        ["各村"],
        ["^各村"],
        ["^各村"],
    ]
    text = "一是要登记。公安局要广播。要登记。二是要备足口罩。"
    assert [names(task) for task in read(word_classifier, text).tasks] == [
        [],
        ["公安局"],
        ["^公安局"],
        [],
    ]


@pytest.mark.parametrize(
    "text",
    [
        "各村要排查。旅客一律登记。",
        "由民政局牵头。要逐户登记。",
        "各村要排查，公安局要设卡。要逐户登记。",
        "各村要排查。\n一、下一步工作\n要逐户登记。",
        "各村要排查。要细。要实。要严。要快。要逐户登记。",
    ],
)
def test_a_subject_does_not_go_on_where_another_stands_or_too_far(
    word_classifier: WordClassifier, text: str
) -> None:
    (task,) = read(word_classifier, text).tasks
    assert names(task) == []


def test_a_heading_that_names_bodies_speaks_for_its_section(
    word_classifier: WordClassifier,
) -> None:
    tasks = read(
        word_classifier, "（一）公安部门、各乡镇\n设卡登记。\n（二）其他要求\n备足口罩。"
    ).tasks
    assert [names(task) for task in tasks] == [["^公安部门", "^各乡镇"], []]


def test_a_note_in_a_heading_speaks_for_its_section(word_classifier: WordClassifier) -> None:
    text = (
        "（一）物资保障（牵头单位：某专班；配合单位：各区（县）人民政府、某某公司；完成时限：1月31日前）\n"
        "备足口罩。县卫健局登记返乡人员。\n1.统一口罩（县商务局负责）\n"
        "（二）其他（责任单位：融媒体中心）\n每天广播。"
    )
    goods, visits, masks, publicity = read(word_classifier, text, date(2022, 1, 20)).tasks
    assert names(goods) == ["某专班", "各区（县）人民政府", "某某公司"]
    assert [due.date for due in goods.deadlines] == [date(2022, 1, 31)]
    assert set(names(visits)) == {"县卫健局", "各区（县）人民政府", "某某公司"}
    assert (masks.text, names(masks)) == ("1.统一口罩（县商务局负责）", ["县商务局"])
    assert names(publicity) == ["融媒体中心"]
    for span in (*goods.bodies, *goods.deadlines):
        assert text[span.start : span.end] == span.text


def test_an_item_without_a_closing_mark_is_an_order(word_classifier: WordClassifier) -> None:
    text = (
        "一、各医院要备足口罩，月底前到位\n各镇备足口罩。\n"
        "二、备足口罩（责任单位：县商务局，县卫健局）\n各村备足口罩。"
    )
    assert [task.text for task in read(word_classifier, text).tasks] == [
        "一、各医院要备足口罩，月底前到位",
        "各镇备足口罩。",
        "各村备足口罩。",
    ]


def test_a_form_may_list_its_work_in_lines_of_their_own(word_classifier: WordClassifier) -> None:
    text = (
        "督办事项\n\n1.逐户登记。\n2.广播。\n\n责任单位　县卫健局\n\n完成时限　立即\n\n备足口罩。"
    )
    found = [
        (task.text, names(task), [due.text for due in task.deadlines])
        for task in read(word_classifier, text).tasks
    ]
    assert found == [
        ("1.逐户登记。", ["县卫健局"], ["立即"]),
        ("2.广播。", ["县卫健局"], ["立即"]),
        ("备足口罩。", [], []),
    ]


def test_a_cell_that_says_the_kind_of_a_task_is_none(word_classifier: WordClassifier) -> None:
    text = (
        "类别　工作任务　责任单位\n\n口罩储备　采购两万只　总务处\n\n　核对库存清单　财务室\n\n"
        "广播　印发手册　团委\n\n　逐户登记　各村\n\n"
    )
    found = [
        (task.text, task.measures, names(task), task.is_uncertain)
        for task in read(word_classifier, text).tasks
    ]
    assert found == [
        ("采购两万只", ("物资",), ["总务处"], True),
        ("核对库存清单", ("物资",), ["财务室"], True),
        ("印发手册", ("宣传",), ["团委"], True),
        ("逐户登记", ("隔离",), ["各村"], False),
    ]
    text = "重点任务　具体措施　责任单位\n\n口罩储备　向县内各家药店采购两万只　总务处\n\n"
    assert [task.text for task in read(word_classifier, text).tasks] == ["向县内各家药店采购两万只"]


def test_a_sentence_that_says_only_who_acts_is_a_note(word_classifier: WordClassifier) -> None:
    (task,) = read(word_classifier, "一、逐户登记返乡人员。由市公安局牵头，各县政府配合。").tasks
    assert names(task) == ["市公安局", "各县政府"]
    assert [body.role for body in task.bodies] == ["lead", "support"]


class CountedSentences(tuple[ScoredSentence, ...]):
    """Sentences that count how often one of them is looked at."""

    looks = 0

    def __getitem__(self, index: Any) -> Any:
        self.looks += 1
        return super().__getitem__(index)

    def __iter__(self) -> Iterator[ScoredSentence]:
        self.looks += len(self)
        return super().__iter__()


def test_twice_the_sentences_below_a_heading_are_twice_the_work(
    word_classifier: WordClassifier,
) -> None:
    looks = []
    for number in (100, 200):
        document = word_classifier.read_text("一、各村工作\n" + "要登记。\n" * number)
        sentences = CountedSentences(document.sentences)
        counted = replace(document, sentences=sentences)
        assert len(find_tasks(counted, word_classifier).tasks) == number  # type: ignore[arg-type]
        looks.append(sentences.looks)
    assert looks[1] <= 2 * looks[0]


def test_a_helper_of_its_own_stands_beside_an_inherited_lead(
    word_classifier: WordClassifier,
) -> None:
    (task,) = read(word_classifier, "各村要排查到户。要会同派出所逐户登记。").tasks
    assert [(body.text, body.role, body.is_inherited) for body in task.bodies] == [
        ("各村", "lead", True),
        ("派出所", "support", False),
    ]


def test_a_time_at_the_opening_holds_for_every_part(word_classifier: WordClassifier) -> None:
    tasks = read(word_classifier, "2月10日前，返乡人员一律登记，口罩足额储备到村。").tasks
    assert [[d.text for d in task.deadlines] for task in tasks] == [["2月10日前"], ["2月10日前"]]
    first, second = read(word_classifier, "返乡人员一律登记，2月10日前备足口罩。").tasks
    assert first.deadlines == ()
    assert [d.text for d in second.deadlines] == ["2月10日前"]


def test_a_heading_is_a_task_only_for_what_its_section_does_not_direct(
    word_classifier: WordClassifier,
) -> None:
    text = "一、抓好登记和口罩\n（一）抓好登记\n各村要登记。\n二、抓好口罩\n工作要细。"
    assert [(task.text, task.measures) for task in read(word_classifier, text).tasks] == [
        ("一、抓好登记和口罩", ("物资",)),
        ("各村要登记。", ("隔离",)),
        ("二、抓好口罩", ("物资",)),
    ]


def test_the_heading_beside_a_task_says_what_it_is_about(word_classifier: WordClassifier) -> None:
    text = (
        "关于外来人员的通知\n平政办〔2022〕15号\n（2022年11月3日）\n各村要登记。\n"
        "一、口罩储备。工作要细。各店要备口罩。\n二、口罩一律备足。各村要细。\n各店要登记。"
    )
    assert [(task.text, task.heading) for task in read(word_classifier, text).tasks] == [
        ("各村要登记。", "关于外来人员的通知"),
        ("各店要备口罩。", "一、口罩储备"),
        ("二、口罩一律备足。", "关于外来人员的通知"),
        ("各店要登记。", "关于外来人员的通知"),
    ]


def test_a_score_near_its_threshold_makes_a_task_uncertain(
    word_classifier: WordClassifier,
) -> None:
    tasks = read(word_classifier, "各村要登记。各村或许要登记。").tasks
    assert [task.is_uncertain for task in tasks] == [False, True]


def test_web_matter_gives_no_task(word_classifier: WordClassifier) -> None:
    assert read(word_classifier, "以下是小编为大家整理的登记办法，仅供参考。").tasks == ()


def test_traditional_characters_are_read_and_kept(word_classifier: WordClassifier) -> None:
    (task,) = read(word_classifier, "各鄉鎮要登记。").tasks
    assert names(task) == ["各鄉鎮"]


def check(tasks: TaskList) -> None:
    """What holds of every list of tasks."""
    text, position = tasks.document.text, 0
    for task in tasks.tasks:
        sentence = tasks.document.sentences[task.sentence]
        assert max(position, sentence.start) <= task.start < task.end <= sentence.end
        assert clean(text[task.start : task.end]) == clean(task.text)
        assert task.measures == tuple(m for m in MEASURES if m in task.measures)
        assert set(task.measures) <= set(sentence.measures)
        for span in (*task.bodies, *task.deadlines, *task.criteria):
            assert clean(text[span.start : span.end]) == clean(span.text)
        assert all(sentence.start <= d.start and d.end <= sentence.end for d in task.deadlines)
        own = [body for body in task.bodies if not body.is_inherited]
        assert all(task.start <= body.start and body.end <= task.end for body in own)
        assert all(body.end <= task.start for body in task.bodies if body.is_inherited)
        position = task.end


WORDS = [
    "各村",
    "要",
    "登记",
    "广播",
    "口罩",
    "，",
    "。",
    "\n",
    "一、",
    "由财政局",
    "\u3000",
    ">",
    "2月1日前",
]


@settings(deadline=None, max_examples=200)
@given(st.lists(st.sampled_from(WORDS), max_size=40).map("".join))
def test_tasks_and_their_spans_stand_where_they_say(text: str) -> None:
    check(read(WordClassifier(), text))


@pytest.mark.parametrize("name", sorted(p.name for p in Path("data/speeches").glob("*.txt")))
def test_the_real_speeches_give_tasks_that_stand_where_they_say(
    tiny_export: Path, name: str
) -> None:
    classifier = load(tiny_export)
    check(find_tasks(classifier.read(f"data/speeches/{name}"), classifier))


def test_titles_that_run_into_their_paragraph_and_those_of_attachments_are_no_tasks(
    word_classifier: WordClassifier,
) -> None:
    text = (
        "一、登记管控。各村要逐户登记。\n"
        "二、登记管控。各村要广播。\n"
        "三、由各镇登记。各村要登记。\n"
        "四、要登记。各村要登记。\n"
        "五、登记管控。\n"
        "六、各村登记口罩。再登记车辆。\n"
        "一是登记管控。各村要登记。二是登记管控。各镇要登记。\n"
        "附件：1.返乡人员登记表\n"
        "2.口罩发放清单\n"
        "各村要登记。\n"
        "3.登记口罩\n"
        "附件1：登记方案\n"
        "1.登记车辆"
    )
    assert [task.text for task in read(word_classifier, text).tasks] == [
        "各村要逐户登记。",
        "二、登记管控。",
        "各村要广播。",
        "三、由各镇登记。",
        "各村要登记。",
        "四、要登记。",
        "各村要登记。",
        "五、登记管控。",
        "六、各村登记口罩。",
        "再登记车辆。",
        "各村要登记。",
        "各镇要登记。",
        "各村要登记。",
        "3.登记口罩",
        "1.登记车辆",
    ]


def test_items_in_one_paragraph_are_no_titles(word_classifier: WordClassifier) -> None:
    text = (
        "第一，登记车辆。第二，登记返乡人员。第三，登记住户。各村要登记。\n"
        "1.对外来车辆登记。各村登记。\n"
        "要登记。一是登记车辆。二是登记住户。各村登记。"
    )
    assert len(read(word_classifier, text).tasks) == 10


@pytest.mark.parametrize("mark", ["，", "、", "：", "；"])
def test_blanks_at_marks_change_nothing(word_classifier: WordClassifier, mark: str) -> None:
    for path in sorted((PROJECT / "data" / "speeches").glob("*.txt"))[:2]:
        text = path.read_text(encoding="utf-8")
        assert _gist(read(word_classifier, text.replace(mark, mark + " "))) == _gist(
            read(word_classifier, text)
        )


def _gist(tasks: TaskList) -> list[tuple[str, ...]]:
    return [
        tuple(
            said.text.replace(" ", "")
            for said in (task, *task.bodies, *task.deadlines, *task.criteria)
        )
        for task in tasks.tasks
    ]
