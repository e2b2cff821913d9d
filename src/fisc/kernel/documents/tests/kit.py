"""A small kind of document for the tests of the kernel's upper half: a slip with a payee and a hold, no ledger."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from django.apps.registry import Apps
from django.db import connection, models

from fisc.base.errors import Refusal
from fisc.kernel.documents.call import StepCall
from fisc.kernel.documents.create import create_many
from fisc.kernel.documents.models import Document
from fisc.kernel.documents.spec import Column, DocumentKind, Draft, Field, Flow, State, Step
from fisc.kernel.orgs.actor import Actor
from fisc.kernel.orgs.models import Section, Unit, User

AT = dt.datetime(2023, 7, 3, 9, 30, tzinfo=ZoneInfo("Asia/Shanghai"))
DAY = AT.date()
test_apps = Apps()


class Slip(models.Model):
    """The module table of the test kind; `held` says whether its money is set aside."""

    document = models.OneToOneField(Document, models.PROTECT, primary_key=True, related_name="+")
    payee = models.CharField(max_length=40, default="")
    held = models.BooleanField(default=False)
    note = models.CharField(max_length=40, default="")

    class Meta:
        app_label = "testkit"
        db_table = "testkit_slip"
        apps = test_apps


TABLE = """
CREATE TABLE IF NOT EXISTS testkit_slip (
    document_id bigint PRIMARY KEY REFERENCES documents_document DEFERRABLE INITIALLY DEFERRED,
    payee varchar(40) NOT NULL, held boolean NOT NULL, note varchar(40) NOT NULL
);
CREATE OR REPLACE VIEW v_slip_facts AS
SELECT d.id AS document_id, d.unit_id, d.amount_fen, d.business_on, d.title, s.payee, s.note,
    string_to_array(s.note, ' ') AS words
FROM documents_document AS d JOIN testkit_slip AS s ON s.document_id = d.id;
COMMENT ON COLUMN v_slip_facts.amount_fen IS '金额（分）';
COMMENT ON COLUMN v_slip_facts.payee IS '收款人';
"""

STATES = (
    State("draft", "草稿", "draft"),
    State("in_review", "审核中", "waiting"),
    State("approved", "已审核", "running"),
    State("paid", "已支付", "done"),
    State("returned", "已退回", "wrong"),
    State("voided", "已作废", "wrong"),
)


class OutOfMoney(Refusal):
    """额度不足。"""

    code = "testkit.money"


def hold(call: StepCall) -> None:
    """Set the money aside; a payee called 穷 has none."""
    for doc_id, row in call.rows().items():
        if row.payee == "穷":
            call.refuse(doc_id, OutOfMoney(document_id=doc_id))
        if row.payee == "炸":
            raise OutOfMoney(document_id=doc_id)
    Slip.objects.filter(pk__in=call.ids).update(held=True)


def release(call: StepCall) -> None:
    """Give the money back."""
    Slip.objects.filter(pk__in=call.ids).update(held=False)


def slip_kind(*, flow: Flow | None = None, checks: bool = False, code: str = "testkit.slip") -> DocumentKind:
    """The kind; without a chain, submit leads straight to approved."""
    chain = () if flow is None else (
        Step("approve", "审核通过", ("in_review",), None, not_maker=True, event="testkit.slip.approved"),
        Step("send_back", "退回", ("in_review",), None, reason=True, apply=release),
    )  # fmt: skip
    withdraw_from = ("in_review",) if flow is not None else ("approved",)
    return DocumentKind(
        code=code,
        title="便条",
        prefix="BT",
        model=Slip,
        states=STATES,
        steps=(
            Step(
                "submit",
                "提交",
                ("draft", "returned"),
                None if flow else "approved",
                apply=hold,
                checks=checks,
            ),
            *chain,
            Step("withdraw", "撤回", withdraw_from, None if flow else "draft", apply=release),
            Step("pay", "支付", ("approved",), "paid", not_maker=True, event="testkit.slip.paid"),
            Step("void", "作废", ("draft", "returned", "in_review"), "voided", reason=True, style="danger"),
        ),
        fields=(
            Field("title", "摘要", required=True),
            Field("amount_fen", "金额", "amount", required=True),
            Field("payee", "收款人"),
            Field("held", "已预占", "bool", editable=False),
        ),
        columns=(Column("number", "单号", "number", "document__number"),),
        flow=flow,
        fact_view="v_slip_facts",
    )


def make_tables() -> None:
    """Create the test kind's table and view."""
    with connection.cursor() as cursor:
        cursor.execute(TABLE)


def make_unit(code: str = "101", section: str | None = "XZ") -> Unit:
    """A budget unit under a section."""
    row = (
        Section.objects.get_or_create(code=section, defaults={"name": f"{section}股"})[0] if section else None
    )
    return Unit.objects.get_or_create(
        code=code, defaults={"name": f"单位{code}", "kind": "unit", "section": row}
    )[0]


def make_actor(
    username: str,
    *roles: str,
    unit: Unit | None = None,
    section: str | None = None,
    sees: Sequence[Unit] | None = None,
    can: Sequence[str] = ("*",),
) -> Actor:
    """A person with a row in the database and the given rights; without `sees` the whole district is visible."""
    user = User.objects.get_or_create(username=username, defaults={"name": f"用户{username}", "unit": unit})[
        0
    ]
    return Actor(
        user_id=user.pk,
        username=username,
        name=user.name,
        roles=frozenset(roles),
        permissions=frozenset(can),
        unit_id=unit.pk if unit else None,
        section_code=section,
        unit_ids=None if sees is None else frozenset(u.pk for u in sees),
        ip="10.0.0.1",
    )


def draft(
    unit: Unit, amount_fen: int = 10_000, *, payee: str = "王五", year: int = 2023, **more: object
) -> Draft:
    """One slip to be made."""
    row = {"payee": payee, "note": more.pop("note", "")}
    return Draft(
        unit_id=unit.pk, fiscal_year=year, business_on=DAY, title=f"购买办公用品{amount_fen}",
        amount_fen=amount_fen, row=row, **more,  # type: ignore[arg-type]
    )  # fmt: skip


def make_slips(kind: DocumentKind, unit: Unit, actor: Actor, *amounts: int, **more: object) -> list[int]:
    """Slips over these amounts."""
    drafts = [draft(unit, amount, **more) for amount in amounts]  # type: ignore[arg-type]
    return create_many(kind=kind, drafts=drafts, actor=actor, at=AT)
