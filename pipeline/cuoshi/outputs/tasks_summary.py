"""Count the tasks of a list by measure, by responsible body, and by both."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from cuoshi.tasks.task import Task

NO_BODY = "（未写明）"
"""Stands for the responsible body of the tasks that have none."""


@dataclass(slots=True)
class Count:
    """How many tasks there are of some kind.

    Attributes:
        tasks: all of them.
        measures: those that direct each measure; a task may direct several.
        uncertain: those that a person should look at.
    """

    tasks: int = 0
    measures: Counter[str] = field(default_factory=Counter)
    uncertain: int = 0

    def add(self, task: Task) -> None:
        """Count one more."""
        self.tasks += 1
        self.measures.update(task.measures)
        self.uncertain += task.is_uncertain


def count_tasks(tasks: Iterable[Task]) -> Count:
    """Count all tasks."""
    count = Count()
    for task in tasks:
        count.add(task)
    return count


def count_by_body(tasks: Iterable[Task]) -> dict[str, Count]:
    """Count the tasks that each responsible body leads.

    A task with several such bodies counts for each of them, one with none for `NO_BODY`.

    Returns:
        The bodies with most tasks first, else in the order in which they come up; `NO_BODY`,
        where there is such a task, last.
    """
    counts: dict[str, Count] = {}
    for task in tasks:
        for name in task.names("lead") or (NO_BODY,):
            counts.setdefault(name, Count()).add(task)
    order = sorted(counts, key=lambda name: (name == NO_BODY, -counts[name].tasks))
    return {name: counts[name] for name in order}
