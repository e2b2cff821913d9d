"""How long documents stayed in each state, read from the audit trail: whoever left a state in a time, since when.

A stay begins with the audit row that brought the document into the state and ends with the one that took it out.
The rows of approval nodes are timed by `fisc.kernel.approvals.timing`; here is what no node times: drafting, waiting
for the bank, waiting for the budget.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fisc.kernel import lean

# One row: one stay that ended in the time asked for.
STAYS = """
WITH moved AS (
    SELECT DISTINCT document_id
    FROM events_audit
    WHERE at >= %s AND at < %s AND object_kind = ANY(%s::text[]) AND document_id IS NOT NULL
), step AS (
    SELECT
        a.object_kind AS kind, a.document_id, a.id, a.at, a.detail ->> 'from' AS left_state,
        lag(a.at) OVER story AS since, lag(a.detail ->> 'to') OVER story AS state
    FROM moved
    JOIN events_audit AS a ON a.document_id = moved.document_id
    WHERE a.object_kind = ANY(%s::text[]) AND a.detail ? 'to' AND a.detail ->> 'from' IS DISTINCT FROM a.detail ->> 'to'
    WINDOW story AS (PARTITION BY a.document_id ORDER BY a.id)
), stay AS (
    SELECT kind, document_id, state, since, at
    FROM step
    WHERE at >= %s AND at < %s AND since IS NOT NULL AND state = left_state
)
"""
HOURS = "extract(epoch FROM at - since) / 3600"
SUMMED = """
SELECT kind, state, count(*),
    percentile_cont(0.5) WITHIN GROUP (ORDER BY {hours}), percentile_cont(0.9) WITHIN GROUP (ORDER BY {hours}),
    (SELECT jsonb_agg(jsonb_build_array(d.came, d.went, d.count)) FROM (
        SELECT i.came, i.went, count(*) AS count
        FROM unnest(array_agg((since AT TIME ZONE 'Asia/Shanghai')::date), array_agg((at AT TIME ZONE 'Asia/Shanghai')::date))
            AS i (came, went)
        GROUP BY i.came, i.went
    ) AS d)
FROM stay
GROUP BY kind, state
ORDER BY kind, state
"""
# One row: one document that came into a state in the time asked for, until the first document of another kind came into its.
WAITED = """
WITH act AS (
    SELECT coalesce(array_agg(at ORDER BY at), '{}') AS moments
    FROM events_audit
    WHERE object_kind = %s AND at >= %s AND detail ->> 'to' = %s AND detail ->> 'from' IS DISTINCT FROM detail ->> 'to'
), came AS (
    SELECT document_id, max(at) AS since
    FROM events_audit
    WHERE at >= %s AND at < %s AND object_kind = ANY(%s::text[]) AND detail ->> 'to' = %s
        AND detail ->> 'from' IS DISTINCT FROM detail ->> 'to'
    GROUP BY document_id
), ended AS (
    -- the first act not before it came: the bucket after all that lie before
    SELECT came.document_id, came.since,
        act.moments[1 + width_bucket(came.since - interval '1 microsecond', act.moments)] AS at
    FROM came
    CROSS JOIN act
    WHERE act.moments <> '{}'
), stay AS (
    SELECT %s::text AS kind, document_id, %s::text AS state, since, at FROM ended WHERE at IS NOT NULL
)
"""


@dataclass(frozen=True)
class Stay:
    """How long documents of a kind stayed in a state: how many, hours (median, nine in ten), and on which days."""

    kind: str
    state: str
    count: int
    p50_hours: float
    p90_hours: float
    days: tuple[tuple[dt.date, dt.date, int], ...]
    """(came on, left on, how many): small, so that working days can be counted."""


def stays(*, kinds: Sequence[str], since: dt.datetime, until: dt.datetime) -> list[Stay]:
    """This will measure the stays of these kinds that ended from `since` to before `until`; one query."""
    wanted = list(kinds)
    sql = STAYS + SUMMED.format(hours=HOURS)
    return [_stay(row) for row in lean.fetch(sql, (since, until, wanted, wanted, since, until))]


def waits(
    *, kinds: Sequence[str], state: str, act_kind: str, act_state: str, since: dt.datetime, until: dt.datetime,
    name: tuple[str, str],
) -> list[Stay]:  # fmt: skip
    """This will measure how long documents that came into a state waited until another kind came into a state.

    A payment is cleared by the first clearing after it was booked. `name` is the (kind, state) of the answer.
    """
    parameters = (act_kind, since, act_state, since, until, list(kinds), state, *name)
    return [_stay(row) for row in lean.fetch(WAITED + SUMMED.format(hours=HOURS), parameters)]


def _stay(row: tuple[Any, ...]) -> Stay:
    kind, state, count, p50, p90, days = row
    pairs = json.loads(days) if isinstance(days, str) else days or []
    return Stay(
        kind=kind,
        state=state,
        count=count,
        p50_hours=float(p50),
        p90_hours=float(p90),
        days=tuple(
            (dt.date.fromisoformat(came), dt.date.fromisoformat(went), number) for came, went, number in pairs
        ),
    )
