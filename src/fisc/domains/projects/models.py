"""Tables of the project register (norm A.2).

One row of `projects_project` belongs to one header row in `documents_document`; the header's id is the
`project` dimension of every ledger account, so a project is found from any payment without a join through
this module.
"""

from django.db import models
from django.db.models import F, Q


class Category(models.TextChoices):
    """项目类别 of the integrated budget norm: what a project pays for."""

    PERSONNEL = "personnel", "人员类"
    PUBLIC = "public", "运转类（公用经费）"
    OPERATING = "operating", "运转类（其他运转）"
    SPECIAL = "special", "特定目标类"


class Project(models.Model):
    """One project; its code is given once and stays for life. Its name and total stand in the header."""

    document = models.OneToOneField(
        "documents.Document", primary_key=True, on_delete=models.PROTECT, related_name="+"
    )
    code = models.CharField("项目编码", max_length=32)
    category = models.CharField("项目类别", max_length=12, choices=Category.choices)
    start_year = models.PositiveSmallIntegerField("开始年度")
    end_year = models.PositiveSmallIntegerField("结束年度")
    basis = models.TextField("立项依据", blank=True, default="")
    target = models.TextField("绩效目标", blank=True, default="")
    responsible = models.CharField("项目负责人", max_length=60, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["code"], name="projects_project_code_unique"),
            models.CheckConstraint(
                condition=Q(end_year__gte=F("start_year")), name="projects_project_years_in_order"
            ),
            models.CheckConstraint(
                condition=Q(category__in=Category.values), name="projects_project_category_known"
            ),
        ]

    def __str__(self) -> str:
        return self.code


class YearAmount(models.Model):
    """分年度安排: what the project is meant to take in one year; the years together stay within the total."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="years")
    fiscal_year = models.PositiveSmallIntegerField("年度")
    amount_fen = models.BigIntegerField("金额")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "fiscal_year"], name="projects_yearamount_year_once"),
            models.CheckConstraint(
                condition=Q(amount_fen__gte=0), name="projects_yearamount_amount_not_negative"
            ),
        ]


class Change(models.Model):
    """项目总额调整: raises or lowers the total of a project that is in the library or running."""

    document = models.OneToOneField(
        "documents.Document", primary_key=True, on_delete=models.PROTECT, related_name="+"
    )
    project = models.ForeignKey(
        "documents.Document", on_delete=models.PROTECT, related_name="+", verbose_name="项目"
    )
    new_total_fen = models.BigIntegerField("调整后总额")
    reason = models.TextField("调整理由")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(new_total_fen__gt=0), name="projects_change_total_positive"),
            models.CheckConstraint(condition=~Q(reason=""), name="projects_change_reason_given"),
        ]
