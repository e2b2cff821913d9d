"""What lies on the desks on the demo's business day: documents at every node, some returned, one refused."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from fisc.domains.budget import changes
from fisc.domains.treasury import bank
from fisc.kernel.documents.models import Document
from fisc.kernel.documents.perform import perform_many
from fisc.kernel.documents.spec import Draft
from fisc.kernel.orgs.actor import Actor
from fisc.project.demo import district, payments, people
from fisc.project.demo.cast import Cast, moment, whole
from fisc.project.demo.spending_plan import PlanLine, PlanPayment, SpendingPlan

PAYMENT = payments.PAYMENT
ANSWERS = {"answers": payments.ANSWERS}
_SMALL_PART = 60  # so small that every allotment still has it in July
_LARGE_FEN = 6_000_000  # above the amount from which a section of the bureau reviews


def play(*, plan: SpendingPlan, allotments: Mapping[int, int], cast: Cast, on: date) -> None:
    """This function will leave about sixty payments and some budget changes unfinished."""
    rng = random.Random(district.SEED + 2)
    own = [
        row for row in plan.lines if row.year == on.year and row.fund == "general" and row.kind != "personnel"
    ]
    _centre(rng, plan, own, allotments, cast, on)
    _of_unit(
        rng, plan, "121001", people.actor("wanglihua"), people.actor("zhangjianping"), own, allotments, on
    )
    _of_unit(rng, plan, "121", people.actor("mafang"), people.actor("tangning"), own, allotments, on)
    _budget_changes(own, allotments, cast, on)


def _drawn(
    rng: random.Random, plan: SpendingPlan, lines: Sequence[PlanLine], count: int, on: date
) -> list[PlanPayment]:
    """Ordinary payments of July: what the plan has for these lines later in the year, made a little smaller."""
    wanted = {line.index: line for line in lines}
    coming = [row for row in plan.payments if row.line in wanted and row.on > on]
    rows = rng.sample(coming, min(count, len(coming)))
    return [
        replace(
            row,
            on=on,
            amount_fen=min(row.amount_fen, wanted[row.line].approved_fen // _SMALL_PART) // 100 * 100 or 100,
            purpose=f"{on.month}月{row.purpose.partition('月')[2]}",
        )
        for row in rows
    ]


def _make(rows: Sequence[PlanPayment], allotments: Mapping[int, int], maker: Actor, on: date) -> list[int]:
    return payments.make(
        payments=rows, allotments=allotments, years={row.line: on.year for row in rows}, maker=maker, on=on
    )


def _centre(
    rng: random.Random,
    plan: SpendingPlan,
    lines: Sequence[PlanLine],
    allotments: Mapping[int, int],
    cast: Cast,
    on: date,
) -> None:
    """Payments of the accounting centre, spread over the nodes of the chain and the bank."""
    ids = _make(
        _drawn(rng, plan, [row for row in lines if row.kind == "special"], 30, on)
        + _drawn(rng, plan, lines, 18, on),
        allotments,
        cast.maker,
        on,
    )
    whole(
        perform_many(
            kind=PAYMENT, ids=ids[4:], step="submit", actor=cast.maker, at=moment(on, 9, 10), data=ANSWERS
        )
    )
    reviewer = cast.reviewers["unit_reviewer"]
    whole(perform_many(kind=PAYMENT, ids=ids[10:], step="approve", actor=reviewer, at=moment(on, 9, 30)))
    back = _in_review(ids[10:13], "国库")
    if back:
        whole(
            perform_many(
                kind=PAYMENT, ids=back, step="send_back", actor=cast.reviewers["treasury_reviewer"],
                at=moment(on, 9, 40), comment="用途不明确，请补充合同和发票",
            )
        )  # fmt: skip
    for section, actor in cast.section_reviewers.items():
        waiting = _in_review(ids[22:], "股室", section)
        if waiting:
            whole(perform_many(kind=PAYMENT, ids=waiting, step="approve", actor=actor, at=moment(on, 9, 50)))
    ready = _in_review(ids[34:], "国库")
    whole(
        perform_many(
            kind=PAYMENT,
            ids=ready,
            step="approve",
            actor=cast.reviewers["treasury_reviewer"],
            at=moment(on, 10),
        )
    )
    _to_the_bank(ready[:8], cast, on)


def _in_review(ids: Sequence[int], node: str, section: str | None = None) -> list[int]:
    found = Document.objects.filter(id__in=ids, state="in_review", node__contains=node)
    if section is not None:
        found = found.filter(section_code=section)
    return list(found.order_by("id").values_list("id", flat=True))


def _to_the_bank(ids: Sequence[int], cast: Cast, on: date) -> None:
    """Send some; the bank refuses two for a wrong account name, the others are still on their way."""
    whole(
        perform_many(kind=PAYMENT, ids=ids, step="send", actor=cast.treasury_officer, at=moment(on, 10, 10))
    )
    refused = Document.objects.filter(id__in=ids[:2]).values_list("number", "amount_fen")
    receipts = [
        bank.Receipt(reference=number, is_paid=False, amount_fen=fen, paid_on=on, reason="收款户名与账号不符")
        for number, fen in refused
    ]
    bank.receive(receipts=receipts, actor=cast.treasury_officer, at=moment(on, 10, 30))


def _large(lines: Sequence[PlanLine]) -> list[PlanLine]:
    return [row for row in lines if row.approved_fen // _SMALL_PART > _LARGE_FEN]


def _of_unit(
    rng: random.Random,
    plan: SpendingPlan,
    unit_code: str,
    maker: Actor,
    reviewer: Actor,
    lines: Sequence[PlanLine],
    allotments: Mapping[int, int],
    on: date,
) -> None:
    """A unit with its own accountant: drafts, documents waiting for the unit's review, and some past it."""
    own = [row for row in lines if row.unit_code == unit_code]
    large = _drawn(rng, plan, _large(own), 3, on)
    ids = _make([*_drawn(rng, plan, own, 7 - len(large), on), *large], allotments, maker, on)
    whole(
        perform_many(
            kind=PAYMENT, ids=ids[2:], step="submit", actor=maker, at=moment(on, 9, 15), data=ANSWERS
        )
    )
    whole(perform_many(kind=PAYMENT, ids=ids[4:], step="approve", actor=reviewer, at=moment(on, 9, 45)))


def _budget_changes(lines: Sequence[PlanLine], allotments: Mapping[int, int], cast: Cast, on: date) -> None:
    special = [row for row in lines if row.kind == "special" and not row.flags][:4]
    drafts = [
        Draft(
            unit_id=0,
            fiscal_year=on.year,
            business_on=on,
            title=f"追加 {row.project_name}",
            amount_fen=50_000_000,
            row={
                "allotment_id": allotments[row.index],
                "reference": f"区财预〔{on.year}〕{60 + number}号",
                "funding": "预备费",
                "reason": "项目提前开工，年度安排不足",
            },
        )
        for number, row in enumerate(special[:2])
    ]
    create = changes.create_adjustments(changes.SUPPLEMENT)
    ids = create(drafts=drafts, actor=cast.budget_officer, at=moment(on, 9))
    whole(
        perform_many(
            kind=changes.SUPPLEMENT, ids=ids, step="submit", actor=cast.budget_officer, at=moment(on, 9, 5)
        )
    )
