"""The audit trail is only added to; the outbox delivers every event to every subscriber, what it does exactly once."""

from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, connection, transaction

from fisc.kernel.events import AuditRow, Event, NewEvent, deliver, emit_many, failures, record_many

pytestmark = pytest.mark.django_db
AT = datetime(2023, 7, 3, 9, 0, tzinfo=UTC)


def count(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        return int(cursor.fetchone()[0])


class TestAuditTrail:
    """审计记录只增不改。"""

    def test_what_is_recorded_is_read_back(self) -> None:
        record_many([
            AuditRow(at=AT, actor_id=7, actor_name="张三", action="treasury.payment.approve", object_kind="payment",
                     object_id="42", document_id=42, ip="10.0.0.1", detail={"意见": "同意"}),
            AuditRow(at=AT, action="auth.login.failed"),
        ])  # fmt: skip

        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT actor_name, host(ip), detail ->> '意见', xact_id > 0 FROM events_audit ORDER BY id"
            )
            assert cursor.fetchall() == [("张三", "10.0.0.1", "同意", True), ("", None, None, True)]

    def test_nothing(self) -> None:
        record_many([])
        assert emit_many([]) == []

    @pytest.mark.parametrize("table", ["events_audit", "events_outbox", "events_seal", "events_seal_page"])
    @pytest.mark.parametrize("statement", ["DELETE FROM {}", "TRUNCATE {} CASCADE"])
    def test_only_added_to(self, table: str, statement: str) -> None:
        with pytest.raises(IntegrityError, match="only ever added to"), transaction.atomic():
            connection.cursor().execute(statement.format(table))

    def test_never_changed(self) -> None:
        record_many([AuditRow(at=AT, action="test.act")])
        with pytest.raises(IntegrityError, match="only ever added to"), transaction.atomic():
            connection.cursor().execute("UPDATE events_audit SET actor_id = 1")


class Heard:
    """A subscriber that notes what it hears, writes a row, and fails as long as it is told to."""

    def __init__(self, name: str) -> None:
        self.events: list[Event] = []
        self.is_failing = False
        self.__module__, self.__qualname__ = __name__, name

    def __call__(self, event: Event) -> None:
        self.events.append(event)
        record_many([AuditRow(at=AT, action="test.heard", document_id=event.document_id)])
        if self.is_failing:
            raise RuntimeError("not now")


class TestOutbox:
    """每个订阅者都收到每个事件。"""

    def test_each_subscriber_once_and_in_order(self) -> None:
        first, second = Heard("first"), Heard("second")
        emit_many(
            [NewEvent(name="test.thing.done", at=AT, document_id=no, payload={"no": no}) for no in (1, 2)]
        )

        assert deliver({"test.thing.done": [first, second]}, at=AT) == 4
        assert deliver({"test.thing.done": [first, second]}, at=AT) == 0

        assert [event.payload["no"] for event in first.events] == [1, 2]
        assert [event.document_id for event in second.events] == [1, 2]
        assert first.events[0].at == AT

    def test_only_what_is_subscribed_to(self) -> None:
        heard = Heard("chosen")
        emit_many([NewEvent(name="test.thing.done", at=AT), NewEvent(name="test.thing.undone", at=AT)])

        deliver({"test.thing.undone": [heard]}, at=AT)

        assert [event.name for event in heard.events] == ["test.thing.undone"]

    def test_a_failure_leaves_no_trace_and_is_tried_again(self) -> None:
        failing, other = Heard("failing"), Heard("other")
        failing.is_failing = True
        emit_many([NewEvent(name="test.thing.done", at=AT)])

        assert deliver({"test.thing.done": [failing, other]}, at=AT) == 1
        assert count("events_audit") == 1  # the other's; what the failing one had written is taken back
        assert [(one.attempts, one.error) for one in failures()] == [(1, "RuntimeError: not now")]

        deliver({"test.thing.done": [failing, other]}, at=AT)
        assert failures()[0].attempts == 2

        failing.is_failing = False
        assert deliver({"test.thing.done": [failing, other]}, at=AT) == 1
        assert failures() == []
        assert count("events_audit") == 2

    def test_more_than_one_read(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("fisc.kernel.events.outbox.BATCH", 3)
        heard = Heard("many")
        emit_many([NewEvent(name="test.thing.done", at=AT, payload={"no": no}) for no in range(7)])

        assert deliver({"test.thing.done": [heard]}, at=AT) == 7
        assert [event.payload["no"] for event in heard.events] == list(range(7))

    def test_names_are_dotted(self) -> None:
        with pytest.raises(IntegrityError), transaction.atomic():
            emit_many([NewEvent(name="Done", at=AT)])

    def test_taken_back_with_its_transaction(self) -> None:
        with transaction.atomic():
            emit_many([NewEvent(name="test.thing.done", at=AT)])
            transaction.set_rollback(True)

        assert count("events_outbox") == 0
