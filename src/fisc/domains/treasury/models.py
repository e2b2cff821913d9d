"""Tables of the treasury module: plans, payments, bank files, clearing, statements, refunds (norm A.8, A.10).

The money a payment holds lives in the ledger; these tables say who is to be paid, for what, and what the bank
answered. The dimensions of a payment are copied from its allotment when it is written and never differ from it.
"""

from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.db.models.lookups import GreaterThan


class ControlMode(models.Model):
    """控制方式 of a fund (or of one unit in it) from a day on: pay from the allotment, or from cash plans (双控)."""

    class Mode(models.TextChoices):
        ALLOTMENT = "allotment", "指标直控"
        PLAN = "plan", "双控（指标＋用款计划）"

    fund = models.CharField("资金性质", max_length=16)
    unit = models.ForeignKey(
        "orgs.Unit", null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name="单位"
    )
    mode = models.CharField("控制方式", max_length=12, choices=Mode.choices)
    valid_from = models.DateField("生效日期")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["fund", "unit", "valid_from"],
                nulls_distinct=False,
                name="treasury_controlmode_day_once",
            ),
            models.CheckConstraint(
                condition=Q(mode__in=("allotment", "plan")), name="treasury_controlmode_mode_known"
            ),
        ]


class Control(models.Model):
    """控制方式调整: the document by which a fund or a unit in it comes under another mode from a day on."""

    document = models.OneToOneField(
        "documents.Document", primary_key=True, on_delete=models.PROTECT, related_name="+"
    )
    controlled_unit = models.ForeignKey(
        "orgs.Unit", null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name="单位"
    )
    mode = models.CharField("控制方式", max_length=12, choices=ControlMode.Mode.choices)
    valid_from = models.DateField("生效日期")
    reason = models.CharField("理由", max_length=200)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(mode__in=("allotment", "plan")), name="treasury_control_mode_known"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="treasury_control_reason_given"),
        ]


class Drawing(models.Model):
    """What every document that draws on an allotment carries: the allotment and its dimensions."""

    document = models.OneToOneField(
        "documents.Document", primary_key=True, on_delete=models.PROTECT, related_name="+"
    )
    allotment = models.ForeignKey(
        "documents.Document", on_delete=models.PROTECT, related_name="+", verbose_name="指标"
    )
    project = models.ForeignKey(
        "documents.Document",
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name="项目",
    )
    function_code = models.CharField("支出功能分类", max_length=9)
    economic_code = models.CharField("部门经济分类", max_length=7)
    flags = models.PositiveSmallIntegerField("标识", default=0)

    class Meta:
        abstract = True


class CashPlan(Drawing):
    """用款计划: money of an allotment that may be paid from a month on (norm A.8)."""

    month = models.PositiveIntegerField("用款月份")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(month__gte=200001) & Q(month__lte=299912), name="treasury_cashplan_month_sane"
            ),
        ]


class Settlement(models.TextChoices):
    """结算方式 (norm A.10)."""

    TRANSFER = "transfer", "转账"
    CASH = "cash", "现金"
    CARD = "card", "公务卡"


class PayeeKind(models.TextChoices):
    """收款人性质."""

    ORGANISATION = "organisation", "对公"
    PERSON = "person", "个人"


