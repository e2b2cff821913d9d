"""The document kinds of the preparation: states, steps, form, list."""

from __future__ import annotations

from fisc.domains.preparation import controls, panels, replies, requests, rounds
from fisc.domains.preparation.models import Control, ControlLine, Reply, Request, Round
from fisc.domains.preparation.words import CONTROL, REPLY, REQUEST, ROUND, DayBasis, Stage
from fisc.kernel.approvals.flow import ChainFlow
from fisc.kernel.documents.spec import Column, DocumentKind, Field, Filter, State, Step

DRAFT, IN_REVIEW = State("draft", "草稿", "draft"), State("in_review", "审核中", "waiting")
RETURNED, VOIDED = State("returned", "已退回", "wrong"), State("voided", "已作废", "wrong")
SEND_BACK = Step("send_back", "退回", ("in_review",), None, reason=True)
WITHDRAW = Step("withdraw", "撤回", ("in_review",), None)
VOID = Step("void", "作废", ("draft", "returned"), "voided", reason=True, style="danger")
NUMBER = Column("number", "单号", "number", "document__number", pin=True)
STATE = Column("state", "状态", "state", "document__state")
UNIT = Column("unit", "单位", "unit", "document__unit")
YEAR = Column("year", "年度", "text", "document__fiscal_year")
TITLE = Column("title", "摘要", "text", "document__title")
DAY = Column("business_on", "日期", "date", "document__business_on")
MAKER = Column("maker", "制单人", "user", "document__maker")

ROUND_KIND = DocumentKind(
    code=ROUND,
    title="编制年度",
    prefix="BZ",
    model=Round,
    icon="calendar-range",
    is_lifelong=True,  # next year's budget is prepared this year
    states=(
        State("draft", "筹备", "draft"),
        State("first", "一上编报", "running"),
        State("review", "股室审核", "running"),
        State("second", "二上编报", "running"),
        State("collected", "已汇总待人大批准", "waiting"),
        State("approved", "人大已批准待批复", "waiting"),
        State("replied", "已批复", "running"),
        State("forwarded", "已转批", "running"),
        State("disclosed", "已公开", "done"),
        VOIDED,
    ),
    editable_states=("draft",),
    steps=(
        Step("open", "启动一上", ("draft",), "first", apply=rounds.open_rounds, style="primary", event=f"{ROUND}.opened"),
        Step(
            "close_first", "结束一上", ("first",), "review", apply=rounds.close_first, style="primary",
            event=f"{ROUND}.first_closed",
        ),
        Step(
            "issue_controls", "下达一下", ("review",), "second", apply=rounds.issue_controls, style="primary",
            event=f"{ROUND}.controls_issued",
        ),
        Step(
            "collect", "结束二上并汇总", ("second",), "collected", apply=rounds.collect, style="primary",
            event=f"{ROUND}.collected",
        ),
        Step(
            "reopen", "退回上一阶段", ("review", "collected"), None, apply=rounds.reopen, reason=True, style="danger",
            event=f"{ROUND}.reopened",
        ),
        Step(
            "approve_budget", "登记人大批准", ("collected",), "approved", apply=rounds.approve_budget, auto=True,
            event=f"{ROUND}.budget_approved",
        ),
        Step("reply", "批复", ("approved",), "replied", auto=True, event=f"{ROUND}.replied"),
        Step("forward", "转批完毕", ("replied",), "forwarded", auto=True, event=f"{ROUND}.forwarded"),
        Step("disclose", "公开完毕", ("forwarded",), "disclosed", auto=True, event=f"{ROUND}.disclosed"),
        Step("void", "作废", ("draft",), "voided", reason=True, style="danger"),
    ),
    create=rounds.create_rounds,
    fields=(
        Field("title", "摘要", editable=False),
        Field("fiscal_year", "预算年度", required=True, help="如 2023"),
        Field("day_basis", "时限口径", "choice", choices=tuple(DayBasis.choices), group="法定时限"),
        Field("reply_days", "批复时限（天）", help="人大批准后，预算法为 20 日", group="法定时限"),
        Field("forward_days", "转批时限（天）", help="部门接到批复后，预算法为 15 日", group="法定时限"),
        Field("disclose_days", "公开时限（天）", help="批复后，预算法为 20 日", group="法定时限"),
        Field("note", "编制要求", "long"),
        Field("approved_on", "人大批准日期", "date", editable=False, group="人大批准"),
        Field("resolution", "人大决议文号", editable=False, group="人大批准"),
    ),
    columns=(
        NUMBER, STATE, Column("fiscal_year", "预算年度"), TITLE,
        Column("approved_on", "人大批准", "date"), Column("resolution", "决议文号"), DAY, MAKER,
    ),
    filters=(Filter("fiscal_year", "年度", "text", "fiscal_year"),),
    panels=(panels.round_panel, panels.versions_panel, panels.approved_panel),
)  # fmt: skip

