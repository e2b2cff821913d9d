"""The ceilings of a draft as a sheet: units in rows, the five items and the total in columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fisc.base.money import format_fen
from fisc.domains.austerity import services, standing
from fisc.domains.austerity.items import THREE_PUBLIC, THREE_PUBLIC_CODES, TOTAL
from fisc.domains.austerity.services import CeilingRow
from fisc.kernel.documents.models import Document
from fisc.kernel.orgs.models import Unit
from fisc.web.grid import CellChange, CellProblem, Grid, GridColumn, GridRow

WHOLE = "total"


def build(document: Document, save_url: str) -> Grid:
    """This will make the sheet of all units; last year's ceilings stand as notes beside the total."""
    held = services.ceiling_rows(document.pk)
    before = standing.ceilings(document.fiscal_year - 1)
    units = Unit.objects.filter(is_active=True).order_by("code").values_list("pk", "code", "name")
    is_open = document.state in document.spec.editable_states
    return Grid(
        name=f"{document.fiscal_year}年三公额度",
        columns=(
            GridColumn("code", "单位编码", editable=False),
            GridColumn("name", "单位", editable=False, pin=True),
            *(GridColumn(code, name, "amount", total=True, minimum=0) for code, name in THREE_PUBLIC),
            GridColumn(WHOLE, "总额", "amount", total=True, minimum=0),
        ),
        rows=tuple(
            GridRow(
                key=str(pk),
                label=name,
                values={"code": code, "name": name, **_values(held.get(pk))},
                notes=_note(before.get((pk, TOTAL))),
            )
            for pk, code, name in units
        ),
        save_url=save_url if is_open else "",
        version=document.version,
        empty="没有单位",
    )


def _values(row: CeilingRow | None) -> dict[str, int]:
    return {} if row is None else {**row.items, WHOLE: row.whole_fen}


def _note(last: standing.CeilingPosition | None) -> dict[str, str]:
    return {} if last is None else {WHOLE: f"上年总额 {format_fen(last.ceiling_fen)} 元"}


def changed_rows(
    held: Mapping[int, CeilingRow], changed: Sequence[CellChange]
) -> tuple[dict[int, CeilingRow], list[CellProblem]]:
    """The ceilings after a save, and what is wrong with it. A total that was the sum of its items stays their sum;
    a unit whose cells are all emptied leaves the document."""
    by_unit: dict[int, dict[str, int | None]] = {}
    for change in changed:
        by_unit.setdefault(int(change.row), {})[change.column] = change.value
    found, problems = dict(held), []
    for unit_id, cells in by_unit.items():
        row = _after(unit_id, held.get(unit_id), cells)
        if row is None:
            found.pop(unit_id, None)
            continue
        found[unit_id] = row
        items = sum(row.items.values())
        if row.whole_fen > items:
            message = f"总额 {format_fen(row.whole_fen)} 元大于分项之和 {format_fen(items)} 元。"
            problems.append(CellProblem(str(unit_id), WHOLE, message))
    return found, problems


def _after(unit_id: int, before: CeilingRow | None, cells: Mapping[str, int | None]) -> CeilingRow | None:
    items: dict[str, int | None] = dict(before.items) if before else dict.fromkeys(THREE_PUBLIC_CODES)
    items.update({code: value for code, value in cells.items() if code != WHOLE})
    if all(value is None for value in items.values()) and cells.get(WHOLE) is None:
        return None
    if WHOLE in cells:
        whole = cells[WHOLE]
    else:
        follows = before is None or before.whole_fen == sum(before.items.values())
        whole = None if before is None or follows else before.whole_fen
    return services.row_of(unit_id, {code: value or 0 for code, value in items.items()}, whole)
