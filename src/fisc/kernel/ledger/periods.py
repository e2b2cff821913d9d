"""Fiscal years and accounting periods: opened, closed, reopened. A closed period takes no postings."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from fisc.base.errors import Refusal
from fisc.kernel.events import audit


class PeriodRefused(Refusal):
    """{message}"""

    code = "ledger.period_refused"


@dataclass(frozen=True, kw_only=True)
class PeriodState:
    """One period (yyyymm) of a fiscal year and whether it takes postings."""

    fiscal_year: int
    period: int
    is_open: bool
    closed_at: datetime | None
    closed_by: int | None


def open_year(year: int) -> None:
    """This function will open a fiscal year: partition, voucher numbers, twelve periods. Again changes nothing."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT ledger_open_year(%s)", [year])


def close_period(*, fiscal_year: int, period: int, actor_id: int, at: datetime) -> bool:
    """This function will close a period (yyyymm) once the postings under way are done; False if it was closed.

    :raises PeriodRefused: if an earlier period of the year is open, or there is no such period.
    """
    states = {state.period: state for state in periods_of(fiscal_year)}
    _known(states, period)
    if earlier := [state.period for state in states.values() if state.period < period and state.is_open]:
        raise PeriodRefused(message=f"{name_of(earlier[0])}尚未结账，请先结账。")
    return _set_state(fiscal_year, period, "closed", actor_id, at, reason="")


def reopen_period(*, fiscal_year: int, period: int, actor_id: int, at: datetime, reason: str) -> bool:
    """This function will reopen a closed period; the audit trail keeps who, when and why. False if it was open.

    :raises PeriodRefused: if a later period of the year is closed, no reason is given, or there is no such period.
    """
    states = {state.period: state for state in periods_of(fiscal_year)}
    _known(states, period)
    if not reason.strip():
        raise PeriodRefused(message="反结账须写明原因。")
    if later := [state.period for state in states.values() if state.period > period and not state.is_open]:
        raise PeriodRefused(message=f"{name_of(later[-1])}已经结账，请先反结账。")
    return _set_state(fiscal_year, period, "open", actor_id, at, reason=reason)


def _known(states: dict[int, PeriodState], period: int) -> None:
    if period not in states:
        raise PeriodRefused(message=f"没有{name_of(period)}这个会计期间，请先开账。")


@transaction.atomic
def _set_state(
    fiscal_year: int, period: int, state: str, actor_id: int, at: datetime, *, reason: str
) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT ledger_set_period_state(%s, %s, %s, %s, %s)", [fiscal_year, period, state, actor_id, at]
        )
        (changed,) = cursor.fetchone()
    if changed:
        action = "ledger.period.closed" if state == "closed" else "ledger.period.reopened"
        audit.record_many([
            audit.AuditRow(
                at=at, actor_id=actor_id, action=action, object_kind="ledger.period", object_id=str(period),
                detail={"fiscal_year": fiscal_year, "reason": reason},
            )
        ])  # fmt: skip
    return bool(changed)


def periods_of(fiscal_year: int) -> list[PeriodState]:
    """Return the periods of a fiscal year, empty if it is not opened."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT fiscal_year, period, state = 'open', closed_at, closed_by FROM ledger_period "
            "WHERE fiscal_year = %s ORDER BY period",
            [fiscal_year],
        )
        names = ("fiscal_year", "period", "is_open", "closed_at", "closed_by")
        return [PeriodState(**dict(zip(names, row, strict=True))) for row in cursor.fetchall()]


def open_years() -> list[int]:
    """Return the fiscal years that are opened."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT fiscal_year FROM ledger_year ORDER BY fiscal_year")
        return [row[0] for row in cursor.fetchall()]


def name_of(period: int) -> str:
    """Return the Chinese name of a period: 202305 is 2023年5月."""
    return f"{period // 100}年{period % 100}月"
