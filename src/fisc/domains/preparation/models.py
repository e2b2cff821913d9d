"""Tables of the preparation of a budget (norm A.3, A.4): rounds, asks, control figures, frozen versions, replies.

Amounts in 分. What must never be false stands in constraints here and in sql/guards.sql: 二上 within 一下 by unit and
project, protected items uncut, replies within what the congress approved, closed stages and frozen versions unchanged.
"""

from django.db import models
from django.db.models import Case, F, Q, Value, When

from fisc.domains.preparation.words import DayBasis, Fund, Nature, Stage, VersionStage

MARKED_THREE_GUARANTEES = (1, 3, 5, 7)  # flags with the bit of 三保


class Round(models.Model):
    """编制年度: one preparation of a fiscal year's budget; its stage is the header's state."""

    document = models.OneToOneField(
        "documents.Document", primary_key=True, on_delete=models.PROTECT, related_name="+"
    )
    fiscal_year = models.PositiveSmallIntegerField("预算年度")
    is_open = models.BooleanField("已启动", default=False)
    closed_stages = models.PositiveSmallIntegerField("已冻结到", default=0)
    approved_on = models.DateField("人大批准日期", null=True, blank=True)
    resolution = models.CharField("人大决议文号", max_length=60, blank=True, default="")
    reply_days = models.PositiveSmallIntegerField("批复时限（天）", default=20)
    forward_days = models.PositiveSmallIntegerField("转批时限（天）", default=15)
    disclose_days = models.PositiveSmallIntegerField("公开时限（天）", default=20)
    day_basis = models.CharField(
        "时限口径", max_length=8, choices=DayBasis.choices, default=DayBasis.CALENDAR
    )
    note = models.TextField("编制要求", blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["fiscal_year"], condition=Q(is_open=True), name="preparation_round_one_per_year"
            ),
            models.CheckConstraint(
                condition=Q(fiscal_year__gte=2000) & Q(fiscal_year__lte=2999),
                name="preparation_round_year_known",
            ),
            models.CheckConstraint(condition=Q(closed_stages__lte=5), name="preparation_round_stage_known"),
            models.CheckConstraint(
                condition=Q(reply_days__gte=1) & Q(forward_days__gte=1) & Q(disclose_days__gte=1),
                name="preparation_round_days_positive",
            ),
            models.CheckConstraint(
                condition=Q(day_basis__in=DayBasis.values), name="preparation_round_day_basis_known"
            ),
            models.CheckConstraint(
                condition=Q(approved_on__isnull=True, resolution="")
                | (Q(approved_on__isnull=False) & ~Q(resolution="")),
                name="preparation_round_approval_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.fiscal_year}年部门预算编制"


class Request(models.Model):
    """单位申报: what one unit asks for in one stage (一上, 二上), through its approval chain."""

    document = models.OneToOneField(
        "documents.Document", primary_key=True, on_delete=models.PROTECT, related_name="+"
    )
    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="requests")
    unit = models.ForeignKey("orgs.Unit", on_delete=models.PROTECT, related_name="+")
    stage = models.CharField("申报阶段", max_length=8, choices=Stage.choices)
    note = models.TextField("申报说明", blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["round", "unit", "stage"], name="preparation_request_once_per_stage"
            ),
            models.CheckConstraint(
                condition=Q(stage__in=Stage.values), name="preparation_request_stage_known"
            ),
        ]


