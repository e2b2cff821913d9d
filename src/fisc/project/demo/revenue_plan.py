"""Plans the daily treasury receipts of 2022 and 2023 and the yearly tasks, scaled to the seed's percentages.

Taxes are planned by their district share and entered gross, as the treasury reports them; the product's sharing
table splits them again. Own taxes and shared taxes of 2022 follow from two equations: tax growth and the growth of
all public revenue (财政总收入).
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from fisc.base.workdays import is_workday
from fisc.project.demo import district, payees, targets
from fisc.project.demo.spending_plan import SpendingPlan, spread

DistrictShare = Callable[[str], Decimal]  # revenue code → share of the district, 0 to 1


@dataclass(frozen=True)
class PlanReceipt:
    """One row of a daily treasury report; a refund is negative."""

    on: date
    fund: str
    revenue_code: str
    payer: str
    amount_fen: int
    serial: str


@dataclass(frozen=True)
class PlanTask:
    """The yearly task of one item at one level (central, province, district), by month, in 分."""

    year: int
    level: str
    revenue_code: str
    months_fen: tuple[int, ...]


# revenue item, weight of the district share in tax revenue, receipts a month, is shared with upper levels
_TAXES: tuple[tuple[str, int, int, bool], ...] = (
    ("1010101", 300, 420, True),
    ("1010104", 80, 140, True),
    ("1010436", 90, 130, True),
    ("1010433", 50, 60, True),
    ("1010601", 50, 150, True),
    ("1010906", 60, 130, False),
    ("1011006", 70, 90, False),
    ("1011119", 30, 90, False),
    ("1011205", 40, 60, False),
    ("1011306", 110, 40, False),
    ("1011401", 12, 60, False),
    ("1011801", 15, 6, False),
    ("1011901", 90, 120, False),
    ("1012101", 3, 20, False),
)
_CENTRAL_TAX = ("1010201", 30)  # consumption tax: the district gets nothing
_CENTRAL_TAX_FEN = 3_000 * targets.WAN
_NONTAX: tuple[tuple[str, int, int], ...] = (
    ("1030203", 60, 60),
    ("1030216", 40, 50),
    ("1030218", 30, 20),
    ("1030223", 40, 12),
    ("1030401", 12, 30),
    ("1030416", 8, 25),
    ("1030432", 40, 30),
    ("1030442", 12, 20),
    ("1030447", 16, 30),
    ("1030501", 90, 120),
    ("1030701", 120, 10),
    ("1030705", 20, 4),
    ("1030706", 160, 24),
    ("1030708", 110, 3),
    ("1030799", 210, 20),
    ("1030903", 12, 20),
)
# month weights of the first and the second half
_SEASON = {1: 23, 2: 12, 3: 14, 4: 19, 5: 16, 6: 16, 7: 20, 8: 14, 9: 16, 10: 20, 11: 15, 12: 15}
_REFUND_MONTHS_2022 = {4: 900, 5: 1_300, 6: 1_100, 7: 600}  # 留抵退税, gross 万元
_TRANSFERS: tuple[tuple[str, int], ...] = (
    ("1100202", 26),
    ("1100208", 14),
    ("1100245", 12),
    ("1100248", 13),
    ("1100249", 9),
    ("1100252", 10),
    ("1100258", 6),
    ("1100296", 5),
    ("1100313", 5),
)
_BOND = "1101101"


def district_targets(year: int, half: int) -> tuple[int, int]:
    """This function will give the district's tax and non-tax revenue of one half-year, in 分."""
    general = targets.GENERAL_REVENUE_2023_H1 * targets.WAN
    tax = round(general * targets.TAX_SHARE / 100)
    nontax = general - tax
    if year == 2022:
        tax = round(tax / (1 + targets.TAX_GROWTH / 100))
        nontax = round(nontax / (1 + targets.NONTAX_GROWTH / 100))
    if half == 2:
        factor = targets.SECOND_HALF[year]
        tax, nontax = round(tax * factor), round(nontax * factor)
    return tax, nontax


def tax_by_item(year: int, half: int, share: DistrictShare) -> dict[str, int]:
    """This function will give the district share of every tax item of one half-year, in 分."""
    tax, _ = district_targets(year, half)
    if year == 2022:
        weights = _weights_2022(share)
    else:
        weights = {code: Fraction(weight) for code, weight, _, _ in _TAXES}
    return _by_weight(tax, weights)


