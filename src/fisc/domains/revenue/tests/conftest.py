"""A bureau with people who handle revenue, and three opened years."""

from datetime import UTC, date, datetime

import pytest

from fisc.domains.revenue.receipts import ReceiptRow
from fisc.kernel.ledger import periods
from fisc.kernel.orgs import accounts, units
from fisc.kernel.orgs.access import actor_for, system_actor

AT = datetime(2023, 7, 3, 1, 0, tzinfo=UTC)
DAY = date(2023, 6, 30)


@pytest.fixture
def bureau(db):
    """财政局，已开 2022、2023 两个年度。"""
    for year in (2022, 2023):
        periods.open_year(year)
    return units.save_units(
        drafts=[units.UnitDraft("100", "区财政局", kind="bureau")], actor=system_actor(), at=AT
    )["100"]


def person(bureau, username, *roles):
    """Somebody of the bureau with these roles."""
    user = accounts.create_user(
        draft=accounts.AccountDraft(
            username=username, name=username, unit_id=bureau.pk, must_change_password=False
        ),
        actor=system_actor(),
        at=AT,
    )
    for role in roles:
        accounts.grant(
            user_id=user.pk, role_code=role, actor=system_actor(), at=AT, valid_from=date(2022, 1, 1)
        )
    return actor_for(user, on=AT.date())


@pytest.fixture
def officer(bureau):
    return person(bureau, "xujing", "revenue_officer")


@pytest.fixture
def reviewer(bureau):
    return person(bureau, "xieguoping", "revenue_reviewer")


@pytest.fixture
def leader(bureau):
    return person(bureau, "juzhang", "leader")


_serials = iter(range(1, 10**9))


def receipt(
    amount_fen, code="1010101", *, on=DAY, fund="general", level="shared", payer="海州甲公司", serial=None
):
    """One receipt with a serial of its own."""
    return ReceiptRow(
        on=on,
        fund=fund,
        revenue_code=code,
        payer=payer,
        amount_fen=amount_fen,
        serial=serial or f"GK{next(_serials):012d}",
        level=level,
    )
