"""What an approved year end does: the old year is emptied, the next one begins with what is carried over.

Everything happens in the transaction of the last approval: either the year ends or nothing has moved.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.db import connection

from fisc.base.errors import Refusal, Way
from fisc.base.money import format_fen
from fisc.domains.budget import booking, entering, places, postings
from fisc.domains.budget.advances import services as advances
from fisc.domains.budget.advances.models import Advance
from fisc.domains.budget.dimensions import Origin, flags_text
from fisc.domains.budget.models import Allotment
from fisc.domains.budget.postings import Place
from fisc.domains.budget.yearend import services
from fisc.domains.budget.yearend.models import CARRIED, Kind, YearEnd, YearEndLine
from fisc.kernel import codes, ledger
from fisc.kernel.documents.create import create_many
from fisc.kernel.documents.models import Document
from fisc.kernel.documents.spec import Draft
from fisc.kernel.ledger import periods
from fisc.kernel.ledger.keys import Entry, Line
from fisc.kernel.orgs.access import system_actor

if TYPE_CHECKING:
    from fisc.kernel.documents.call import StepCall

SHOWN = 5


class PaymentsUnderWay(Refusal):
    """{year}年还有 {count} 笔在途支付共 {held} 元，须先办结或作废：{shown}。"""

    code = "budget.payments_under_way"


class StillFrozen(Refusal):
    """{year}年还有 {count} 条指标冻结共 {frozen} 元，须先解冻：{shown}。"""

    code = "budget.still_frozen"


class LedgerMoved(Refusal):
    """年终处理单与账面不一致（{count} 条，账面结余 {now} 元，单上 {listed} 元），请先“重新生成”。"""

    code = "budget.year_end_moved"


class CodeGone(Refusal):
    """{year}年没有科目 {code}：{message}请先把该指标调剂到下年仍有的科目。"""

    code = "budget.year_end_code"


class AdvancesOpen(Refusal):
    """{year}年还有 {count} 笔预算批准前预拨和应急支出未冲抵，已支付 {spent} 元：{shown}。"""

    code = "budget.advances_open"


class NextYearClosed(Refusal):
    """{year}年尚未开账，不能结转。"""

    code = "budget.next_year_closed"


def check(call: StepCall) -> None:
    """送审: everything that would refuse the approval is said before people review."""
    for document in call.documents:
        lines = list(YearEndLine.objects.filter(year_end_id=document.pk).order_by("row_no"))
        if refusal := _problem(document.fiscal_year, lines):
            call.refuse(document.pk, refusal)


def carry_out(call: StepCall) -> None:
    """年终处理 takes effect."""
    for document in call.documents:
        lines = list(YearEndLine.objects.filter(year_end_id=document.pk).order_by("row_no"))
        if refusal := _problem(document.fiscal_year, lines):
            call.refuse(document.pk, refusal)
            continue
        _carry_out(call.subset([document.pk]), document, lines)


def _carry_out(call: StepCall, document: Document, lines: Sequence[YearEndLine]) -> None:
    year = document.fiscal_year
    YearEnd.objects.filter(pk=document.pk).update(is_effective=True)
    if not _post(call, f"{services.YEAR_END}.closed", year, _closing_lines(year, lines)):
        return
    repaid = [line.allotment_id for line in lines if line.kind == Kind.REPAY]
    if repaid:
        cleared = Advance.objects.filter(allotment_id__in=repaid).values_list("pk", flat=True)
        advances.close_cleared(list(cleared), call.at)
    carried = [line for line in lines if line.kind in CARRIED]
    places.mark_codes_used(_next_place(line, year + 1) for line in carried)
    pools = [move for line in carried if line.allotment_id is None for move in _into_pool(line, year + 1)]
    if pools and not _post(call, f"{services.YEAR_END}.carried", year + 1, pools):
        return
    _carry_allotments(call, document, [line for line in carried if line.allotment_id is not None])


def _post(call: StepCall, kind: str, year: int, lines: Sequence[Line]) -> bool:
    """One entry of the year, whole or not at all; the first refusal of the ledger refuses the document."""
    (document,) = call.documents
    outcome = ledger.post_many(
        entries=[
            Entry(
                kind=kind, document_id=document.pk, effective_on=_effective_on(kind, year, call.at),
                lines=tuple(lines), memo=document.title,
            )
        ],
        actor_id=call.actor.user_id, at=call.at,
    )  # fmt: skip
    if outcome.refusals:
        raise places.explain(outcome.refusals)[0]  # undoes the whole call: the year ends whole or not at all
    return True


def _effective_on(kind: str, year: int, at: dt.datetime) -> dt.date:
    """The old year is emptied on its last day; the next one begins on the day it is done, in that year."""
    return dt.date(year, 12, 31) if kind.endswith(".closed") else booking.day_in_year(at, year)


def _closing_lines(year: int, lines: Sequence[YearEndLine]) -> list[Line]:
    left = services.left_of(year)
    moves: list[Line] = []
    projects: dict[int, int] = defaultdict(int)
    for line in lines:
        place = _place(line, year)
        by_subject = left[line.allotment_id, place].by_subject
        if line.kind == Kind.REPAY:
            moves += entering.repay_left(place, by_subject)
            continue
        moves += postings.close_out(place, by_subject, is_carried=line.kind in CARRIED)
        projects[line.project_id] += line.left_fen
        if line.kind == Kind.RECLAIM:
            moves.append(postings.recognise_idle(place, line.left_fen))
            moves += postings.recover_idle(place, line.left_fen, usable_in=year + 1)
    return moves + [postings.withdraw(project, fen) for project, fen in sorted(projects.items())]


def _place(line: YearEndLine, year: int) -> Place:
    return places.place_of(line, fiscal_year=year, unit_id=line.unit_id, allotment_id=line.allotment_id)


def _next_place(line: YearEndLine, year: int, allotment_id: int | None = None) -> Place:
    return places.place_of(line, fiscal_year=year, unit_id=line.unit_id, allotment_id=allotment_id)


def _into_pool(line: YearEndLine, year: int) -> tuple[Line, ...]:
    return postings.approve(_next_place(line, year), line.left_fen)


def _carry_allotments(call: StepCall, document: Document, lines: Sequence[YearEndLine]) -> None:
    """结转指标: one new allotment per line, the same 文号 and purpose, the year of the money kept."""
    if not lines:
        return
    system = system_actor()
    old = Allotment.objects.select_related("document").in_bulk([line.allotment_id for line in lines])
    ids = create_many(
        kind=places.ALLOTMENT_KIND,
        drafts=[_carried_draft(document, line, old[line.allotment_id], call.at) for line in lines],
        actor=system,
        at=call.at,
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE budget_yearendline AS line SET carried_id = made.id "
            "FROM unnest(%s::bigint[], %s::bigint[]) AS made (line_id, id) WHERE line.id = made.line_id",
            [[line.pk for line in lines], ids],
        )
    entering.enter(ids=ids, at=call.at, year=document.fiscal_year + 1)


def _carried_draft(document: Document, line: YearEndLine, old: Allotment, at: dt.datetime) -> Draft:
    year = document.fiscal_year + 1
    dimensions = (
        "project_id",
        "spending",
        "fund",
        "function_code",
        "economic_code",
        "government_code",
        "flags",
    )
    return Draft(
        unit_id=line.unit_id,
        fiscal_year=year,
        business_on=booking.day_in_year(at, year),
        title=old.document.title,
        amount_fen=line.left_fen,
        fund=line.fund,
        source_id=document.pk,
        section_code=old.document.section_code,
        row={
            "reference": old.reference, "origin": Origin.CARRYOVER.value, "note": old.note,
            "first_year": line.first_year, "carried_from_id": line.allotment_id,
            **{key: getattr(line, key) for key in dimensions},
        },
        tags=("上年结转", *filter(None, flags_text(line.flags).split("、"))),
    )  # fmt: skip


def _problem(year: int, lines: Sequence[YearEndLine]) -> Refusal | None:
    left = services.left_of(year)
    return (
        _under_way(year, left)
        or _frozen(year, left)
        or _advanced(year)
        or _moved(left, lines)
        or _next_year_shut(year + 1, lines)
        or _code_gone(year + 1, lines)
    )


def _under_way(year: int, left: Mapping[Any, services.Left]) -> Refusal | None:
    held = {key: item.held_fen for key, item in left.items() if item.held_fen}
    if not held:
        return None
    titles = _titles([allotment_id for allotment_id, _ in held if allotment_id])
    holders = _holders([place.account(subject) for (_, place) in list(held)[:SHOWN]
                        for subject in (postings.EXECUTABLE, postings.PLAN_DUE)])  # fmt: skip
    shown = "、".join(holders[:SHOWN]) or "、".join(titles[:SHOWN])
    return PaymentsUnderWay(
        year=year, count=len(held), held=format_fen(sum(held.values())), shown=shown,
        ways=[Way("查看在途支付", "list", {"kind": "treasury.payment"})],
    )  # fmt: skip


def _holders(accounts: Sequence[ledger.AccountKey]) -> list[str]:
    """The numbers of the documents that hold money of the accounts."""
    ids = {
        holder.document_id
        for key in accounts
        if (found := ledger.explain(key))
        for holder in found.holders
        if holder.document_id
    }
    return list(Document.objects.filter(pk__in=ids).order_by("number").values_list("number", flat=True))


def _frozen(year: int, left: Mapping[Any, services.Left]) -> Refusal | None:
    frozen = {
        key: item.by_subject[postings.FROZEN]
        for key, item in left.items()
        if item.by_subject.get(postings.FROZEN)
    }
    if not frozen:
        return None
    titles = _titles([allotment_id for allotment_id, _ in frozen if allotment_id])
    return StillFrozen(
        year=year, count=len(frozen), frozen=format_fen(sum(frozen.values())), shown="、".join(titles[:SHOWN]),
        ways=[Way("查看冻结单", "list", {"kind": "budget.freeze"})],
    )  # fmt: skip


def _advanced(year: int) -> Refusal | None:
    """预拨 of the year that is spent must be borne by the year's budget first; 暂付款 may go on into the next."""
    rows = list(
        Advance.objects.filter(document__fiscal_year=year, document__state="released")
        .exclude(type=Advance.Type.TEMPORARY)
        .select_related("document")
    )
    open_fen = advances.open_amounts(rows)
    unspent = places.figures([row.allotment_id for row in rows if row.allotment_id])
    spent = {
        row.document.number: open_fen.get(row.pk, 0) - unspent[row.allotment_id].available_fen
        for row in rows
        if row.allotment_id
    }
    spent = {number: fen for number, fen in spent.items() if fen > 0}
    if not spent:
        return None
    return AdvancesOpen(
        year=year, count=len(spent), spent=format_fen(sum(spent.values())), shown="、".join(sorted(spent)[:SHOWN]),
        ways=[Way("清理预拨", "new_document", {"kind": advances.CLEARING})],
    )  # fmt: skip


