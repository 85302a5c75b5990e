from dataclasses import replace

from cuoshi.measures import MEASURES
from cuoshi.outputs.tasks_summary import NO_BODY, count_by_body, count_tasks
from cuoshi.tasks.task import Body, TaskList

from .conftest import PLAIN, TASK


def test_a_task_counts_once_for_each_of_its_measures_and_bodies() -> None:
    twice = replace(TASK, bodies=(*TASK.bodies, Body(20, 22, "各镇")))
    count = count_tasks([twice, PLAIN])
    assert (count.tasks, count.uncertain) == (2, 1)
    assert count.measures == {"隔离": 1, "物资": 1, "问责": 1}
    by_body = count_by_body([PLAIN, twice, replace(TASK, bodies=TASK.bodies[1:2])])
    assert {name: count.tasks for name, count in by_body.items()} == {
        "各镇": 2,
        "县指挥部": 1,
        NO_BODY: 1,
    }
    assert list(by_body) == ["各镇", "县指挥部", NO_BODY]


def test_the_counts_of_the_real_speeches_add_up(real_lists: list[TaskList]) -> None:
    tasks = [task for task_list in real_lists for task in task_list.tasks]
    whole = count_tasks(tasks)
    assert whole.tasks == len(tasks)
    # Every task of this material has one measure, and either no body or two.
    assert sum(whole.measures.values()) == len(tasks)
    by_body = count_by_body(tasks)
    assert by_body["各镇"].measures == by_body["县指挥部"].measures
    for measure in MEASURES:
        with_and_without = by_body["各镇"].measures[measure] + by_body[NO_BODY].measures[measure]
        assert with_and_without == whole.measures[measure]
