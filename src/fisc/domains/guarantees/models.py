"""Tables of the module: the 三保 list by year with its selectors, and the need by item and unit (mission B.1 11).

What is arranged and spent is never stored here: it is read from the budget being prepared and from the ledger.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from fisc.domains.guarantees.areas import AREAS, CONFIDENCES, LEVELS, SOURCES


class ListVersion(models.Model):
    """三保清单: one version, in force from a fiscal year on until the next one."""

    valid_from_year = models.PositiveSmallIntegerField("启用年度")
    basis = models.CharField("依据", max_length=200)
    note = models.CharField("说明", max_length=200, blank=True, default="")

    class Meta:
        db_table = "guarantees_list_version"
        ordering = ("valid_from_year",)
        verbose_name = verbose_name_plural = "三保清单版本"
        constraints = [
            models.UniqueConstraint(fields=["valid_from_year"], name="guarantees_list_version_year_once"),
            models.CheckConstraint(condition=~Q(basis=""), name="guarantees_list_version_basis_given"),
        ]


class ListItem(models.Model):
    """One item of a version. `month_weights`: how its need spreads over the months."""

    version = models.ForeignKey(ListVersion, on_delete=models.CASCADE, related_name="items")
    seq = models.PositiveSmallIntegerField("序号")
    code = models.CharField("编码", max_length=12)
    name = models.CharField("名称", max_length=60)
    area = models.CharField("类别", max_length=12, choices=AREAS)
    level = models.CharField("标准", max_length=10, choices=LEVELS)
    standard = models.CharField("标准内容", max_length=200, blank=True, default="")
    basis = models.CharField("依据", max_length=200, blank=True, default="")
    confidence = models.CharField("可信度", max_length=10, choices=CONFIDENCES, default="local")
    month_weights = ArrayField(models.PositiveIntegerField(), size=12, verbose_name="分月权重")

    class Meta:
        db_table = "guarantees_list_item"
        ordering = ("version_id", "seq")
        verbose_name = verbose_name_plural = "三保清单项目"
        constraints = [
            models.UniqueConstraint(fields=["version", "code"], name="guarantees_list_item_code_once"),
            models.CheckConstraint(
                condition=Q(area__in=[code for code, _ in AREAS]), name="guarantees_list_item_area_known"
            ),
            models.CheckConstraint(
                condition=Q(level__in=[code for code, _ in LEVELS]), name="guarantees_list_item_level_known"
            ),
            models.CheckConstraint(
                condition=Q(month_weights__len=12), name="guarantees_list_item_twelve_months"
            ),
        ]


class Selector(models.Model):
    """Which lines belong to an item when their project does not say so: category, economic and function prefixes.

    Without a category it takes only lines that carry the mark 三保.
    """

    item = models.ForeignKey(ListItem, on_delete=models.CASCADE, related_name="selectors")
    category = models.CharField("项目类别", max_length=12, blank=True, default="")
    economic_prefix = models.CharField("部门经济分类（含下级）", max_length=7, blank=True, default="")
    function_prefix = models.CharField("支出功能分类（含下级）", max_length=9, blank=True, default="")

    class Meta:
        db_table = "guarantees_selector"
        verbose_name = verbose_name_plural = "三保归集口径"
        constraints = [
            models.CheckConstraint(
                condition=~Q(category="") | ~Q(economic_prefix="") | ~Q(function_prefix=""),
                name="guarantees_selector_says_something",
            ),
        ]


class Need(models.Model):
    """三保需求测算 of a year; the approved one in force is what arrangements are held against."""

    document = models.OneToOneField(
        "documents.Document", primary_key=True, on_delete=models.PROTECT, related_name="+"
    )
    year = models.PositiveSmallIntegerField("测算年度")
    version_no = models.PositiveSmallIntegerField("版次", default=1)
    is_in_force = models.BooleanField("现行", default=False, editable=False)
    compiled = models.CharField("县级编制", max_length=200, blank=True, default="")
    city_review = models.CharField("市级审核", max_length=200, blank=True, default="")
    province_check = models.CharField("省级复核", max_length=200, blank=True, default="")

    class Meta:
        db_table = "guarantees_need"
        verbose_name = verbose_name_plural = "三保需求测算"
        constraints = [
            models.UniqueConstraint(
                fields=["year"], condition=Q(is_in_force=True), name="guarantees_need_one_in_force"
            ),
        ]


class NeedLine(models.Model):
    """The need of one item in one unit: quantity × standard, or a sum stated by somebody who answers for it."""

    need = models.ForeignKey(Need, on_delete=models.CASCADE, related_name="lines")
    row_no = models.PositiveIntegerField("行号")
    unit = models.ForeignKey("orgs.Unit", on_delete=models.PROTECT, related_name="+")
    item = models.CharField("三保项目", max_length=12)
    source = models.CharField("来源", max_length=10, choices=SOURCES)
    standard_code = models.CharField("支出标准", max_length=40, blank=True, default="")
    quantity = models.DecimalField("数量", max_digits=16, decimal_places=2, default=0)
    standard_fen = models.BigIntegerField("标准", default=0)
    need_fen = models.BigIntegerField("需求")
    note = models.CharField("说明", max_length=200, blank=True, default="")

    class Meta:
        db_table = "guarantees_need_line"
        verbose_name = verbose_name_plural = "三保需求明细"
        constraints = [
            models.UniqueConstraint(fields=["need", "row_no"], name="guarantees_need_line_row_once"),
            models.CheckConstraint(condition=Q(need_fen__gt=0), name="guarantees_need_line_need_positive"),
            models.CheckConstraint(
                condition=Q(quantity__gte=0, standard_fen__gte=0), name="guarantees_need_line_not_negative"
            ),
        ]
        indexes = [models.Index(fields=["need", "item"], name="guarantees_need_line_by_item")]


class WageDay(models.Model):
    """发薪期限: from a day on, the day of the month by which wages must be paid."""

    valid_from = models.DateField("自")
    day = models.PositiveSmallIntegerField("每月期限日")
    basis = models.CharField("依据", max_length=200, blank=True, default="")

    class Meta:
        db_table = "guarantees_wage_day"
        ordering = ("valid_from",)
        verbose_name = verbose_name_plural = "发薪期限"
        constraints = [
            models.UniqueConstraint(fields=["valid_from"], name="guarantees_wage_day_once"),
            models.CheckConstraint(
                condition=Q(day__gte=1, day__lte=31), name="guarantees_wage_day_of_a_month"
            ),
        ]
