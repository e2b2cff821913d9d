"""What the stress test reads: cash and revenue of the books, 三保 needs, what of the year's allotments is not yet paid.

Baseline inflow of a month: the year's task of that month where there is one, else the same month of the last year the
books know. Baseline outflow: 三保 by v_guarantees_need; the rest is what allotments still have, over the remaining
months as last year's cash went out. Notes say where each series came from.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from fisc.domains.scenarios import reading
from fisc.domains.scenarios.holdback import Candidate
from fisc.domains.scenarios.lines import FLAG_BOND, FLAG_DIRECT, FLAG_GUARANTEE, part, spread
from fisc.domains.scenarios.policy import Policy
from fisc.domains.scenarios.reading import Position, Project
from fisc.domains.scenarios.shortfall import (
    DEBT,
    DEBT_IN,
    GUARANTEED,
    LAND,
    OTHER,
    REST,
    REVENUE,
    TRANSFER,
    UPPER,
    WAGES,
    Inflow,
    Outflow,
    Situation,
    months_from,
)
from fisc.kernel import ledger

LAND_CODE = "1030148"
CONSTRUCTION = ("30901", "30905", "30906", "31001", "31005", "31006")
SOURCES = (REVENUE, LAND, TRANSFER, DEBT_IN, OTHER)
NEED_PROFILES = {"W01": "wages", "W02": "wages", "O01": "operation", "O02": "operation"}
NEED_ORDER = {"L": 0, "W": 1, "O": 2}  # 保基本民生、保工资、保运转


@dataclass(frozen=True)
class Read:
    """A situation as the books give it, who might wait, and where each series came from."""

    situation: Situation
    candidates: tuple[Candidate, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class _Unpaid:
    position: Position
    project: Project
    rank: int
    wage_fen: int
    rest_fen: int


def read(
    *,
    first_month: int,
    length: int,
    debts: Mapping[int, int],
    wage_percent: Decimal,
    reserve_fen: int,
    policy: Policy,
) -> Read:
    """This will read the situation on the first day of `first_month`; the horizon stays within its year.

    :param debts: month (yyyymm) → principal and interest due, 分.
    """
    year = first_month // 100
    months = months_from(first_month, length)
    inflows, notes = _inflows(months)
    past = _past_outflows(first_month)
    needs, need_note = _needs(year, months)
    unpaid = _unpaid(year, wage_percent, covered=frozenset(item.key for item in needs))
    season = _season(months)
    outflows = [*needs, *_others(unpaid, season)]
    if not needs:
        outflows = [*_marked(unpaid, season), *outflows]
    if any(debts.get(month) for month in months):
        outflows.append(
            Outflow(
                key="debt", label="到期债务本息", rank=DEBT, profile="debt_due",
                months_fen=tuple(debts.get(month, 0) for month in months),
            )
        )  # fmt: skip
    situation = Situation(
        first_month=first_month,
        opening_fen=_opening(first_month),
        inflows=inflows,
        outflows=tuple(sorted(outflows, key=lambda item: item.rank)),
        past_outflows_fen=past,
        reserve_fen=reserve_fen,
    )
    return Read(situation, _candidates(unpaid, policy), (*notes, need_note))


def _opening(first_month: int) -> int:
    (found,) = ledger.sums([(ledger.Selection(book="cash", subjects=("1001",)), None, _before(first_month))])
    return found.get((), 0)


def _past_outflows(first_month: int) -> tuple[int, ...]:
    """The cash that went out in each of the twelve months before; months before the books began are left out."""
    selection = ledger.Selection(book="cash", subjects=("1001",), side="credit")
    (found,) = ledger.sums([(selection, _ago(first_month, 12), _before(first_month))], group_by=("period",))
    return tuple(found[(month,)] for month in months_from(_ago(first_month, 12), 12) if (month,) in found)


def _inflows(months: Sequence[int]) -> tuple[tuple[Inflow, ...], tuple[str, ...]]:
    history = _history(_ago(months[0], 24), _before(months[0]))
    tasks = _tasks(months)
    inflows, notes = [], []
    for source in SOURCES:
        planned = [tasks.get((source, month), 0) for month in months]
        if sum(planned) > 0:
            inflows.append(Inflow(source=source, months_fen=tuple(planned)))
            notes.append(f"{source}:task")
            continue
        past = tuple(_last_known(history, source, month) for month in months)
        if any(past) or source in (REVENUE, TRANSFER):
            inflows.append(Inflow(source=source, months_fen=past))
            notes.append(f"{source}:history")
    return tuple(inflows), tuple(notes)


def _last_known(history: Mapping[tuple[str, int], int], source: str, month: int) -> int:
    for years in (12, 24):
        before = _ago(month, years)
        if any((other, before) in history for other in SOURCES):
            return history.get((source, before), 0)
    return 0


def _history(first: int, last: int) -> dict[tuple[str, int], int]:
    """What came in by source and month: own revenue of the district, transfers, debt."""
    selection = ledger.Selection(book="revenue", subjects=("4003", "4005", "4009"), side="net_credit")
    (found,) = ledger.sums(
        [(selection, first, last)], group_by=("subject", "fund", "revenue_code:7", "period")
    )
    out: dict[tuple[str, int], int] = defaultdict(int)
    for (subject, fund, code, period), amount in found.items():
        out[(_source(subject, fund, code), period)] += amount
    return out


def _source(subject: str, fund: str | None, code: str | None) -> str:
    if subject == "4009":
        return DEBT_IN
    if subject == "4005":
        return TRANSFER
    if code == LAND_CODE:
        return LAND
    return REVENUE if fund == "general" else OTHER


def _tasks(months: Sequence[int]) -> dict[tuple[str, int], int]:
    selection = ledger.Selection(book="revenue", subjects=("8003",), side="net_credit")
    (found,) = ledger.sums(
        [(selection, months[0], months[-1])], group_by=("subject", "fund", "revenue_code:7", "period")
    )
    out: dict[tuple[str, int], int] = defaultdict(int)
    for (_, fund, code, period), amount in found.items():
        out[(_source("4003", fund, code), period)] += amount
    return out


def _needs(year: int, months: Sequence[int]) -> tuple[list[Outflow], str]:
    rows = [
        (item, name, [int(amount) for amount in _json(monthly) or ()])
        for item, name, monthly in reading.ask("needs", "v_guarantees_need", year=year)
    ]
    rows.sort(key=lambda row: (NEED_ORDER.get(row[0][:1], 9), row[0]))
    outflows = [
        Outflow(
            key=item, label=f"{item} {name}", rank=GUARANTEED, profile=NEED_PROFILES.get(item, "social"),
            months_fen=tuple(monthly[month % 100 - 1] for month in months),
        )
        for item, name, monthly in rows
        if any(monthly)
    ]  # fmt: skip
    return outflows, "needs:need" if outflows else "needs:marks"


def _json(value: Any) -> Any:
    """A jsonb column: Django's raw cursors give its text."""
    return json.loads(value) if isinstance(value, str) else value


