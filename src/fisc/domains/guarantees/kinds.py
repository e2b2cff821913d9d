"""The document kind of the module: states, steps, form, list."""

from fisc.domains.guarantees import panels, services
from fisc.domains.guarantees.models import Need, NeedLine
from fisc.kernel.approvals.flow import ChainFlow
from fisc.kernel.documents.spec import Column, DocumentKind, Field, Filter, State, Step

NEED = DocumentKind(
    code=services.KIND,
    title=services.TITLE,
    prefix="SBXQ",
    model=Need,
    icon="shield-check",
    states=(
        State("draft", "草稿", "draft"),
        State("in_review", "审核中", "waiting"),
        State("returned", "已退回", "wrong"),
        State("approved", "已批准", "done"),
        State("replaced", "已被新版替代", "done"),
        State("voided", "已作废", "wrong"),
    ),
    steps=(
        Step("submit", "送审", ("draft", "returned"), None, apply=services.check_needs, style="primary"),
        Step(
            "approve",
            "批准",
            ("in_review",),
            None,
            apply=services.bring_into_force,
            not_maker=True,
            style="primary",
            event="guarantees.need.approved",
        ),
        Step("send_back", "退回", ("in_review",), None, reason=True),
        Step("withdraw", "撤回", ("in_review",), None),
        Step("void", "作废", ("draft", "returned"), "voided", reason=True, style="danger"),
        Step("replace", "被新版替代", ("approved",), "replaced", auto=True),
    ),
    flow=ChainFlow(),
    create=services.create_needs,
    fields=(
        Field("year", "测算年度", "text", required=True, help="如 2023；明细按该年支出标准测算结果生成"),
        Field("title", "名称", help="留空自动生成"),
        Field("compiled", "县级编制", help="如 区财政局 2022-09-30 编制"),
        Field("city_review", "市级审核", help="审核文号、日期"),
        Field("province_check", "省级复核", help="复核文号、日期"),
        Field("version_no", "版次", editable=False),
        Field("amount_fen", "需求合计", "amount", editable=False),
        Field("unit_id", "单位", "unit", editable=False),
    ),
    columns=(
        Column("number", "单号", "number", "document__number", pin=True),
        Column("state", "状态", "state", "document__state"),
        Column("year", "年度"),
        Column("version_no", "版次"),
        Column("title", "名称", "text", "document__title"),
        Column("amount", "需求合计", "amount", "document__amount_fen"),
        Column("business_on", "日期", "date", "document__business_on"),
        Column("maker", "制单人", "user", "document__maker"),
    ),
    filters=(Filter("year", "年度", "text", "year"),),
    panels=(panels.sheet_panel, panels.areas_panel),
    line_model=NeedLine,
    line_columns=(
        Column("row_no", "行号"),
        Column("item", "三保项目"),
        Column("unit", "单位", "unit", "unit"),
        Column("standard_code", "支出标准"),
        Column("quantity", "数量"),
        Column("standard", "标准", "amount", "standard_fen"),
        Column("need", "需求", "amount", "need_fen", total=True),
        Column("note", "说明"),
    ),
)

KINDS = (NEED,)
