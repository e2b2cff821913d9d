"""The document kinds of revenue: states, steps, form, list."""

from fisc.domains.revenue import corrections, panels, services, tasks
from fisc.domains.revenue.levels import LEVELS
from fisc.domains.revenue.models import Correction, DailyReport, Receipt, Task, TaskLine
from fisc.kernel.approvals.flow import ChainFlow
from fisc.kernel.documents.spec import Column, DocumentKind, Field, Filter, State, Step

DRAFT, IN_REVIEW = State("draft", "草稿", "draft"), State("in_review", "审核中", "waiting")
RETURNED, VOIDED = State("returned", "已退回", "wrong"), State("voided", "已作废", "wrong")
SEND_BACK = Step("send_back", "退回", ("in_review",), None, reason=True)
WITHDRAW = Step("withdraw", "撤回", ("in_review",), None)
VOID = Step("void", "作废", ("draft", "returned"), "voided", reason=True, style="danger")
NUMBER = Column("number", "单号", "number", "document__number", pin=True)
STATE = Column("state", "状态", "state", "document__state")
DAY = Column("business_on", "日期", "date", "document__business_on")
MAKER = Column("maker", "制单人", "user", "document__maker")
DAY_FILTER = Filter("day", "日期", "date_range", "document__business_on")
FUNDS = (
    ("general", "一般公共预算"),
    ("govfund", "政府性基金预算"),
    ("statecapital", "国有资本经营预算"),
    ("socialinsurance", "社会保险基金预算"),
)

DAILY_REPORT = DocumentKind(
    code=services.KIND,
    title="国库日报",
    prefix="RB",
    model=DailyReport,
    icon="landmark",
    states=(
        State("received", "待入账", "waiting"),
        State("posted", "已入账", "done"),
        State("reversed", "已冲销", "wrong"),
    ),
    first_state="received",
    editable_states=(),
    steps=(
        Step(
            "post",
            "入账",
            ("received",),
            "posted",
            apply=services.post_reports,
            style="primary",
            event="revenue.daily_report.posted",
        ),
        Step(
            "reverse",
            "冲销",
            ("posted",),
            "reversed",
            apply=services.reverse_reports,
            reason=True,
            style="danger",
            event="revenue.daily_report.reversed",
        ),
    ),
    fields=(
        Field("title", "摘要", editable=False),
        Field("business_on", "入库日期", "date", editable=False),
        Field("amount_fen", "净额", "amount", editable=False),
        Field("source", "来源", editable=False),
        Field("stated_balance_fen", "国库报表库存余额", "amount", editable=False),
    ),
    columns=(
        NUMBER,
        STATE,
        DAY,
        Column("amount", "净额", "amount", "document__amount_fen", total=True),
        Column("central", "中央级", "amount", "central_fen", total=True),
        Column("province", "省级", "amount", "province_fen", total=True),
        Column("district", "区级", "amount", "district_fen", total=True),
        Column("receipt_count", "笔数", "text"),
        Column("refund_count", "退库笔数", "text"),
        Column("source", "来源", "text"),
        MAKER,
    ),
    filters=(DAY_FILTER, Filter("amount", "净额", "amount_range", "document__amount_fen")),
    panels=(panels.items_panel, panels.sharing_panel, panels.balance_panel),
    line_model=Receipt,
    line_columns=(
        Column("line_no", "行号", "text"),
        Column("serial", "凭证号", "text"),
        Column("revenue_code", "科目", "code", code_kind="revenue"),
        Column("fund", "资金性质", "code", code_kind="fund"),
        Column("level", "级次", "text"),
        Column("payer", "缴款人", "text"),
        Column("amount", "金额", "amount", "amount_fen", total=True),
        Column("central", "中央级", "amount", "central_fen", total=True),
        Column("province", "省级", "amount", "province_fen", total=True),
        Column("district", "区级", "amount", "district_fen", total=True),
    ),
)

