"""Use cases of the four budgets: balances and the transfers between them (预算法 第五条、第九至十二条、第四十条、第六十六条).

An approved balance is held by the table's constraints; here the same is said first, in words and with the figures.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django.db.models import Sum
from django.utils import timezone

from fisc.base.errors import BadInput, Refusal, Way
from fisc.base.money import format_fen
from fisc.domains.budget import booking, postings, reference
from fisc.domains.budget.balances.models import (
    FOUR_FUNDS,
    ITEMS,
    Balance,
    BudgetTransfer,
    TransferRule,
)
from fisc.domains.budget.dimensions import FUND_LABELS
from fisc.kernel.documents.create import create_many
from fisc.kernel.documents.models import Document
from fisc.kernel.documents.perform import perform_many
from fisc.kernel.documents.spec import Draft
from fisc.kernel.ledger.keys import Line
from fisc.kernel.orgs.access import system_actor

if TYPE_CHECKING:
    from fisc.kernel.documents.call import StepCall
    from fisc.kernel.orgs.actor import Actor

BALANCE, TRANSFER = "budget.balance", "budget.transfer_between"
FUND_NAMES = FUND_LABELS
SUBJECT_OF = {
    "own_revenue_fen": "701",
    "upper_fen": "702",
    "debt_fen": "703",
    "last_surplus_fen": "705",
    "stabilised_fen": "706",
    "own_spending_fen": "711",
    "reserve_fen": "712",
    "transfers_fen": "713",
    "repayment_fen": "714",
    "set_aside_fen": "716",
    "surplus_fen": "717",
}
"""The items a balance posts itself; 704 and 715 are posted by the pairs."""


class NotBalanced(Refusal):
    """{fund}收支不平衡：收入总计 {revenue} 元，支出总计 {expenditure} 元，相差 {gap} 元。"""

    code = "budget.not_balanced"


class ReserveOutside(Refusal):
    """预备费 {reserve} 元不在本级支出 {own} 元的 1％ 至 3％ 之间（应为 {least} 至 {most} 元，《预算法》第四十条）。"""

    code = "budget.reserve_outside"


class TransfersDiffer(Refusal):
    """{fund}的{item} {stated} 元与已批准的预算间调拨 {pairs} 元不一致，调入调出须成对。"""

    code = "budget.transfers_differ"


class TransferTooSmall(Refusal):
    """国有资本经营预算调入一般公共预算 {transferred} 元，不足本级收入的 {percent}％（{least} 元）：{basis}。"""

    code = "budget.transfer_too_small"


class TransferForbidden(Refusal):
    """{source}不得调入{target}：{basis}。合规办法：{way}。"""

    code = "budget.transfer_forbidden"


class TransferNeedsBasis(Refusal):
    """{source}调入{target}须有专门文件依据，请填写文号：{basis}。合规办法：{way}。"""

    code = "budget.transfer_needs_basis"


def create_balances(*, drafts: Sequence[Draft], actor: Actor, at: dt.datetime) -> list[int]:
    """This function will draft balances of a fund and year; `row`: stage and the items in 分 (see models.ITEMS).

    调入 and 调出 may be left out: they follow from the approved pairs when the balance is submitted.

    :raises BadInput: the fund is none of the four.
    """
    complete = []
    for draft in drafts:
        row = {key: value for key, value in draft.row.items() if value not in (None, "")}
        fund = str(row.get("fund") or draft.fund)
        if fund not in FOUR_FUNDS:
            raise BadInput.of("budget.balance_fund", "收支平衡表应选择四本预算之一。")
        row |= {"fund": fund, "year": draft.fiscal_year}
        stage = Balance.Stage(row.get("stage", Balance.Stage.INITIAL))
        complete.append(
            replace(
                draft,
                title=_balance_title(draft.fiscal_year, fund, stage),
                fund=fund,
                amount_fen=Balance(**_items(row)).revenue_fen,
                row=row,
            )
        )
    return create_many(kind=BALANCE, drafts=complete, actor=actor, at=at)


def _items(row: Mapping[str, Any]) -> dict[str, int]:
    return {key: int(row[key]) for key in ITEMS if row.get(key) is not None}


def revise_balance(
    *, document: Document, values: Mapping[str, Any], actor: Actor, at: dt.datetime
) -> dict[str, Any]:
    """This function will keep title and amount in step with a changed draft. :raises BadInput: another fund."""
    row = Balance.objects.get(pk=document.pk)
    if values.get("fund") not in (None, "", row.fund):
        raise BadInput.of("budget.balance_other_fund", "换一本预算请另建收支平衡表。")
    items = {key: getattr(row, key) for key in ITEMS} | {
        key: int(values[key] or 0) for key in ITEMS if key in values
    }
    stage = Balance.Stage(values.get("stage") or row.stage)
    plain = {
        key: value
        for key, value in values.items()
        if key not in (*ITEMS, "fund", "stage") and value is not None
    }
    return {
        **plain, **items, "stage": stage.value, "title": _balance_title(row.year, row.fund, stage),
        "amount_fen": Balance(**items).revenue_fen,
    }  # fmt: skip


def _balance_title(year: int, fund: str, stage: Balance.Stage) -> str:
    return f"{year}年{FUND_NAMES[fund]}收支平衡表（{stage.label}）"


def submit_balances(call: StepCall) -> None:
    """送审: 调入 and 调出 are taken from the approved pairs where they were left out; then everything must hold."""
    pairs = transferred(document.fiscal_year for document in call.documents)
    for doc_id, row in call.rows().items():
        inward, outward = pairs.get((row.year, row.fund), (0, 0))
        row.transferred_in_fen = row.transferred_in_fen or inward
        row.transferred_out_fen = row.transferred_out_fen or outward
        call.write(
            "UPDATE budget_balance SET transferred_in_fen = %s, transferred_out_fen = %s WHERE document_id = %s",
            (row.transferred_in_fen, row.transferred_out_fen, doc_id),
        )
        call.set_amount(doc_id, row.revenue_fen)
    _check_balances(call, pairs)


def approve_balances(call: StepCall) -> None:
    """批准: the balance holds from now on, replaces the fund's former one, and stands in the book `plan`."""
    _check_balances(call, transferred(document.fiscal_year for document in call.documents))
    rows = call.rows()
    former = _former(rows.values())
    if former:
        booking.reverse_documents(call, former)
        perform_many(kind=BALANCE, ids=list(former), step="replace", actor=system_actor(), at=call.at)
        Balance.objects.filter(pk__in=former).update(is_current=False)
    for doc_id, row in rows.items():
        booking.post(
            call.subset([doc_id]), f"{BALANCE}.approved", {doc_id: _plan_lines(row)}, fiscal_year=row.year
        )
    Balance.objects.filter(pk__in=call.ids).update(approved_on=timezone.localdate(call.at), is_current=True)


