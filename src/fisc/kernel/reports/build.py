"""From a layout to rows: one reading of the month turnovers for the whole page, whatever the books hold.

All columns' metrics are taken apart to their leaves; these are summed by the deepest level shown in one ledger call;
parents are added up here from whole 分. So the number of queries depends on the layout only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

from fisc.kernel.metrics import catalogue as catalogues
from fisc.kernel.metrics.catalogue import Catalogue
from fisc.kernel.metrics.fetch import Values, assemble, leaf_requests, read_groups
from fisc.kernel.metrics.formulas import time_progress
from fisc.kernel.metrics.spec import FigureRequest
from fisc.kernel.orgs.actor import Actor
from fisc.kernel.reports import access
from fisc.kernel.reports.entries import entry_rows
from fisc.kernel.reports.keys import Amounts, Key, is_department, keys_of, with_code, with_units
from fisc.kernel.reports.spec import (
    Cell,
    Column,
    Level,
    Path,
    Report,
    ReportLayout,
    ReportQuery,
    Row,
    Step,
)
from fisc.kernel.reports.units import UnitTree, unit_tree

GROUP_COLUMNS = {"function": "function_code", "revenue": "revenue_code", "economic": "economic_code"}
ROUNDING_NOTE = "合计由原始金额（分）计算，换算单位后可能与分项之和有尾差。"


def build(
    layout: ReportLayout, query: ReportQuery, *, actor: Actor, catalogue: Catalogue | None = None
) -> Report:
    """This will build the report down to the level asked for, with its total.

    :raises NotAllowed: the actor may not see the report or those units.
    :raises UnknownMetric: a column's metric is not declared.
    """
    known = catalogue or catalogues.current()
    query = access.narrowed(layout, query, actor=actor, known=known)
    shown = _shown_levels(layout, query)
    columns = _column_requests(layout, query, ())
    amounts = _read(layout, columns, shown[-1], known)
    keys = keys_of(layout, query, (), shown, amounts)
    rows = tuple(_row(layout, query, (), key, columns, amounts, known) for key in keys)
    total = _total(layout, query, columns, amounts, known)
    return Report(
        layout=layout,
        query=query,
        rows=_nested(rows),
        total=total,
        time_progress=time_progress(query.month),
        notes=_notes(layout, query),
        filter_text=access.filter_text(layout, query),
    )


def children(
    layout: ReportLayout, query: ReportQuery, path: Path, *, actor: Actor, catalogue: Catalogue | None = None
) -> tuple[Row, ...]:
    """The rows right below a row, for drill-down.

    :raises NotAllowed: not for this actor.
    :raises ValueError: the path does not fit the layout.
    """
    known = catalogue or catalogues.current()
    query = access.narrowed(layout, query, actor=actor, known=known)
    _check_path(layout, path)
    if len(path) >= len(layout.levels):
        return ()
    level = layout.levels[len(path)]
    columns = _column_requests(layout, query, path)
    if level.kind in ("payment", "transfer"):
        return entry_rows(layout, path, columns, known)
    amounts = _read(layout, columns, level, known)
    keys = keys_of(layout, query, path, (level,), amounts)
    return tuple(_row(layout, query, path, key, columns, amounts, known) for key in keys)


def _check_path(layout: ReportLayout, path: Path) -> None:
    kinds = tuple(level.kind for level in layout.levels[: len(path)])
    if tuple(step.kind for step in path) != kinds:
        raise ValueError(f"the path does not fit the report {layout.code}")


def _shown_levels(layout: ReportLayout, query: ReportQuery) -> tuple[Level, ...]:
    """The levels shown at once: as many as asked for, but only of the first level's kind."""
    wanted = max(1, query.level or layout.default_level)
    first = layout.levels[0].kind
    run = []
    for level in layout.levels[:wanted]:
        if level.kind != first:
            break
        run.append(level)
    return tuple(run)


def _column_requests(layout: ReportLayout, query: ReportQuery, path: Path) -> dict[str, FigureRequest | None]:
    """The figure of each column for the place of the path; None for months that are still to come."""
    tree = unit_tree() if any(step.kind == "unit" for step in path) else None
    requests: dict[str, FigureRequest | None] = {}
    for column in layout.columns:
        request = _column_request(layout, query, column)
        for depth, step in enumerate(path):
            request = request and _narrow_step(request, step, is_department(layout, depth), tree)
        requests[column.key] = request
    return requests