class Paying(Drawing):
    """What a single payment and a batch have in common: the hold and what came of it.

    The purpose (用途) is the header's title, the payee's name its counterparty.
    """

    settlement = models.CharField(
        "结算方式", max_length=10, choices=Settlement.choices, default=Settlement.TRANSFER
    )
    allotment_economic_code = models.CharField("指标经济分类", max_length=7, editable=False)
    drawn_from = models.CharField("取自科目", max_length=4, blank=True, default="", editable=False)
    ceiling = models.PositiveSmallIntegerField("三公限额", default=0, editable=False)
    """Which ceilings the hold took from: bit 1 the item's, bit 2 the unit's total (ceilings.py)."""
    is_migrant_wage = models.BooleanField("农民工工资", default=False)
    is_upper_transfer = models.BooleanField("上级转移支付", default=False, editable=False)
    priority = models.GeneratedField(
        expression=Case(
            When(GreaterThan(F("flags").bitand(1), Value(0)), then=Value(1)),
            When(is_migrant_wage=True, then=Value(2)),
            When(GreaterThan(F("flags").bitand(2), Value(0)), then=Value(3)),
            When(is_upper_transfer=True, then=Value(3)),
            default=Value(4),
        ),
        output_field=models.SmallIntegerField(),
        db_persist=True,
        verbose_name="支付顺序",
    )
    """When cash is short: 1 三保, 2 农民工工资, 3 上级转移支付, 4 其他 (queue.py)."""
    hold_id = models.BigIntegerField("预占号", null=True, editable=False)
    entry_id = models.BigIntegerField("入账凭证", null=True, editable=False)
    paid_fen = models.BigIntegerField("已支付", default=0, editable=False)
    refunded_fen = models.BigIntegerField("已退款", default=0, editable=False)
    paid_on = models.DateField("支付日期", null=True, editable=False)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(refunded_fen__gte=0) & Q(refunded_fen__lte=F("paid_fen")),
                name="treasury_%(class)s_refund_within_paid",
            ),
            models.CheckConstraint(
                condition=Q(settlement__in=Settlement.values), name="treasury_%(class)s_settlement_known"
            ),
        ]


class Payment(Paying):
    """支付申请: one amount to one payee."""

    payee_account = models.CharField("收款账号", max_length=40, blank=True, default="")
    payee_bank = models.CharField("开户行", max_length=120, blank=True, default="")
    payee_kind = models.CharField(
        "收款人性质", max_length=14, choices=PayeeKind.choices, default=PayeeKind.ORGANISATION
    )
    contract_no = models.CharField("合同号", max_length=60, blank=True, default="")
    invoice_no = models.CharField("发票号", max_length=60, blank=True, default="")
    likeness = models.CharField(max_length=32, default="", editable=False)
    """Digest of unit, payee, amount and purpose: equal for payments that may be one paid twice (rule M27)."""

    class Meta(Paying.Meta):
        constraints = [
            *Paying.Meta.constraints,
            models.CheckConstraint(
                condition=Q(payee_kind__in=PayeeKind.values), name="treasury_payment_payee_kind_known"
            ),
        ]
        indexes = [
            models.Index(fields=["allotment"], name="treasury_payment_by_allotment"),
            models.Index(fields=["likeness"], name="treasury_payment_by_likeness"),
            models.Index(
                fields=["invoice_no"], name="treasury_payment_by_invoice", condition=~Q(invoice_no="")
            ),
        ]


class Batch(Paying):
    """批量支付: payroll or subsidies, many payees in one document under one hold."""

    class Purpose(models.TextChoices):
        SALARY = "salary", "工资"
        SUBSIDY = "subsidy", "补贴"
        OTHER = "other", "其他"

    category = models.CharField("批量类别", max_length=10, choices=Purpose.choices, default=Purpose.OTHER)
    line_count = models.PositiveIntegerField("笔数", default=0)

    class Meta(Paying.Meta):
        constraints = [*Paying.Meta.constraints]


class BatchLine(models.Model):
    """One payee of a batch."""

    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="lines")
    row_no = models.PositiveIntegerField("序号")
    payee_name = models.CharField("收款人", max_length=120)
    payee_account = models.CharField("收款账号", max_length=40)
    payee_bank = models.CharField("开户行", max_length=120, blank=True, default="")
    amount_fen = models.BigIntegerField("金额")
    note = models.CharField("备注", max_length=100, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["batch", "row_no"], name="treasury_batchline_row_once"),
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="treasury_batchline_amount_positive"),
        ]


class BankFile(models.Model):
    """支付指令文件: what was sent to the agent bank in one go."""

    document = models.OneToOneField(
        "documents.Document", primary_key=True, on_delete=models.PROTECT, related_name="+"
    )
    sequence_no = models.PositiveIntegerField("当日序号")
    sent_on = models.DateField("发送日期")
    line_count = models.PositiveIntegerField("笔数")
    filename = models.CharField("文件名", max_length=120)
    sha256 = models.CharField("文件摘要", max_length=64)
    content = models.TextField("文件内容", editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["sent_on", "sequence_no"], name="treasury_bankfile_sequence_once"
            ),
        ]