def _unpaid(year: int, wage_percent: Decimal, covered: frozenset[str]) -> list[_Unpaid]:
    """Allotments of the year with money left, with their place in the order of payment."""
    found = [item for item in reading.positions(year=year) if item.unpaid_fen > 0]
    known = reading.projects(item.project_id for item in found)
    out = []
    for item in found:
        project = known.get(item.project_id or 0, reading.UNKNOWN_PROJECT)
        rank = _rank(item, project, covered)
        wages = (
            part(item.unpaid_fen, wage_percent)
            if rank != GUARANTEED and item.economic_code in CONSTRUCTION
            else 0
        )
        out.append(_Unpaid(item, project, rank, wages, item.unpaid_fen - wages))
    return out


def _rank(item: Position, project: Project, covered: frozenset[str]) -> int:
    """三保 by mark or item; staff and running costs too where the needs say so; then what is earmarked."""
    if item.flags & FLAG_GUARANTEE or project.guarantee_item:
        return GUARANTEED
    if (project.category == "personnel" and covered & {"W01", "W02", "W03"}) or (
        project.category == "public" and "O01" in covered
    ):
        return GUARANTEED
    return (
        UPPER
        if item.flags & (FLAG_DIRECT | FLAG_BOND) or project.has_upper_money or project.is_bond
        else REST
    )


def _season(months: Sequence[int]) -> list[int]:
    """How last year's cash went out over these months; even where the books do not know."""
    selection = ledger.Selection(book="cash", subjects=("1001",), side="credit")
    (found,) = ledger.sums([(selection, _ago(months[0], 12), _ago(months[-1], 12))], group_by=("period",))
    weights = [max(0, found.get((_ago(month, 12),), 0)) for month in months]
    return weights if all(weights) else [1] * len(months)


