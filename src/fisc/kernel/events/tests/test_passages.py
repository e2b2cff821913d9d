"""How long documents stayed in a state, and how long they waited for another kind."""

import datetime as dt

import pytest

from fisc.kernel.events import passages
from fisc.kernel.events.audit import AuditRow, record_many

pytestmark = pytest.mark.django_db
START = dt.datetime(2023, 3, 1, 1, 0, tzinfo=dt.UTC)  # nine o'clock in Beijing


def at(hours):
    return START + dt.timedelta(hours=hours)


def trail(kind, document, *moves):
    """Moves as (hours, from, to)."""
    record_many(
        [
            AuditRow(
                at=at(hours), action=f"{kind}.move", object_kind=kind, object_id=str(document), document_id=document,
                detail={"to": after} if before is None else {"from": before, "to": after},
            )
            for hours, before, after in moves
        ]
    )  # fmt: skip


def stays(since=0, until=1_000, kinds=("a.paper",)):
    found = passages.stays(kinds=kinds, since=at(since), until=at(until))
    return {row.state: (row.count, row.p50_hours) for row in found}


def test_a_stay_ends_when_the_document_leaves_the_state():
    trail("a.paper", 1, (0, None, "draft"), (2, "draft", "sent"), (3, "sent", "sent"), (7, "sent", "done"))

    assert stays() == {"draft": (1, 2.0), "sent": (1, 5.0)}


def test_it_counts_where_it_ended():
    trail("a.paper", 1, (0, None, "draft"), (2, "draft", "sent"), (7, "sent", "done"))

    assert stays(since=3) == {"sent": (1, 5.0)}
    assert stays(since=2, until=7) == {"draft": (1, 2.0)}
    assert stays(until=2) == {}


def test_a_second_stay_is_another_one():
    trail("a.paper", 1, (0, None, "draft"), (1, "draft", "sent"), (2, "sent", "draft"), (5, "draft", "sent"))

    assert stays() == {"draft": (2, 2.0), "sent": (1, 1.0)}


def test_other_kinds_do_not_count_and_days_are_those_of_beijing():
    trail("a.paper", 1, (0, None, "draft"), (15, "draft", "sent"))
    trail("b.paper", 2, (0, None, "draft"), (1, "draft", "sent"))

    (row,) = passages.stays(kinds=["a.paper"], since=at(0), until=at(99))

    assert row.days == ((dt.date(2023, 3, 1), dt.date(2023, 3, 2), 1),)


@pytest.mark.parametrize(("acts", "hours"), [((5,), 5.0), ((0,), 0.0), ((-1, 9, 20), 9.0), ((-1,), None)])
def test_a_wait_ends_with_the_first_act_not_before_it(acts, hours):
    trail("a.paper", 1, (0, "sent", "booked"))
    for number, moment in enumerate(acts):
        trail("b.day", 10 + number, (moment, "draft", "cleared"))

    found = passages.waits(
        kinds=["a.paper"], state="booked", act_kind="b.day", act_state="cleared", since=at(-2), until=at(99),
        name=("b.day", "booked"),
    )  # fmt: skip

    assert [row.p50_hours for row in found] == ([] if hours is None else [hours])
