"""分成比例: which part of a receipt is whose. Shares are whole 分 and always add up to the receipt, refunds too.

The table is data with dates (预算法 第二十九条 分税制; the local part by the province's and the district's own rules).
"""

from __future__ import annotations

import csv
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from django.db import IntegrityError, connection, transaction
from django.db.models import Q

from fisc.base.errors import BadInput, Conflict, NotAllowed
from fisc.domains.revenue.levels import ONE_LEVEL, SHARED
from fisc.domains.revenue.models import Sharing
from fisc.kernel import events
from fisc.kernel.orgs.actor import Actor

DEFAULTS = Path(__file__).parent / "codes" / "sharing.csv"
SCALE = 10_000  # four decimals of a percent
WHOLE = 100 * SCALE


@dataclass(frozen=True)
class Shares:
    """Weights of central, province and district; together ``WHOLE``."""

    central: int
    province: int
    district: int

    def split(self, amount_fen: int) -> tuple[int, int, int]:
        """This will divide an amount into whole 分: what is over goes to the largest remainders, higher levels first.

        The same as ``Money.allocate``, without fractions, for tens of thousands of rows. A refund divides like the
        payment it takes back, with the other sign.
        """
        if amount_fen < 0:
            central, province, district = self.split(-amount_fen)
            return -central, -province, -district
        parts, rests = [], []
        for weight in (self.central, self.province, self.district):
            part, rest = divmod(amount_fen * weight, WHOLE)
            parts.append(part)
            rests.append(rest)
        for index in sorted(range(3), key=lambda i: -rests[i])[: amount_fen - sum(parts)]:
            parts[index] += 1
        return parts[0], parts[1], parts[2]


TO_ONE = {
    "central": Shares(WHOLE, 0, 0),
    "province": Shares(0, WHOLE, 0),
    "district": Shares(0, 0, WHOLE),
}


class SharingTable:
    """The whole table in memory: for a fund, an item and a day the shares of the longest prefix."""

    def __init__(self, rows: Iterable[Sharing]) -> None:
        self._versions: dict[tuple[str, str], list[tuple[date, date | None, Shares]]] = {}
        for row in sorted(rows, key=lambda row: row.valid_from):
            shares = Shares(
                *(
                    int(percent * SCALE)
                    for percent in (row.central_percent, row.province_percent, row.district_percent)
                )
            )
            self._versions.setdefault((row.fund, row.revenue_code), []).append(
                (row.valid_from, row.valid_to, shares)
            )
        self._found: dict[tuple[str, str, date], Shares | None] = {}

    @classmethod
    def read(cls) -> SharingTable:
        """This will read the table as it is now; one query."""
        return cls(Sharing.objects.all())

    def shares(self, *, fund: str, revenue_code: str, on: date, level: str = SHARED) -> Shares | None:
        """This will give the shares of an item on a day; None if the table says nothing about it."""
        if level in ONE_LEVEL:
            return TO_ONE[level]
        key = (fund, revenue_code, on)
        if key not in self._found:
            self._found[key] = self._look_up(fund, revenue_code, on)
        return self._found[key]

    def _look_up(self, fund: str, revenue_code: str, on: date) -> Shares | None:
        for length in range(len(revenue_code), 0, -1):
            versions = self._versions.get((fund, revenue_code[:length]), [])
            index = bisect_right(versions, on, key=lambda version: version[0]) - 1
            if index >= 0 and (versions[index][1] is None or versions[index][1] >= on):  # type: ignore[operator]
                return versions[index][2]
        return None


def district_share(
    revenue_code: str, *, on: date, fund: str = "general", table: SharingTable | None = None
) -> Decimal:
    """This will give the district's share of an item on a day, 0 to 1. :raises BadInput: the table has no such item."""
    shares = (table or SharingTable.read()).shares(fund=fund, revenue_code=revenue_code, on=on)
    if shares is None:
        raise BadInput(f"分成比例表中没有 {revenue_code}（{on}）。", code="revenue.no_sharing")
    return Decimal(shares.district) / WHOLE


