"""The dimensions every line of the budget carries, and the words of the field for them."""

from django.db import models
from django.db.models import Q

FUNDS = ("general", "govfund", "statecapital", "socialinsurance", "unit")
FUND_LABELS = dict(
    zip(
        FUNDS,
        ("一般公共预算", "政府性基金预算", "国有资本经营预算", "社会保险基金预算", "单位资金"),
        strict=True,
    )
)

# Flags of the ledger (kernel): bits of one small number.
FLAG_THREE_GUARANTEES = 1
FLAG_DIRECT = 2
FLAG_BOND = 4
FLAG_LABELS = {FLAG_THREE_GUARANTEES: "三保", FLAG_DIRECT: "直达资金", FLAG_BOND: "债券资金"}


class Origin(models.TextChoices):
    """指标来源: where the money of a line came from."""

    INITIAL = "initial", "年初预算"
    CARRYOVER = "carryover", "上年结转"
    SUPPLEMENT = "supplement", "预算追加"
    TRANSFER = "transfer", "上级转移支付"
    ADVANCE = "advance", "预拨垫付"


class Spending(models.TextChoices):
    """支出类型: basic spending may not be mixed with project spending (norm A.5)."""

    PERSONNEL = "personnel", "人员经费"
    PUBLIC = "public", "公用经费"
    PROJECT = "project", "项目支出"


BASIC_SPENDING = frozenset({Spending.PERSONNEL.value, Spending.PUBLIC.value})


def spending_of_category(category: str) -> str:
    """Return the kind of spending (支出类型) a project category stands for."""
    return {"personnel": Spending.PERSONNEL.value, "public": Spending.PUBLIC.value}.get(
        category, Spending.PROJECT.value
    )


def flags_text(flags: int) -> str:
    """Return the flags as words, e.g. 三保、直达资金."""
    return "、".join(label for bit, label in FLAG_LABELS.items() if flags & bit)


class Dimensioned(models.Model):
    """Columns shared by approved lines and allotments."""

    project = models.ForeignKey("documents.Document", on_delete=models.PROTECT, related_name="+")
    spending = models.CharField("支出类型", max_length=12, choices=Spending.choices)
    fund = models.CharField("资金性质", max_length=16)
    function_code = models.CharField("支出功能分类", max_length=9)
    economic_code = models.CharField("部门经济分类", max_length=7)
    government_code = models.CharField("政府经济分类", max_length=7, blank=True, default="")
    flags = models.PositiveSmallIntegerField("标识", default=0)

    @property
    def flag_marks(self) -> str:
        """The flags as the form's choice."""
        return str(self.flags)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(condition=Q(fund__in=FUNDS), name="budget_%(class)s_fund_known"),
            models.CheckConstraint(
                condition=Q(flags__gte=0) & Q(flags__lte=7), name="budget_%(class)s_flags_known"
            ),
            models.CheckConstraint(
                condition=Q(spending__in=Spending.values), name="budget_%(class)s_spending_known"
            ),
        ]
