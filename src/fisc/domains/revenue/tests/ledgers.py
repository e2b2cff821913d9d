"""What the books say, in the fewest words, for tests."""

from fisc.domains.revenue.tests.conftest import AT
from fisc.kernel import ledger
from fisc.kernel.metrics.fetch import figure
from fisc.kernel.metrics.spec import FigureRequest
from fisc.kernel.rules import standing


def revenue(subject, code=None, *, year=2023, fund="general"):
    """The net credit of a subject's accounts, in 分."""
    selection = ledger.Selection(
        book="revenue",
        subjects=(subject,),
        funds=(fund,),
        fiscal_years=(year,),
        revenue_prefixes=(code,) if code else (),
    )
    found = ledger.balances(selection)
    return -found[()].posted_fen if () in found else 0


def levels(code=None, **kwargs):
    """Central, province, district."""
    return tuple(revenue(subject, code, **kwargs) for subject in ("4001", "4002", "4003"))


def cash(fund="general"):
    """国库存款 of a fund."""
    found = ledger.balances(ledger.Selection(book="cash", subjects=("1001",), funds=(fund,)))
    return found[()].posted_fen if () in found else 0


def value(metric, *, year=2023, month=6, **filters):
    """The exact value of a figure."""
    return figure(FigureRequest(metric=metric, year=year, month=month, **filters)).value


def broken():
    """The standing checks that do not hold, by code."""
    return {
        result.invariant.code: result.sample
        for result in standing.run_standing_checks(at=AT)
        if not result.holds
    }
