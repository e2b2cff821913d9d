"""The document kinds of the project register: states, steps, form, list."""

from fisc.domains.projects import services
from fisc.domains.projects.models import Category, Change, Project
from fisc.domains.projects.panels import money_panel, years_panel
from fisc.kernel.approvals.flow import ChainFlow
from fisc.kernel.documents.spec import Column, DocumentKind, Field, Filter, State, Step

PROJECT = DocumentKind(
    code=services.PROJECT_KIND,
    title="项目",
    prefix="XM",
    model=Project,
    icon="folder-kanban",
    states=(
        State("draft", "储备", "draft"),
        State("in_review", "审核中", "waiting"),
        State("returned", "已退回", "wrong"),
        State("in_library", "财政库", "running"),
        State("running", "执行中", "running"),
        State("finished", "已结项", "done"),
        State("stopped", "已中止", "wrong"),
        State("voided", "已作废", "wrong"),
    ),
    steps=(
        Step("submit", "送审", ("draft", "returned"), None, style="primary"),
        Step(
            "approve",
            "审核通过",
            ("in_review",),
            None,
            apply=services.admit,
            not_maker=True,
            style="primary",
            event="projects.project.approved",
        ),
        Step("send_back", "退回", ("in_review",), None, reason=True),
        Step("withdraw", "撤回", ("in_review",), None),
        Step("start", "转入执行", ("in_library",), "running", auto=True),
        Step("adjust", "调整总额", ("in_library", "running"), None, apply=services.adjust, auto=True),
        Step(
            "finish",
            "结项",
            ("running",),
            "finished",
            apply=services.close,
            event="projects.project.finished",
        ),
        Step(
            "stop",
            "中止",
            ("in_library", "running"),
            "stopped",
            apply=services.close,
            reason=True,
            style="danger",
            event="projects.project.stopped",
        ),
        Step("void", "作废", ("draft", "returned"), "voided", reason=True, style="danger"),
    ),
    flow=ChainFlow(approved="in_library"),
    create=services.create_projects,
    revise=services.revise_project,
    fields=(
        Field("unit_id", "单位", "unit", required=True, group="基本信息"),
        Field(
            "code", "项目编码", help="留空由系统赋予，一次赋予、终身不变", editable=False, group="基本信息"
        ),
        Field("title", "项目名称", required=True, group="基本信息"),
        Field(
            "category", "项目类别", "choice", required=True, choices=tuple(Category.choices), group="基本信息"
        ),
        Field("amount_fen", "项目总额", "amount", required=True, group="资金"),
        Field("start_year", "开始年度", required=True, group="资金"),
        Field("end_year", "结束年度", required=True, group="资金"),
        Field("responsible", "项目负责人", group="依据"),
        Field("basis", "立项依据", "long", group="依据"),
        Field("target", "绩效目标", "long", group="依据"),
    ),
    columns=(
        Column("number", "单号", "number", "document__number", pin=True),
        Column("state", "状态", "state", "document__state"),
        Column("code", "项目编码", "text", "code"),
        Column("title", "项目名称", "text", "document__title"),
        Column("unit", "单位", "unit", "document__unit"),
        Column("category", "类别", "text", "category"),
        Column("start_year", "开始年度", "text", "start_year"),
        Column("end_year", "结束年度", "text", "end_year"),
        Column("amount", "项目总额", "amount", "document__amount_fen", total=True),
    ),
    filters=(
        Filter("category", "类别", "choice", "category", tuple(Category.choices)),
        Filter("unit", "单位", "unit", "document__unit"),
        Filter("amount", "总额", "amount_range", "document__amount_fen"),
    ),
    panels=(money_panel, years_panel),
)

CHANGE = DocumentKind(
    code=services.CHANGE_KIND,
    title="项目总额调整",
    prefix="XT",
    model=Change,
    icon="folder-sync",
    states=(
        State("draft", "草稿", "draft"),
        State("in_review", "审核中", "waiting"),
        State("returned", "已退回", "wrong"),
        State("approved", "已生效", "done"),
        State("voided", "已作废", "wrong"),
    ),
    steps=(
        Step("submit", "送审", ("draft", "returned"), None, style="primary"),
        Step(
            "approve",
            "审核通过",
            ("in_review",),
            None,
            apply=services.apply_change,
            not_maker=True,
            style="primary",
        ),
        Step("send_back", "退回", ("in_review",), None, reason=True),
        Step("withdraw", "撤回", ("in_review",), None),
        Step("void", "作废", ("draft", "returned"), "voided", reason=True, style="danger"),
    ),
    flow=ChainFlow(approved="approved"),
    create=services.create_changes,
    revise=services.revise_change,
    fields=(
        Field("project_id", "项目", "project", required=True, document_kind=services.PROJECT_KIND),
        Field("new_total_fen", "调整后总额", "amount", required=True),
        Field("reason", "调整理由", "long", required=True),
        Field("title", "摘要", editable=False),
        Field("amount_fen", "金额", "amount", editable=False),
        Field("unit_id", "单位", "unit", editable=False),
    ),
    columns=(
        Column("number", "单号", "number", "document__number", pin=True),
        Column("state", "状态", "state", "document__state"),
        Column("project", "项目", "text", "project__title"),
        Column("unit", "单位", "unit", "document__unit"),
        Column("new_total", "调整后总额", "amount", "new_total_fen"),
        Column("reason", "理由", "text", "reason"),
    ),
    filters=(Filter("unit", "单位", "unit", "document__unit"),),
)
