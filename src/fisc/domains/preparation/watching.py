"""法定时限提醒: every morning the rules look at the time limits of the rounds; what is late or near becomes a finding."""

from __future__ import annotations

import datetime as dt
from typing import Any

from fisc.domains.preparation.models import Round
from fisc.kernel.rules import check as rules
from fisc.kernel.rules.spec import Finding, Stage

VIEW = "v_preparation_limit_facts"
STAGE: Stage = "after"


def day_began(event: Any) -> None:
    """The subscriber to `calendar.day_began`."""
    watch_limits(on=dt.date.fromisoformat(event.payload["day"]), at=event.at)


def watch_limits(*, on: dt.date, at: dt.datetime) -> list[Finding]:
    """This will judge the time limits of all approved rounds and keep the findings; those that are met are closed."""
    ids = list(Round.objects.filter(approved_on__isnull=False).order_by("pk").values_list("pk", flat=True))
    if not ids:
        return []
    found = rules.check(view=VIEW, ids=ids, stage=STAGE, at=on)
    return rules.store(found, view=VIEW, stage=STAGE, ids=ids, at=at)
