"""From a metric's flow and a request to the ledger: which accounts, which months.

Pure but for the dated code lists (民生), which are read through the codes package's cache.
"""

from __future__ import annotations

from dataclasses import dataclass

from fisc.kernel import codes
from fisc.kernel.ledger import Selection
from fisc.kernel.ledger.selections import Side
from fisc.kernel.metrics.spec import FigureRequest, Flow

DECEMBER = 12


@dataclass(frozen=True)
class Reading:
    """What is read from the ledger for one figure: accounts and months (yyyymm, both included; None: open)."""

    selection: Selection
    first: int | None
    last: int | None


def span(flow: Flow, request: FigureRequest) -> tuple[int | None, int | None]:
    """The months that count."""
    year, now = request.year, request.period
    january, december = year * 100 + 1, year * 100 + DECEMBER
    rule = "month" if request.only_month and flow.period == "ytd" else flow.period
    return {
        "month": (now, now),
        "ytd": (january, now),
        "year": (january, december),
        "balance": (None, now),
        "opening": (None, (year - 1) * 100 + DECEMBER),
    }[rule]


def reading(flow: Flow, request: FigureRequest) -> Reading | None:
    """What to read for a request; None when the filters leave nothing (another fund, no unit, other functions)."""
    functions = _narrow(_functions(flow, request.year), request.function)
    revenues = _narrow(flow.revenues, request.revenue)
    economics = _narrow(flow.economics, request.economic)
    funds = _narrow((flow.fund,) if flow.fund else (), request.fund)
    if functions is None or revenues is None or economics is None or funds is None or request.unit_ids == ():
        return None
    first, last = span(flow, request)
    selection = Selection(
        book=flow.book,
        subjects=flow.subjects,
        side=_side(flow),
        fiscal_years=(request.year,) if flow.fiscal_year else (),
        funds=funds,
        unit_ids=request.unit_ids or (),
        project_ids=() if request.project_id is None else (request.project_id,),
        function_prefixes=functions,
        economic_prefixes=economics,
        revenue_prefixes=revenues,
        allotment_ids=() if request.allotment_id is None else (request.allotment_id,),
        flags_all=flow.flags,
    )
    return Reading(selection=selection, first=first, last=last)


def _side(flow: Flow) -> Side:
    if flow.turnover != "net":
        return flow.turnover
    return "net_debit" if flow.side == "debit" else "net_credit"


def _functions(flow: Flow, year: int) -> tuple[str, ...]:
    """The flow's function prefixes, or those of its code list in that year ("-" matches nothing)."""
    if flow.code_list is None:
        return flow.functions
    return codes.counted(kind=flow.code_list, year=year) or ("-",)


def _narrow(prefixes: tuple[str, ...], wanted: str | None) -> tuple[str, ...] | None:
    """Prefixes that lie in both; () means all; None means that nothing is left."""
    if wanted is None:
        return prefixes
    if not prefixes or any(wanted.startswith(prefix) for prefix in prefixes):
        return (wanted,)
    return tuple(prefix for prefix in prefixes if prefix.startswith(wanted)) or None


def is_filtered(request: FigureRequest) -> bool:
    """Whether the request asks for less than the whole district."""
    return any(
        value is not None
        for value in (
            request.unit_ids,
            request.function,
            request.revenue,
            request.fund,
            request.economic,
            request.project_id,
            request.allotment_id,
        )
    )


def unfiltered(request: FigureRequest) -> FigureRequest:
    """The same figure of the whole district."""
    return FigureRequest(
        metric=request.metric,
        year=request.year,
        month=request.month,
        as_known_on=request.as_known_on,
        only_month=request.only_month,
    )