def _titles(ids: Sequence[int]) -> list[str]:
    return list(Document.objects.filter(pk__in=ids[:SHOWN]).order_by("id").values_list("title", flat=True))


def _moved(left: Mapping[Any, services.Left], lines: Sequence[YearEndLine]) -> Refusal | None:
    now = {key: item.fen for key, item in left.items() if item.fen}
    year = next(iter(left.values())).place.fiscal_year if left else 0
    listed = {(line.allotment_id, _place(line, year)): line.left_fen for line in lines}
    differing = {key for key in {*now, *listed} if now.get(key) != listed.get(key)}
    if not differing:
        return None
    return LedgerMoved(
        count=len(differing), now=format_fen(sum(now.values())), listed=format_fen(sum(listed.values()))
    )


def _next_year_shut(year: int, lines: Sequence[YearEndLine]) -> Refusal | None:
    needed = any(line.kind in (*CARRIED, Kind.RECLAIM) for line in lines)
    return NextYearClosed(year=year) if needed and not periods.periods_of(year) else None


def _code_gone(year: int, lines: Sequence[YearEndLine]) -> Refusal | None:
    carried = [line for line in lines if line.kind in CARRIED]
    for fund in {line.fund for line in carried}:
        wanted = {line.function_code for line in carried if line.fund == fund}
        for code, problem in codes.check_many(kind="function", codes=wanted, year=year, fund=fund).items():
            return CodeGone(year=year, code=code, message=problem.message)
    items = {line.economic_code for line in carried}
    for code, problem in codes.check_many(kind="economic_department", codes=items, year=year).items():
        return CodeGone(year=year, code=code, message=problem.message)
    return None


def close_books(call: StepCall) -> None:
    """封账: the twelve periods of the year are closed, one after the other; those closed already stay so."""
    for document in call.documents:
        for state in periods.periods_of(document.fiscal_year):
            if state.is_open:
                periods.close_period(
                    fiscal_year=document.fiscal_year,
                    period=state.period,
                    actor_id=call.actor.user_id,
                    at=call.at,
                )
