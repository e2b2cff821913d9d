"""Every line of the timetable runs on a database that is as good as empty."""

import pytest
from procrastinate.contrib.django import app

from fisc.jobs import timetable


def entries() -> list:
    return [entry.task for entry in app.periodic_registry.periodic_tasks.values()]


def test_the_timetable_is_known_to_the_queue():
    assert {task.name for task in entries()} >= {
        "fisc.deliver_events", "fisc.seal_new_rows", "fisc.expire_holds", "fisc.escalate_late_tasks", "fisc.standing_checks",
        "fisc.clear_sessions",
    }  # fmt: skip
    assert all(task.queueing_lock == task.name for task in entries()), "a slow run must not pile up"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "task",
    [
        timetable.deliver_waiting_events,
        timetable.seal_what_is_new,
        timetable.expire_holds,
        timetable.announce_the_day,
        timetable.escalate_late_tasks,
        timetable.nightly_checks,
        timetable.clear_sessions,
    ],
    ids=lambda task: task.name,
)
def test_it_runs(task):
    task(timestamp=0)