def _column_request(layout: ReportLayout, query: ReportQuery, column: Column) -> FigureRequest | None:
    if column.month is not None and column.month > query.month:
        return None
    return FigureRequest(
        metric=column.metric,
        year=query.year - 1 if column.last_year else query.year,
        month=column.month or query.month,
        unit_ids=query.unit_ids,
        function=query.function,
        fund=query.fund or layout.fund,
        as_known_on=query.as_known_on,
        only_month=column.only_month,
    )


def _narrow_step(
    request: FigureRequest, step: Step, is_department: bool, tree: UnitTree | None
) -> FigureRequest:
    if step.kind == "unit":
        assert tree is not None
        ids = tree.below(int(step.key)) if is_department else (int(step.key),)
        return with_units(request, ids)
    if step.kind in ("function", "revenue", "economic"):
        return with_code(request, step.kind, step.key)
    if step.kind == "allotment":
        return replace(request, allotment_id=int(step.key))
    return request


def _read(
    layout: ReportLayout, columns: Mapping[str, FigureRequest | None], level: Level, known: Catalogue
) -> Amounts:
    leaves = leaf_requests([request for request in columns.values() if request is not None], known)
    groups = read_groups(leaves, known, group_by=[_group_by(level)])
    prefixes = layout.code_prefixes
    return Amounts(
        {
            leaf: {
                group: amount
                for (group,), amount in found.items()
                if not prefixes or level.kind not in GROUP_COLUMNS or str(group).startswith(prefixes)
            }
            for leaf, found in groups.items()
        }
    )


def _group_by(level: Level) -> str:
    if level.kind in GROUP_COLUMNS:
        return f"{GROUP_COLUMNS[level.kind]}:{level.length}"
    return {"unit": "unit_id", "allotment": "allotment_id"}[level.kind]


def _row(
    layout: ReportLayout,
    query: ReportQuery,
    path: Path,
    key: Key,
    columns: Mapping[str, FigureRequest | None],
    amounts: Amounts,
    known: Catalogue,
) -> Row:
    values: Values = {key.narrow(leaf): value for leaf, value in amounts.of(key.takes).items()}
    is_figure = key.code != "" or key.step.key != "-"
    cells = tuple(
        _cell(layout, query, column, columns[column.key], key.narrow, values, known, is_figure=is_figure)
        for column in layout.columns
    )
    return Row(
        path=(*path, key.step),
        depth=key.depth,
        code=key.code,
        name=key.name,
        cells=cells,
        has_children=key.has_children,
        url=key.url,
    )


def _total(
    layout: ReportLayout,
    query: ReportQuery,
    columns: Mapping[str, FigureRequest | None],
    amounts: Amounts,
    known: Catalogue,
) -> Row:
    values: Values = dict(amounts.of(lambda group: True))
    cells = tuple(
        _cell(layout, query, column, columns[column.key], lambda request: request, values, known)
        for column in layout.columns
    )
    return Row(path=(), depth=0, code="", name="合计", cells=cells, has_children=False, is_total=True)


def _cell(
    layout: ReportLayout,
    query: ReportQuery,
    column: Column,
    request: FigureRequest | None,
    narrow: Callable[[FigureRequest], FigureRequest],
    values: Values,
    known: Catalogue,
    *,
    is_figure: bool = True,
) -> Cell:
    if request is None:
        return Cell(key=column.key, value=None, kind=column.kind)
    figure = assemble(narrow(request), values, known, compare_scopes=False)
    lags = column.kind == "rate" and figure.value is not None
    behind = lags and Fraction(figure.value or 0) <= time_progress(query.month) - layout.behind_points
    return Cell(
        key=column.key,
        value=figure.value,
        kind=column.kind,
        figure_id=figure.id if is_figure else None,
        url=figure.url if is_figure else None,
        behind=behind,
    )


def _nested(rows: Sequence[Row]) -> tuple[Row, ...]:
    """Rows with the whole path of their parents (rows come parents first)."""
    made: list[Row] = []
    trail: list[Step] = []
    for row in rows:
        trail = [*trail[: row.depth], row.path[-1]]
        made.append(replace(row, path=tuple(trail)))
    return tuple(made)


def _notes(layout: ReportLayout, query: ReportQuery) -> tuple[str, ...]:
    notes = [f"数据来源：{layout.source}。", ROUNDING_NOTE]
    if any(column.kind == "rate" for column in layout.columns):
        progress = time_progress(query.month)
        notes.append(
            f"竖线为时间进度 {float(progress):.1f}%，比时间进度慢 {layout.behind_points} 个百分点以上的标橙色。"
        )
    return tuple(notes)