def _others(unpaid: Iterable[_Unpaid], season: list[int]) -> list[Outflow]:
    wages = sum(item.wage_fen for item in unpaid)
    sums: dict[int, int] = defaultdict(int)
    for item in unpaid:
        sums[item.rank] += item.rest_fen
    found = [
        ("wages", "农民工工资", WAGES, wages),
        ("upper", "上级专项和债券", UPPER, sums[UPPER]),
        ("rest", "其他支出", REST, sums[REST]),
    ]
    return [
        Outflow(key=key, label=label, rank=rank, months_fen=tuple(spread(amount, season)))
        for key, label, rank, amount in found
        if amount > 0
    ]


def _marked(unpaid: Iterable[_Unpaid], season: list[int]) -> list[Outflow]:
    """Without a need in force: what is marked as 三保 and not yet paid, by item where the project names one."""
    sums: dict[str, int] = defaultdict(int)
    for item in unpaid:
        if item.rank == GUARANTEED:
            sums[item.project.guarantee_item or "三保"] += item.rest_fen
    ordered = sorted(sums, key=lambda item: (NEED_ORDER.get(item[:1], 9), item))
    return [
        Outflow(
            key=item, label=item, rank=GUARANTEED, profile=NEED_PROFILES.get(item, "social"),
            months_fen=tuple(spread(sums[item], season)),
        )
        for item in ordered
        if sums[item] > 0
    ]  # fmt: skip


def _candidates(unpaid: Sequence[_Unpaid], policy: Policy) -> tuple[Candidate, ...]:
    titles = reading.released_titles(
        item.position.allotment_id for item in unpaid if item.rank in (UPPER, REST)
    )
    return tuple(
        Candidate(
            key=item.position.allotment_id,
            unit_id=item.position.unit_id,
            project_id=item.position.project_id,
            title=titles[item.position.allotment_id],
            rank=item.rank,
            weight=policy.weight(
                nature=item.project.nature,
                grade=item.project.grade,
                category=item.project.category,
                rank=item.project.rank,
            ),
            base_fen=item.position.approved_fen,
            free_fen=max(0, min(item.position.available_fen, item.rest_fen)),
            category=item.project.category,
            nature=item.project.nature,
            grade=item.project.grade,
        )
        for item in unpaid
        if item.position.allotment_id in titles
    )


def _before(month: int) -> int:
    return _ago(month, 1)


def _ago(month: int, count: int) -> int:
    whole = month // 100 * 12 + month % 100 - 1 - count
    return whole // 12 * 100 + whole % 12 + 1


def plain(found: Read) -> dict[str, Any]:
    """What was read as plain values, to be kept."""
    situation = found.situation
    return {
        "first_month": situation.first_month,
        "opening_fen": situation.opening_fen,
        "reserve_fen": situation.reserve_fen,
        "past_outflows_fen": list(situation.past_outflows_fen),
        "inflows": [[item.source, list(item.months_fen)] for item in situation.inflows],
        "outflows": [
            [item.key, item.label, item.rank, item.profile, list(item.months_fen)]
            for item in situation.outflows
        ],
        "candidates": [[getattr(item, name) for name in CANDIDATE] for item in found.candidates],
        "notes": list(found.notes),
    }


def from_plain(kept: Mapping[str, Any]) -> Read:
    """What was kept, as it was read."""
    situation = Situation(
        first_month=kept["first_month"],
        opening_fen=kept["opening_fen"],
        reserve_fen=kept["reserve_fen"],
        past_outflows_fen=tuple(kept["past_outflows_fen"]),
        inflows=tuple(Inflow(source=source, months_fen=tuple(months)) for source, months in kept["inflows"]),
        outflows=tuple(
            Outflow(key=key, label=label, rank=rank, profile=profile, months_fen=tuple(months))
            for key, label, rank, profile, months in kept["outflows"]
        ),
    )
    candidates = tuple(Candidate(**dict(zip(CANDIDATE, row, strict=True))) for row in kept["candidates"])
    return Read(situation, candidates, tuple(kept["notes"]))


CANDIDATE = (
    "key", "unit_id", "project_id", "title", "rank", "weight", "base_fen", "free_fen", "category", "nature", "grade",
)  # fmt: skip
