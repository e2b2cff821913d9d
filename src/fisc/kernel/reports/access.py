"""Who may see which report of which units, and the filters in words."""

from __future__ import annotations

from dataclasses import replace

from fisc.base.errors import NotAllowed
from fisc.kernel import codes
from fisc.kernel.metrics.catalogue import Catalogue
from fisc.kernel.metrics.describe import BEIJING, unit_text
from fisc.kernel.metrics.evidence import is_by_unit
from fisc.kernel.metrics.spec import FigureRequest
from fisc.kernel.orgs.actor import Actor
from fisc.kernel.reports.spec import ReportLayout, ReportQuery
from fisc.kernel.reports.units import unit_tree


def narrowed(layout: ReportLayout, query: ReportQuery, *, actor: Actor, known: Catalogue) -> ReportQuery:
    """The query as the actor may ask it.

    :raises NotAllowed: no right to the report, units of others, or a report whose books know no units.
    """
    if not actor.can(layout.permission):
        raise NotAllowed(f"您没有查看“{layout.title}”的权限。")
    if query.unit_ids is not None:
        _check_units(query.unit_ids, actor)
        query = replace(query, unit_ids=_with_units_below(query.unit_ids, actor))
    if actor.unit_ids is None:
        return query
    requests = [
        FigureRequest(metric=column.metric, year=query.year, month=query.month) for column in layout.columns
    ]
    if not all(is_by_unit(request, known) for request in requests):
        raise NotAllowed(f"“{layout.title}”是全区口径，您的查看范围仅限本单位。")
    if query.unit_ids is None:
        return replace(query, unit_ids=tuple(sorted(actor.unit_ids)))
    return query


def _check_units(unit_ids: tuple[int, ...], actor: Actor) -> None:
    if not all(actor.sees(number) for number in unit_ids):
        raise NotAllowed("所选单位超出您的查看范围。")


def _with_units_below(unit_ids: tuple[int, ...], actor: Actor) -> tuple[int, ...]:
    """A department stands for all units below it."""
    tree = unit_tree()
    wanted = {below for number in unit_ids for below in tree.below(number)}
    return tuple(sorted(number for number in wanted if actor.sees(number)))


def filter_text(layout: ReportLayout, query: ReportQuery) -> str:
    """The filters in words: 资金性质：一般公共预算；单位：全部."""
    parts = []
    if fund := query.fund or layout.fund:
        found = codes.find(kind="fund", code=fund, year=query.year)
        parts.append(f"资金性质：{found.name if found else fund}")
    if query.function:
        known = codes.find(
            kind="function", code=query.function, year=query.year, fund=query.fund or layout.fund
        )
        parts.append(f"功能科目：{known.label if known else query.function}")
    parts.append(f"单位：{'全部' if query.unit_ids is None else unit_text(query.unit_ids)}")
    if query.as_known_on is not None:
        parts.append(f"数据截取时刻：{query.as_known_on.astimezone(BEIJING):%Y-%m-%d %H:%M:%S}")
    return "；".join(parts)
