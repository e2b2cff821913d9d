"""The base data as a sheet: units in rows, measures in columns, locked where a report is under review or accepted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Max, Q, Sum

from fisc.base.text import clean
from fisc.domains.standards import services
from fisc.domains.standards.kinds import BASE_REPORT
from fisc.domains.standards.measures import BY_CODE, MEASURES, Measure
from fisc.domains.standards.models import BaseFigure, BaseReport
from fisc.kernel.documents.models import Document
from fisc.kernel.orgs.actor import Actor
from fisc.kernel.orgs.models import Unit
from fisc.web.grid import CellChange, Grid, GridColumn, GridRow

PARTS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("all", "全部", ("人员", "车辆房屋", "学生")),
    ("people", "人员、车辆、房屋", ("人员", "车辆房屋")),
    ("pupils", "学生", ("学生",)),
)
PAGE_ROWS = {"all": 60, "people": 100, "pupils": 85}
"""Rows a page, so that a page stays within 2,500 nodes."""
MISSING = "未填报"
STRIKING_PERCENT, STRIKING_LEAST = 20, 5


@dataclass(frozen=True)
class Place:
    """Which part of the base data one looks at."""

    year: int
    part: str = "all"
    text: str = ""
    unit_id: int | None = None
    page: int = 1

    @property
    def rows_a_page(self) -> int:
        """How many units are shown."""
        return PAGE_ROWS[self.part]


@dataclass(frozen=True)
class BaseSheet:
    """The sheet of a place, with how many units there are in all."""

    grid: Grid
    units: tuple[Unit, ...]
    count: int
    page: int
    filled: int
    may_edit: bool


def measures_of(part: str) -> tuple[Measure, ...]:
    """The columns of a part."""
    groups = next(groups for key, _, groups in PARTS if key == part)
    return tuple(measure for measure in MEASURES if measure.group in groups)


def units_of(actor: Actor, place: Place) -> list[Unit]:
    """The units the actor sees, narrowed to a unit with its subordinates or to a text."""
    units = Unit.objects.filter(is_active=True).order_by("code")
    if actor.unit_ids is not None:
        units = units.filter(pk__in=actor.unit_ids)
    if place.unit_id:
        units = units.filter(Q(pk=place.unit_id) | Q(parent_id=place.unit_id))
    if text := clean(place.text):
        units = units.filter(
            Q(code__startswith=text) | Q(name__icontains=text) | Q(short_name__icontains=text)
        )
    return list(units)


def build(actor: Actor, place: Place, *, lock: bool = False, save_url: str = "") -> BaseSheet:
    """This will read the sheet; `lock` holds the reports' headers until the transaction ends."""
    units = units_of(actor, place)
    pages = max(1, -(-len(units) // place.rows_a_page))
    page = min(max(1, place.page), pages)
    first = (page - 1) * place.rows_a_page
    shown = units[first : first + place.rows_a_page]
    reports = _reports(place.year, shown, lock=lock)
    now, before = _figures(place.year, shown), _figures(place.year - 1, shown)
    may_edit = actor.can("standards.base_report.edit")
    measures = measures_of(place.part)
    every = frozenset(measure.code for measure in measures)
    rows = tuple(
        GridRow(
            key=str(unit.pk),
            label=str(unit),
            values={
                "code": unit.code,
                "name": str(unit),
                "state": state_text(reports.get(unit.pk)),
                **now.get(unit.pk, {}),
            },
            locked=frozenset() if may_edit and _is_open(reports.get(unit.pk)) else every,
            notes=striking(now.get(unit.pk, {}), before.get(unit.pk, {})),
        )
        for unit in shown
    )
    grid = Grid(
        name=f"{place.year}年基础信息",
        columns=(
            GridColumn("code", "单位编码", editable=False),
            GridColumn("name", "单位", editable=False, pin=True),
            GridColumn("state", "状态", editable=False),
            *(GridColumn(one.code, one.head, "integer", total=True, minimum=0) for one in measures),
        ),
        rows=rows,
        save_url=save_url if may_edit else "",
        version=sum(report.version for report in reports.values()),
        unit="",
        totals=totals(units, place) if pages > 1 else None,
        first_row=first + 1,
        empty="没有符合条件的单位",
    )
    filled = BaseReport.objects.filter(
        year=place.year, is_current=True, unit_id__in=[unit.pk for unit in units]
    ).count()
    return BaseSheet(grid, tuple(shown), len(units), page, filled, may_edit)


def _reports(year: int, units: Sequence[Unit], *, lock: bool) -> dict[int, Document]:
    ids = [unit.pk for unit in units]
    if lock:
        return services.lock_reports(year=year, unit_ids=ids)
    reports = BaseReport.objects.filter(year=year, unit_id__in=ids, is_current=True).values("pk")
    return {one.unit_id: one for one in Document.objects.filter(pk__in=reports) if one.unit_id is not None}


def _figures(year: int, units: Sequence[Unit]) -> dict[int, dict[str, int]]:
    found: dict[int, dict[str, int]] = {}
    rows = BaseFigure.objects.filter(
        report__year=year, report__is_current=True, report__unit_id__in=[unit.pk for unit in units]
    )
    for unit_id, measure, quantity in rows.values_list("report__unit_id", "measure", "quantity"):
        found.setdefault(unit_id, {})[measure] = quantity
    return found


def totals(units: Sequence[Unit], place: Place) -> dict[str, int]:
    """The totals over all pages."""
    rows = BaseFigure.objects.filter(
        report__year=place.year, report__is_current=True, report__unit_id__in=[unit.pk for unit in units]
    )
    return dict(rows.values_list("measure").annotate(total=Sum("quantity")))


def _is_open(report: Document | None) -> bool:
    return report is None or report.state in services.EDITABLE


def state_text(report: Document | None) -> str:
    """The state of a unit's report in words."""
    return MISSING if report is None else BASE_REPORT.state(report.state).label


def striking(now: Mapping[str, int], before: Mapping[str, int]) -> dict[str, str]:
    """Notes to numbers that differ much from last year's."""
    notes = {}
    for code, quantity in now.items():
        old = before.get(code)
        if old is None or abs(quantity - old) < STRIKING_LEAST:
            continue
        if abs(quantity - old) * 100 >= STRIKING_PERCENT * max(old, 1):
            notes[code] = f"上年 {old:,} {BY_CODE[code].unit}，变动 {quantity - old:+,}".replace("-", "−")
    return notes


def rows_of(changed: Sequence[CellChange]) -> list[services.BaseRow]:
    """Changed cells as the service takes them."""
    by_unit: dict[int, dict[str, int | None]] = {}
    for change in changed:
        by_unit.setdefault(int(change.row), {})[change.column] = change.value
    return [services.BaseRow(unit_id, figures) for unit_id, figures in by_unit.items()]


def hints(rows: Sequence[services.BaseRow], year: int) -> str:
    """What the rules will say at 送审, said at once: pupils above 学籍, vehicles above 编制."""
    found = _figures(year, list(Unit.objects.filter(pk__in=[row.unit_id for row in rows])))
    over = sum(
        any(figures.get(one.code, 0) > figures.get(one.registered, 0) for one in MEASURES if one.registered)
        for figures in found.values()
    )
    cars = sum(figures.get("vehicles", 0) > figures.get("vehicle_posts", 0) for figures in found.values())
    said = [f"{over} 个单位在校生多于学籍，送审时会被拦截"] if over else []
    said += [f"{cars} 个单位公车超编"] if cars else []
    return "；".join(said)


def latest_year(default: int) -> int:
    """The latest year with reports."""
    return BaseReport.objects.filter(is_current=True).aggregate(last=Max("year"))["last"] or default
