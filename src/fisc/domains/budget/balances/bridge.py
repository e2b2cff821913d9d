"""全口径一页表: the four budgets side by side, transfers between them taken out once, planned and carried out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from fisc.domains.budget.balances.metrics import actual_code, plan_code
from fisc.domains.budget.balances.models import EXPENDITURE_ITEMS, FOUR_FUNDS, ITEMS, REVENUE_ITEMS
from fisc.kernel.metrics.fetch import figures
from fisc.kernel.metrics.figure_id import url
from fisc.kernel.metrics.spec import FigureRequest

TRANSFERS = {"transferred_in_fen", "transferred_out_fen"}
WITHOUT_ACTUAL = {"reserve_fen"}  # 预备费 is spent under its purpose, never as itself


@dataclass(frozen=True)
class Amount:
    """One figure of the bridge, in 分 (None: no data), and where it comes from."""

    fen: int | None
    href: str = ""


@dataclass(frozen=True)
class Line:
    """One item over the four budgets: own figures, what is eliminated, the whole."""

    key: str
    label: str
    planned: Mapping[str, Amount]
    actual: Mapping[str, Amount]

    @property
    def is_transfer(self) -> bool:
        """调入、调出 between the budgets: they cancel out in the whole."""
        return self.key in TRANSFERS

    def eliminated(self, amounts: Mapping[str, Amount]) -> int:
        """What is taken out of the whole."""
        return total_of(amounts) if self.is_transfer else 0

    def whole(self, amounts: Mapping[str, Amount]) -> int:
        """The item in the consolidated view."""
        return total_of(amounts) - self.eliminated(amounts)


@dataclass(frozen=True)
class Bridge:
    """The page: revenue lines, expenditure lines."""

    year: int
    month: int
    revenue: tuple[Line, ...]
    expenditure: tuple[Line, ...]

    def total(self, side: tuple[Line, ...], fund: str, *, is_planned: bool) -> int:
        """收入总计 or 支出总计 of one fund."""
        return sum((line.planned if is_planned else line.actual)[fund].fen or 0 for line in side)

    def whole(self, side: tuple[Line, ...], *, is_planned: bool) -> int:
        """The consolidated total of a side."""
        return sum(line.whole(line.planned if is_planned else line.actual) for line in side)


def total_of(amounts: Mapping[str, Amount]) -> int:
    """Σ over the four budgets."""
    return sum(amount.fen or 0 for amount in amounts.values())


def bridge(*, year: int, month: int) -> Bridge:
    """This function will read the planned and the actual figures of a year up to a month; few queries for all."""
    planned = {
        (item, fund): FigureRequest(metric=plan_code(item), year=year, month=month, fund=fund)
        for item in ITEMS
        for fund in FOUR_FUNDS
    }
    actual = {
        (item, fund): FigureRequest(metric=actual_code(item), year=year, month=month, fund=fund)
        for item in ITEMS
        for fund in FOUR_FUNDS
        if item not in WITHOUT_ACTUAL
    }
    found = figures([*planned.values(), *actual.values()])

    def amount(request: FigureRequest | None) -> Amount:
        if request is None:
            return Amount(None)
        value: Decimal | None = found[request].decimal
        return Amount(None if value is None else int(value), url(request))

    def line(item: str, label: str) -> Line:
        return Line(
            key=item,
            label=label,
            planned={fund: amount(planned[item, fund]) for fund in FOUR_FUNDS},
            actual={fund: amount(actual.get((item, fund))) for fund in FOUR_FUNDS},
        )

    return Bridge(
        year=year,
        month=month,
        revenue=tuple(line(item, label) for item, label in REVENUE_ITEMS.items()),
        expenditure=tuple(line(item, label) for item, label in EXPENDITURE_ITEMS.items()),
    )
