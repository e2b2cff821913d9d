"""The outbox: modules hear of each other only through it.

An event is written in the transaction of what happened, so there is none without the other. `deliver` hands it to
each subscriber in a transaction of the subscriber's own, together with the note that it was delivered: what a
subscriber does in the database happens exactly once, anything else (a mail, a file) at least once.
"""

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, transaction

from fisc.kernel import lean

log = logging.getLogger(__name__)

BATCH = 500
EMIT = """
    INSERT INTO events_outbox (name, payload, at, document_id)
    SELECT name, payload, at, document_id
    FROM jsonb_populate_recordset(NULL::events_outbox, %s::jsonb)
    RETURNING id
"""
UNDELIVERED = """
    SELECT event.id, event.name, event.payload, event.at, event.document_id
    FROM events_outbox AS event
    LEFT JOIN events_delivery AS delivery ON delivery.event_id = event.id AND delivery.subscriber = %s
    WHERE event.name = %s AND event.id > %s AND delivery.delivered_at IS NULL
    ORDER BY event.id
    LIMIT %s
"""
CLAIM = "SELECT pg_try_advisory_xact_lock(hashtextextended('events_delivery ' || %s, %s))"
DELIVERED = """
    INSERT INTO events_delivery (event_id, subscriber, tried_at, delivered_at)
    VALUES (%s, %s, %s, %s)
    ON CONFLICT (event_id, subscriber) DO UPDATE
    SET attempts = events_delivery.attempts + 1, tried_at = excluded.tried_at,
        delivered_at = excluded.delivered_at, error = ''
    WHERE events_delivery.delivered_at IS NULL
    RETURNING event_id
"""
FAILED = """
    INSERT INTO events_delivery (event_id, subscriber, tried_at, error)
    VALUES (%s, %s, %s, %s)
    ON CONFLICT (event_id, subscriber) DO UPDATE
    SET attempts = events_delivery.attempts + 1, tried_at = excluded.tried_at, error = excluded.error
    WHERE events_delivery.delivered_at IS NULL
"""


@dataclass(frozen=True, kw_only=True)
class NewEvent:
    """Something that happened: `name` like treasury.payment.cleared."""

    name: str
    at: datetime
    document_id: int | None = None
    payload: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Event(NewEvent):
    """An event as a subscriber gets it."""

    id: int


@dataclass(frozen=True, kw_only=True)
class FailedDelivery:
    """An event that a subscriber could not take yet."""

    event_id: int
    name: str
    subscriber: str
    attempts: int
    tried_at: datetime
    error: str


Subscriber = Callable[[Event], None]


def emit_many(events: Sequence[NewEvent]) -> list[int]:
    """This function will put events into the outbox, in the caller's transaction, and return their ids."""
    if not events:
        return []
    return [row[0] for row in lean.fetch(*emit_statement(events))]


def emit_statement(events: Sequence[NewEvent]) -> lean.Statement:
    """Return the statement that adds the events, for callers that send several statements in one go."""
    return EMIT, [json.dumps([vars(event) for event in events], cls=DjangoJSONEncoder)]


def deliver(subscriptions: Mapping[str, Sequence[Subscriber]], *, at: datetime) -> int:
    """This function will hand every undelivered event to its subscribers, oldest first, and return how many it was.

    A subscriber that raises gets the event again the next time; the others are not kept waiting (see `failures`).
    May run in several processes at once.

    :param subscriptions: for each event name, who wants to hear of it.
    """
    return sum(
        _deliver_to(subscriber, name, at=at)
        for name, subscribers in subscriptions.items()
        for subscriber in subscribers
    )


def subscriber_name(subscriber: Subscriber) -> str:
    """Return the name under which a subscriber's deliveries are kept: renaming it delivers everything again."""
    return f"{subscriber.__module__}.{subscriber.__qualname__}"


def _deliver_to(subscriber: Subscriber, event_name: str, *, at: datetime) -> int:
    delivered, last_id = 0, 0
    while events := _undelivered(subscriber_name(subscriber), event_name, last_id):
        delivered += sum(_deliver_one(subscriber, event, at=at) for event in events)
        last_id = events[-1].id
    return delivered


def _undelivered(subscriber: str, event_name: str, last_id: int) -> list[Event]:
    with connection.cursor() as cursor:
        cursor.execute(UNDELIVERED, [subscriber, event_name, last_id, BATCH])
        return [
            Event(id=id_, name=name, payload=_json(payload), at=happened_at, document_id=document_id)
            for id_, name, payload, happened_at, document_id in cursor.fetchall()
        ]


def _deliver_one(subscriber: Subscriber, event: Event, *, at: datetime) -> bool:
    name = subscriber_name(subscriber)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(CLAIM, [name, event.id])
            if cursor.fetchone() != (True,):  # another process is at it
                return False
            cursor.execute(DELIVERED, [event.id, name, at, at])
            if cursor.fetchone() is None:  # and now it is done
                return False
            subscriber(event)
        return True
    except Exception as error:  # the outermost door: whatever a subscriber does, the others go on
        log.exception("event %s (%s) failed at %s", event.id, event.name, name)
        with connection.cursor() as cursor:
            cursor.execute(FAILED, [event.id, name, at, f"{type(error).__name__}: {error}"])
        return False


def failures(limit: int = 100) -> list[FailedDelivery]:
    """Return the deliveries that have failed so far, oldest event first."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT event.id, event.name, delivery.subscriber, delivery.attempts, delivery.tried_at, delivery.error
            FROM events_delivery AS delivery
            JOIN events_outbox AS event ON event.id = delivery.event_id
            WHERE delivery.delivered_at IS NULL
            ORDER BY event.id
            LIMIT %s
            """,
            [limit],
        )
        names = ("event_id", "name", "subscriber", "attempts", "tried_at", "error")
        return [FailedDelivery(**dict(zip(names, row, strict=True))) for row in cursor.fetchall()]


def _json(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value
