"""The document kind of the year end."""

from fisc.domains.budget.kind_parts import (
    AMOUNT,
    DAY,
    DRAFT,
    IN_REVIEW,
    MAKER,
    NUMBER,
    RETURNED,
    SEND_BACK,
    STATE,
    TITLE,
    VOID,
    VOIDED,
    WITHDRAW,
    approve_step,
)
from fisc.domains.budget.yearend import effect, panels, services
from fisc.domains.budget.yearend.models import YearEnd
from fisc.kernel.approvals.flow import ChainFlow
from fisc.kernel.documents.spec import Column, DocumentKind, Field, State, Step

YEAR_END = DocumentKind(
    code=services.YEAR_END,
    title="年终处理",
    prefix="NZC",
    model=YearEnd,
    icon="calendar-check-2",
    states=(
        DRAFT,
        IN_REVIEW,
        RETURNED,
        State("approved", "已结转", "running"),
        State("closed", "已封账", "done"),
        VOIDED,
    ),
    steps=(
        Step("submit", "送审", ("draft", "returned"), None, apply=effect.check, style="primary"),
        approve_step(effect.carry_out, "budget.year_end.approved"),
        SEND_BACK,
        WITHDRAW,
        Step("refresh", "重新生成", ("draft", "returned"), None, apply=services.refresh),
        Step(
            "close_books",
            "封账",
            ("approved",),
            "closed",
            apply=effect.close_books,
            not_maker=True,
            event="budget.year_end.books_closed",
        ),
        VOID,
    ),
    flow=ChainFlow(approved="approved"),
    create=services.create_year_ends,
    fields=(
        Field("unit_id", "单位", "unit", required=True),
        Field("reference", "批准文号"),
        Field("note", "说明", "long"),
        Field("title", "摘要", editable=False),
        Field("amount_fen", "结余合计", "amount", editable=False),
    ),
    columns=(NUMBER, STATE, Column("year", "年度"), TITLE, AMOUNT, Column("reference", "文号"), DAY, MAKER),
    panels=(panels.totals_panel,),
)