class Instruction(models.Model):
    """One line of a bank file: pay this amount to this account; the bank answers by its reference.

    Payments in cash have an instruction without a file, paid from the start, so that clearing finds them.
    """

    class State(models.TextChoices):
        SENT = "sent", "已发银行"
        PAID = "paid", "已支付"
        FAILED = "failed", "银行退票"

    bank_file = models.ForeignKey(BankFile, null=True, on_delete=models.PROTECT, related_name="instructions")
    document = models.ForeignKey("documents.Document", on_delete=models.PROTECT, related_name="+")
    batch_line = models.OneToOneField(
        BatchLine, null=True, on_delete=models.PROTECT, related_name="instruction"
    )
    reference = models.CharField("指令号", max_length=40)
    amount_fen = models.BigIntegerField("金额")
    state = models.CharField("状态", max_length=8, choices=State.choices, default=State.SENT)
    bank_serial = models.CharField("银行流水号", max_length=60, blank=True, default="")
    paid_on = models.DateField("支付日期", null=True)
    reason = models.CharField("退票原因", max_length=200, blank=True, default="")
    clearing = models.ForeignKey("Clearing", null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["reference"], name="treasury_instruction_reference_unique"),
            models.UniqueConstraint(
                fields=["document"],
                condition=Q(batch_line__isnull=True),
                name="treasury_instruction_payment_once",
            ),
            models.UniqueConstraint(
                fields=["bank_serial"],
                condition=~Q(bank_serial=""),
                name="treasury_instruction_serial_unique",
            ),
            models.CheckConstraint(
                condition=Q(amount_fen__gt=0), name="treasury_instruction_amount_positive"
            ),
            models.CheckConstraint(
                condition=Q(state__in=("sent", "paid", "failed")), name="treasury_instruction_state_known"
            ),
            models.CheckConstraint(
                condition=~Q(state="paid") | Q(paid_on__isnull=False),
                name="treasury_instruction_paid_has_day",
            ),
            models.CheckConstraint(
                condition=Q(clearing__isnull=True) | Q(state="paid"),
                name="treasury_instruction_only_paid_cleared",
            ),
        ]
        indexes = [
            models.Index(
                fields=["paid_on"],
                condition=Q(state="paid", clearing__isnull=True),
                name="treasury_instruction_uncleared",
            ),
        ]


class Clearing(models.Model):
    """清算: the cash that left the treasury account for one day's paid instructions."""

    document = models.OneToOneField(
        "documents.Document", primary_key=True, on_delete=models.PROTECT, related_name="+"
    )
    cleared_on = models.DateField("清算日期")
    instruction_count = models.PositiveIntegerField("笔数")


class ClearingLine(models.Model):
    """One fund of a clearing."""

    clearing = models.ForeignKey(Clearing, on_delete=models.CASCADE, related_name="lines")
    fund = models.CharField("资金性质", max_length=16)
    instruction_count = models.PositiveIntegerField("笔数")
    amount_fen = models.BigIntegerField("清算金额")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["clearing", "fund"], name="treasury_clearingline_fund_once"),
            models.CheckConstraint(
                condition=Q(amount_fen__gt=0), name="treasury_clearingline_amount_positive"
            ),
        ]


class Statement(models.Model):
    """国库存款对账单: what the bank says the treasury account held on a day, by fund."""

    document = models.OneToOneField(
        "documents.Document", primary_key=True, on_delete=models.PROTECT, related_name="+"
    )
    statement_on = models.DateField("对账日期")
    opening_fen = models.BigIntegerField("期初余额")
    inflow_fen = models.BigIntegerField("本期收入")
    outflow_fen = models.BigIntegerField("本期支出")
    closing_fen = models.BigIntegerField("期末余额")
    fund = models.CharField("资金性质", max_length=16)
    ledger_fen = models.BigIntegerField("账面余额", null=True, editable=False)
    is_void = models.BooleanField("已作废", default=False, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["fund", "statement_on"],
                condition=Q(is_void=False),
                name="treasury_statement_day_once",
            ),
            models.CheckConstraint(
                condition=Q(closing_fen=F("opening_fen") + F("inflow_fen") - F("outflow_fen")),
                name="treasury_statement_adds_up",
            ),
        ]

    @property
    def difference_fen(self) -> int | None:
        """Book balance minus bank balance; None until compared."""
        return None if self.ledger_fen is None else self.ledger_fen - self.closing_fen


