"""The process that carries out jobs and keeps the timetable."""

from django.db import connections
from procrastinate.contrib.django import app

from fisc.jobs import timetable
from fisc.jobs.running import take_up_interrupted

CONCURRENCY = 2
WORKER_LOCK = 7_239_451  # any number, the same for all workers


def run_worker() -> None:
    """Work until SIGTERM or SIGINT; the running job is finished first.

    Whoever holds the lock is the first worker: only it may conclude that what is marked as running was interrupted.
    """
    assert timetable.QUEUE  # its tasks are known by now
    guard = connections.create_connection("default")
    with guard.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [WORKER_LOCK])
        is_first = cursor.fetchone()[0]
    if is_first:
        take_up_interrupted()
    try:
        with app.replace_connector(app.connector.get_worker_connector()):  # type: ignore[attr-defined]
            app.run_worker(
                concurrency=CONCURRENCY, wait=True, shutdown_graceful_timeout=15, delete_jobs="successful"
            )
    finally:
        guard.close()