class Line(models.Model):
    """编报明细: unit x project x fund x function x economic item x flags, with its amount in every stage.

    Category, nature and 三保 item are the project's as they were at 一上. Null: the stage has not got there yet.
    """

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="lines", db_index=False)
    unit = models.ForeignKey("orgs.Unit", on_delete=models.PROTECT, related_name="+", db_index=False)
    project = models.ForeignKey(
        "documents.Document", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    fund = models.CharField("资金性质", max_length=16)
    function_code = models.CharField("支出功能分类", max_length=9)
    economic_code = models.CharField("部门经济分类", max_length=7)
    flags = models.PositiveSmallIntegerField("标识", default=0)
    category = models.CharField("项目类别", max_length=12)
    nature = models.CharField("项目属性", max_length=10)
    guarantee_item = models.CharField("三保事项", max_length=12, blank=True, default="")
    first_fen = models.BigIntegerField("一上", default=0)
    standard_fen = models.BigIntegerField("按标准测算", null=True, blank=True)
    standard_note = models.CharField("测算依据", max_length=300, blank=True, default="")
    reviewed_fen = models.BigIntegerField("审定数", null=True, blank=True)
    reason = models.CharField("审核理由", max_length=200, blank=True, default="")
    reviewer = models.ForeignKey(
        "orgs.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    second_fen = models.BigIntegerField("二上", null=True, blank=True)
    reply_fen = models.BigIntegerField("批复数", null=True, blank=True)
    note = models.CharField("说明", max_length=200, blank=True, default="")
    is_protected = models.GeneratedField(
        expression=Case(
            When(
                Q(nature=Nature.RIGID.value) | ~Q(guarantee_item="") | Q(flags__in=MARKED_THREE_GUARANTEES),
                then=Value(True),
            ),
            default=Value(False),
        ),
        output_field=models.BooleanField("不得压减"),
        db_persist=True,
    )
    is_cuttable = models.GeneratedField(
        expression=Case(
            When(
                Q(nature=Nature.ORDINARY.value)
                & Q(guarantee_item="")
                & ~Q(flags__in=MARKED_THREE_GUARANTEES),
                then=Value(True),
            ),
            default=Value(False),
        ),
        output_field=models.BooleanField("计入压减口径"),
        db_persist=True,
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=[
                    "round", "unit", "project", "fund", "function_code", "economic_code", "flags",
                    "guarantee_item",
                ],
                name="preparation_line_once",
            ),
            models.CheckConstraint(condition=Q(fund__in=Fund.values), name="preparation_line_fund_known"),
            models.CheckConstraint(
                condition=Q(flags__gte=0) & Q(flags__lte=7), name="preparation_line_flags_known"
            ),
            models.CheckConstraint(
                condition=Q(nature__in=Nature.values), name="preparation_line_nature_known"
            ),
            models.CheckConstraint(
                condition=Q(first_fen__gte=0), name="preparation_line_first_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(reviewed_fen__isnull=True) | Q(reviewed_fen__gte=0),
                name="preparation_line_reviewed_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(second_fen__isnull=True) | Q(second_fen__gte=0),
                name="preparation_line_second_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(reply_fen__isnull=True) | Q(reply_fen__gte=0),
                name="preparation_line_reply_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(reviewed_fen__isnull=True)
                | Q(is_protected=False)
                | Q(reviewed_fen__gte=F("first_fen")),
                name="preparation_line_protected_uncut",
            ),
            models.CheckConstraint(
                condition=Q(reviewed_fen__isnull=True)
                | Q(reviewed_fen=F("first_fen"))
                | ~Q(reason=""),
                name="preparation_line_change_has_reason",
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["round", "project"], name="preparation_line_project")]


class Ceiling(models.Model):
    """控制数: what one unit may ask for one project at 二上, and what it asks; kept by triggers on the lines."""

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="ceilings")
    unit = models.ForeignKey("orgs.Unit", on_delete=models.PROTECT, related_name="+")
    project = models.ForeignKey("documents.Document", on_delete=models.PROTECT, related_name="+")
    control_fen = models.BigIntegerField("控制数")
    second_fen = models.BigIntegerField("二上合计", default=0)
    source = models.ForeignKey("documents.Document", on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["round", "unit", "project"], name="preparation_ceiling_once"),
            models.CheckConstraint(
                condition=Q(control_fen__gte=0), name="preparation_ceiling_control_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(second_fen__lte=F("control_fen")),
                name="preparation_ceiling_second_within_control",
            ),
        ]


