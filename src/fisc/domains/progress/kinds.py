"""The document kinds of 支出进度: targets, bulletins, letters."""

from fisc.domains.progress import bulletins, panels, services
from fisc.domains.progress.models import Bulletin, Letter, Target
from fisc.kernel.approvals.flow import ChainFlow
from fisc.kernel.documents.spec import Column, DocumentKind, Field, Filter, State, Step

DRAFT, IN_REVIEW = State("draft", "草稿", "draft"), State("in_review", "审核中", "waiting")
RETURNED, VOIDED = State("returned", "已退回", "wrong"), State("voided", "已作废", "wrong")
SUBMIT = Step("submit", "送审", ("draft", "returned"), None, style="primary")
SEND_BACK = Step("send_back", "退回", ("in_review",), None, reason=True)
WITHDRAW = Step("withdraw", "撤回", ("in_review",), None)
VOID = Step("void", "作废", ("draft", "returned"), "voided", reason=True, style="danger")
NUMBER = Column("number", "单号", "number", "document__number", pin=True)
STATE = Column("state", "状态", "state", "document__state")
TITLE = Column("title", "摘要", "text", "document__title")

TARGET = DocumentKind(
    code=services.KIND,
    title="支出进度任务",
    prefix="JDR",
    model=Target,
    icon="target",
    states=(
        DRAFT,
        IN_REVIEW,
        RETURNED,
        State("in_force", "现行", "running"),
        State("replaced", "已换版", "done"),
        VOIDED,
    ),
    steps=(
        Step(
            "submit",
            "送审",
            ("draft", "returned"),
            None,
            apply=services.check_targets,
            style="primary",
        ),
        Step(
            "approve",
            "审核通过",
            ("in_review",),
            None,
            apply=services.bring_into_force,
            not_maker=True,
            style="primary",
            event="progress.target.set",
        ),
        SEND_BACK,
        WITHDRAW,
        Step("replace", "换版", ("in_force",), "replaced", auto=True),
        VOID,
    ),
    flow=ChainFlow(approved="in_force"),
    create=services.create_targets,
    revise=services.revise_target,
    fields=(
        Field("year", "年度", required=True, help="四位数字；先按现行版本或时间进度生成，再修改"),
        Field("basis", "依据", help="如会议纪要、文号"),
        Field("title", "摘要", editable=False),
        Field("amount_fen", "预算数", "amount", editable=False),
        Field("unit_id", "单位", "unit", editable=False),
    ),
    columns=(
        NUMBER,
        STATE,
        Column("year", "年度", "text", "year"),
        Column("version_no", "版本", "text", "version_no"),
        TITLE,
        Column("amount", "预算数", "amount", "document__amount_fen"),
        Column("basis", "依据", "text", "basis"),
    ),
    panels=(panels.split_panel,),
)

BULLETIN = DocumentKind(
    code=bulletins.KIND,
    title="支出进度通报",
    prefix="JDT",
    model=Bulletin,
    icon="megaphone",
    states=(DRAFT, IN_REVIEW, RETURNED, State("issued", "已印发", "done"), VOIDED),
    steps=(
        SUBMIT,
        Step(
            "approve",
            "审核通过",
            ("in_review",),
            None,
            apply=bulletins.issue,
            not_maker=True,
            style="primary",
            event="progress.bulletin.sent",
        ),
        SEND_BACK,
        WITHDRAW,
        VOID,
    ),
    flow=ChainFlow(approved="issued"),
    create=bulletins.create_bulletins,
    revise=bulletins.revise_bulletin,
    fields=(
        Field("as_of", "截至日期", "date", help="留空为业务日期"),
        Field("rhythm", "种类", "choice", choices=tuple(Bulletin.Rhythm.choices)),
        Field("pace_percent", "时间进度%", editable=False),
        Field("opinion", "工作要求", "long"),
        Field("title", "摘要", editable=False),
        Field("amount_fen", "全区支出数", "amount", editable=False),
        Field("unit_id", "单位", "unit", editable=False),
    ),
    columns=(
        NUMBER,
        STATE,
        TITLE,
        Column("rhythm", "种类", "text", "rhythm"),
        Column("as_of", "截至日期", "date", "as_of"),
        Column("amount", "全区支出数", "amount", "document__amount_fen"),
    ),
    filters=(Filter("rhythm", "种类", "choice", "rhythm", tuple(Bulletin.Rhythm.choices)),),
    panels=(panels.league_panel, panels.sections_panel, panels.departments_panel, panels.letters_panel),
)

LETTER = DocumentKind(
    code=bulletins.LETTER_KIND,
    title="支出进度催办",
    prefix="JDC",
    model=Letter,
    icon="mail-warning",
    states=(
        State("sent", "待回复", "waiting"),
        State("replied", "已回复", "running"),
        State("closed", "已办结", "done"),
    ),
    steps=(
        Step("reply", "回复", ("sent",), "replied", apply=bulletins.reply, reason=True, style="primary"),
        Step("reopen", "退回回复", ("replied",), "sent", apply=bulletins.reopen, reason=True),
        Step("close", "办结", ("replied",), "closed", style="primary"),
    ),
    first_state="sent",
    editable_states=(),
    fact_view="v_progress_letter_facts",
    fields=(
        Field("manner", "方式", "choice", choices=tuple(Letter.Manner.choices), editable=False),
        Field("gap_points", "滞后（百分点）", editable=False),
        Field("behind_fen", "滞后金额", "amount", editable=False),
        Field("due_on", "回复期限", "date", editable=False),
        Field("reply", "单位回复", "long", editable=False),
        Field("replied_on", "回复日期", "date", editable=False),
        Field("title", "摘要", editable=False),
        Field("amount_fen", "滞后金额", "amount", editable=False),
        Field("unit_id", "单位", "unit", editable=False),
    ),
    columns=(
        NUMBER,
        STATE,
        Column("unit", "单位", "unit", "document__unit"),
        Column("manner", "方式", "text", "manner"),
        Column("gap", "滞后（百分点）", "text", "gap_points"),
        Column("behind", "滞后金额", "amount", "behind_fen", total=True),
        Column("due_on", "回复期限", "date", "due_on"),
        Column("replied_on", "回复日期", "date", "replied_on"),
        TITLE,
    ),
    filters=(
        Filter("manner", "方式", "choice", "manner", tuple(Letter.Manner.choices)),
        Filter("unit", "单位", "unit", "document__unit"),
        Filter("due", "回复期限", "date_range", "due_on"),
    ),
    panels=(panels.standing_panel,),
)

KINDS = (TARGET, BULLETIN, LETTER)
