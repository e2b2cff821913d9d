"""库款保障水平预警 (F14): when a month is over, its last clearing is held against the lines; only the newest alert stays."""

from __future__ import annotations

import datetime as dt

from fisc.domains.treasury import plans
from fisc.kernel import lean
from fisc.kernel.events.outbox import Event
from fisc.kernel.rules import check as rules
from fisc.kernel.rules.spec import Finding

VIEW = "v_treasury_cash_cover"
MONTH_ENDS = f"SELECT document_id FROM {VIEW} WHERE business_on < %s ORDER BY month"


def check_cover(*, on: dt.date, at: dt.datetime) -> list[Finding]:
    """This function will judge the last month before `on` by the rules, and close the alerts of the months before."""
    first = on.replace(day=1)
    ids = [row[0] for row in lean.fetch(MONTH_ENDS, (first,))]
    found = rules.check(view=VIEW, ids=ids[-1:], stage="during", at=on)
    return rules.store(found, view=VIEW, stage="during", ids=ids, at=at)


def day_began(event: Event) -> None:
    """The subscriber to `calendar.day_began`: plans fall due every day; a month's cover is judged on its morrow."""
    plans.day_began(event)
    day = dt.date.fromisoformat(event.payload["day"])
    if day.day == 1:
        check_cover(on=day, at=event.at)
