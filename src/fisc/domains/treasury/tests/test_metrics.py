"""支出、民生、库款和指标的口径: what a payment, a refund and a supplement change in the figures."""

from decimal import Decimal

import pytest

from fisc.domains.treasury import clearing
from fisc.domains.treasury.tests.test_bank import DAY, receipt, receive  # noqa: F401
from fisc.domains.treasury.tests.test_clearing import fill
from fisc.kernel.metrics.catalogue import catalogue_of, unknown_inputs
from fisc.kernel.metrics.fetch import figures
from fisc.kernel.metrics.spec import FigureRequest

pytestmark = pytest.mark.django_db


@pytest.fixture
def values(district):
    """The values of metrics up to a month of 2023, fetched at once."""
    known = catalogue_of(metric for module in district.modules for metric in module.metrics)

    def read(*codes: str, month: int = 3, **filters) -> list:
        requests = [FigureRequest(metric=code, year=2023, month=month, **filters) for code in codes]
        found = figures(requests, catalogue=known)
        return [found[request].value for request in requests]

    return read


def test_every_input_is_declared(district):
    assert (
        unknown_inputs(catalogue_of(metric for module in district.modules for metric in module.metrics)) == []
    )


def test_spending_counts_when_the_bank_has_paid(district, receive, values):  # noqa: F811
    allotment = district.allotment(yuan=1_000)
    payment = district.sent(allotment, yuan=400)
    assert values("expenditure.general", "treasury.payments.held") == [None, 40_000]

    receive(receipt(payment))

    assert values("expenditure.general", "expenditure.general.budget", "expenditure.general.completion") == [
        40_000, 100_000, Decimal(40),
    ]  # fmt: skip
    assert not values("expenditure.general", month=2)[0]
    assert values("expenditure.livelihood", "expenditure.livelihood.share") == [40_000, Decimal(100)]
    assert values("expenditure.general", function="205") == [40_000]
    assert not values("expenditure.general", function="208")[0]


def test_spending_outside_the_livelihood_list(district, receive, values):  # noqa: F811
    allotment = district.allotment(yuan=1_000, function_code="2010399")
    receive(receipt(district.sent(allotment, yuan=400)))

    assert values("expenditure.general", "expenditure.livelihood") == [40_000, None]


def test_a_refund_lowers_spending(district, receive, values):  # noqa: F811
    payment = district.sent(district.allotment(yuan=1_000), yuan=400)
    receive(receipt(payment))
    refund = district.create(
        "treasury.refund", "maker", payment_id=payment, amount_fen=10_000, received_on=DAY, reason="多付退回"
    )
    district.approve(refund, "maker")

    assert values("expenditure.general") == [30_000]


def test_direct_funds_have_their_own_rate(district, receive, values):  # noqa: F811
    receive(receipt(district.sent(district.allotment(yuan=1_000, flags=2), yuan=531)))
    district.allotment(yuan=9_000)

    assert values("expenditure.direct", "expenditure.direct.received", "expenditure.direct.rate") == [
        53_100, 100_000, Decimal("53.1"),
    ]  # fmt: skip


def test_cash(district, receive, values):  # noqa: F811
    fill(1_000)
    receive(receipt(district.sent(district.allotment(yuan=1_000), yuan=400)))
    assert values("cash.balance") == [100_000]

    district.approve(
        clearing.make_clearing(on=DAY, actor=district.people["treasury_officer"], at=district.at),
        "treasury_officer",
    )

    assert values("cash.balance", "cash.outflow") == [60_000, 40_000]


def test_the_figures_of_allotments_add_up(district, receive, values):  # noqa: F811
    allotment = district.allotment(yuan=1_000)
    receive(receipt(district.sent(allotment, yuan=400)))
    district.submitted(allotment, yuan=100, payee_account="33050161009")
    district.approve(
        district.create("budget.freeze", allotment_id=allotment, amount_fen=5_000, reason="检查")
    )

    approved, paid, held, frozen, available = values(
        "allotment.approved", "allotment.paid", "allotment.held", "allotment.frozen", "allotment.available"
    )

    assert (approved, paid, held, frozen, available) == (100_000, 40_000, 10_000, 5_000, 45_000)
    assert values("allotment.execution", "budget.distribution") == [Decimal(40), Decimal(100)]