def _weights_2022(share: DistrictShare) -> dict[str, Fraction]:
    """Scale shared taxes by ``a`` and own taxes by ``b`` so that tax growth and total growth both come out."""
    tax_2023, nontax_2023 = district_targets(2023, 1)
    tax_2022, nontax_2022 = district_targets(2022, 1)
    items = _by_weight(tax_2023, {code: Fraction(weight) for code, weight, _, _ in _TAXES})
    shared = {code: items[code] for code, _, _, is_shared in _TAXES if is_shared}
    upper_2023 = sum(_upper(code, fen, share) for code, fen in shared.items()) + _CENTRAL_TAX_FEN
    growth = 1 + Fraction(targets.TOTAL_GROWTH) / 100
    upper_2022 = (tax_2023 + nontax_2023 + upper_2023) / growth - tax_2022 - nontax_2022
    a = (upper_2022 - _central_tax_fen(2022, 1)) / sum(
        _upper(code, fen, share) for code, fen in shared.items()
    )
    own = sum(fen for code, fen in items.items() if code not in shared)
    b = (tax_2022 - a * sum(shared.values())) / own
    if a <= 0 or b <= 0:
        raise ValueError(f"demo plan: no composition of 2022 taxes fits (a={float(a)}, b={float(b)})")
    return {code: (a if code in shared else b) * fen for code, fen in items.items()}


def _central_tax_fen(year: int, half: int) -> int:
    fen = _CENTRAL_TAX_FEN * (95 if year == 2022 else 100) // 100
    return fen if half == 1 else round(fen * targets.SECOND_HALF[year])


def _upper(code: str, district_fen: int, share: DistrictShare) -> Fraction:
    return Fraction(district_fen) * (1 / Fraction(share(code)) - 1)


def _by_weight(total_fen: int, weights: Mapping[str, Fraction]) -> dict[str, int]:
    whole = sum(weights.values())
    result = {code: int(total_fen * weight / whole) for code, weight in weights.items()}
    last = next(reversed(result))
    result[last] += total_fen - sum(result.values())
    return result


def receipts(*, share: DistrictShare, spending: SpendingPlan) -> list[PlanReceipt]:
    """This function will plan every receipt of 2022 and 2023, sorted by day."""
    rng = random.Random(district.SEED + 1)
    payers = [payee.name for payee in payees.taxpayers(rng)]
    rows: list[PlanReceipt] = []
    for year in (2022, 2023):
        for half in (1, 2):
            rows += _taxes(rng, year, half, share, payers)
            rows += _nontax(rng, year, half, payers)
    rows += _transfers_and_land(rng, rows, spending, share)
    rows.sort(key=lambda row: row.on)
    return _numbered(rows)


def _taxes(
    rng: random.Random, year: int, half: int, share: DistrictShare, payers: Sequence[str]
) -> list[PlanReceipt]:
    rows: list[PlanReceipt] = []
    counts = {code: count for code, _, count, _ in _TAXES}
    for code, district_fen in tax_by_item(year, half, share).items():
        gross = round(Fraction(district_fen) / Fraction(share(code)))
        refunds = _refunds(rng, year, half, payers) if code == "1010101" else []
        gross -= sum(row.amount_fen for row in refunds)
        rows += refunds + _drawn(rng, year, half, "general", code, gross, counts[code], payers)
    code, count = _CENTRAL_TAX
    return rows + _drawn(rng, year, half, "general", code, _central_tax_fen(year, half), count, payers)


def _refunds(rng: random.Random, year: int, half: int, payers: Sequence[str]) -> list[PlanReceipt]:
    rows = []
    for month, wan in _REFUND_MONTHS_2022.items() if year == 2022 else ():
        if (month <= 6) == (half == 1):
            parts = spread(wan * targets.WAN, [rng.randint(50, 150) for _ in range(12)])
            rows += [
                PlanReceipt(_day(rng, year, month), "general", "1010101", rng.choice(payers), -part, "")
                for part in parts
            ]
    return rows


def _nontax(rng: random.Random, year: int, half: int, payers: Sequence[str]) -> list[PlanReceipt]:
    _, nontax = district_targets(year, half)
    amounts = _by_weight(nontax, {code: Fraction(weight) for code, weight, _ in _NONTAX})
    counts = {code: count for code, _, count in _NONTAX}
    rows: list[PlanReceipt] = []
    for code, fen in amounts.items():
        rows += _drawn(rng, year, half, "general", code, fen, counts[code], payers)
    return rows


def _drawn(
    rng: random.Random,
    year: int,
    half: int,
    fund: str,
    code: str,
    total_fen: int,
    per_month: int,
    payers: Sequence[str],
) -> list[PlanReceipt]:
    """One item's receipts of a half-year: random days and payers, month weights by season, exact total."""
    months = range(1, 7) if half == 1 else range(7, 13)
    drafts = [(month, rng.choice(payers)) for month in months for _ in range(per_month)]
    weights = [_SEASON[month] * rng.randint(20, 180) for month, _ in drafts]
    return [
        PlanReceipt(_day(rng, year, month), fund, code, payer, fen, "")
        for (month, payer), fen in zip(drafts, spread(total_fen, weights), strict=True)
        if fen
    ]


def _day(rng: random.Random, year: int, month: int) -> date:
    on = date(year, month, rng.randint(1, 26))
    while not is_workday(on):
        on += timedelta(days=1)
    return on