CORRECTION = DocumentKind(
    code=corrections.KIND,
    title=corrections.TITLE,
    prefix="GZ",
    model=Correction,
    icon="file-pen-line",
    states=(DRAFT, IN_REVIEW, RETURNED, State("approved", "已更正", "done"), VOIDED),
    steps=(
        Step(
            "submit",
            "送审",
            ("draft", "returned"),
            None,
            apply=corrections.check_corrections,
            style="primary",
        ),
        Step(
            "approve",
            "审核通过",
            ("in_review",),
            None,
            apply=corrections.book_corrections,
            not_maker=True,
            style="primary",
            event="revenue.correction.approved",
        ),
        SEND_BACK,
        WITHDRAW,
        VOID,
    ),
    flow=ChainFlow(),
    create=corrections.create_corrections,
    revise=corrections.revise_correction,
    fields=(
        Field("serial", "原凭证号", required=True, help="国库日报中的凭证号或流水号", group="原流水"),
        Field("new_fund", "更正后资金性质", "choice", choices=FUNDS, help="留空不变", group="更正后"),
        Field("new_revenue_code", "更正后科目", "code", code_kind="revenue", help="留空不变", group="更正后"),
        Field("new_level", "更正后级次", "choice", choices=LEVELS, group="更正后"),
        Field("note", "更正原因", "long", required=True, group="更正后"),
        Field("title", "摘要", help="留空自动生成", group="更正后"),
        Field("unit_id", "单位", "unit", editable=False, group="原流水"),
        Field("business_on", "业务日期", "date", editable=False, group="原流水"),
        Field("counterparty", "缴款人", editable=False, group="原流水"),
        Field("amount_fen", "金额", "amount", editable=False, group="原流水"),
    ),
    columns=(
        NUMBER,
        STATE,
        Column("serial", "原凭证号", "text"),
        Column("payer", "缴款人", "text", "document__counterparty"),
        Column("amount", "金额", "amount", "document__amount_fen", total=True),
        Column("old_code", "原科目", "code", "receipt__revenue_code", code_kind="revenue"),
        Column("new_revenue_code", "更正后科目", "code", code_kind="revenue"),
        Column("note", "更正原因", "text"),
        DAY,
        MAKER,
    ),
    filters=(
        Filter("serial", "原凭证号", "text", "serial"),
        Filter("payer", "缴款人", "text", "document__counterparty"),
        DAY_FILTER,
    ),
    panels=(panels.correction_panel,),
)

TASK = DocumentKind(
    code=tasks.KIND,
    title=tasks.TITLE,
    prefix="RW",
    model=Task,
    icon="target",
    states=(
        DRAFT,
        IN_REVIEW,
        RETURNED,
        State("approved", "已生效", "done"),
        State("replaced", "已被新版替代", "done"),
        VOIDED,
    ),
    steps=(
        Step("submit", "送审", ("draft", "returned"), None, apply=tasks.check_tasks, style="primary"),
        Step(
            "approve",
            "批准",
            ("in_review",),
            None,
            apply=tasks.bring_into_force,
            not_maker=True,
            style="primary",
            event="revenue.task.approved",
        ),
        SEND_BACK,
        WITHDRAW,
        VOID,
        Step("replace", "被新版替代", ("approved",), "replaced", auto=True),
    ),
    flow=ChainFlow(),
    create=tasks.create_tasks,
    fields=(
        Field("year", "任务年度", "text", required=True, help="如 2023"),
        Field("title", "名称", help="留空自动生成"),
        Field("basis", "下达依据", help="文号或会议"),
        Field("unit_id", "单位", "unit", editable=False),
        Field("business_on", "业务日期", "date", editable=False),
        Field("version_no", "版本", editable=False),
        Field("amount_fen", "全年任务合计", "amount", editable=False),
    ),
    columns=(
        NUMBER,
        STATE,
        Column("year", "年度", "text"),
        Column("version_no", "版本", "text"),
        Column("title", "名称", "text", "document__title"),
        Column("amount", "全年任务合计", "amount", "document__amount_fen"),
        Column("basis", "下达依据", "text"),
        DAY,
        MAKER,
    ),
    filters=(Filter("year", "年度", "text", "year"), DAY_FILTER),
    panels=(panels.lines_panel, panels.task_panel),
    line_model=TaskLine,
    line_columns=(
        Column("level", "级次", "text"),
        Column("fund", "资金性质", "code", code_kind="fund"),
        Column("revenue_code", "科目", "code", code_kind="revenue"),
        Column("year_sum", "全年", "amount", "year_fen", total=True),
        *(
            Column(f"q{number}", f"{head}季度", "amount", f"q{number}_fen", total=True)
            for number, head in enumerate("一二三四", start=1)
        ),
        *(
            Column(f"m{month:02d}", f"{month}月", "amount", f"m{month:02d}_fen", total=True)
            for month in range(1, 13)
        ),
    ),
)

KINDS = (DAILY_REPORT, CORRECTION, TASK)
