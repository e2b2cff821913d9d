"""The document kinds of the module: states, steps, form, list."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from fisc.domains.austerity import panels, services
from fisc.domains.austerity.items import THREE_PUBLIC
from fisc.domains.austerity.models import (
    Cap,
    CapLine,
    Ceiling,
    CeilingChange,
    CeilingLine,
    ChangeLine,
    Reception,
)
from fisc.kernel.approvals.flow import ChainFlow
from fisc.kernel.documents.spec import Column, DocumentKind, Field, Filter, State, Step

if TYPE_CHECKING:
    from fisc.kernel.documents.call import StepCall

DRAFT, IN_REVIEW = State("draft", "草稿", "draft"), State("in_review", "审核中", "waiting")
RETURNED, VOIDED = State("returned", "已退回", "wrong"), State("voided", "已作废", "wrong")
SEND_BACK = Step("send_back", "退回", ("in_review",), None, reason=True)
WITHDRAW = Step("withdraw", "撤回", ("in_review",), None)
VOID = Step("void", "作废", ("draft", "returned"), "voided", reason=True, style="danger")
NUMBER = Column("number", "单号", "number", "document__number", pin=True)
STATE = Column("state", "状态", "state", "document__state")
UNIT = Column("unit", "单位", "unit", "document__unit")
TITLE = Column("title", "摘要", "text", "document__title")
DAY = Column("business_on", "日期", "date", "document__business_on")
MAKER = Column("maker", "制单人", "user", "document__maker")
YEAR_FILTER = Filter("year", "年度", "text", "year")
ITEM_CHOICES = tuple((code, f"{code} {name}") for code, name in THREE_PUBLIC)


def _approve(apply: Callable[[StepCall], None] | None, event: str) -> Step:
    return Step(
        "approve", "批准", ("in_review",), None, apply=apply, not_maker=True, style="primary", event=event
    )


def _submit(apply: Callable[[StepCall], None] | None = None, checks: bool = False) -> Step:
    return Step("submit", "送审", ("draft", "returned"), None, apply=apply, checks=checks, style="primary")


CEILING = DocumentKind(
    code=services.CEILING,
    title="三公额度",
    prefix="SGXE",
    model=Ceiling,
    icon="gauge",
    states=(DRAFT, IN_REVIEW, RETURNED, State("approved", "已下达", "done"), VOIDED),
    steps=(
        _submit(services.check_ceiling_lines),
        _approve(services.give_ceilings, f"{services.CEILING}.approved"),
        SEND_BACK,
        WITHDRAW,
        VOID,
    ),
    flow=ChainFlow(),
    create=services.create_ceilings,
    fields=(
        Field("year", "年度", "text", required=True, help="如 2023；留空明细时按上年额度生成"),
        Field("title", "摘要", help="留空自动生成"),
        Field("note", "说明"),
        Field("amount_fen", "总额合计", "amount", editable=False),
        Field("unit_id", "单位", "unit", editable=False),
    ),
    columns=(
        NUMBER,
        STATE,
        Column("year", "年度"),
        TITLE,
        Column("amount", "总额合计", "amount", "document__amount_fen"),
        DAY,
        MAKER,
    ),
    filters=(YEAR_FILTER,),
    line_model=CeilingLine,
    line_columns=(
        Column("row_no", "行号"),
        Column("unit", "单位", "unit", "unit"),
        Column("economic_code", "三公项目（空为总额）", "code", code_kind="economic_department"),
        Column("amount", "额度", "amount", "amount_fen"),
    ),
    panels=(panels.sheet_panel,),
)

CHANGE = DocumentKind(
    code=services.CHANGE,
    title="三公额度调整",
    prefix="SGTZ",
    model=CeilingChange,
    icon="sliders-horizontal",
    states=(DRAFT, IN_REVIEW, RETURNED, State("approved", "已生效", "done"), VOIDED),
    steps=(
        _submit(services.check_ceiling_lines),
        _approve(services.apply_changes, f"{services.CHANGE}.approved"),
        SEND_BACK,
        WITHDRAW,
        VOID,
    ),
    flow=ChainFlow(),
    create=services.create_changes,
    revise=services.revise_change,
    fields=(
        Field("unit_id", "单位", "unit", required=True),
        Field("economic_code", "三公项目", "choice", choices=ITEM_CHOICES, help="不选只调总额"),
        Field("change_fen", "调整额", "amount", required=True, help="调减填负数；总额同额调整"),
        Field("reason", "调整理由", "long", required=True),
        Field("title", "摘要", editable=False),
        Field("amount_fen", "总额调整合计", "amount", editable=False),
    ),
    columns=(
        NUMBER,
        STATE,
        Column("year", "年度"),
        UNIT,
        Column("amount", "总额调整", "amount", "document__amount_fen"),
        Column("reason", "理由"),
        DAY,
        MAKER,
    ),
    filters=(YEAR_FILTER,),
    line_model=ChangeLine,
    line_columns=(
        Column("row_no", "行号"),
        Column("unit", "单位", "unit", "unit"),
        Column("economic_code", "三公项目（空为总额）", "code", code_kind="economic_department"),
        Column("amount", "调整额", "amount", "amount_fen"),
    ),
    panels=(panels.ceiling_panel,),
)

CAP = DocumentKind(
    code=services.CAP,
    title="一般性支出限额",
    prefix="YBXE",
    model=Cap,
    icon="scissors",
    states=(
        DRAFT,
        IN_REVIEW,
        RETURNED,
        State("approved", "已生效", "done"),
        State("replaced", "已被新版替代", "done"),
        VOIDED,
    ),
    steps=(
        _submit(services.check_lines),
        _approve(services.bring_caps_into_force, f"{services.CAP}.approved"),
        SEND_BACK,
        WITHDRAW,
        VOID,
        Step("replace", "被新版替代", ("approved",), "replaced", auto=True),
    ),
    flow=ChainFlow(),
    create=services.create_caps,
    fields=(
        Field("year", "年度", "text", required=True, help="如 2023"),
        Field("rate_percent", "压减比例%", "text", required=True, help="按上年年初一般性支出预算压减，如 5"),
        Field("basis", "依据", required=True, help="文号或会议"),
        Field("title", "摘要", help="留空自动生成"),
        Field("amount_fen", "限额合计", "amount", editable=False),
        Field("unit_id", "单位", "unit", editable=False),
    ),
    columns=(
        NUMBER,
        STATE,
        Column("year", "年度"),
        Column("rate_percent", "压减比例%"),
        Column("amount", "限额合计", "amount", "document__amount_fen"),
        Column("basis", "依据"),
        DAY,
        MAKER,
    ),
    filters=(YEAR_FILTER,),
    line_model=CapLine,
    line_columns=(
        Column("row_no", "行号"),
        Column("unit", "单位", "unit", "unit"),
        Column("base", "上年预算", "amount", "base_fen", total=True),
        Column("cap", "限额", "amount", "cap_fen", total=True),
    ),
)

RECEPTION = DocumentKind(
    code=services.RECEPTION_KIND,
    title="公务接待登记",
    prefix="GWJD",
    model=Reception,
    icon="utensils",
    states=(DRAFT, IN_REVIEW, RETURNED, State("approved", "已审核", "done"), VOIDED),
    steps=(
        _submit(checks=True),
        _approve(None, f"{services.RECEPTION_KIND}.approved"),
        SEND_BACK,
        WITHDRAW,
        VOID,
    ),
    flow=ChainFlow(),
    create=services.create_receptions,
    fact_view="v_austerity_reception_facts",
    fields=(
        Field("unit_id", "单位", "unit", required=True),
        Field("business_on", "接待日期", "date", required=True),
        Field("letter_no", "公函号", help="没有公函的不予接待"),
        Field("letter_from", "来函单位"),
        Field("batches", "批次", help="一般为 1"),
        Field("guests", "来宾人数", required=True),
        Field("escorts", "陪餐人数", help="十人以内不超过三人，超过十人不超过三分之一"),
        Field("amount_fen", "接待费用", "amount", required=True),
        Field("payment_id", "支付申请", "document", document_kind="treasury.payment"),
        Field("title", "摘要"),
    ),
    columns=(
        NUMBER,
        STATE,
        UNIT,
        Column("letter_no", "公函号"),
        Column("letter_from", "来函单位"),
        Column("batches", "批次"),
        Column("guests", "来宾人数"),
        Column("escorts", "陪餐人数"),
        Column("amount", "接待费用", "amount", "document__amount_fen", total=True),
        DAY,
    ),
    filters=(
        Filter("unit", "单位", "unit", "document__unit"),
        Filter("letter_no", "公函号", "text", "letter_no"),
        Filter("day", "日期", "date_range", "document__business_on"),
    ),
)

KINDS = (CEILING, CHANGE, CAP, RECEPTION)
