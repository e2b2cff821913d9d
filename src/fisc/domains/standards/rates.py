"""Standards with their dates: what is in force, putting a new amount into force, the table as shipped."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction

from fisc.base.errors import BadInput, Conflict, NotAllowed
from fisc.base.money import format_fen, parse_yuan, plain_yuan
from fisc.domains.standards import measures
from fisc.domains.standards.models import Confidence, Rate, Standard
from fisc.kernel import events

if TYPE_CHECKING:
    from fisc.kernel.orgs.actor import Actor

SET = "standards.rate.set"
FOLDER = Path(__file__).parent / "codes"
TEXTS = ("name", "category", "guarantee_item", "level", "economic_code", "measure", "scope", "note")


@dataclass(frozen=True)
class NewRate:
    """An amount to be put into force from the first day of a month on; `amount_fen` a year.

    `least_quantity` None: as before; 0: no least number any more.
    """

    code: str
    amount_fen: int
    valid_from: dt.date
    source: str
    least_quantity: int | None = None
    confidence: str = Confidence.VERIFIED


def set_rates(*, rates: Sequence[NewRate], actor: Actor, at: dt.datetime) -> list[Rate]:
    """This will put new amounts into force; the rate before each ends the day before. All or nothing.

    :raises NotAllowed: without standards.rate.set. :raises BadInput: no such standard, not the first of a month, no source,
        a negative amount. :raises Conflict: a rate of that day or a later one is there already: history stays.
    """
    if not actor.can(SET):
        raise NotAllowed(f"您没有“维护支出标准”的权限（{SET}）。")
    for rate in rates:
        _check(rate)
    with transaction.atomic():
        held = {
            one.code: one
            for one in Standard.objects.select_for_update().filter(code__in={r.code for r in rates})
        }
        made = [_put(rate, held, at) for rate in sorted(rates, key=lambda rate: (rate.code, rate.valid_from))]
        events.record_many([_audit(row, rate, actor, at) for row, rate in made])
    return [row for row, _ in made]


def set_rate(
    *,
    code: str,
    amount_fen: int,
    valid_from: dt.date,
    source: str,
    actor: Actor,
    at: dt.datetime,
    least_quantity: int | None = None,
    confidence: str = Confidence.VERIFIED,
) -> Rate:
    """This will put one new amount into force; see `set_rates`."""
    rate = NewRate(code, amount_fen, valid_from, source, least_quantity, confidence)
    return set_rates(rates=[rate], actor=actor, at=at)[0]


def _check(rate: NewRate) -> None:
    if rate.valid_from.day != 1:
        raise BadInput("标准从某月1日起执行，请把启用日期改为当月1日。", code="standards.first_of_month")
    if not 2000 <= rate.valid_from.year <= 2098:
        raise BadInput("启用年度不合理，请核对。", code="standards.year")
    if rate.amount_fen < 0:
        raise BadInput("标准不能为负。", code="standards.negative")
    if not rate.source.strip():
        raise BadInput("请填写依据（文号）。", code="standards.source")
    if rate.least_quantity is not None and not 0 <= rate.least_quantity <= 10_000:
        raise BadInput("“不足按此数计”应在0到10000之间。", code="standards.least")


def _put(rate: NewRate, held: dict[str, Standard], at: dt.datetime) -> tuple[Rate, NewRate]:
    standard = held.get(rate.code)
    if standard is None:
        raise BadInput(f"没有编码为“{rate.code}”的支出标准。", code="standards.unknown")
    last = standard.rates.order_by("-valid_from").first()
    if last is not None and last.valid_from >= rate.valid_from:
        raise Conflict(
            f"{standard.name}自 {last.valid_from} 起已有标准 {format_fen(last.amount_fen)} 元，"
            "新标准只能从其后的月份起执行，历史标准不改。",
            code="standards.history",
        )
    day_before = rate.valid_from - dt.timedelta(days=1)
    standard.rates.filter(valid_to__isnull=True).update(valid_to=day_before)
    row = Rate.objects.create(
        standard=standard,
        amount_fen=rate.amount_fen,
        least_quantity=rate.least_quantity
        if rate.least_quantity is not None or last is None
        else last.least_quantity,
        valid_from=rate.valid_from,
        source=rate.source.strip(),
        confidence=rate.confidence,
    )
    return row, rate


def _audit(row: Rate, rate: NewRate, actor: Actor, at: dt.datetime) -> Any:
    return events.AuditRow(
        at=at,
        actor_id=actor.user_id,
        actor_name=actor.name,
        action=SET,
        object_kind="standards.rate",
        object_id=str(row.pk),
        ip=actor.ip or None,
        detail={"code": rate.code, "yuan": plain_yuan(rate.amount_fen), "valid_from": str(rate.valid_from)},
    )


@dataclass(frozen=True)
class Line:
    """One standard as a person or a file names it."""

    code: str
    name: str
    category: str
    guarantee_item: str
    level: str
    economic_code: str
    measure: str
    scope: str
    note: str = ""


def add_standards(*, lines: Sequence[Line], actor: Actor, at: dt.datetime) -> int:
    """This will add standards that are not there yet and return how many. :raises NotAllowed: without the permission."""
    if not actor.can(SET):
        raise NotAllowed(f"您没有“维护支出标准”的权限（{SET}）。")
    known = set(Standard.objects.values_list("code", flat=True))
    new = [Standard(**vars(line)) for line in lines if line.code not in known]
    for one in new:
        if one.measure not in measures.NAMES:
            raise BadInput(f"没有“{one.measure}”这个数量口径。", code="standards.measure")
    return len(Standard.objects.bulk_create(new))


def load_defaults() -> int:
    """This will load the shipped standards into a database that has none, and return how many amounts were loaded."""
    if Standard._meta.db_table not in connection.introspection.table_names() or Standard.objects.exists():
        return 0
    made = {
        row["code"]: Standard.objects.create(code=row["code"], **{key: row[key] for key in TEXTS})
        for row in _read("standards.csv")
    }
    rows = sorted(_read("rates.csv"), key=lambda row: (row["code"], row["valid_from"]))
    after = {
        (one["code"], one["valid_from"]): dt.date.fromisoformat(two["valid_from"]) - dt.timedelta(days=1)
        for one, two in pairwise(rows)
        if one["code"] == two["code"]
    }
    return len(
        Rate.objects.bulk_create(
            Rate(
                standard=made[row["code"]],
                amount_fen=parse_yuan(row["yuan"]),
                least_quantity=int(row["least_quantity"]) if row["least_quantity"] else None,
                valid_from=dt.date.fromisoformat(row["valid_from"]),
                valid_to=after.get((row["code"], row["valid_from"])),
                source=row["source"],
                confidence=row["confidence"],
            )
            for row in rows
        )
    )


def _read(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))
