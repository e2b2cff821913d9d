"""What happens by the clock: each line is one task, when it runs (Beijing time) and the one call it makes."""

from datetime import timedelta

from django.core.management import call_command
from procrastinate.contrib.django import app

from fisc.kernel.approvals.timing import escalate_late
from fisc.kernel.events.outbox import NewEvent, emit_many
from fisc.kernel.exchange.upload import prune
from fisc.kernel.ledger.commands import seal_new_rows
from fisc.kernel.ledger.posting import expire_due
from fisc.kernel.modules.install import deliver_events
from fisc.kernel.orgs.access import system_actor
from fisc.kernel.orgs.clock import business_now
from fisc.kernel.rules.commands import run_standing_checks

QUEUE = "timetable"
STAGING_DAYS = 90


@app.periodic(cron="* * * * *")
@app.task(name="fisc.deliver_events", queue=QUEUE, queueing_lock="fisc.deliver_events")
def deliver_waiting_events(timestamp: int) -> None:
    """Hand what happened to the modules that asked for it, every minute."""
    deliver_events()


@app.periodic(cron="*/10 * * * *")
@app.task(name="fisc.seal_new_rows", queue=QUEUE, queueing_lock="fisc.seal_new_rows")
def seal_what_is_new(timestamp: int) -> None:
    """Seal what was booked in the last minutes."""
    seal_new_rows(at=business_now())


@app.periodic(cron="5 0 * * *")
@app.task(name="fisc.expire_holds", queue=QUEUE, queueing_lock="fisc.expire_holds")
def expire_holds(timestamp: int) -> None:
    """Give back the holds whose last day is over, after midnight."""
    now = business_now()
    expire_due(on=now.date(), actor_id=system_actor().user_id, at=now)


@app.periodic(cron="1 0 * * *")
@app.task(name="fisc.day_began", queue=QUEUE, queueing_lock="fisc.day_began")
def announce_the_day(timestamp: int) -> None:
    """Tell the modules that a day has begun, after midnight: due cash plans become payable."""
    now = business_now()
    emit_many([NewEvent(name="calendar.day_began", at=now, payload={"day": now.date().isoformat()})])


@app.periodic(cron="0 8 * * *")
@app.task(name="fisc.escalate_late_tasks", queue=QUEUE, queueing_lock="fisc.escalate_late_tasks")
def escalate_late_tasks(timestamp: int) -> None:
    """Escalate what is past its time limit, in the morning."""
    escalate_late(business_now())


@app.periodic(cron="0 2 * * *")
@app.task(name="fisc.standing_checks", queue=QUEUE, queueing_lock="fisc.standing_checks")
def nightly_checks(timestamp: int) -> None:
    """Run the standing checks at night; findings wait for their owners in the morning."""
    run_standing_checks()


@app.periodic(cron="40 3 * * *")
@app.task(name="fisc.prune_staging", queue=QUEUE, queueing_lock="fisc.prune_staging")
def prune_staging(timestamp: int) -> None:
    """Empty the staging of imports older than 90 days; the files and their results stay."""
    prune(before=business_now() - timedelta(days=STAGING_DAYS))


@app.periodic(cron="30 3 * * *")
@app.task(name="fisc.clear_sessions", queue=QUEUE, queueing_lock="fisc.clear_sessions")
def clear_sessions(timestamp: int) -> None:
    """Remove log-in sessions that are over."""
    call_command("clearsessions")
