"""“为什么不能支付”: what PostgreSQL refused, said with its numbers, who holds the money, and the lawful ways on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import connection

from fisc.base.errors import Refusal, Way
from fisc.base.money import format_fen, plain_yuan
from fisc.domains.treasury import ceilings, drawing, postings
from fisc.domains.treasury.drawing import Figures
from fisc.kernel import ledger
from fisc.kernel.documents.models import Document
from fisc.kernel.ledger.outcomes import Refused

SHOWN_HOLDERS = 5
# One row: a document that holds money of an allotment, the largest first.
HOLDERS = """
WITH drawing AS (
    SELECT document_id, allotment_id FROM treasury_payment WHERE allotment_id = ANY (%(ids)s)
    UNION ALL
    SELECT document_id, allotment_id FROM treasury_batch WHERE allotment_id = ANY (%(ids)s)
), ranked AS (
    SELECT
        drawing.allotment_id, header.id, header.number, header.counterparty, header.amount_fen,
        row_number() OVER (PARTITION BY drawing.allotment_id ORDER BY header.amount_fen DESC, header.id) AS place,
        count(*) OVER (PARTITION BY drawing.allotment_id) AS holder_count
    FROM drawing
    JOIN documents_document AS header ON header.id = drawing.document_id
    WHERE header.state IN ('in_review', 'approved', 'sent')
)
SELECT allotment_id, id, number, counterparty, amount_fen, holder_count
FROM ranked
WHERE place <= %(shown)s
ORDER BY allotment_id, place
"""


class AllotmentShort(Refusal):
    """指标“{allotment}”可用 {available} 元，本次支付 {required} 元，还差 {shortfall} 元。批复 {approved} 元，\
已支付 {paid} 元，在途 {held} 元{holders}，冻结 {frozen} 元，未到期用款计划 {planned} 元。"""

    code = "treasury.allotment_short"


class PlanShort(Refusal):
    """指标“{allotment}”本月可用用款计划 {available} 元，本次支付 {required} 元，还差 {shortfall} 元。\
批复 {approved} 元，已支付 {paid} 元，在途 {held} 元{holders}，冻结 {frozen} 元，未到期用款计划 {planned} 元，\
未编计划的指标 {unplanned} 元。"""

    code = "treasury.plan_short"


def explain(
    refusals: Sequence[Refused], documents: Sequence[Document], allotment_of: Mapping[int, int]
) -> list[tuple[Document, Refusal]]:
    """Return the refusal of each document the ledger turned down.

    :param documents: the documents of the batch, in its order (`Refused.index` points into it).
    :param allotment_of: the allotment of each document.
    """
    if not refusals:
        return []
    capped = [refused for refused in refusals if refused.code == "floor" and ceilings.is_ceiling(refused)]
    explained = ceilings.explain(capped, documents)
    refusals = [refused for refused in refusals if refused not in capped]
    short = [refused for refused in refusals if refused.code == "floor"]
    ids = {allotment_of[documents[refused.index].pk] for refused in short}
    figures, titles, holders = drawing.figures(ids), drawing.headers(ids), holders_of(ids)
    for refused in refusals:
        document = documents[refused.index]
        allotment_id = allotment_of[document.pk]
        if refused.code != "floor" or refused.account is None:
            explained.append((document, ledger.LedgerRefusal(refused)))
            continue
        explained.append(
            (
                document,
                _shortage(
                    document,
                    refused,
                    titles[allotment_id],
                    figures[allotment_id],
                    holders.get(allotment_id, []),
                ),
            )
        )
    return explained


def holders_of(allotment_ids: Iterable[int]) -> dict[int, list[dict[str, Any]]]:
    """Return, per allotment, the largest documents that hold its money: id, number, counterparty, amount, count."""
    found: dict[int, list[dict[str, Any]]] = {}
    wanted = sorted(set(allotment_ids))
    if not wanted:
        return found
    with connection.cursor() as cursor:
        cursor.execute(HOLDERS, {"ids": wanted, "shown": SHOWN_HOLDERS})
        for allotment_id, doc_id, number, counterparty, amount, count in cursor.fetchall():
            found.setdefault(allotment_id, []).append(
                {
                    "document_id": doc_id, "number": number, "counterparty": counterparty, "amount_fen": amount,
                    "count": count,
                }
            )  # fmt: skip
    return found


def _shortage(
    document: Document, refused: Refused, allotment: Document, figures: Figures, holders: list[dict[str, Any]]
) -> Refusal:
    assert refused.account is not None
    by_plan = refused.account.key.subject == postings.PLAN_DUE
    kind: type[Refusal] = PlanShort if by_plan else AllotmentShort
    facts: dict[str, Any] = {
        "allotment": allotment.title,
        "allotment_id": allotment.pk,
        "available": format_fen(refused.available_fen or 0),
        "required": format_fen(refused.required_fen or 0),
        "shortfall": format_fen(refused.shortfall_fen or 0),
        "approved": format_fen(figures.approved_fen),
        "paid": format_fen(figures.paid_fen),
        "held": format_fen(figures.held_fen),
        "frozen": format_fen(figures.frozen_fen),
        "planned": format_fen(figures.planned_fen),
        "unplanned": format_fen(figures.executable_fen),
        "holders": _holders_text(holders),
        "held_by": [f"{holder['number']} {format_fen(holder['amount_fen'])} 元" for holder in holders],
        "holding_documents": holders,
        "amount_fen": refused.required_fen,
        "available_fen": refused.available_fen,
        "required_fen": refused.required_fen,
        "shortfall_fen": refused.shortfall_fen,
        "approved_fen": figures.approved_fen,
        "paid_fen": figures.paid_fen,
        "held_fen": figures.held_fen,
        "frozen_fen": figures.frozen_fen,
        "planned_fen": figures.planned_fen,
    }
    return kind(ways=_ways(document, refused, allotment, figures, by_plan), **facts)


def _holders_text(holders: list[dict[str, Any]]) -> str:
    if not holders:
        return ""
    shown = "、".join(f"{holder['number']} {format_fen(holder['amount_fen'])} 元" for holder in holders[:3])
    more = f"等 {holders[0]['count']} 张" if holders[0]["count"] > 3 else ""
    return f"（{shown}{more}）"


def _ways(
    document: Document, refused: Refused, allotment: Document, figures: Figures, by_plan: bool
) -> list[Way]:
    shortfall = refused.shortfall_fen or 0
    ways = []
    if by_plan and figures.executable_fen > 0:
        amount = min(shortfall, figures.executable_fen)
        initial = {"allotment_id": allotment.pk, "amount_fen": plain_yuan(amount)}
        ways.append(Way("编报用款计划", "new_document", {"kind": "treasury.cash_plan", "initial": initial}))
    if (refused.available_fen or 0) > 0:
        label = f"减少金额至 {format_fen(refused.available_fen or 0)} 元以内"
        ways.append(Way(label, "document", {"id": document.pk, "edit": True}))
    if not by_plan or figures.executable_fen < shortfall:
        into = {"in_allotment_id": allotment.pk, "amount_fen": plain_yuan(shortfall)}
        more = {"allotment_id": allotment.pk, "amount_fen": plain_yuan(shortfall)}
        ways += [
            Way("申请调剂", "new_document", {"kind": "budget.virement", "initial": into}),
            Way("申请追加", "new_document", {"kind": "budget.supplement", "initial": more}),
        ]
    ways.append(Way("查看指标", "document", {"id": allotment.pk}))
    return ways
