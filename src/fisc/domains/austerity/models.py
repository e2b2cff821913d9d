"""Tables of the module: 三公 ceilings and their changes, caps on general expenditure, the register of receptions.

What is left of a ceiling stands in the ledger (book `ceiling`); these tables say what each document asked for.
"""

from django.db import models
from django.db.models import Q

from fisc.domains.austerity.items import CATEGORIES, THREE_PUBLIC, TOTAL

CONFIDENCES = (("verified", "已核实"), ("likely", "较可靠"), ("local", "本地自定"))
LINE_CODES = (*(code for code, _ in THREE_PUBLIC), TOTAL)


class SetVersion(models.Model):
    """一般性支出口径: one version, in force from a fiscal year on until the next one."""

    valid_from_year = models.PositiveSmallIntegerField("启用年度")
    basis = models.CharField("依据", max_length=200)

    class Meta:
        db_table = "austerity_set_version"
        ordering = ("valid_from_year",)
        verbose_name = verbose_name_plural = "一般性支出口径版本"
        constraints = [
            models.UniqueConstraint(fields=["valid_from_year"], name="austerity_set_version_year_once"),
            models.CheckConstraint(condition=~Q(basis=""), name="austerity_set_version_basis_given"),
        ]


class SetItem(models.Model):
    """An economic item (with what is below it) that counts as general expenditure."""

    version = models.ForeignKey(SetVersion, on_delete=models.CASCADE, related_name="items")
    economic_prefix = models.CharField("部门经济分类（含下级）", max_length=7)
    category = models.CharField("类别", max_length=16, choices=CATEGORIES)
    name = models.CharField("名称", max_length=60)
    confidence = models.CharField("可信度", max_length=10, choices=CONFIDENCES, default="local")

    class Meta:
        db_table = "austerity_set_item"
        ordering = ("version_id", "economic_prefix")
        verbose_name = verbose_name_plural = "一般性支出口径"
        constraints = [
            models.UniqueConstraint(fields=["version", "economic_prefix"], name="austerity_set_item_once"),
            models.CheckConstraint(
                condition=Q(category__in=[code for code, _ in CATEGORIES]),
                name="austerity_set_item_category_known",
            ),
            models.CheckConstraint(condition=~Q(economic_prefix=""), name="austerity_set_item_code_given"),
        ]


class Ceiling(models.Model):
    """三公额度 of a year: ceilings by unit and item, and a total by unit (双控)."""

    document = models.OneToOneField(
        "documents.Document", primary_key=True, on_delete=models.PROTECT, related_name="+"
    )
    year = models.PositiveSmallIntegerField("年度")
    note = models.CharField("说明", max_length=200, blank=True, default="")

    class Meta:
        db_table = "austerity_ceiling"
        verbose_name = verbose_name_plural = "三公额度"


class CeilingLine(models.Model):
    """The ceiling of one unit for one item; without an item it is the unit's total."""

    ceiling = models.ForeignKey(Ceiling, on_delete=models.CASCADE, related_name="lines")
    row_no = models.PositiveIntegerField("行号")
    unit = models.ForeignKey("orgs.Unit", on_delete=models.PROTECT, related_name="+")
    economic_code = models.CharField("部门经济分类", max_length=7, blank=True, default="")
    amount_fen = models.BigIntegerField("额度")

    class Meta:
        db_table = "austerity_ceiling_line"
        verbose_name = verbose_name_plural = "三公额度明细"
        constraints = [
            models.UniqueConstraint(fields=["ceiling", "row_no"], name="austerity_ceiling_line_row_once"),
            models.CheckConstraint(
                condition=Q(amount_fen__gte=0), name="austerity_ceiling_line_amount_not_negative"
            ),
        ]


class CeilingChange(models.Model):
    """三公额度调整: raises or lowers ceilings that were given; a virement never does (三公经费只减不增)."""

    document = models.OneToOneField(
        "documents.Document", primary_key=True, on_delete=models.PROTECT, related_name="+"
    )
    year = models.PositiveSmallIntegerField("年度")
    reason = models.TextField("调整理由")
    economic_code = models.CharField("三公项目", max_length=7, blank=True, default="")
    change_fen = models.BigIntegerField("调整额", default=0)
    """One unit's change as typed in the form; changes of many units stand in the lines only."""

    class Meta:
        db_table = "austerity_ceiling_change"
        verbose_name = verbose_name_plural = "三公额度调整"
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="austerity_ceiling_change_reason_given"),
        ]


