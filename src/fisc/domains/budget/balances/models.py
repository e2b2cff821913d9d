"""Tables of the four budgets: one balance per fund and year, transfers between two of them, and what the law allows.

A balance's items are columns, so that PostgreSQL itself holds what 预算法 demands of an approved one.
"""

from collections.abc import Iterable
from functools import reduce
from typing import cast

from django.db import models
from django.db.models import F, Q
from django.db.models.expressions import Combinable
from django.db.models.lookups import GreaterThanOrEqual, LessThanOrEqual

FOUR_FUNDS = ("general", "govfund", "statecapital", "socialinsurance")
REVENUE_ITEMS = {
    "own_revenue_fen": "本级收入",
    "upper_fen": "上级补助收入",
    "debt_fen": "地方政府债务收入",
    "transferred_in_fen": "调入资金",
    "last_surplus_fen": "上年结余结转",
    "stabilised_fen": "动用预算稳定调节基金",
}
EXPENDITURE_ITEMS = {
    "own_spending_fen": "本级支出",
    "reserve_fen": "预备费",
    "transfers_fen": "上解上级及补助下级支出",
    "repayment_fen": "地方政府债务还本支出",
    "transferred_out_fen": "调出资金",
    "set_aside_fen": "补充预算稳定调节基金",
    "surplus_fen": "年终结余结转",
}
ITEMS = {**REVENUE_ITEMS, **EXPENDITURE_ITEMS}


def _item(key: str) -> models.BigIntegerField:
    return models.BigIntegerField(ITEMS[key], default=0)


def _sum(keys: Iterable[str]) -> Combinable:
    first, *rest = keys
    return reduce(lambda total, key: total + F(key), rest, cast(Combinable, F(first)))


class Balance(models.Model):
    """收支平衡表 of one fund and year, as the people's congress approved it (年初) or adjusted it (调整)."""

    class Stage(models.TextChoices):
        """Which approval it is."""

        INITIAL = "initial", "年初预算"
        ADJUSTED = "adjusted", "调整预算"

    document = models.OneToOneField(
        "documents.Document", primary_key=True, on_delete=models.PROTECT, related_name="+"
    )
    year = models.PositiveSmallIntegerField("预算年度")
    fund = models.CharField("预算", max_length=16)
    stage = models.CharField("阶段", max_length=8, choices=Stage.choices, default=Stage.INITIAL)
    own_revenue_fen = _item("own_revenue_fen")
    upper_fen = _item("upper_fen")
    debt_fen = _item("debt_fen")
    transferred_in_fen = _item("transferred_in_fen")
    last_surplus_fen = _item("last_surplus_fen")
    stabilised_fen = _item("stabilised_fen")
    own_spending_fen = _item("own_spending_fen")
    reserve_fen = _item("reserve_fen")
    transfers_fen = _item("transfers_fen")
    repayment_fen = _item("repayment_fen")
    transferred_out_fen = _item("transferred_out_fen")
    set_aside_fen = _item("set_aside_fen")
    surplus_fen = _item("surplus_fen")
    note = models.TextField("说明", blank=True, default="")
    approved_on = models.DateField("批准日期", null=True, blank=True, editable=False)
    is_current = models.BooleanField("现行", default=False, editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(fund__in=FOUR_FUNDS), name="budget_balance_fund_known"),
            models.CheckConstraint(
                condition=Q(approved_on__isnull=True) | Q(own_revenue_fen=_sum(EXPENDITURE_ITEMS) - _sum(
                    {key: name for key, name in REVENUE_ITEMS.items() if key != "own_revenue_fen"}
                )),
                name="budget_balance_balanced",
            ),
            models.CheckConstraint(
                condition=Q(approved_on__isnull=True)
                | ~Q(fund="general")
                | Q(GreaterThanOrEqual(F("own_spending_fen") * 3, F("reserve_fen") * 100))
                & Q(LessThanOrEqual(F("own_spending_fen"), F("reserve_fen") * 100)),
                name="budget_balance_reserve_ratio",
            ),
            models.CheckConstraint(
                condition=Q(**{f"{key}__gte": 0 for key in ITEMS}), name="budget_balance_items_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(fund="general") | Q(stabilised_fen=0, set_aside_fen=0, reserve_fen=0),
                name="budget_balance_stabilisation_is_general",
            ),
            models.CheckConstraint(
                condition=Q(is_current=False) | Q(approved_on__isnull=False),
                name="budget_balance_current_is_approved",
            ),
            models.UniqueConstraint(
                fields=["year", "fund"], condition=Q(is_current=True), name="budget_balance_one_current"
            ),
        ]  # fmt: skip

    @property
    def revenue_fen(self) -> int:
        """收入总计."""
        return sum(getattr(self, key) for key in REVENUE_ITEMS)

    @property
    def expenditure_fen(self) -> int:
        """支出总计."""
        return sum(getattr(self, key) for key in EXPENDITURE_ITEMS)


class TransferRule(models.Model):
    """Whether money may go from one of the four budgets to another, from a day on, and on which clause that rests."""

    class Permission(models.TextChoices):
        """What the law says of the pair."""

        ALLOWED = "allowed", "可以调入"
        RESTRICTED = "restricted", "须有专门文件依据"
        FORBIDDEN = "forbidden", "不得调入"

    from_fund = models.CharField("调出预算", max_length=16)
    to_fund = models.CharField("调入预算", max_length=16)
    permission = models.CharField("规定", max_length=10, choices=Permission.choices)
    min_percent = models.DecimalField("最低调入比例％", max_digits=5, decimal_places=2, null=True, blank=True)
    basis = models.CharField("依据", max_length=200)
    way = models.CharField("合规办法", max_length=200, blank=True, default="")
    valid_from = models.DateField("自")
    valid_to = models.DateField("至", null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["from_fund", "to_fund", "valid_from"], name="budget_transferrule_once_a_day"
            ),
            models.CheckConstraint(
                condition=~Q(from_fund=F("to_fund")), name="budget_transferrule_two_funds"
            ),
            models.CheckConstraint(
                condition=Q(min_percent__isnull=True) | Q(min_percent__gte=0, min_percent__lte=100),
                name="budget_transferrule_percent",
            ),
        ]


class BudgetTransfer(models.Model):
    """预算间调拨: out of one budget and into another, one document for both sides."""

    document = models.OneToOneField(
        "documents.Document", primary_key=True, on_delete=models.PROTECT, related_name="+"
    )
    from_fund = models.CharField("调出预算", max_length=16)
    to_fund = models.CharField("调入预算", max_length=16)
    idle_fen = models.BigIntegerField("其中：盘活存量资金", default=0)
    reference = models.CharField("依据文号", max_length=60, blank=True, default="")
    reason = models.TextField("调入用途")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(from_fund__in=FOUR_FUNDS) & Q(to_fund__in=FOUR_FUNDS),
                name="budget_budgettransfer_funds_known",
            ),
            models.CheckConstraint(
                condition=~Q(from_fund=F("to_fund")), name="budget_budgettransfer_two_funds"
            ),
            models.CheckConstraint(
                condition=Q(idle_fen__gte=0), name="budget_budgettransfer_idle_not_negative"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="budget_budgettransfer_reason_given"),
        ]
