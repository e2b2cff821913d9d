"""Ageing of the typed exceptions: what is still to be cleared, since when, and 暂付款 against its 5 % (row 51)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.utils import timezone

from fisc.domains.budget import postings
from fisc.domains.budget.advances import services
from fisc.domains.budget.advances.models import Advance
from fisc.kernel import ledger

TEMPORARY_LIMIT_PERCENT = 5


@dataclass(frozen=True)
class Ageing:
    """One advance that is still to be cleared."""

    advance: Advance
    open_fen: int
    age_days: int
    late_days: int
    review_is_late: bool

    @property
    def is_late(self) -> bool:
        """Whether it should have been cleared or reviewed by now."""
        return self.late_days > 0 or self.review_is_late


def ageing(*, at: dt.datetime) -> list[Ageing]:
    """This function will list the open advances, the latest first; three queries."""
    on = timezone.localdate(at)
    advances = list(Advance.objects.filter(document__state="released").select_related("document__unit"))
    open_fen = services.open_amounts(advances)
    rows = [
        Ageing(
            advance=advance,
            open_fen=open_fen.get(advance.pk, 0),
            age_days=(on - timezone.localdate(advance.released_at)).days,
            late_days=max(0, (on - advance.due_on).days),
            review_is_late=review_is_late(advance, at),
        )
        for advance in advances
        if advance.released_at is not None
    ]
    return sorted(rows, key=lambda row: (-row.late_days, -row.age_days, row.advance.pk))


def review_is_late(advance: Advance, at: dt.datetime) -> bool:
    """Whether an emergency was not reviewed within 48 hours."""
    if advance.type != Advance.Type.EMERGENCY or advance.released_at is None:
        return False
    return (advance.reviewed_at or at) > advance.released_at + services.REVIEW_WITHIN


@dataclass(frozen=True)
class TemporaryShare:
    """暂付款累计余额 against the spending of the general and the fund budget, in 分."""

    open_fen: int
    spent_fen: int

    @property
    def is_over(self) -> bool:
        """Whether it passes 5 %."""
        return self.open_fen * 100 > self.spent_fen * TEMPORARY_LIMIT_PERCENT


def temporary_share(*, on: dt.date) -> TemporaryShare:
    """This function will set the open 暂付款 against the year's spending so far of general and fund budget."""
    selection = ledger.Selection(
        book=postings.BOOK, subjects=(postings.SPENT,), fiscal_years=(on.year,), funds=("general", "govfund")
    )
    (paid,) = ledger.sums([(selection, None, None)])
    temporary = Advance.objects.filter(type=Advance.Type.TEMPORARY, document__state="released")
    return TemporaryShare(sum(services.open_amounts(temporary).values()), sum(paid.values()))