class ChangeLine(models.Model):
    """One ceiling raised (above zero) or lowered (below zero)."""

    change = models.ForeignKey(CeilingChange, on_delete=models.CASCADE, related_name="lines")
    row_no = models.PositiveIntegerField("行号")
    unit = models.ForeignKey("orgs.Unit", on_delete=models.PROTECT, related_name="+")
    economic_code = models.CharField("部门经济分类", max_length=7, blank=True, default="")
    amount_fen = models.BigIntegerField("调整额")

    class Meta:
        db_table = "austerity_change_line"
        verbose_name = verbose_name_plural = "三公额度调整明细"
        constraints = [
            models.UniqueConstraint(fields=["change", "row_no"], name="austerity_change_line_row_once"),
            models.CheckConstraint(condition=~Q(amount_fen=0), name="austerity_change_line_amount_given"),
        ]


class Cap(models.Model):
    """一般性支出限额 of a year: what each unit may budget for general expenditure, cut against last year's budget."""

    document = models.OneToOneField(
        "documents.Document", primary_key=True, on_delete=models.PROTECT, related_name="+"
    )
    year = models.PositiveSmallIntegerField("年度")
    rate_percent = models.DecimalField("压减比例%", max_digits=7, decimal_places=4, default=0)
    basis = models.CharField("依据", max_length=200)
    is_in_force = models.BooleanField("现行", default=False, editable=False)

    class Meta:
        db_table = "austerity_cap"
        verbose_name = verbose_name_plural = "一般性支出限额"
        constraints = [
            models.UniqueConstraint(
                fields=["year"], condition=Q(is_in_force=True), name="austerity_cap_one_in_force"
            ),
            models.CheckConstraint(
                condition=Q(rate_percent__gte=0, rate_percent__lte=100), name="austerity_cap_rate_in_range"
            ),
            models.CheckConstraint(condition=~Q(basis=""), name="austerity_cap_basis_given"),
        ]


class CapLine(models.Model):
    """The cap of one unit, and last year's initial budget it was cut from."""

    cap = models.ForeignKey(Cap, on_delete=models.CASCADE, related_name="lines")
    row_no = models.PositiveIntegerField("行号")
    unit = models.ForeignKey("orgs.Unit", on_delete=models.PROTECT, related_name="+")
    base_fen = models.BigIntegerField("上年预算", default=0)
    cap_fen = models.BigIntegerField("限额")

    class Meta:
        db_table = "austerity_cap_line"
        verbose_name = verbose_name_plural = "一般性支出限额明细"
        constraints = [
            models.UniqueConstraint(fields=["cap", "row_no"], name="austerity_cap_line_row_once"),
            models.UniqueConstraint(fields=["cap", "unit"], name="austerity_cap_line_unit_once"),
            models.CheckConstraint(
                condition=Q(cap_fen__gte=0, base_fen__gte=0), name="austerity_cap_line_not_negative"
            ),
        ]


class Reception(models.Model):
    """公务接待登记: one reception with its letter, batches and people (党政机关国内公务接待管理规定)."""

    document = models.OneToOneField(
        "documents.Document", primary_key=True, on_delete=models.PROTECT, related_name="+"
    )
    letter_no = models.CharField("公函号", max_length=60, blank=True, default="")
    letter_from = models.CharField("来函单位", max_length=100, blank=True, default="")
    batches = models.PositiveIntegerField("批次", default=1)
    guests = models.PositiveIntegerField("来宾人数")
    escorts = models.PositiveIntegerField("陪餐人数", default=0)
    payment = models.ForeignKey(
        "documents.Document", on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )

    class Meta:
        db_table = "austerity_reception"
        verbose_name = verbose_name_plural = "公务接待登记"
        constraints = [
            models.CheckConstraint(
                condition=Q(guests__gt=0, batches__gt=0), name="austerity_reception_people_given"
            ),
        ]
