"""The document kind of idle funds."""

from fisc.domains.budget.idle import services
from fisc.domains.budget.idle.models import Idle, IdleLine
from fisc.domains.budget.kind_parts import (
    AMOUNT,
    AMOUNT_FILTER,
    DAY,
    DRAFT,
    IN_REVIEW,
    MAKER,
    NUMBER,
    RETURNED,
    SEND_BACK,
    STATE,
    SUBMIT,
    TITLE,
    VOID,
    VOIDED,
    WITHDRAW,
    approve_step,
)
from fisc.kernel.approvals.flow import ChainFlow
from fisc.kernel.documents.spec import Column, DocumentKind, Field, State, Step

IDLE = DocumentKind(
    code=services.IDLE,
    title="存量资金",
    prefix="CLZ",
    model=Idle,
    icon="recycle",
    states=(
        DRAFT,
        IN_REVIEW,
        RETURNED,
        State("recognised", "已认定", "running"),
        State("recovered", "已收回", "done"),
        VOIDED,
    ),
    steps=(
        SUBMIT,
        approve_step(services.recognise, "budget.idle.recognised"),
        SEND_BACK,
        WITHDRAW,
        Step(
            "recover",
            "收回",
            ("recognised",),
            "recovered",
            apply=services.recover,
            reason=True,
            not_maker=True,
            style="primary",
            event="budget.idle.recovered",
        ),
        VOID,
    ),
    flow=ChainFlow(approved="recognised"),
    create=services.create_idles,
    fields=(
        Field("unit_id", "单位", "unit", required=True),
        Field("months", "沉淀月数", help="满多少个月未支付即列入，默认 12"),
        Field("reference", "文号"),
        Field("reason", "认定说明", "long"),
        Field("title", "摘要", editable=False),
        Field("amount_fen", "认定金额", "amount", editable=False),
    ),
    columns=(NUMBER, STATE, TITLE, AMOUNT, Column("months", "沉淀月数"), DAY, MAKER),
    filters=(AMOUNT_FILTER,),
    line_model=IdleLine,
    line_columns=(
        Column("row_no", "行号"),
        Column("unit", "单位", "text", "allotment__unit__name"),
        Column("allotment", "指标", "text", "allotment__title"),
        Column("why", "原因"),
        Column("first_year", "首次安排年度"),
        Column("still_months", "未支付月数"),
        Column("amount", "认定金额", "amount", "amount_fen", total=True),
    ),
)