class Control(models.Model):
    """控制数下达: a batch of control figures; in force when its chain has approved it."""

    document = models.OneToOneField(
        "documents.Document", primary_key=True, on_delete=models.PROTECT, related_name="+"
    )
    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="controls")
    reference = models.CharField("文号", max_length=60, blank=True, default="")
    note = models.TextField("说明", blank=True, default="")


class ControlLine(models.Model):
    """One control figure: unit x project."""

    control = models.ForeignKey(Control, on_delete=models.CASCADE, related_name="lines")
    unit = models.ForeignKey("orgs.Unit", on_delete=models.PROTECT, related_name="+")
    project = models.ForeignKey("documents.Document", on_delete=models.PROTECT, related_name="+")
    proposed_fen = models.BigIntegerField("审定数", default=0)
    carried_cut_fen = models.BigIntegerField("执行核减", default=0)
    control_fen = models.BigIntegerField("控制数")
    reason = models.CharField("理由", max_length=200, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["control", "unit", "project"], name="preparation_controlline_once"
            ),
            models.CheckConstraint(
                condition=Q(control_fen__gte=0), name="preparation_controlline_not_negative"
            ),
        ]


class Approved(models.Model):
    """人大批准数: what the congress approved by fund and function, and what of it has been replied; the rest 待分配."""

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="approved")
    fund = models.CharField("资金性质", max_length=16)
    function_code = models.CharField("支出功能分类", max_length=9)
    approved_fen = models.BigIntegerField("批准数")
    replied_fen = models.BigIntegerField("已批复", default=0)
    pending_fen = models.GeneratedField(
        expression=F("approved_fen") - F("replied_fen"),
        output_field=models.BigIntegerField("待分配"),
        db_persist=True,
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["round", "fund", "function_code"], name="preparation_approved_once"
            ),
            models.CheckConstraint(
                condition=Q(replied_fen__gte=0) & Q(replied_fen__lte=F("approved_fen")),
                name="preparation_approved_reply_within",
            ),
        ]


class Reply(models.Model):
    """预算批复: the reply of the bureau to all departments, under one 文号."""

    document = models.OneToOneField(
        "documents.Document", primary_key=True, on_delete=models.PROTECT, related_name="+"
    )
    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="replies")
    reference = models.CharField("批复文号", max_length=60)
    issued_on = models.DateField("印发日期", null=True, blank=True)
    note = models.TextField("批复意见", blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["round"], condition=Q(issued_on__isnull=False), name="preparation_reply_one_per_round"
            ),
            models.CheckConstraint(condition=~Q(reference=""), name="preparation_reply_reference_given"),
        ]


class Timer(models.Model):
    """法定时限: one row per department: replied, forwarded to its units, disclosed; each with its last day."""

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="timers")
    unit = models.ForeignKey("orgs.Unit", on_delete=models.PROTECT, related_name="+")
    reply_due_on = models.DateField("批复期限")
    replied_on = models.DateField("批复日期", null=True, blank=True)
    forward_due_on = models.DateField("转批期限", null=True, blank=True)
    forwarded_on = models.DateField("转批日期", null=True, blank=True)
    disclose_due_on = models.DateField("公开期限", null=True, blank=True)
    disclosed_on = models.DateField("公开日期", null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["round", "unit"], name="preparation_timer_once"),
            models.CheckConstraint(
                condition=Q(replied_on__isnull=False)
                | Q(
                    forward_due_on__isnull=True, forwarded_on__isnull=True, disclose_due_on__isnull=True,
                    disclosed_on__isnull=True,
                ),
                name="preparation_timer_reply_first",
            ),
        ]  # fmt: skip


