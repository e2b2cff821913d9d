"""Tables of the project register (norm A.2).

One row of `projects_project` belongs to one header row in `documents_document`; the header's id is the
`project` dimension of every ledger account, so a project is found from any payment without a join through
this module.
"""

from decimal import Decimal

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Round


class Category(models.TextChoices):
    """项目类别 of the integrated budget norm: what a project pays for."""

    PERSONNEL = "personnel", "人员类"
    PUBLIC = "public", "运转类（公用经费）"
    OPERATING = "operating", "运转类（其他运转）"
    SPECIAL = "special", "特定目标类"


class Nature(models.TextChoices):
    """How free the project is when money is short: 重点 and 刚性 are not cut."""

    PRIORITY = "priority", "重点"
    RIGID = "rigid", "刚性"
    ORDINARY = "ordinary", "一般"


class Grade(models.TextChoices):
    """The grade of the last performance evaluation."""

    EXCELLENT = "优", "优"
    GOOD = "良", "良"
    FAIR = "中", "中"
    POOR = "差", "差"


class SourceKind(models.TextChoices):
    """资金来源: where a project's total comes from."""

    OWN = "own", "本级财力"
    UPPER = "upper", "上级转移支付"
    GENERAL_BOND = "general_bond", "一般债券"
    SPECIAL_BOND = "special_bond", "专项债券"
    UNIT = "unit", "单位资金"


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
    nature = models.CharField("项目属性", max_length=10, choices=Nature.choices, default=Nature.ORDINARY)
    guarantee_item = models.CharField("三保事项", max_length=3, blank=True, default="")
    is_bond = models.BooleanField("债券项目", default=False)
    is_procurement = models.BooleanField("涉及政府采购", default=False)
    is_asset = models.BooleanField("涉及资产配置", default=False)
    is_new_policy = models.BooleanField("新增政策", default=False)
    has_upper_money = models.BooleanField("含上级资金", default=False)
    bond_reference = models.CharField("一案两书文号", max_length=100, blank=True, default="")
    is_self_balanced = models.BooleanField("收益自求平衡", default=False)
    contract_fen = models.BigIntegerField("已签合同待付额", default=0)
    grade = models.CharField("上次绩效等级", max_length=1, choices=Grade.choices, blank=True, default="")
    grade_year = models.PositiveSmallIntegerField("绩效等级年度", null=True, blank=True)

    @property
    def indicator_text(self) -> str:
        """The performance targets as lines of text, for the form."""
        from fisc.domains.projects.indicators import as_text

        return as_text(self.indicators.all())

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(nature__in=Nature.values), name="projects_project_nature_known"
            ),
            models.CheckConstraint(
                condition=Q(guarantee_item__regex=r"^([A-Z][0-9]{2})?$"),
                name="projects_project_guarantee_item_shape",
            ),
            models.CheckConstraint(
                condition=Q(contract_fen__gte=0), name="projects_project_contract_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(grade="", grade_year__isnull=True)
                | Q(grade__in=Grade.values, grade_year__isnull=False),
                name="projects_project_grade_has_year",
            ),
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


class EstimateLine(models.Model):
    """测算明细: 标准 × 数量 for one thing in one year; the lines of a year make the year's amount."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="estimates")
    fiscal_year = models.PositiveSmallIntegerField("年度")
    row_no = models.PositiveIntegerField("行号")
    name = models.CharField("测算内容", max_length=100)
    economic_code = models.CharField("部门经济分类", max_length=12)
    standard_fen = models.BigIntegerField("标准")
    quantity = models.DecimalField("数量", max_digits=14, decimal_places=4)
    measure = models.CharField("计量单位", max_length=20)
    amount_fen = models.BigIntegerField("金额")
    note = models.CharField("说明", max_length=200, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "row_no"], name="projects_estimateline_row_once"),
            models.CheckConstraint(
                condition=Q(standard_fen__gt=0, quantity__gt=0), name="projects_estimateline_positive"
            ),
            models.CheckConstraint(
                condition=~Q(name="") & ~Q(measure=""), name="projects_estimateline_named"
            ),
            models.CheckConstraint(
                condition=Q(amount_fen=Round(F("standard_fen") * F("quantity"))),
                name="projects_estimateline_amount_is_standard_times_quantity",
            ),
        ]


class Source(models.Model):
    """资金来源: one kind of money of a project; all together are the total."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="sources")
    kind = models.CharField("来源", max_length=12, choices=SourceKind.choices)
    amount_fen = models.BigIntegerField("金额")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "kind"], name="projects_source_kind_once"),
            models.CheckConstraint(
                condition=Q(kind__in=SourceKind.values), name="projects_source_kind_known"
            ),
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="projects_source_amount_positive"),
        ]


