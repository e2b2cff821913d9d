"""Background jobs as their owners see them: how far, stop, go on; a bar that any page may show."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST

from fisc.jobs import running
from fisc.jobs.models import Job
from fisc.web import formats
from fisc.web.components import Cell, Empty, Head, Row, Table, link, state
from fisc.web.request import Request

SHOWN = 50
TONES = {"queued": "waiting", "running": "running", "done": "done", "failed": "wrong", "cancelled": "wrong"}


def jobs_page(request: Request) -> HttpResponse:
    """My jobs, the newest first."""
    found = Job.objects.filter(owner_id=request.actor.user_id).order_by("-created_at")[:SHOWN]
    rows = tuple(
        Row(
            (
                Cell(link(job.title, job.link) if job.link else job.title, pin=True, css="m-main"),
                Cell(state(job.get_state_display(), TONES[job.state]), css="m-state"),
                Cell(_reached(job)),
                Cell(job.message, css="cut m-desc"),
                Cell(formats.date_text(job.created_at)),
                Cell(_elapsed(job), "n"),
            )
        )
        for job in found
    )
    heads = (
        Head("作业", pin=True),
        Head("状态"),
        Head("进度"),
        Head("说明"),
        Head("发起时间"),
        Head("用时", "n"),
    )
    empty = Empty("没有后台作业", "大文件导入、推演等较长的工作会在后台办理，列在这里", "loader")
    return render(
        request,
        "web/jobs.html",
        {"title": "后台作业", "table": Table("后台作业", heads, rows, cards=True, empty=empty)},
    )


def job_bar(request: Request, pk: int) -> HttpResponse:
    """The bar of one job; when it has ended, the page around it is read again."""
    job = _mine(request, pk)
    response = render(request, "web/parts/job.html", {"job": bar(job)})
    if job.is_over:
        response.headers["HX-Refresh"] = "true"
    return response


@require_POST
def act_on_job(request: Request, pk: int) -> HttpResponse:
    """Stop a job or let it go on."""
    job = _mine(request, pk)
    if request.POST.get("act") == "resume":
        running.resume(pk, by_user_id=request.actor.user_id)
    else:
        running.request_cancel(pk, by_user_id=request.actor.user_id)
    return HttpResponseRedirect(job.link or "/jobs/")


def bar(job: Job | None) -> dict[str, Any] | None:
    """What the part `job.html` shows of a job; None: nothing."""
    if job is None:
        return None
    return {
        "id": job.pk,
        "title": job.title,
        "state": job.state,
        "label": job.get_state_display(),
        "stage": job.stage,
        "count": _reached(job),
        "percent": job.percent,
        "elapsed": _elapsed(job),
        "message": job.message,
        "is_over": job.is_over,
        "stopping": job.is_cancel_requested and not job.is_over,
        "may_resume": job.state in (Job.State.FAILED, Job.State.CANCELLED),
    }


def _mine(request: Request, pk: int) -> Job:
    job = Job.objects.filter(pk=pk, owner_id=request.actor.user_id).first()
    if job is None:
        raise Http404
    return job


def _reached(job: Job) -> str:
    if job.total_count:
        return f"{job.done_count:,} / {job.total_count:,}"
    return f"{job.done_count:,}" if job.done_count else ""


def _elapsed(job: Job) -> str:
    if job.started_at is None:
        return ""
    seconds = int(((job.finished_at or timezone.now()) - job.started_at).total_seconds())
    return f"{seconds // 60}分{seconds % 60:02d}秒" if seconds >= 60 else f"{seconds}秒"