def set_sharing(
    *,
    fund: str,
    revenue_code: str,
    central: Decimal,
    province: Decimal,
    district: Decimal,
    valid_from: date,
    note: str,
    actor: Actor,
    at: datetime,
) -> Sharing:
    """This will put a sharing rule into force from a day on; the rule before it ends the day before.

    Receipts already shared stay as they are; only later days change.
    :raises NotAllowed: without revenue.sharing.set. :raises BadInput: if the parts are not 100 in all.
    :raises Conflict: if receipts of that day or later were shared by the rule that would end.
    """
    if not actor.can("revenue.sharing.set"):
        raise NotAllowed("您没有“维护分成比例”的权限（revenue.sharing.set）。")
    if central + province + district != 100 or min(central, province, district) < 0:
        raise BadInput(
            f"三级比例之和应为100%，现为 {central + province + district}%，且都不能为负。",
            code="revenue.sharing_whole",
        )
    with transaction.atomic():
        _refuse_shared_already(fund, revenue_code, valid_from)
        in_force = Q(valid_to__isnull=True) | Q(valid_to__gte=valid_from)
        held = Sharing.objects.select_for_update().filter(in_force, fund=fund, revenue_code=revenue_code)
        held.filter(valid_from__lt=valid_from).update(valid_to=valid_from - timedelta(days=1))
        try:
            with transaction.atomic():
                row = Sharing.objects.create(
                    fund=fund,
                    revenue_code=revenue_code,
                    central_percent=central,
                    province_percent=province,
                    district_percent=district,
                    valid_from=valid_from,
                    note=note,
                )
        except IntegrityError as error:
            raise Conflict("这个科目在该日或之后已另有分成比例。", code="revenue.sharing_overlaps") from error
        _audit(row, actor, at)
    return row


def _refuse_shared_already(fund: str, revenue_code: str, valid_from: date) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT max(received_on) FROM revenue_receipt WHERE fund = %s AND starts_with(revenue_code, %s)"
            " AND level = 'shared' AND is_active AND received_on >= %s",
            [fund, revenue_code, valid_from],
        )
        (latest,) = cursor.fetchone()
    if latest is not None:
        raise Conflict(
            f"{revenue_code} 截至 {latest} 的入库已按原比例分成，新比例请从其后启用，之前的差额用收入更正办理。",
            code="revenue.sharing_used",
        )


def _audit(row: Sharing, actor: Actor, at: datetime) -> None:
    percents = [str(row.central_percent), str(row.province_percent), str(row.district_percent)]
    events.record_many(
        [
            events.AuditRow(
                at=at,
                actor_id=actor.user_id,
                actor_name=actor.name,
                action="revenue.sharing.set",
                object_kind="revenue.sharing",
                object_id=str(row.pk),
                ip=actor.ip or None,
                detail={
                    "fund": row.fund,
                    "revenue_code": row.revenue_code,
                    "percent": percents,
                    "valid_from": str(row.valid_from),
                },
            )
        ]
    )


def load_defaults() -> int:
    """This will load the shipped table into a database that has none, and return how many rows were loaded."""
    if Sharing._meta.db_table not in connection.introspection.table_names() or Sharing.objects.exists():
        return 0
    with DEFAULTS.open(encoding="utf-8", newline="") as handle:
        rows = [
            Sharing(
                fund=row["fund"],
                revenue_code=row["revenue_code"],
                central_percent=Decimal(row["central"]),
                province_percent=Decimal(row["province"]),
                district_percent=Decimal(row["district"]),
                valid_from=date.fromisoformat(row["valid_from"]),
                note=row["note"],
            )
            for row in csv.DictReader(handle)
        ]
    return len(Sharing.objects.bulk_create(rows))