class Refund(models.Model):
    """退款 of the current year: money that came back, returned to the allotment it was paid from."""

    document = models.OneToOneField(
        "documents.Document", primary_key=True, on_delete=models.PROTECT, related_name="+"
    )
    payment = models.ForeignKey(
        "documents.Document", on_delete=models.PROTECT, related_name="+", verbose_name="原支付单"
    )
    received_on = models.DateField("退款到账日")
    reason = models.CharField("退款原因", max_length=200)
    bank_serial = models.CharField("银行流水号", max_length=60, blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="treasury_refund_reason_given"),
            models.UniqueConstraint(
                fields=["bank_serial"], condition=~Q(bank_serial=""), name="treasury_refund_serial_unique"
            ),
        ]


class QueueOrder(models.Model):
    """库款紧张排队令: from a day on the payments of a fund leave in the order of the law, as far as cash goes."""

    document = models.OneToOneField(
        "documents.Document", primary_key=True, on_delete=models.PROTECT, related_name="+"
    )
    covered_fund = models.CharField("资金性质", max_length=16, editable=False)
    starts_on = models.DateField("启用日期")
    ended_on = models.DateField("解除日期", null=True, editable=False)
    daily_quota_fen = models.BigIntegerField("每日额度", null=True, blank=True)
    reserve_fen = models.BigIntegerField("最低留存", default=0)
    reason = models.CharField("理由", max_length=200)
    is_on = models.BooleanField("执行中", default=False, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["covered_fund"], condition=Q(is_on=True), name="treasury_queueorder_one_in_force"
            ),
            models.CheckConstraint(
                condition=Q(daily_quota_fen__isnull=True) | Q(daily_quota_fen__gt=0),
                name="treasury_queueorder_quota_positive",
            ),
            models.CheckConstraint(
                condition=Q(reserve_fen__gte=0), name="treasury_queueorder_reserve_not_negative"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="treasury_queueorder_reason_given"),
        ]


class Overtaking(models.Model):
    """插队: a payment that leaves before its turn, for a reason the leader signs."""

    document = models.OneToOneField(
        "documents.Document", primary_key=True, on_delete=models.PROTECT, related_name="+"
    )
    payment = models.ForeignKey(
        "documents.Document", on_delete=models.PROTECT, related_name="+", verbose_name="支付单"
    )
    reason = models.CharField("理由", max_length=200)
    is_signed = models.BooleanField("已签批", default=False, editable=False)
    passed_count = models.PositiveIntegerField("越过笔数", default=0, editable=False)
    passed_fen = models.BigIntegerField("越过金额", default=0, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["payment"], condition=Q(is_signed=True), name="treasury_overtaking_once"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="treasury_overtaking_reason_given"),
        ]


class CashLine(models.Model):
    """库款保障水平的两条线, from a day on: below the lower cash is short, above the upper it lies idle (F14)."""

    valid_from = models.DateField("生效日期", unique=True)
    low_cover = models.DecimalField("警戒线（倍）", max_digits=5, decimal_places=2)
    high_cover = models.DecimalField("充裕线（倍）", max_digits=5, decimal_places=2)
    basis = models.CharField("依据", max_length=200)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(low_cover__gt=0) & Q(high_cover__gt=F("low_cover")),
                name="treasury_cashline_ordered",
            ),
            models.CheckConstraint(condition=~Q(basis=""), name="treasury_cashline_basis_given"),
        ]


