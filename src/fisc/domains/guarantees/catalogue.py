"""三保清单: versions by fiscal year. A version is whole and is not edited any more once a need was approved on it.

Owns: which items there are, at which standard, and which lines belong to them. Not: how much is needed or arranged.
"""

from __future__ import annotations

import csv
import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.db.models import Max

from fisc.base.errors import BadInput, Refusal
from fisc.domains.guarantees.areas import AREA_NAMES, CONFIDENCES, EVEN_MONTHS, LEVEL_NAMES
from fisc.domains.guarantees.models import ListItem, ListVersion, Need, Selector, WageDay
from fisc.kernel.events.audit import AuditRow, record_many

if TYPE_CHECKING:
    from fisc.kernel.orgs.actor import Actor

DEFAULTS = Path(__file__).parent / "codes" / "list.csv"
CATEGORIES = ("personnel", "public", "operating", "special")
CODE = re.compile(r"[A-Z][0-9A-Z]{1,11}")
YEARS = range(2018, 2061)
DEFAULT_WAGE_DAY = 15


class BadList(BadInput):
    """三保清单有 {count} 处问题：{shown}"""

    code = "guarantees.bad_list"


class ListInUse(Refusal):
    """{year} 年的三保需求测算 {number} 已按现行清单批准，新清单请从 {next_year} 年或以后启用。"""

    code = "guarantees.list_in_use"


@dataclass(frozen=True)
class SelectorRow:
    """Lines that belong to an item: project category, economic and function prefixes ("" takes all)."""

    category: str = ""
    economic_prefix: str = ""
    function_prefix: str = ""

    @property
    def text(self) -> str:
        """As in files: personnel/30101, //2130705."""
        return "/".join((self.category, self.economic_prefix, self.function_prefix)).rstrip("/") or "/"


@dataclass(frozen=True)
class ItemRow:
    """One item of a list as people write it."""

    code: str
    name: str
    area: str
    level: str
    standard: str = ""
    basis: str = ""
    confidence: str = "local"
    month_weights: tuple[int, ...] = EVEN_MONTHS
    selectors: tuple[SelectorRow, ...] = ()


def parse_selectors(text: str) -> tuple[SelectorRow, ...]:
    """This function will read "personnel/30101;//2130705". :raises BadInput: a part that says nothing."""
    found = []
    for part in filter(None, (piece.strip() for piece in text.replace("；", ";").split(";"))):
        values = [value.strip() for value in part.split("/")]
        if len(values) > 3 or not any(values):
            raise BadInput(f"归集口径“{part}”写法不对，应为 类别/经济分类/功能分类，如 personnel/30101。")
        found.append(SelectorRow(*values))
    return tuple(found)


def parse_weights(text: str) -> tuple[int, ...]:
    """This function will read twelve weights "1,1,…"; empty is every month alike. :raises BadInput: not twelve."""
    parts = [part for part in re.split(r"[,，、\s]+", text.strip()) if part]
    if not parts:
        return EVEN_MONTHS
    if len(parts) != 12 or not all(part.isascii() and part.isdigit() for part in parts):
        raise BadInput("分月权重应为十二个整数，用逗号分开；留空为每月相同。")
    return tuple(int(part) for part in parts)


def version_for(year: int) -> ListVersion | None:
    """The list in force in a fiscal year."""
    return ListVersion.objects.filter(valid_from_year__lte=year).order_by("-valid_from_year").first()


def items_of(year: int) -> list[ListItem]:
    """The items in force in a fiscal year, in their order; none when there is no list."""
    version = version_for(year)
    return list(ListItem.objects.filter(version=version).order_by("seq")) if version else []


def rows_of(version: ListVersion) -> list[ItemRow]:
    """The items of a version as rows, to begin a new one with."""
    items = ListItem.objects.filter(version=version).order_by("seq").prefetch_related("selectors")
    return [
        ItemRow(
            code=item.code,
            name=item.name,
            area=item.area,
            level=item.level,
            standard=item.standard,
            basis=item.basis,
            confidence=item.confidence,
            month_weights=tuple(item.month_weights),
            selectors=tuple(
                SelectorRow(row.category, row.economic_prefix, row.function_prefix)
                for row in item.selectors.all()
            ),
        )
        for item in items
    ]


def adopt_list(
    *,
    valid_from_year: int,
    items: Sequence[ItemRow],
    basis: str,
    actor: Actor,
    at: dt.datetime,
    note: str = "",
) -> ListVersion:
    """This function will bring a whole list into force from a fiscal year on (or put it in place of that year's own).

    :raises BadList: naming the first problems. :raises ListInUse: a need of that year or later is approved already.
    """
    if valid_from_year not in YEARS:
        raise BadInput(f"启用年度“{valid_from_year}”应在 {YEARS[0]} 至 {YEARS[-1]} 之间。")
    if not basis.strip():
        raise BadInput("请填写清单的依据（文号）。")
    _refuse_bad(items)
    with transaction.atomic():
        _refuse_in_use(valid_from_year)
        ListVersion.objects.filter(valid_from_year=valid_from_year).delete()
        version = write_list(valid_from_year=valid_from_year, items=items, basis=basis, note=note)
        record_many([_audit(version, len(items), actor, at)])
    return version


def write_list(*, valid_from_year: int, items: Sequence[ItemRow], basis: str, note: str = "") -> ListVersion:
    """This function will write the rows of a version; what may be written is decided by `adopt_list`."""
    version = ListVersion.objects.create(valid_from_year=valid_from_year, basis=basis, note=note)
    made = ListItem.objects.bulk_create(
        ListItem(
            version=version,
            seq=number,
            code=row.code,
            name=row.name,
            area=row.area,
            level=row.level,
            standard=row.standard,
            basis=row.basis,
            confidence=row.confidence,
            month_weights=list(row.month_weights),
        )
        for number, row in enumerate(items, 1)
    )
    Selector.objects.bulk_create(
        Selector(
            item=item,
            category=selector.category,
            economic_prefix=selector.economic_prefix,
            function_prefix=selector.function_prefix,
        )
        for item, row in zip(made, items, strict=True)
        for selector in row.selectors
    )
    return version


