"""Start background work, carry it out, report how far it is, stop it, take it up again.

The work is a plain function `fn(progress, **arguments)` at the top of a module of ours; arguments and result are
JSON. It may call `progress` as any long work does, and keep a `checkpoint` from which a later run goes on.
"""

import logging
import time
from collections.abc import Callable
from importlib import import_module
from typing import Any

from django.db import connections, transaction
from django.utils import timezone

from fisc.base.errors import Conflict, FiscError, NotAllowed
from fisc.jobs.models import Job

logger = logging.getLogger(__name__)
REPORT_EVERY_SECONDS = 0.5
State = Job.State


class JobCancelled(FiscError):
    """作业已按要求取消，已完成的部分保留。"""

    code = "jobs.cancelled"


class JobStillRunning(Conflict):
    """作业“{title}”还没有结束，不能重新开始。"""

    code = "jobs.still_running"


class JobProgress:
    """What the work holds while it runs; calling it is the same as `update`.

    It writes by a connection of its own, so that others see the progress of work that is one transaction.
    """

    def __init__(self, job_id: int, *, checkpoint: Any = None) -> None:
        self.job_id = job_id
        self.checkpoint = checkpoint
        self._connection = connections.create_connection("default")
        self._written_at = 0.0

    def __call__(self, what: str, done: int, total: int | None, /) -> None:
        self.update(done=done, total=total, stage=what)

    def update(self, *, done: int, total: int | None = None, stage: str = "", message: str = "") -> None:
        """This function will record the progress, at most twice a second, and stop the work if that was asked for.

        :raises JobCancelled: if somebody asked to stop.
        """
        now = time.monotonic()
        if now - self._written_at < REPORT_EVERY_SECONDS and done != total:
            return
        self._written_at = now
        with self._connection.cursor() as cursor:
            cursor.execute(
                "UPDATE jobs_job SET done_count = %s, total_count = %s, stage = %s, message = %s"
                " WHERE id = %s RETURNING is_cancel_requested",
                [done, total, stage[:100], message, self.job_id],
            )
            row = cursor.fetchone()
        if row and row[0]:
            raise JobCancelled()

    def keep(self, checkpoint: Any) -> None:
        """Remember where to go on; part of the work's own transaction, so it never runs ahead of the work."""
        self.checkpoint = checkpoint
        Job.objects.filter(id=self.job_id).update(checkpoint=checkpoint)

    def close(self) -> None:
        """Give the connection back."""
        self._connection.close()


def run_job(
    title: str, owner_id: int | None, fn: Callable[..., Any], /, *, link: str = "", **arguments: Any
) -> Job:
    """This function will queue `fn(progress, **arguments)`; the worker starts it after the commit.

    :param link: the page that shows the result; one piece of work per page is under way (`under_way`).

    :raises ValueError: if the function cannot be found again by its name.
    """
    job = Job.objects.create(
        title=title, owner_id=owner_id, function=name_of(fn), arguments=arguments, link=link,
        created_at=timezone.now(),
    )  # fmt: skip
    _defer(job.id)
    return job


def under_way(link: str) -> Job | None:
    """The job that works for a page and has not ended yet."""
    return Job.objects.filter(link=link, state__in=(State.QUEUED, State.RUNNING)).order_by("id").last()


def last_of(link: str) -> Job | None:
    """The last job that worked for a page, ended or not."""
    return Job.objects.filter(link=link).order_by("id").last()


def name_of(fn: Callable[..., Any]) -> str:
    """Return `module:name` of a function at the top of one of our modules."""
    name = f"{fn.__module__}:{fn.__qualname__}"
    if not name.startswith("fisc.") or find(name) is not fn:
        raise ValueError(f"{name} is not a top-level function of fisc")
    return name


def find(name: str) -> Callable[..., Any]:
    """Return the function of `module:name`; only names that `run_job` wrote come here."""
    module, _, attribute = name.partition(":")
    found = getattr(import_module(module), attribute, None)
    if not module.startswith("fisc.") or not callable(found):
        raise ValueError(f"{name} is not a top-level function of fisc")
    return found


def carry_out(job_id: int) -> None:
    """This function will run a queued job to its end and record it.

    What is not anticipated is recorded as failed and raised again, so that it is logged where it happened.
    """
    job = _take(job_id)
    if job is None:
        return
    progress = JobProgress(job_id, checkpoint=job.checkpoint)
    try:
        result = find(job.function)(progress, **job.arguments)
    except JobCancelled as stop:
        _finish(job_id, State.CANCELLED, message=stop.message)
    except FiscError as refusal:
        _finish(job_id, State.FAILED, message=refusal.message)
    except BaseException:
        _finish(job_id, State.FAILED, message="程序出错，已记入日志，请联系管理员。")
        raise
    else:
        _finish(job_id, State.DONE, result=result)
    finally:
        progress.close()


def request_cancel(job_id: int, *, by_user_id: int) -> None:
    """This function will ask a job to stop: at once if it only waits, else at its next report.

    :raises NotAllowed: if it is not the user's own job.
    """
    with transaction.atomic():
        job = Job.objects.select_for_update().get(id=job_id)
        if job.owner_id != by_user_id:
            raise NotAllowed("只能取消自己发起的作业。", code="jobs.not_owner")
        if job.is_over:
            return
        job.is_cancel_requested = True
        if job.state == State.QUEUED:
            job.state, job.finished_at = State.CANCELLED, timezone.now()
        job.save(update_fields=["is_cancel_requested", "state", "finished_at"])


def resume(job_id: int, *, by_user_id: int) -> None:
    """This function will queue a job again that ended without being done; it goes on from its checkpoint.

    :raises JobStillRunning: if it has not ended, or was done.
    :raises NotAllowed: if it is not the user's own job.
    """
    with transaction.atomic():
        job = Job.objects.select_for_update().get(id=job_id)
        if job.owner_id != by_user_id:
            raise NotAllowed("只能继续自己发起的作业。", code="jobs.not_owner")
        if job.state not in (State.FAILED, State.CANCELLED):
            raise JobStillRunning(title=job.title)
        job.state, job.finished_at, job.is_cancel_requested = State.QUEUED, None, False
        job.save(update_fields=["state", "finished_at", "is_cancel_requested"])
        _defer(job_id)


def take_up_interrupted() -> int:
    """Queue again what a worker left running when it was killed; call this before a lone worker starts."""
    with transaction.atomic():
        left = list(Job.objects.select_for_update().filter(state=State.RUNNING).values_list("id", flat=True))
        Job.objects.filter(id__in=left).update(state=State.QUEUED)
        for job_id in left:
            _defer(job_id)
    return len(left)


def _defer(job_id: int) -> None:
    from fisc.jobs.tasks import carry_out_job

    carry_out_job.defer(job_id=job_id)


def _take(job_id: int) -> Job | None:
    """Mark a queued job as running; None if another worker has it or it was cancelled."""
    taken = Job.objects.filter(id=job_id, state=State.QUEUED).update(
        state=State.RUNNING, started_at=timezone.now()
    )
    return Job.objects.get(id=job_id) if taken else None


def _finish(job_id: int, state: Any, *, message: str = "", result: Any = None) -> None:
    Job.objects.filter(id=job_id).update(
        state=state, message=message, result=result, finished_at=timezone.now()
    )  # fmt: skip