REQUEST_KIND = DocumentKind(
    code=REQUEST,
    title="预算申报",
    prefix="SB",
    model=Request,
    icon="clipboard-list",
    is_lifelong=True,  # next year's budget is prepared this year
    states=(DRAFT, IN_REVIEW, RETURNED, State("approved", "已审核", "done")),
    steps=(
        Step(
            "submit", "送审", ("draft", "returned"), None, apply=requests.submit, checks=True, style="primary",
            event=f"{REQUEST}.submitted",
        ),
        Step(
            "approve", "审核通过", ("in_review",), None, not_maker=True, style="primary",
            event=f"{REQUEST}.approved",
        ),
        SEND_BACK,
        WITHDRAW,
    ),
    flow=ChainFlow(approved="approved"),
    fact_view="v_preparation_request_facts",
    create=requests.create_requests,
    revise=requests.revise_request,
    fields=(
        Field("unit_id", "单位", "unit", required=True),
        Field("stage", "申报阶段", "choice", required=True, choices=tuple(Stage.choices)),
        Field("title", "摘要", editable=False),
        Field("amount_fen", "申报金额", "amount", editable=False),
        Field("note", "申报说明", "long"),
    ),
    columns=(
        NUMBER, STATE, YEAR, UNIT, Column("stage", "阶段"),
        Column("amount", "申报金额", "amount", "document__amount_fen", total=True), DAY, MAKER,
    ),
    filters=(
        Filter("unit", "单位", "unit", "document__unit"),
        Filter("stage", "阶段", "choice", "stage", tuple(Stage.choices)),
        Filter("amount", "金额", "amount_range", "document__amount_fen"),
    ),
    panels=(panels.lines_panel, panels.entry_panel),
)  # fmt: skip

CONTROL_KIND = DocumentKind(
    code=CONTROL,
    title="控制数下达",
    prefix="YK",
    model=Control,
    icon="gauge",
    is_lifelong=True,  # next year's budget is prepared this year
    states=(DRAFT, IN_REVIEW, RETURNED, State("issued", "已下达", "done"), VOIDED),
    steps=(
        Step("submit", "送审", ("draft", "returned"), None, apply=controls.check_controls, style="primary"),
        Step(
            "approve", "审核通过", ("in_review",), None, apply=controls.apply_controls, not_maker=True, style="primary",
            event=f"{CONTROL}.issued",
        ),
        SEND_BACK,
        WITHDRAW,
        VOID,
    ),
    flow=ChainFlow(approved="issued"),
    create=controls.create_controls,
    fields=(
        Field("title", "摘要"),
        Field("reference", "文号"),
        Field("amount_fen", "控制数合计", "amount", editable=False),
        Field("note", "说明", "long"),
    ),
    columns=(
        NUMBER, STATE, YEAR, TITLE, Column("reference", "文号"),
        Column("amount", "控制数合计", "amount", "document__amount_fen", total=True), DAY, MAKER,
    ),
    filters=(Filter("reference", "文号", "text", "reference"),),
    line_model=ControlLine,
    line_columns=(
        Column("unit", "单位", "unit", "unit"),
        Column("project", "项目", "text", "project__title"),
        Column("proposed", "审定数", "amount", "proposed_fen", total=True),
        Column("carried", "执行核减", "amount", "carried_cut_fen", total=True),
        Column("control", "控制数", "amount", "control_fen", total=True),
        Column("reason", "理由"),
    ),
)  # fmt: skip

REPLY_KIND = DocumentKind(
    code=REPLY,
    title="部门预算批复",
    prefix="PH",
    model=Reply,
    icon="stamp",
    is_lifelong=True,  # next year's budget is prepared this year
    states=(
        DRAFT, IN_REVIEW, RETURNED, State("approved", "待印发", "waiting"), State("issued", "已印发", "done"), VOIDED,
    ),
    steps=(
        Step("submit", "送审", ("draft", "returned"), None, style="primary"),
        Step("approve", "审核通过", ("in_review",), None, not_maker=True, style="primary"),
        SEND_BACK,
        WITHDRAW,
        Step(
            "issue", "印发批复", ("approved",), "issued", apply=replies.issue_replies, style="primary",
            event=f"{REPLY}.issued",
        ),
        Step(
            "void", "作废", ("draft", "returned", "approved"), "voided", apply=replies.take_back, reason=True,
            style="danger",
        ),
    ),
    flow=ChainFlow(approved="approved"),
    create=replies.create_replies,
    revise=replies.revise_reply,
    fields=(
        Field("reference", "批复文号", required=True, help="如 区财预〔2023〕1号"),
        Field("title", "摘要", editable=False),
        Field("amount_fen", "批复合计", "amount", editable=False),
        Field("issued_on", "印发日期", "date", editable=False),
        Field("note", "批复意见", "long"),
    ),
    columns=(
        NUMBER, STATE, YEAR, TITLE, Column("reference", "批复文号"),
        Column("amount", "批复合计", "amount", "document__amount_fen", total=True),
        Column("issued_on", "印发日期", "date"), MAKER,
    ),
    filters=(Filter("reference", "文号", "text", "reference"),),
    panels=(panels.reply_panel, panels.timers_panel),
)  # fmt: skip

KINDS = (ROUND_KIND, REQUEST_KIND, CONTROL_KIND, REPLY_KIND)