class KnownFlow(models.Model):
    """Money known to come or go on a day before any document says so: a transfer announced, interest due."""

    class Kind(models.TextChoices):
        TRANSFER = "transfer", "上级转移支付"
        DEBT = "debt", "债务收入"
        REPAYMENT = "repayment", "还本付息"
        SALARY = "salary", "工资"
        OTHER = "other", "其他"

    on_day = models.DateField("日期")
    fund = models.CharField("资金性质", max_length=16)
    kind = models.CharField("类别", max_length=12, choices=Kind.choices)
    label = models.CharField("摘要", max_length=100)
    amount_fen = models.BigIntegerField("金额")
    """Positive: comes in. Negative: goes out."""
    recorded_at = models.DateTimeField("登记时间")
    recorded_by = models.ForeignKey("orgs.User", on_delete=models.PROTECT, related_name="+")
    is_void = models.BooleanField("已取消", default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(amount_fen=0), name="treasury_knownflow_amount_not_zero"),
            models.CheckConstraint(condition=~Q(label=""), name="treasury_knownflow_label_given"),
            models.CheckConstraint(
                condition=Q(kind__in=("transfer", "debt", "repayment", "salary", "other")),
                name="treasury_knownflow_kind_known",
            ),
        ]
        indexes = [models.Index(fields=["on_day"], name="treasury_knownflow_by_day")]


class ForecastRun(models.Model):
    """库款预测: one run, frozen with its settings, its opening balance and what the method was worth."""

    on_day = models.DateField("预测日")
    days = models.PositiveSmallIntegerField("天数")
    fund = models.CharField("资金性质", max_length=16, blank=True, default="")
    made_at = models.DateTimeField("运行时间")
    made_by = models.ForeignKey("orgs.User", on_delete=models.PROTECT, related_name="+")
    opening_fen = models.BigIntegerField("期初库款")
    average_outflow_fen = models.BigIntegerField("月均流出")
    safety_fen = models.BigIntegerField("警戒线")
    settings = models.JSONField("参数")
    errors = models.JSONField("回测误差")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(days__gt=0), name="treasury_forecastrun_days_positive"),
        ]
        indexes = [models.Index(fields=["on_day"], name="treasury_forecastrun_by_day")]


class ForecastDay(models.Model):
    """One day of a run, in 分: what comes, what goes, and the balance at its end: low, middle, high."""

    class Level(models.TextChoices):
        FINE = "", "正常"
        THIN = "thin", "低于警戒线"
        RISK = "risk", "有缺口风险"
        GAP = "gap", "缺口"

    run = models.ForeignKey(ForecastRun, on_delete=models.PROTECT, related_name="+")
    on_day = models.DateField("日期")
    inflow_fen = models.BigIntegerField("流入")
    outflow_fen = models.BigIntegerField("流出")
    low_fen = models.BigIntegerField("低值")
    mid_fen = models.BigIntegerField("中值")
    high_fen = models.BigIntegerField("高值")
    level = models.CharField("预警", max_length=4, blank=True, default="", choices=Level.choices)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "on_day"], name="treasury_forecastday_once"),
            models.CheckConstraint(
                condition=Q(low_fen__lte=F("mid_fen")) & Q(mid_fen__lte=F("high_fen")),
                name="treasury_forecastday_band_ordered",
            ),
        ]


class ForecastItem(models.Model):
    """One cause of a day's flow; `document` where it is a payment. Positive comes in, negative goes out."""

    run = models.ForeignKey(ForecastRun, on_delete=models.PROTECT, related_name="+")
    on_day = models.DateField("日期")
    cause = models.CharField("原因", max_length=12)
    label = models.CharField("摘要", max_length=120)
    amount_fen = models.BigIntegerField("金额")
    document = models.ForeignKey("documents.Document", null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["run", "on_day"], name="treasury_forecastitem_by_day")]


class PlanCut(models.Model):
    """用款计划调减: part of a plan, or all of it, goes back to what is not planned."""

    document = models.OneToOneField(
        "documents.Document", primary_key=True, on_delete=models.PROTECT, related_name="+"
    )
    plan = models.ForeignKey(
        "documents.Document", on_delete=models.PROTECT, related_name="+", verbose_name="用款计划"
    )
    reason = models.CharField("理由", max_length=200)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="treasury_plancut_reason_given"),
        ]
