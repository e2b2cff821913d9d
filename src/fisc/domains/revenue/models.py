"""Tables of the revenue module: sharing table, daily receipts, corrections, yearly tasks (mission B.1 01, 49).

The figures come from the ledger; these tables say who paid what and how it was shared. A receipt is never edited:
a correction reverses it and writes another.
"""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value

from fisc.domains.revenue.levels import LEVELS


class Sharing(models.Model):
    """分成比例: how an item of revenue is divided between the levels from a day on; the longest prefix decides."""

    fund = models.CharField("资金性质", max_length=16)
    revenue_code = models.CharField("收入分类（含下级）", max_length=9)
    central_percent = models.DecimalField("中央%", max_digits=7, decimal_places=4)
    province_percent = models.DecimalField("省级%", max_digits=7, decimal_places=4)
    district_percent = models.DecimalField("区级%", max_digits=7, decimal_places=4)
    valid_from = models.DateField("自")
    valid_to = models.DateField("至", null=True, blank=True)
    note = models.CharField("依据", max_length=200, blank=True, default="")

    class Meta:
        db_table = "revenue_sharing"
        ordering = ("fund", "revenue_code", "valid_from")
        verbose_name = verbose_name_plural = "分成比例"
        constraints = [
            models.CheckConstraint(
                name="revenue_sharing_is_whole",
                condition=Q(central_percent=100 - F("province_percent") - F("district_percent")),
            ),
            models.CheckConstraint(
                name="revenue_sharing_not_negative",
                condition=Q(central_percent__gte=0, province_percent__gte=0, district_percent__gte=0),
            ),
            models.CheckConstraint(
                name="revenue_sharing_ends_after_start",
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
            ),
            ExclusionConstraint(
                name="revenue_sharing_one_a_day",
                expressions=[
                    ("fund", RangeOperators.EQUAL),
                    ("revenue_code", RangeOperators.EQUAL),
                    (
                        Func(F("valid_from"), F("valid_to"), Value("[]"), function="daterange"),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]


class DailyReport(models.Model):
    """国库日报: the receipts of one day (or a supplement to them); the amount of the header is their net sum."""

    document = models.OneToOneField(
        "documents.Document", primary_key=True, on_delete=models.PROTECT, related_name="+"
    )
    source = models.CharField("来源", max_length=200, blank=True, default="")
    receipt_count = models.PositiveIntegerField("笔数", default=0, editable=False)
    refund_count = models.PositiveIntegerField("退库笔数", default=0, editable=False)
    central_fen = models.BigIntegerField("中央级", default=0, editable=False)
    province_fen = models.BigIntegerField("省级", default=0, editable=False)
    district_fen = models.BigIntegerField("区级", default=0, editable=False)
    stated_balance_fen = models.BigIntegerField("国库报表库存余额", null=True, blank=True)

    class Meta:
        db_table = "revenue_daily_report"
        verbose_name = verbose_name_plural = "国库日报"


class Receipt(models.Model):
    """One line of a daily report or the line a correction put in its place; refunds (退库) are negative.

    ``level`` is what the treasury stated: shared means that the sharing table of the day decided.
    """

    document = models.ForeignKey("documents.Document", on_delete=models.PROTECT, related_name="+")
    line_no = models.PositiveIntegerField("行号")
    received_on = models.DateField("入库日期")
    fund = models.CharField("资金性质", max_length=16)
    revenue_code = models.CharField("收入分类", max_length=9)
    level = models.CharField("级次", max_length=10, choices=LEVELS, default="shared")
    payer = models.CharField("缴款人", max_length=200, blank=True, default="")
    serial = models.CharField("凭证号", max_length=60)
    amount_fen = models.BigIntegerField("金额")
    central_fen = models.BigIntegerField("中央级")
    province_fen = models.BigIntegerField("省级")
    district_fen = models.BigIntegerField("区级")
    entry_id = models.BigIntegerField("入账凭证", null=True, editable=False)
    is_active = models.BooleanField("有效", default=True, editable=False)

    class Meta:
        db_table = "revenue_receipt"
        verbose_name = verbose_name_plural = "入库流水"
        constraints = [
            models.UniqueConstraint(fields=("document", "line_no"), name="revenue_receipt_line_once"),
            models.UniqueConstraint(
                fields=("serial",), condition=Q(is_active=True), name="revenue_receipt_serial_once"
            ),
            models.CheckConstraint(name="revenue_receipt_amount_given", condition=~Q(amount_fen=0)),
            models.CheckConstraint(name="revenue_receipt_serial_given", condition=~Q(serial="")),
            models.CheckConstraint(
                name="revenue_receipt_shares_are_whole",
                condition=Q(amount_fen=F("central_fen") + F("province_fen") + F("district_fen")),
            ),
            models.CheckConstraint(
                name="revenue_receipt_shares_of_one_sign",
                condition=Q(amount_fen__gt=0, central_fen__gte=0, province_fen__gte=0, district_fen__gte=0)
                | Q(amount_fen__lt=0, central_fen__lte=0, province_fen__lte=0, district_fen__lte=0),
            ),
            models.CheckConstraint(
                name="revenue_receipt_level_known",
                condition=Q(level__in=("shared", "central", "province", "district")),
            ),
        ]
        indexes = [
            models.Index(fields=("document",), name="revenue_receipt_by_document"),
            models.Index(fields=("revenue_code", "received_on"), name="revenue_receipt_by_item"),
        ]


class Correction(models.Model):
    """更正（调库）: one receipt goes to another fund, item or level; reversed and booked anew on approval."""

    document = models.OneToOneField(
        "documents.Document", primary_key=True, on_delete=models.PROTECT, related_name="+"
    )
    serial = models.CharField("原凭证号", max_length=60)
    new_fund = models.CharField("更正后资金性质", max_length=16)
    new_revenue_code = models.CharField("更正后收入分类", max_length=9)
    new_level = models.CharField("更正后级次", max_length=10, choices=LEVELS, default="shared")
    note = models.CharField("更正原因", max_length=200, blank=True, default="")
    receipt = models.ForeignKey(
        Receipt, on_delete=models.PROTECT, null=True, editable=False, related_name="corrections"
    )

    class Meta:
        db_table = "revenue_correction"
        verbose_name = verbose_name_plural = "收入更正"
        constraints = [
            models.CheckConstraint(name="revenue_correction_serial_given", condition=~Q(serial="")),
            models.CheckConstraint(
                name="revenue_correction_level_known",
                condition=Q(new_level__in=("shared", "central", "province", "district")),
            ),
        ]


class Task(models.Model):
    """年度收入任务: one version of a year's tasks; the one in force replaced all before it."""

    document = models.OneToOneField(
        "documents.Document", primary_key=True, on_delete=models.PROTECT, related_name="+"
    )
    year = models.PositiveSmallIntegerField("任务年度")
    version_no = models.PositiveSmallIntegerField("版本", default=1, editable=False)
    basis = models.CharField("下达依据", max_length=200, blank=True, default="")
    is_in_force = models.BooleanField("现行版本", default=False, editable=False)

    class Meta:
        db_table = "revenue_task"
        verbose_name = verbose_name_plural = "年度收入任务"
        constraints = [
            models.UniqueConstraint(
                fields=("year",), condition=Q(is_in_force=True), name="revenue_task_one_in_force_a_year"
            ),
            models.UniqueConstraint(fields=("year", "version_no"), name="revenue_task_version_once"),
        ]


def _sum(names: list[str]) -> F:
    total = F(names[0])
    for name in names[1:]:
        total = total + F(name)  # type: ignore[assignment]
    return total


MONTH_FIELDS = tuple(f"m{month:02d}_fen" for month in range(1, 13))
QUARTER_FIELDS = tuple(f"q{quarter}_fen" for quarter in range(1, 5))


class TaskLine(models.Model):
    """One item at one level: the year's task, its quarters and its months. Σ月＝季, Σ季＝年 by constraint."""

    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="lines")
    level = models.CharField("级次", max_length=10, choices=LEVELS[1:])
    fund = models.CharField("资金性质", max_length=16, default="general")
    revenue_code = models.CharField("收入分类", max_length=9)
    year_fen = models.BigIntegerField("全年")
    q1_fen = models.BigIntegerField("一季度")
    q2_fen = models.BigIntegerField("二季度")
    q3_fen = models.BigIntegerField("三季度")
    q4_fen = models.BigIntegerField("四季度")
    m01_fen = models.BigIntegerField("1月", default=0)
    m02_fen = models.BigIntegerField("2月", default=0)
    m03_fen = models.BigIntegerField("3月", default=0)
    m04_fen = models.BigIntegerField("4月", default=0)
    m05_fen = models.BigIntegerField("5月", default=0)
    m06_fen = models.BigIntegerField("6月", default=0)
    m07_fen = models.BigIntegerField("7月", default=0)
    m08_fen = models.BigIntegerField("8月", default=0)
    m09_fen = models.BigIntegerField("9月", default=0)
    m10_fen = models.BigIntegerField("10月", default=0)
    m11_fen = models.BigIntegerField("11月", default=0)
    m12_fen = models.BigIntegerField("12月", default=0)

    class Meta:
        db_table = "revenue_task_line"
        ordering = ("level", "fund", "revenue_code")
        verbose_name = verbose_name_plural = "任务明细"
        constraints = [
            models.UniqueConstraint(
                fields=("task", "level", "fund", "revenue_code"), name="revenue_task_line_item_once"
            ),
            models.CheckConstraint(
                name="revenue_task_line_level_known",
                condition=Q(level__in=("central", "province", "district")),
            ),
            models.CheckConstraint(
                name="revenue_task_line_year_is_quarters", condition=Q(year_fen=_sum(list(QUARTER_FIELDS)))
            ),
            *(
                models.CheckConstraint(
                    name=f"revenue_task_line_quarter_{quarter}_is_months",
                    condition=Q(
                        **{f"q{quarter}_fen": _sum(list(MONTH_FIELDS[quarter * 3 - 3 : quarter * 3]))}
                    ),
                )
                for quarter in range(1, 5)
            ),
            *(
                models.CheckConstraint(
                    name=f"revenue_task_line_{field}_not_negative", condition=Q(**{f"{field}__gte": 0})
                )
                for field in MONTH_FIELDS
            ),
        ]

    @property
    def months_fen(self) -> tuple[int, ...]:
        """The twelve months, in 分."""
        return tuple(getattr(self, field) for field in MONTH_FIELDS)


class TaskPosting(models.Model):
    """The ledger entry that carries one month of the tasks in force; a new version hands unchanged months on."""

    year = models.PositiveSmallIntegerField()
    month = models.PositiveSmallIntegerField()
    task = models.ForeignKey(Task, on_delete=models.PROTECT, related_name="+")
    entry_id = models.BigIntegerField()

    class Meta:
        db_table = "revenue_task_posting"
        constraints = [
            models.UniqueConstraint(fields=("year", "month"), name="revenue_task_posting_one_a_month"),
            models.CheckConstraint(name="revenue_task_posting_month_sane", condition=Q(month__range=(1, 12))),
        ]