class Indicator(models.Model):
    """绩效指标: one third-level indicator with what is to be reached, how it is measured, and its weight."""

    class Level(models.TextChoices):
        """一级指标."""

        OUTPUT = "output", "产出"
        BENEFIT = "benefit", "效益"
        SATISFACTION = "satisfaction", "满意度"

    class Direction(models.TextChoices):
        """How the value reached is held against the target."""

        AT_LEAST = "ge", "≥"
        AT_MOST = "le", "≤"
        EQUAL = "eq", "="
        GRADED = "graded", "定性"

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="indicators")
    row_no = models.PositiveIntegerField("行号")
    level1 = models.CharField("一级指标", max_length=12, choices=Level.choices)
    level2 = models.CharField("二级指标", max_length=20)
    name = models.CharField("三级指标", max_length=100)
    direction = models.CharField("符号", max_length=6, choices=Direction.choices, default=Direction.AT_LEAST)
    target = models.CharField("指标值", max_length=60, blank=True, default="")
    measure = models.CharField("计量单位", max_length=20, blank=True, default="")
    weight = models.DecimalField("权重", max_digits=5, decimal_places=2, default=Decimal(0))

    class Meta:
        ordering = ("row_no",)
        constraints = [
            models.UniqueConstraint(fields=["project", "row_no"], name="projects_indicator_row_once"),
            models.UniqueConstraint(fields=["project", "name"], name="projects_indicator_name_once"),
            models.CheckConstraint(
                condition=Q(level1__in=("output", "benefit", "satisfaction")),
                name="projects_indicator_level_known",
            ),
            models.CheckConstraint(
                condition=Q(direction__in=("ge", "le", "eq", "graded")),
                name="projects_indicator_direction_known",
            ),
            models.CheckConstraint(condition=~Q(name=""), name="projects_indicator_named"),
            models.CheckConstraint(
                condition=Q(weight__gte=0, weight__lte=100), name="projects_indicator_weight_in_hundred"
            ),
        ]


class Rank(models.Model):
    """主管部门排序: a project's place among its department's for one budget year."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="ranks")
    department = models.ForeignKey("orgs.Unit", on_delete=models.PROTECT, related_name="+")
    fiscal_year = models.PositiveSmallIntegerField("年度")
    rank = models.PositiveIntegerField("排序")
    ranked_by = models.ForeignKey("orgs.User", on_delete=models.PROTECT, related_name="+")
    ranked_at = models.DateTimeField("排序时间")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "fiscal_year"], name="projects_rank_project_once"),
            models.UniqueConstraint(
                fields=["department", "fiscal_year", "rank"], name="projects_rank_place_once"
            ),
            models.CheckConstraint(condition=Q(rank__gte=1), name="projects_rank_positive"),
        ]


class Evaluation(models.Model):
    """事前绩效评估: five aspects of a new project scored out of 20 each, the conclusion, the amount held to be right."""

    class Conclusion(models.TextChoices):
        """Whether the project may go on to the library."""

        PASSED = "passed", "通过"
        FAILED = "failed", "不通过"

    document = models.OneToOneField(
        "documents.Document", primary_key=True, on_delete=models.PROTECT, related_name="+"
    )
    project = models.ForeignKey(
        "documents.Document", on_delete=models.PROTECT, related_name="+", verbose_name="项目"
    )
    necessity = models.PositiveSmallIntegerField("立项必要性")
    economy = models.PositiveSmallIntegerField("投入经济性")
    goals = models.PositiveSmallIntegerField("目标合理性")
    feasibility = models.PositiveSmallIntegerField("实施可行性")
    funding = models.PositiveSmallIntegerField("筹资合规性")
    conclusion = models.CharField("评估结论", max_length=6, choices=Conclusion.choices)
    suggested_fen = models.BigIntegerField("评估核定额")
    report_reference = models.CharField("评估报告文号", max_length=100, blank=True, default="")
    opinion = models.TextField("评估意见", blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    necessity__lte=20, economy__lte=20, goals__lte=20, feasibility__lte=20, funding__lte=20
                ),
                name="projects_evaluation_aspects_within_twenty",
            ),
            models.CheckConstraint(
                condition=Q(conclusion__in=("passed", "failed")), name="projects_evaluation_conclusion_known"
            ),
            models.CheckConstraint(
                condition=Q(suggested_fen__gte=0), name="projects_evaluation_suggested_not_negative"
            ),
        ]


class Withdrawal(models.Model):
    """清理建议: a project that has stood idle, proposed to be withdrawn; answered by 收回 or 保留."""

    class Why(models.TextChoices):
        """In which way it is idle."""

        NOT_ARRANGED = "not_arranged", "入库后未安排预算"
        NOT_PAID = "not_paid", "执行中未发生支付"

    class Answer(models.TextChoices):
        """What became of the proposal."""

        KEPT = "kept", "保留"
        RECALLED = "recalled", "收回"

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="withdrawals")
    proposed_on = models.DateField("提出日期")
    why = models.CharField("情形", max_length=12, choices=Why.choices)
    since = models.DateField("闲置自")
    room_fen = models.BigIntegerField("可收回额度")
    answer = models.CharField("处理", max_length=8, choices=Answer.choices, blank=True, default="")
    reason = models.TextField("理由", blank=True, default="")
    answered_by = models.ForeignKey("orgs.User", on_delete=models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField("处理时间", null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["project"], condition=Q(answer=""), name="projects_withdrawal_one_open"
            ),
            models.CheckConstraint(
                condition=Q(answer="", answered_by__isnull=True, answered_at__isnull=True)
                | (~Q(answer="") & ~Q(reason="") & Q(answered_by__isnull=False, answered_at__isnull=False)),
                name="projects_withdrawal_answer_whole",
            ),
            models.CheckConstraint(
                condition=Q(since__lte=F("proposed_on")), name="projects_withdrawal_since_before"
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
    source_kind = models.CharField(
        "调整的资金来源", max_length=12, choices=SourceKind.choices, default=SourceKind.OWN
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(source_kind__in=SourceKind.values), name="projects_change_source_known"
            ),
            models.CheckConstraint(condition=Q(new_total_fen__gt=0), name="projects_change_total_positive"),
            models.CheckConstraint(condition=~Q(reason=""), name="projects_change_reason_given"),
        ]
