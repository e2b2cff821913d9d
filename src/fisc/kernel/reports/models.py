"""Snapshots of reports: what a report said at a moment, kept as evidence."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q


class Snapshot(models.Model):
    """One report as it was at a moment; asking the books again as known at that moment gives the same digest."""

    layout = models.CharField("报表", max_length=60)
    title = models.CharField("标题", max_length=120)
    year = models.PositiveSmallIntegerField("年度")
    month = models.PositiveSmallIntegerField("截至月份")
    query = models.JSONField("查询条件")
    rows = models.JSONField("内容")
    digest = models.CharField("摘要", max_length=64)
    taken_at = models.DateTimeField("截取时刻")
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="截取人"
    )

    class Meta:
        db_table = "reports_snapshot"
        ordering = ("-taken_at", "-id")
        verbose_name = verbose_name_plural = "报表快照"
        constraints = [
            models.CheckConstraint(name="reports_snapshot_month_known", condition=Q(month__range=(1, 12))),
            models.CheckConstraint(name="reports_snapshot_digest_given", condition=~Q(digest="")),
        ]
        indexes = [models.Index(fields=("layout", "year", "month"), name="reports_snapshot_by_period")]