def _plan_lines(row: Balance) -> list[Line]:
    return [
        postings.plan_item(subject, row.year, row.fund, getattr(row, key))
        for key, subject in SUBJECT_OF.items()
        if getattr(row, key) > 0
    ]


def _former(rows: Iterable[Balance]) -> dict[int, int]:
    """The balances in force for the same funds and years → the one that takes its place."""
    new = {(row.year, row.fund): row.pk for row in rows}
    current = Balance.objects.filter(is_current=True, year__in={year for year, _ in new})
    return {row.pk: new[row.year, row.fund] for row in current if (row.year, row.fund) in new}


def _check_balances(call: StepCall, pairs: Mapping[tuple[int, str], tuple[int, int]]) -> None:
    for doc_id, row in call.rows().items():
        inward, outward = pairs.get((row.year, row.fund), (0, 0))
        problem = (
            _differs(row, "调入资金", row.transferred_in_fen, inward)
            or _differs(row, "调出资金", row.transferred_out_fen, outward)
            or _unbalanced(row)
            or _reserve(row)
            or _too_small(row, timezone.localdate(call.at))
        )
        if problem:
            call.refuse(doc_id, problem)


def _differs(row: Balance, item: str, stated_fen: int, pairs_fen: int) -> Refusal | None:
    if stated_fen == pairs_fen:
        return None
    way = Way("查看预算间调拨", "list", {"kind": TRANSFER})
    return TransfersDiffer(
        fund=FUND_NAMES[row.fund], item=item, stated=format_fen(stated_fen), pairs=format_fen(pairs_fen), ways=[way]
    )  # fmt: skip


