"""Tables of the work reports: each report once written is never changed; a new version is a new document.

A trigger (sql/frozen.sql) refuses UPDATE and DELETE on both tables.
"""

from __future__ import annotations

from zoneinfo import ZoneInfo

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

BEIJING = ZoneInfo("Asia/Shanghai")


class Report(models.Model):
    """One written report: its text with all proofs, frozen; `salt` is secret and makes the proofs unguessable."""

    document = models.OneToOneField(
        "documents.Document", primary_key=True, on_delete=models.PROTECT, related_name="+"
    )
    template = models.CharField("模板", max_length=40)
    template_version = models.PositiveIntegerField("模板版本")
    year = models.PositiveSmallIntegerField("年度")
    month = models.PositiveSmallIntegerField("截至月份")
    mask = models.CharField("遮盖规则", max_length=40, blank=True, default="")
    known_at = models.DateTimeField("数据截取时刻")
    text = models.JSONField("正文")
    salt = models.CharField("盐", max_length=64, editable=False)
    set_digest = models.CharField("数据组摘要", max_length=64)

    class Meta:
        db_table = "narrative_report"
        verbose_name = verbose_name_plural = "工作报告"
        constraints = [
            models.CheckConstraint(name="narrative_report_month_known", condition=Q(month__range=(1, 12))),
            models.CheckConstraint(
                name="narrative_report_digest_given", condition=~Q(set_digest="") & ~Q(salt="")
            ),
        ]
        indexes = [models.Index(fields=("template", "year", "month"), name="narrative_report_versions")]

    @property
    def known_text(self) -> str:
        """数据截取时刻, Beijing time."""
        return f"{self.known_at.astimezone(BEIJING):%Y-%m-%d %H:%M:%S}"


class ReportFigure(models.Model):
    """One proven figure of a report, to be found by its proof's id or by the figure it prints."""

    report = models.ForeignKey(Report, models.PROTECT, related_name="figures")
    position = models.PositiveSmallIntegerField("序号")
    slot = models.CharField("位置", max_length=60)
    proof_id = models.CharField("证明编号", max_length=20)
    phrase = models.CharField("文中印作", max_length=200)
    figure_ids = ArrayField(models.CharField(max_length=400), verbose_name="指标")
    digest = models.CharField("摘要", max_length=64)

    class Meta:
        db_table = "narrative_reportfigure"
        verbose_name = verbose_name_plural = "报告数字"
        constraints = [
            models.UniqueConstraint(
                fields=("report", "position"), name="narrative_reportfigure_position_once"
            ),
            models.UniqueConstraint(fields=("report", "slot"), name="narrative_reportfigure_slot_once"),
            models.CheckConstraint(
                name="narrative_reportfigure_proof_given", condition=~Q(proof_id="") & ~Q(digest="")
            ),
        ]
        indexes = [models.Index(fields=("proof_id",), name="narrative_reportfigure_proof")]
