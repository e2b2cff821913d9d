"""The own lines of a draft need as a sheet: 人数 × 标准 by item and unit. Lines from the standards stay as they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from fisc.domains.guarantees import catalogue, services
from fisc.domains.guarantees.services import NeedRow
from fisc.kernel.documents.models import Document
from fisc.kernel.orgs.models import Unit
from fisc.web.grid import CellChange, CellProblem, Grid, GridColumn, GridRow

OWN = "own"
PAGE_ROWS = 150
LONGEST_NOTE = 200


@dataclass(frozen=True)
class Saved:
    """A need after a save: all its rows, the new keys of rows that were added, what is wrong."""

    rows: list[NeedRow]
    keys: Mapping[str, str]
    problems: list[CellProblem]


def build(document: Document, year: int, save_url: str, *, page: int = 1) -> Grid:
    """This will make the sheet of the own lines; the keys are the places of the lines in the need."""
    items = tuple((item.code, f"{item.code} {item.name}") for item in catalogue.items_of(year))
    units = tuple(
        (str(pk), f"{code} {name}")
        for pk, code, name in Unit.objects.filter(is_active=True)
        .order_by("code")
        .values_list("pk", "code", "name")
    )
    own = [(n, row) for n, row in enumerate(services.rows_of(document.pk)) if row.source == OWN]
    first = (max(1, page) - 1) * PAGE_ROWS
    is_open = document.state in document.spec.editable_states
    return Grid(
        name=f"{year}年三保需求（人数×标准）",
        columns=(
            GridColumn("item", "三保项目", "choice", choices=items, pin=True, width="l"),
            GridColumn("unit", "单位", "choice", choices=units, width="l"),
            GridColumn("quantity", "数量"),
            GridColumn("standard", "标准", "amount", minimum=0),
            GridColumn("need", "需求", "amount", total=True, minimum=0, help="留空按数量×标准计算"),
            GridColumn("note", "说明", width="l"),
        ),
        rows=tuple(
            GridRow(key=str(number), label=row.item, values=_values(row))
            for number, row in own[first : first + PAGE_ROWS]
        ),
        save_url=save_url if is_open else "",
        version=document.version,
        may_add=True,
        totals={"need": sum(row.amount_fen for _, row in own)} if len(own) > PAGE_ROWS else None,
        first_row=first + 1,
        empty="还没有按人数×标准测算的行，请加一行",
    )


def _values(row: NeedRow) -> dict[str, object]:
    return {
        "item": row.item,
        "unit": str(row.unit_id),
        "quantity": quantity_text(row.quantity),
        "standard": row.standard_fen or None,
        "need": row.amount_fen,
        "note": row.note,
    }


def quantity_text(quantity: Decimal) -> str:
    """A quantity without idle zeros; none is empty."""
    return f"{quantity.normalize():f}" if quantity else ""


def after(document_id: int, changed: Sequence[CellChange]) -> Saved:
    """This will put the changed cells into the need's rows. A row without item, unit and need is left out; a need that
    was quantity × standard follows them unless it is typed."""
    rows: list[NeedRow | None] = list(services.rows_of(document_id))
    by_row: dict[str, dict[str, Any]] = {}
    for change in changed:
        by_row.setdefault(change.row, {})[change.column] = change.value
    problems: list[CellProblem] = []
    for key, cells in by_row.items():
        before = rows[int(key)] if key.isdigit() else None
        row, found = _row(key, before, cells)
        problems += found
        if key.isdigit():
            rows[int(key)] = row
        else:
            rows.append(row)
    places = _places(rows)
    added = [key for key in by_row if not key.isdigit()]
    starts = len(rows) - len(added)
    keys = {
        key: str(places[starts + number])
        for number, key in enumerate(added)
        if places[starts + number] is not None
    }
    return Saved([row for row in rows if row is not None], keys, problems)


def _places(rows: Sequence[NeedRow | None]) -> list[int | None]:
    """Where each row will stand once the empty ones are left out."""
    found: list[int | None] = []
    place = 0
    for row in rows:
        found.append(None if row is None else place)
        place += row is not None
    return found


def _row(
    key: str, before: NeedRow | None, cells: Mapping[str, Any]
) -> tuple[NeedRow | None, list[CellProblem]]:
    was: dict[str, Any] = _values(before) if before else {}
    if (
        before
        and before.need_fen
        == NeedRow(before.item, before.unit_id, before.quantity, before.standard_fen).amount_fen
    ):
        was["need"] = None
    now = {**was, **cells}
    if not any(now.get(column) for column in ("item", "unit", "quantity", "standard", "need")):
        return None, []
    quantity, problem = _quantity(now.get("quantity"))
    problems = [CellProblem(key, "quantity", problem)] if problem else []
    problems += [
        CellProblem(key, column, message)
        for column, message in (("item", "请选择三保项目。"), ("unit", "请选择单位。"))
        if not now.get(column)
    ]
    row = NeedRow(
        item=str(now.get("item") or ""),
        unit_id=int(now.get("unit") or 0),
        quantity=quantity,
        standard_fen=int(now.get("standard") or 0),
        need_fen=now.get("need"),
        note=str(now.get("note") or "")[:LONGEST_NOTE],
    )
    if row.amount_fen <= 0 and not problems:
        problems.append(CellProblem(key, "need", "请填写需求，或数量和标准。"))
    return row, problems


def _quantity(text: object) -> tuple[Decimal, str]:
    plain = str(text or "").replace(",", "").replace("，", "")
    try:
        value = Decimal(plain or "0")
    except InvalidOperation:
        return Decimal(0), f"数量“{text}”不是数字。"
    if not value.is_finite() or value < 0 or value != round(value, 2) or value > 10**12:
        return Decimal(0), f"数量“{text}”应为不小于零、至多两位小数的数。"
    return value, ""