class Version(models.Model):
    """冻结版本: the amounts of all lines at the end of a stage, with their digest; never changed (sql/guards.sql)."""

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="versions")
    stage = models.CharField("阶段", max_length=8, choices=VersionStage.choices)
    number = models.PositiveSmallIntegerField("版次")
    frozen_at = models.DateTimeField("冻结时间")
    frozen_by = models.ForeignKey("orgs.User", on_delete=models.PROTECT, related_name="+")
    line_count = models.PositiveIntegerField("行数")
    total_fen = models.BigIntegerField("合计")
    digest = models.CharField("摘要（SHA-256）", max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["round", "number"], name="preparation_version_number_once"),
            models.CheckConstraint(
                condition=Q(stage__in=VersionStage.values), name="preparation_version_stage_known"
            ),
        ]


class VersionLine(models.Model):
    """One cell of a frozen version. Plain numbers, not keys: a frozen row outlives nothing and is never followed."""

    version_id = models.BigIntegerField("版本")
    unit_id = models.BigIntegerField("单位")
    project_id = models.BigIntegerField("项目")
    fund = models.CharField("资金性质", max_length=16)
    function_code = models.CharField("支出功能分类", max_length=9)
    economic_code = models.CharField("部门经济分类", max_length=7)
    flags = models.PositiveSmallIntegerField("标识")
    guarantee_item = models.CharField("三保事项", max_length=12)
    amount_fen = models.BigIntegerField("金额")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=[
                    "version_id", "unit_id", "project_id", "fund", "function_code", "economic_code", "flags",
                    "guarantee_item",
                ],
                name="preparation_versionline_once",
            )
        ]  # fmt: skip


class CarriedCut(models.Model):
    """执行核减: a cut decided in the year before (idle or slow money), carried into this year's control figure."""

    document = models.ForeignKey("documents.Document", on_delete=models.PROTECT, related_name="+")
    fiscal_year = models.PositiveSmallIntegerField("预算年度")
    unit = models.ForeignKey("orgs.Unit", on_delete=models.PROTECT, related_name="+")
    project = models.ForeignKey("documents.Document", on_delete=models.PROTECT, related_name="+")
    cut_fen = models.BigIntegerField("核减额")
    received_at = models.DateTimeField("收到时间")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["document", "fiscal_year", "unit", "project"], name="preparation_carriedcut_once"
            ),
            models.CheckConstraint(condition=Q(cut_fen__gt=0), name="preparation_carriedcut_positive"),
        ]
        indexes = [
            models.Index(fields=["fiscal_year", "unit", "project"], name="preparation_carriedcut_place")
        ]


class Restored(models.Model):
    """先压后追: money added during the year to an item that the preparation had cut; to be answered by 预算股."""

    supplement = models.OneToOneField("documents.Document", on_delete=models.PROTECT, related_name="+")
    allotment = models.ForeignKey("documents.Document", on_delete=models.PROTECT, related_name="+")
    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="restored")
    unit = models.ForeignKey("orgs.Unit", on_delete=models.PROTECT, related_name="+")
    project = models.ForeignKey("documents.Document", on_delete=models.PROTECT, related_name="+")
    economic_code = models.CharField("部门经济分类", max_length=7)
    added_fen = models.BigIntegerField("追加额")
    cut_fen = models.BigIntegerField("原压减额")
    restored_fen = models.BigIntegerField("追回额")
    found_at = models.DateTimeField("发现时间")
    answer = models.TextField("说明", blank=True, default="")
    answered_by = models.ForeignKey(
        "orgs.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    answered_at = models.DateTimeField("说明时间", null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(restored_fen__gt=0)
                & Q(restored_fen__lte=F("added_fen"))
                & Q(restored_fen__lte=F("cut_fen")),
                name="preparation_restored_within",
            ),
            models.CheckConstraint(
                condition=Q(answer="", answered_at__isnull=True, answered_by__isnull=True)
                | (~Q(answer="") & Q(answered_at__isnull=False) & Q(answered_by__isnull=False)),
                name="preparation_restored_answer_whole",
            ),
        ]
