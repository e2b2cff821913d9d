"""What all chapters of the play share: the plan, the cast and the allotments, drawn once, when first needed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from functools import cached_property

from fisc.domains.revenue.sharing import SharingTable, district_share
from fisc.kernel import codes
from fisc.project.demo import bank_plan, budgets, preparation_plan, revenue_plan, spending_plan
from fisc.project.demo.bank_plan import BankEntry
from fisc.project.demo.cast import Cast, call, moment
from fisc.project.demo.preparation_plan import Ask
from fisc.project.demo.revenue_plan import PlanReceipt
from fisc.project.demo.spending_plan import PlanLine, SpendingPlan

FIRST_DAY = date(2022, 1, 1)
LAST_DAY = date(2023, 12, 31)


class Stage:
    """The plan and the cast; ``now`` is the moment the chapter being played begins."""

    def __init__(self) -> None:
        self.now = moment(FIRST_DAY, 8)
        self._asks: dict[int, list[Ask]] = {}

    @cached_property
    def cast(self) -> Cast:
        """The actors, after they have been settled."""
        return call()

    @cached_property
    def spending(self) -> SpendingPlan:
        """The spending plan, by the district's own list of livelihood classes."""
        return spending_plan.build(livelihood=codes.counted(kind="livelihood", year=2023))

    @cached_property
    def bank(self) -> list[BankEntry]:
        """The projects as they stand in the bank."""
        return bank_plan.entries(self.spending)

    def lines_of(self, entries: Sequence[BankEntry]) -> dict[str, list[PlanLine]]:
        """The budget lines of projects, by project code."""
        found: dict[str, list[PlanLine]] = {entry.project.code: [] for entry in entries}
        for line in (*self.spending.lines, *self.spending.put_off):
            if line.project_code in found:
                found[line.project_code].append(line)
        return found

    def asks(self, year: int) -> list[Ask]:
        """What the units ask for in a year's preparation."""
        if year not in self._asks:
            self._asks[year] = preparation_plan.asks(self.spending, year)
        return self._asks[year]

    @cached_property
    def _receipts(self) -> dict[int, list[PlanReceipt]]:
        found: dict[int, list[PlanReceipt]] = {}
        for row in revenue_plan.receipts(share=shares(), spending=self.spending):
            found.setdefault(row.on.year * 100 + row.on.month, []).append(row)
        return found

    def receipts(self, year: int, month: int) -> list[PlanReceipt]:
        """The receipts of a month."""
        return self._receipts.get(year * 100 + month, [])

    def allotments(self) -> dict[int, int]:
        """Plan line → allotment document, of everything released so far."""
        return budgets.allotments_of(self.spending.lines)


def shares() -> Callable[[str], Decimal]:
    """This function will give the district's share of every revenue item, from the product's own table."""
    table = SharingTable.read()
    return lambda code: district_share(code, on=FIRST_DAY, table=table)