def _transfers_and_land(
    rng: random.Random, own: Sequence[PlanReceipt], spending: SpendingPlan, share: DistrictShare
) -> list[PlanReceipt]:
    """Transfers, bonds and land revenue that keep the treasury account liquid month by month."""
    spent: dict[tuple[str, int, int], int] = defaultdict(int)
    for payment in spending.payments:
        fund = spending.lines[payment.line].fund
        spent[(fund, payment.on.year, payment.on.month)] += payment.amount_fen
    received: dict[tuple[int, int], int] = defaultdict(int)
    for row in own:
        received[(row.on.year, row.on.month)] += round(row.amount_fen * Fraction(share(row.revenue_code)))
    rows = [PlanReceipt(pay_open(2022), fund, _opening_code(fund), "海州市财政局", wan * targets.WAN, "")
            for fund, wan in targets.OPENING_CASH.items() if fund == "general"]  # fmt: skip
    for year in (2022, 2023):
        for month in range(1, 13):
            need = max(spent[("general", year, month)] - received[(year, month)], 0)
            rows += _transfer_rows(rng, year, month, need * 101 // 100)
            land = spent[("govfund", year, month)] * 106 // 100
            opening = targets.OPENING_CASH["govfund"] * targets.WAN if (year, month) == (2022, 1) else 0
            rows += _land_rows(rng, year, month, land + opening)
    return rows


def pay_open(year: int) -> date:
    """The first working day of a year."""
    on = date(year, 1, 1)
    while not is_workday(on):
        on += timedelta(days=1)
    return on


def _opening_code(fund: str) -> str:
    return "1100801" if fund == "general" else "1030148"


def _transfer_rows(rng: random.Random, year: int, month: int, total_fen: int) -> list[PlanReceipt]:
    codes = dict(_TRANSFERS) | ({_BOND: 30} if month in (3, 4, 5, 8) else {})
    on = date(year, month, 3)
    while not is_workday(on):
        on += timedelta(days=1)
    weights = [weight * rng.randint(80, 120) for weight in codes.values()]
    parts = spread(total_fen, weights) if total_fen else [0] * len(codes)
    return [
        PlanReceipt(on, "general", code, "海州市财政局", fen, "")
        for code, fen in zip(codes, parts, strict=True)
        if fen
    ]


def _land_rows(rng: random.Random, year: int, month: int, total_fen: int) -> list[PlanReceipt]:
    parts = spread(total_fen, [rng.randint(60, 140) for _ in range(3)]) if total_fen else []
    on = date(year, month, 3)
    while not is_workday(on):
        on += timedelta(days=1)
    return [
        PlanReceipt(on, "govfund", "1030148", f"云屿滨海置业第{n}项目公司", fen, "")
        for n, fen in enumerate(parts, 1)
    ]


def _numbered(rows: Sequence[PlanReceipt]) -> list[PlanReceipt]:
    serials: dict[date, int] = defaultdict(int)
    result = []
    for row in rows:
        serials[row.on] += 1
        serial = f"GK{row.on:%Y%m%d}{serials[row.on]:05d}"
        result.append(PlanReceipt(row.on, row.fund, row.revenue_code, row.payer, row.amount_fen, serial))
    return result


def tasks(*, year: int, share: DistrictShare) -> list[PlanTask]:
    """This function will plan the yearly tasks: the half-year's revenue over the seed's completion rates."""
    half_tax, half_nontax = (sum(pair) for pair in zip(district_targets(year, 1), (0, 0), strict=True))
    tax_task = round(half_tax / (targets.TAX_COMPLETION / 100))
    nontax_task = round(half_nontax / (targets.NONTAX_COMPLETION / 100))
    items = tax_by_item(year, 1, share)
    upper_half = sum(_upper(code, fen, share) for code, fen in items.items()) + _central_tax_fen(year, 1)
    total_task = round((half_tax + half_nontax + upper_half) / (Fraction(targets.TOTAL_COMPLETION) / 100))
    rows = [
        _task(year, "district", code, fen)
        for code, fen in _by_weight(tax_task, {code: Fraction(fen) for code, fen in items.items()}).items()
    ]
    nontax_weights = {code: Fraction(weight) for code, weight, _ in _NONTAX}
    rows += [
        _task(year, "district", code, fen) for code, fen in _by_weight(nontax_task, nontax_weights).items()
    ]
    upper = {code: _upper(code, fen, share) for code, fen in items.items() if share(code) < 1}
    upper[_CENTRAL_TAX[0]] = Fraction(_central_tax_fen(year, 1))
    upper_task = total_task - tax_task - nontax_task
    return rows + [_task(year, "central", code, fen) for code, fen in _by_weight(upper_task, upper).items()]


def _task(year: int, level: str, code: str, total_fen: int) -> PlanTask:
    return PlanTask(year, level, code, tuple(spread(total_fen, [_SEASON[month] for month in range(1, 13)])))
