"""一般性支出口径: which economic items are general expenditure, by fiscal year (过“紧日子”, mission B.1 40)."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from django.db import connection, transaction

from fisc.base.errors import BadInput
from fisc.domains.austerity.items import CATEGORY_NAMES
from fisc.domains.austerity.models import SetItem, SetVersion
from fisc.kernel.events.audit import AuditRow, record_many

if TYPE_CHECKING:
    from fisc.kernel.orgs.actor import Actor

DEFAULTS = Path(__file__).parent / "codes" / "general_set.csv"
YEARS = range(2018, 2061)


@dataclass(frozen=True)
class SetRow:
    """One item of the set."""

    economic_prefix: str
    category: str
    name: str
    confidence: str = "local"


def version_for(year: int) -> SetVersion | None:
    """The set in force in a fiscal year."""
    return SetVersion.objects.filter(valid_from_year__lte=year).order_by("-valid_from_year").first()


def items_of(year: int) -> list[SetItem]:
    """The items in force in a fiscal year."""
    version = version_for(year)
    return list(SetItem.objects.filter(version=version).order_by("economic_prefix")) if version else []


def adopt_set(
    *, valid_from_year: int, rows: Sequence[SetRow], basis: str, actor: Actor, at: dt.datetime
) -> SetVersion:
    """This function will bring a set into force from a fiscal year on (or put it in place of that year's own).

    :raises BadInput: no basis, a category that is not known, an item twice or inside another.
    """
    if valid_from_year not in YEARS:
        raise BadInput(f"启用年度“{valid_from_year}”应在 {YEARS[0]} 至 {YEARS[-1]} 之间。")
    if not basis.strip():
        raise BadInput("请填写一般性支出口径的依据（文号）。")
    refuse_bad(rows)
    with transaction.atomic():
        SetVersion.objects.filter(valid_from_year=valid_from_year).delete()
        version = write_set(valid_from_year=valid_from_year, rows=rows, basis=basis)
        record_many([_audit(version, len(rows), actor, at)])
    return version


def refuse_bad(rows: Sequence[SetRow]) -> None:
    """:raises BadInput: naming the first problem."""
    if not rows:
        raise BadInput("一般性支出口径是空的。")
    codes = sorted(row.economic_prefix for row in rows)
    for row in rows:
        if not (row.economic_prefix.isascii() and row.economic_prefix.isdigit()):
            raise BadInput(f"部门经济分类“{row.economic_prefix}”应为数字编码。")
        if row.category not in CATEGORY_NAMES:
            raise BadInput(f"类别“{row.category}”应为{'、'.join(CATEGORY_NAMES.values())}。")
    for first, second in pairwise(codes):
        if second.startswith(first):
            raise BadInput(f"{second} 已包含在 {first} 中，不能重复列入。")


def write_set(*, valid_from_year: int, rows: Sequence[SetRow], basis: str) -> SetVersion:
    """This function will write the rows of a version; what may be written is decided by `adopt_set`."""
    version = SetVersion.objects.create(valid_from_year=valid_from_year, basis=basis)
    SetItem.objects.bulk_create(
        SetItem(
            version=version,
            economic_prefix=row.economic_prefix,
            category=row.category,
            name=row.name,
            confidence=row.confidence,
        )
        for row in rows
    )
    return version


def _audit(version: SetVersion, count: int, actor: Actor, at: dt.datetime) -> AuditRow:
    return AuditRow(
        at=at,
        actor_id=actor.user_id,
        actor_name=actor.name,
        action="austerity.set.adopt",
        object_kind="austerity.set",
        object_id=str(version.pk),
        ip=actor.ip or None,
        detail={"valid_from_year": version.valid_from_year, "items": count, "basis": version.basis},
    )


def load_defaults() -> int:
    """This function will load the shipped set into a database that has none; returns how many items it wrote."""
    tables = connection.introspection.table_names()
    if SetVersion._meta.db_table not in tables or SetVersion.objects.exists():
        return 0
    by_year: dict[int, list[SetRow]] = {}
    with DEFAULTS.open(encoding="utf-8", newline="") as handle:
        for row in csv.DictReader(handle):
            by_year.setdefault(int(row["valid_from_year"]), []).append(
                SetRow(row["economic_prefix"], row["category"], row["name"], row["confidence"])
            )
    for year, rows in by_year.items():
        write_set(valid_from_year=year, rows=rows, basis="随产品提供的通行口径，以本地文件为准")
    return sum(len(rows) for rows in by_year.values())