def _unbalanced(row: Balance) -> Refusal | None:
    gap = row.revenue_fen - row.expenditure_fen
    if gap == 0:
        return None
    return NotBalanced(
        fund=FUND_NAMES[row.fund], revenue=format_fen(row.revenue_fen), gap=format_fen(abs(gap)),
        expenditure=format_fen(row.expenditure_fen), gap_fen=gap,
    )  # fmt: skip


def _reserve(row: Balance) -> Refusal | None:
    reserve, own = row.reserve_fen, row.own_spending_fen
    if row.fund != "general" or (own <= reserve * 100 and reserve * 100 <= own * 3):
        return None
    return ReserveOutside(
        reserve=format_fen(reserve), own=format_fen(own), least=format_fen(-(-own // 100)),
        most=format_fen(own * 3 // 100),
    )  # fmt: skip


def _too_small(row: Balance, on: dt.date) -> Refusal | None:
    """国资调入比例: only where a rule of the day names one."""
    rule = rule_for(row.fund, "general", on) if row.fund == "statecapital" else None
    if rule is None or rule.min_percent is None:
        return None
    out = transferred_pairs([row.year]).get((row.year, row.fund, "general"), 0)
    if out * 10_000 >= int(rule.min_percent * 100) * row.own_revenue_fen:
        return None
    least = -(-row.own_revenue_fen * int(rule.min_percent * 100) // 10_000)
    return TransferTooSmall(
        transferred=format_fen(out), percent=f"{rule.min_percent.normalize():f}", least=format_fen(least),
        basis=rule.basis, ways=[Way("新增预算间调拨", "new_document", {"kind": TRANSFER})],
    )  # fmt: skip


def transferred_pairs(years: Iterable[int]) -> dict[tuple[int, str, str], int]:
    """Σ of the approved transfers in 分, by (year, from, to)."""
    rows = (
        BudgetTransfer.objects.filter(document__state="approved", document__fiscal_year__in=set(years))
        .values_list("document__fiscal_year", "from_fund", "to_fund")
        .annotate(fen=Sum("document__amount_fen"))
    )
    return {(year, out, into): int(fen) for year, out, into, fen in rows}


def transferred(years: Iterable[int]) -> dict[tuple[int, str], tuple[int, int]]:
    """(year, fund) → (调入, 调出) in 分, from the approved pairs."""
    sums: dict[tuple[int, str], tuple[int, int]] = {}
    for (year, out, into), fen in transferred_pairs(years).items():
        inward, outward = sums.get((year, into), (0, 0))
        sums[year, into] = (inward + fen, outward)
        inward, outward = sums.get((year, out), (0, 0))
        sums[year, out] = (inward, outward + fen)
    return sums


def rule_for(from_fund: str, to_fund: str, on: dt.date) -> TransferRule | None:
    """The rule of the pair in force on a day."""
    rows = TransferRule.objects.filter(from_fund=from_fund, to_fund=to_fund).order_by("-valid_from")
    return next(iter(reference.in_force(rows, on)), None)


def create_transfers(*, drafts: Sequence[Draft], actor: Actor, at: dt.datetime) -> list[int]:
    """This function will draft transfers between two of the four budgets; `row`: from_fund, to_fund, reason,
    reference, idle_fen (how much of it is recovered idle money).

    :raises BadInput: the funds or the amount cannot be right.
    """
    complete = []
    for draft in drafts:
        row = {key: value for key, value in draft.row.items() if value not in (None, "")}
        _check_transfer(row, draft.amount_fen)
        complete.append(replace(draft, title=_transfer_title(draft.fiscal_year, row), row=row))
    return create_many(kind=TRANSFER, drafts=complete, actor=actor, at=at)


def _transfer_title(year: int, row: Mapping[str, Any]) -> str:
    return f"{year}年{FUND_NAMES[row['from_fund']]}调入{FUND_NAMES[row['to_fund']]}"


def _check_transfer(row: Mapping[str, Any], amount_fen: int) -> None:
    funds = (row.get("from_fund"), row.get("to_fund"))
    if set(funds) - set(FOUR_FUNDS) or funds[0] == funds[1]:
        raise BadInput.of("budget.transfer_funds", "请选择两本不同的预算。")
    if amount_fen <= 0:
        raise BadInput.of("budget.transfer_amount", "调拨金额应大于零。")
    if not 0 <= int(row.get("idle_fen") or 0) <= amount_fen:
        raise BadInput.of("budget.transfer_idle", "其中盘活存量资金不能超过调拨金额。")


def revise_transfer(
    *, document: Document, values: Mapping[str, Any], actor: Actor, at: dt.datetime
) -> dict[str, Any]:
    """This function will check a changed draft as a new one. :raises BadInput: as when it was made."""
    row = BudgetTransfer.objects.get(pk=document.pk)
    keys = ("from_fund", "to_fund", "idle_fen")
    whole = {key: values.get(key) or getattr(row, key) for key in keys}
    amount = values.get("amount_fen") or document.amount_fen
    _check_transfer(whole, amount)
    plain = {key: "" if value is None else value for key, value in values.items()}
    return {
        **plain, **whole, "amount_fen": amount, "title": _transfer_title(document.fiscal_year, whole),
    }  # fmt: skip


def submit_transfers(call: StepCall) -> None:
    """送审: refused where the law does not allow the pair."""
    on = timezone.localdate(call.at)
    for doc_id, row in call.rows().items():
        if refusal := unlawful(row.from_fund, row.to_fund, row.reference, on):
            call.refuse(doc_id, refusal)


def unlawful(from_fund: str, to_fund: str, reference_no: str, on: dt.date) -> Refusal | None:
    """Why money may not go from one budget to the other on a day, with the lawful way; None: it may."""
    rule = rule_for(from_fund, to_fund, on)
    facts = {
        "source": FUND_NAMES[from_fund],
        "target": FUND_NAMES[to_fund],
        "basis": rule.basis if rule else "没有允许这样调拨的规定",
        "way": (rule.way if rule else "") or "按规定程序报批",
    }
    ways = [Way("查看调入调出规定", "page", {"path": "/budget/four/"})]
    if rule is None or rule.permission == TransferRule.Permission.FORBIDDEN:
        return TransferForbidden(ways=ways, **facts)
    if rule.permission == TransferRule.Permission.RESTRICTED and not reference_no.strip():
        return TransferNeedsBasis(ways=ways, **facts)
    return None


def approve_transfers(call: StepCall) -> None:
    """批准: both sides in one line of the book `plan`; recovered idle money leaves what may be arranged anew."""
    submit_transfers(call)  # the rule may have changed since
    rows = call.rows()
    for document in call.documents:
        row, year = rows[document.pk], document.fiscal_year
        lines = [postings.transfer_between(year, row.from_fund, row.to_fund, document.amount_fen)]
        if row.idle_fen:
            lines.append(postings.transfer_idle(year, row.from_fund, row.idle_fen))
        booking.post(
            call.subset([document.pk]), f"{TRANSFER}.approved", {document.pk: lines}, fiscal_year=year
        )
