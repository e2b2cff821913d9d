"""Fetching figures: all requests of a page are gathered, their leaves read in few queries, formulas computed above.

No data is not zero: a figure without any entry is None. But where a book is kept for a period (the whole district
has data), a part of it without entries is 0.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from fisc.kernel import codes, ledger
from fisc.kernel.metrics import catalogue as catalogues
from fisc.kernel.metrics.catalogue import Catalogue
from fisc.kernel.metrics.figure import Figure
from fisc.kernel.metrics.formulas import IncrementShare
from fisc.kernel.metrics.selections import Reading, is_filtered, reading, unfiltered
from fisc.kernel.metrics.spec import Exact, FigureRequest, Flow, Formula, Metric, ViewCount
from fisc.kernel.metrics.viewcounts import count_views

Group = tuple[Any, ...]
Values = dict[FigureRequest, Exact]
MAXIMUM_DEPTH = 8


def figures(
    requests: Iterable[FigureRequest], *, catalogue: Catalogue | None = None
) -> dict[FigureRequest, Figure]:
    """This will fetch figures with all their inputs; the number of queries does not depend on how much is booked.

    :raises UnknownMetric: a metric is not declared or has no definition in force.
    """
    wanted = list(dict.fromkeys(requests))
    known = catalogue or catalogues.current()
    leaves = leaf_requests(wanted, known)
    values = read_leaves(leaves, known)
    return {request: assemble(request, values, known) for request in wanted}


def figure(request: FigureRequest, *, catalogue: Catalogue | None = None) -> Figure:
    """One figure. :raises UnknownMetric: the metric is not declared."""
    return figures([request], catalogue=catalogue)[request]


def leaf_requests(requests: Iterable[FigureRequest], known: Catalogue) -> list[FigureRequest]:
    """The requests below that are read from the books or views, each once."""
    found: dict[FigureRequest, None] = {}
    stack = [(request, 0) for request in requests]
    while stack:
        request, depth = stack.pop()
        source = known.of(request).source
        if isinstance(source, Flow | ViewCount):
            found[request] = None
        elif depth >= MAXIMUM_DEPTH:
            raise catalogues.BadCatalogue(message=f"“{request.metric}”的算式套得太深或循环。")
        else:
            stack.extend((needed, depth + 1) for needed in source.inputs(request))
    return list(found)


def read_leaves(leaves: Sequence[FigureRequest], known: Catalogue) -> Values:
    """The exact values of leaf requests."""
    flows = [request for request in leaves if isinstance(known.of(request).source, Flow)]
    views = [request for request in leaves if isinstance(known.of(request).source, ViewCount)]
    whole = [unfiltered(request) for request in flows if is_filtered(request)]
    read = _read_flows(list(dict.fromkeys([*flows, *whole])), known)
    values: Values = {request: _zero_if_kept(request, read) for request in flows}
    sources = [(request, known.of(request).source) for request in views]
    values.update(
        count_views([(request, source) for request, source in sources if isinstance(source, ViewCount)])
    )
    return values


def _zero_if_kept(request: FigureRequest, read: Values) -> Exact:
    value = read[request]
    if value is None and is_filtered(request) and read[unfiltered(request)] is not None:
        return 0
    return value


def _read_flows(requests: Sequence[FigureRequest], known: Catalogue) -> Values:
    groups = read_groups(requests, known, group_by=())
    return {request: found.get(()) for request, found in groups.items()}


def read_groups(
    requests: Sequence[FigureRequest], known: Catalogue, *, group_by: Sequence[str]
) -> dict[FigureRequest, dict[Group, int]]:
    """The sums of flow requests by account columns (as `function_code:3`); one ledger call per moment of knowledge."""
    by_moment: dict[datetime | None, list[tuple[FigureRequest, Reading]]] = defaultdict(list)
    result: dict[FigureRequest, dict[Group, int]] = {}
    for request in requests:
        flow = known.of(request).source
        assert isinstance(flow, Flow)
        found = reading(flow, request)
        result[request] = {}
        if found is not None:
            by_moment[request.as_known_on].append((request, found))
    for moment, readings in by_moment.items():
        # nothing recorded since: the month turnovers say the same as all transfers, and are quick
        needs_transfers = moment is not None and ledger.is_recorded_after(moment)
        sums = ledger.sums(
            [(item.selection, item.first, item.last) for _, item in readings],
            as_known_on=moment if needs_transfers else None,
            group_by=group_by,
        )
        for (request, _), amounts in zip(readings, sums, strict=True):
            result[request] = amounts
    return result


def assemble(
    request: FigureRequest, values: Values, known: Catalogue, *, compare_scopes: bool = True
) -> Figure:
    """A figure and all its inputs from the values of the leaves.

    `compare_scopes` looks whether the inputs were counted by one definition (one small query for a dated code list).
    """
    metric = known.of(request)
    if isinstance(metric.source, Flow | ViewCount):
        return Figure(request=request, metric=metric, value=values[request])
    inputs = tuple(
        assemble(needed, values, known, compare_scopes=compare_scopes)
        for needed in metric.source.inputs(request)
    )
    note = scope_change(metric, inputs) if compare_scopes else ""
    value = metric.source.compute(tuple(item.value for item in inputs), request)
    if isinstance(metric.source, IncrementShare):
        if note:
            value = None
        else:
            titles = tuple(item.metric.title for item in inputs)
            note = metric.source.why_none(tuple(item.value for item in inputs), titles)
    return Figure(request=request, metric=metric, value=value, inputs=inputs, note=note)


def scope_change(metric: Metric, inputs: Sequence[Figure]) -> str:
    """A warning when the inputs of one metric were counted by different definitions (version or code list)."""
    by_code: dict[str, set[tuple[int, tuple[str, ...]]]] = defaultdict(set)
    for item in inputs:
        by_code[item.metric.code].add((item.metric.version, _listed(item.metric, item.request.year)))
    changed = [code for code, scopes in by_code.items() if len(scopes) > 1]
    if not changed:
        return ""
    title = next(item.metric.title for item in inputs if item.metric.code == changed[0])
    return f"“{title}”的口径在两个期间不同，{metric.title}不可直接比较。"


def _listed(metric: Metric, year: int) -> tuple[str, ...]:
    source = metric.source
    if isinstance(source, Flow) and source.code_list:
        return codes.counted(kind=source.code_list, year=year)
    return ()


def formula_of(metric: Metric) -> Formula | None:
    """The metric's formula, None when it is read from the books."""
    return None if isinstance(metric.source, Flow | ViewCount) else metric.source