def set_wage_day(*, valid_from: dt.date, day: int, basis: str, actor: Actor, at: dt.datetime) -> WageDay:
    """This function will say by which day of the month wages must be paid, from a day on.

    :raises BadInput: the day is no day of a month, or no basis.
    """
    if not 1 <= day <= 31:
        raise BadInput(f"每月期限日“{day}”应在 1 到 31 之间。")
    if not basis.strip():
        raise BadInput("请填写发薪期限的依据。")
    with transaction.atomic():
        row, _ = WageDay.objects.update_or_create(
            valid_from=valid_from, defaults={"day": day, "basis": basis.strip()}
        )
        detail = {"valid_from": str(valid_from), "day": day, "basis": row.basis}
        record_many(
            [
                AuditRow(
                    at=at,
                    actor_id=actor.user_id,
                    actor_name=actor.name,
                    action="guarantees.wage_day.set",
                    object_kind="guarantees.wage_day",
                    object_id=str(row.pk),
                    ip=actor.ip or None,
                    detail=detail,
                )
            ]
        )
    return row


def check_items(items: Sequence[ItemRow]) -> list[tuple[int, str, str]]:
    """This function will return every problem of a list as (index, column, sentence)."""
    found: list[tuple[int, str, str]] = []
    seen: set[str] = set()
    if not items:
        return [(0, "code", "清单是空的。")]
    for index, row in enumerate(items):
        if not CODE.fullmatch(row.code):
            found.append((index, "code", f"编码“{row.code}”应为大写字母开头的二至十二位字母数字，如 W01。"))
        if row.code in seen:
            found.append((index, "code", f"编码 {row.code} 重复。"))
        seen.add(row.code)
        if not row.name.strip():
            found.append((index, "name", "名称是空的。"))
        if row.area not in AREA_NAMES:
            found.append((index, "area", f"类别“{row.area}”应为{'、'.join(AREA_NAMES.values())}。"))
        if row.level not in LEVEL_NAMES:
            found.append((index, "level", f"标准“{row.level}”应为{'、'.join(LEVEL_NAMES.values())}。"))
        if row.confidence not in dict(CONFIDENCES):
            found.append((index, "confidence", f"可信度“{row.confidence}”不在规定的值内。"))
        if len(row.month_weights) != 12 or sum(row.month_weights) <= 0 or min(row.month_weights) < 0:
            found.append((index, "months", "分月权重应为十二个不小于零的整数，且不全为零。"))
        found += [(index, "selectors", text) for text in _selector_problems(row.selectors)]
    return found


def _selector_problems(selectors: Iterable[SelectorRow]) -> list[str]:
    return [
        f"归集口径的项目类别“{row.category}”应为 {'、'.join(CATEGORIES)}。"
        for row in selectors
        if row.category and row.category not in CATEGORIES
    ]


def _refuse_bad(items: Sequence[ItemRow]) -> None:
    if problems := check_items(items):
        shown = "".join(f"第{index + 1}行 {text}" for index, _, text in problems[:5])
        raise BadList(count=len(problems), shown=shown)


def _refuse_in_use(year: int) -> None:
    following = ListVersion.objects.filter(valid_from_year__gt=year).order_by("valid_from_year").first()
    needs = Need.objects.select_related("document").filter(year__gte=year, is_in_force=True)
    if following:
        needs = needs.filter(year__lt=following.valid_from_year)
    held = needs.order_by("-year").first()
    if held is not None:
        last = needs.aggregate(last=Max("year"))["last"]
        raise ListInUse(year=held.year, number=held.document.number, next_year=last + 1)


def _audit(version: ListVersion, count: int, actor: Actor, at: dt.datetime) -> AuditRow:
    detail: dict[str, Any] = {
        "valid_from_year": version.valid_from_year,
        "items": count,
        "basis": version.basis,
    }
    return AuditRow(
        at=at,
        actor_id=actor.user_id,
        actor_name=actor.name,
        action="guarantees.list.adopt",
        object_kind="guarantees.list",
        object_id=str(version.pk),
        ip=actor.ip or None,
        detail=detail,
    )


def read_defaults() -> Mapping[int, list[ItemRow]]:
    """The shipped lists by the year they begin."""
    found: dict[int, list[ItemRow]] = {}
    with DEFAULTS.open(encoding="utf-8", newline="") as handle:
        for row in csv.DictReader(handle):
            found.setdefault(int(row["valid_from_year"]), []).append(
                ItemRow(
                    code=row["code"],
                    name=row["name"],
                    area=row["area"],
                    level=row["level"],
                    standard=row["standard"],
                    basis=row["basis"],
                    confidence=row["confidence"],
                    month_weights=parse_weights(row["months"]),
                    selectors=parse_selectors(row["selectors"]),
                )
            )
    return found


def load_defaults() -> int:
    """This function will load the shipped lists into a database that has none; returns how many items it wrote."""
    tables = connection.introspection.table_names()
    if ListVersion._meta.db_table not in tables or ListVersion.objects.exists():
        return 0
    for year, items in read_defaults().items():
        write_list(valid_from_year=year, items=items, basis="随产品提供的通行清单，以本省下发的清单为准")
    WageDay.objects.get_or_create(valid_from=dt.date(2018, 1, 1), defaults={"day": DEFAULT_WAGE_DAY})
    return sum(len(items) for items in read_defaults().values())
