"""Tables of the budget module: what was approved, released, raised, cut, moved and frozen (norm A.4-A.7).

The amounts that control payments live in the ledger only; these tables say what each document asks for.
Dimensions of an allotment never change after release: a change is a virement to another allotment.
"""

from django.db import models
from django.db.models import F, Q

from fisc.domains.budget.dimensions import Dimensioned, Origin


class Appropriation(models.Model):
    """预算批复: one approval with its lines, raised as one document."""

    document = models.OneToOneField(
        "documents.Document", primary_key=True, on_delete=models.PROTECT, related_name="+"
    )
    origin = models.CharField("指标来源", max_length=12, choices=Origin.choices, default=Origin.INITIAL)
    reference = models.CharField("批复文号", max_length=60, blank=True, default="")
    funding = models.CharField("资金来源", max_length=100, blank=True, default="")
    note = models.TextField("备注", blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(origin__in=Origin.values), name="budget_appropriation_origin_known"
            ),
        ]


class AppropriationLine(Dimensioned):
    """One row of the approved budget: unit x project x fund x function x economic item."""

    appropriation = models.ForeignKey(Appropriation, on_delete=models.CASCADE, related_name="lines")
    row_no = models.PositiveIntegerField("行号")
    unit = models.ForeignKey("orgs.Unit", on_delete=models.PROTECT, related_name="+")
    amount_fen = models.BigIntegerField("金额")
    note = models.CharField("备注", max_length=200, blank=True, default="")

    class Meta(Dimensioned.Meta):
        constraints = [
            *Dimensioned.Meta.constraints,
            models.UniqueConstraint(
                fields=["appropriation", "row_no"], name="budget_appropriationline_row_once"
            ),
            models.CheckConstraint(
                condition=Q(amount_fen__gt=0), name="budget_appropriationline_amount_positive"
            ),
        ]


class Allotment(Dimensioned):
    """指标: money released to one unit for one purpose, known by its 文号."""

    document = models.OneToOneField(
        "documents.Document", primary_key=True, on_delete=models.PROTECT, related_name="+"
    )
    reference = models.CharField("指标文号", max_length=60)
    origin = models.CharField("指标来源", max_length=12, choices=Origin.choices, default=Origin.INITIAL)
    note = models.CharField("摘要", max_length=200, blank=True, default="")
    first_year = models.PositiveSmallIntegerField("首次安排年度", null=True, blank=True)
    """The year in which the money was first budgeted; kept across every carry-over. Empty: its own year."""
    carried_from = models.ForeignKey(
        "documents.Document", on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )

    class Meta(Dimensioned.Meta):
        constraints = [
            *Dimensioned.Meta.constraints,
            models.CheckConstraint(
                condition=Q(origin__in=Origin.values), name="budget_allotment_origin_known"
            ),
            models.UniqueConstraint(fields=["carried_from"], name="budget_allotment_carried_once"),
            models.CheckConstraint(
                condition=Q(carried_from__isnull=True) | Q(first_year__isnull=False),
                name="budget_allotment_carried_keeps_its_year",
            ),
            models.CheckConstraint(condition=~Q(reference=""), name="budget_allotment_reference_given"),
        ]
        indexes = [models.Index(fields=["reference"], name="budget_allotment_reference")]


class FundingKind(models.TextChoices):
    """来源类别 of a supplement: idle money that was recovered may be arranged once (F16)."""

    UPPER = "upper", "上级补助"
    IDLE = "idle", "盘活存量资金"
    RESERVE = "reserve", "预备费"
    STABILISED = "stabilised", "预算稳定调节基金"
    OTHER = "other", "其他"


class Adjustment(models.Model):
    """追加 or 追减 of one allotment (two document kinds share the table; the header says which)."""

    document = models.OneToOneField(
        "documents.Document", primary_key=True, on_delete=models.PROTECT, related_name="+"
    )
    allotment = models.ForeignKey("documents.Document", on_delete=models.PROTECT, related_name="+")
    reference = models.CharField("文号", max_length=60, blank=True, default="")
    source_kind = models.CharField(
        "来源类别", max_length=12, choices=FundingKind.choices, default=FundingKind.OTHER
    )
    funding = models.CharField("资金来源", max_length=100, blank=True, default="")
    offset_note = models.CharField("平衡措施", max_length=200, blank=True, default="")
    """紧日子: what is saved elsewhere for this supplement; who demands it is another module's rule."""
    reason = models.TextField("理由")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="budget_adjustment_reason_given"),
            models.CheckConstraint(
                condition=Q(source_kind__in=FundingKind.values), name="budget_adjustment_source_known"
            ),
        ]


class Virement(models.Model):
    """调剂: money moved between allotments inside the approved total; the movements stand in its lines."""

    document = models.OneToOneField(
        "documents.Document", primary_key=True, on_delete=models.PROTECT, related_name="+"
    )
    reference = models.CharField("文号", max_length=60, blank=True, default="")
    reason = models.TextField("调剂理由")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="budget_virement_reason_given"),
        ]

    @property
    def out_allotment_id(self) -> int | None:
        """The giving allotment of the first movement, for the form."""
        return self.lines.order_by("row_no").values_list("out_allotment_id", flat=True).first()

    @property
    def in_allotment_id(self) -> int | None:
        """The taking allotment of the first movement, for the form."""
        return self.lines.order_by("row_no").values_list("in_allotment_id", flat=True).first()


class VirementLine(models.Model):
    """One movement from an allotment to another: what goes out equals what comes in, by construction."""

    virement = models.ForeignKey(Virement, on_delete=models.CASCADE, related_name="lines")
    row_no = models.PositiveIntegerField("行号")
    out_allotment = models.ForeignKey("documents.Document", on_delete=models.PROTECT, related_name="+")
    in_allotment = models.ForeignKey("documents.Document", on_delete=models.PROTECT, related_name="+")
    amount_fen = models.BigIntegerField("金额")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["virement", "row_no"], name="budget_virementline_row_once"),
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="budget_virementline_amount_positive"),
            models.CheckConstraint(
                condition=~Q(out_allotment=F("in_allotment")), name="budget_virementline_two_allotments"
            ),
        ]


class Freeze(models.Model):
    """冻结: money of an allotment set aside until it is released again by the same document."""

    document = models.OneToOneField(
        "documents.Document", primary_key=True, on_delete=models.PROTECT, related_name="+"
    )
    allotment = models.ForeignKey("documents.Document", on_delete=models.PROTECT, related_name="+")
    reason = models.TextField("冻结原因")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="budget_freeze_reason_given"),
        ]


# The tables of the larger subjects stand beside their services; Django finds them here.
from fisc.domains.budget.advances.models import Advance, AdvanceClearing  # noqa: E402
from fisc.domains.budget.balances.models import Balance, BudgetTransfer, TransferRule  # noqa: E402
from fisc.domains.budget.execution.models import (  # noqa: E402
    CutExemption,
    CutLadder,
    ExecutionCut,
    ExecutionCutLine,
)
from fisc.domains.budget.idle.models import Idle, IdleLine  # noqa: E402
from fisc.domains.budget.yearend.models import YearEnd, YearEndLine, YearEndRule  # noqa: E402

__all__ = [
    "Adjustment", "Advance", "AdvanceClearing", "Allotment", "Appropriation", "AppropriationLine", "Balance",
    "BudgetTransfer", "CutExemption", "CutLadder", "ExecutionCut", "ExecutionCutLine", "Freeze", "FundingKind",
    "Idle", "IdleLine", "TransferRule", "Virement", "VirementLine", "YearEnd", "YearEndLine", "YearEndRule",
]  # fmt: skip
