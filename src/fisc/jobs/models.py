"""One row per piece of background work: whose it is, how far it is, how it ended."""

from django.conf import settings
from django.db import models


class Job(models.Model):
    """A piece of long work that somebody started and may watch or stop."""

    class State(models.TextChoices):
        QUEUED = "queued", "排队中"
        RUNNING = "running", "进行中"
        DONE = "done", "已完成"
        FAILED = "failed", "未完成"
        CANCELLED = "cancelled", "已取消"

    title = models.CharField("作业", max_length=200)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name="发起人"
    )
    function = models.CharField("程序", max_length=200)
    arguments = models.JSONField("参数", default=dict)
    state = models.CharField("状态", max_length=10, choices=State, default=State.QUEUED)
    stage = models.CharField("阶段", max_length=100, blank=True)
    done_count = models.BigIntegerField("已办", default=0)
    total_count = models.BigIntegerField("总数", null=True)
    message = models.TextField("说明", blank=True)
    result = models.JSONField("结果", null=True)
    checkpoint = models.JSONField("续办位置", null=True)
    link = models.CharField("页面", max_length=200, blank=True, default="")
    is_cancel_requested = models.BooleanField("已要求取消", default=False)
    created_at = models.DateTimeField("发起时间")
    started_at = models.DateTimeField("开始时间", null=True)
    finished_at = models.DateTimeField("结束时间", null=True)

    class Meta:
        verbose_name = "后台作业"
        constraints = (
            models.CheckConstraint(
                name="jobs_job_state_known",
                condition=models.Q(state__in=["queued", "running", "done", "failed", "cancelled"]),
            ),
            models.CheckConstraint(
                name="jobs_job_finished_when_over",
                condition=models.Q(state__in=["queued", "running"], finished_at__isnull=True)
                | models.Q(state__in=["done", "failed", "cancelled"], finished_at__isnull=False),
            ),
            models.CheckConstraint(
                name="jobs_job_counts_not_negative",
                condition=models.Q(done_count__gte=0)
                & (models.Q(total_count__isnull=True) | models.Q(total_count__gte=0)),
            ),
        )
        indexes = (
            models.Index(name="jobs_job_owner_recent", fields=["owner", "-created_at"]),
            models.Index(
                name="jobs_job_under_way",
                fields=["link"],
                condition=models.Q(state__in=["queued", "running"]),
            ),
        )

    def __str__(self) -> str:
        return f"{self.title}（{self.get_state_display()}）"

    @property
    def is_over(self) -> bool:
        """Whether it has ended, in whatever way."""
        return self.state in (self.State.DONE, self.State.FAILED, self.State.CANCELLED)

    @property
    def percent(self) -> int | None:
        """How far it is, 0 to 100; None if the total is not known."""
        return min(100, self.done_count * 100 // self.total_count) if self.total_count else None
