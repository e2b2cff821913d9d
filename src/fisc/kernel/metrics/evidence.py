"""What a figure is made of: its entries with their documents, its parts, and the proof that they add up.

Who may see which figure is decided here too (`permitted`): people who see only some units get the figures of those
units, and none from books that know no units.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

from fisc.base.errors import NotAllowed
from fisc.kernel import codes, ledger
from fisc.kernel.documents.models import Document
from fisc.kernel.ledger import Posting
from fisc.kernel.metrics import catalogue as catalogues
from fisc.kernel.metrics import figure_id as figure_ids
from fisc.kernel.metrics.catalogue import Catalogue
from fisc.kernel.metrics.describe import definition, filter_texts, period_text
from fisc.kernel.metrics.fetch import figures, leaf_requests
from fisc.kernel.metrics.figure import NO_DATA, Figure
from fisc.kernel.metrics.selections import reading
from fisc.kernel.metrics.spec import FigureRequest, Flow, ViewCount
from fisc.kernel.metrics.viewcounts import view_rows
from fisc.kernel.orgs.actor import Actor
from fisc.kernel.orgs.models import Unit

VIEW_PERMISSION = "figures.view"
END_OF_TIME = datetime(9999, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class EntryRow:
    """One booked line of a figure, with the document behind it. Amounts in 分, signed as they count."""

    entry_id: int
    voucher_no: int
    fiscal_year: int
    effective_on: date
    recorded_at: datetime
    memo: str
    kind: str
    amount_fen: int
    account: ledger.AccountKey | None
    document_id: int | None
    document_number: str = ""
    document_title: str = ""
    is_red: bool = False


@dataclass(frozen=True)
class EntryPage:
    """One page of entries; `next_cursor` is empty on the last page."""

    rows: tuple[EntryRow, ...]
    next_cursor: str = ""


@dataclass(frozen=True)
class Part:
    """One part of a figure: what it counts under, its amount in 分, and the figure of this part alone."""

    code: str
    name: str
    amount_fen: int
    figure_id: str


@dataclass(frozen=True)
class InputLine:
    """One input of a formula as it stands in the figure page: title, period, value as text, link."""

    title: str
    period: str
    text: str
    unit: str
    figure: Figure


@dataclass(frozen=True)
class AddsUp:
    """The proof of an amount: month turnovers against every single transfer. Amounts in 分."""

    from_turnovers: int
    from_transfers: int

    @property
    def is_equal(self) -> bool:
        """Equal to the 分."""
        return self.from_turnovers == self.from_transfers


@dataclass(frozen=True)
class FigurePage:
    """Everything the figure page shows."""

    figure: Figure
    title: str
    period: str
    filters: tuple[tuple[str, str], ...]
    definition: tuple[tuple[str, str], ...]
    formula: str
    formula_with_numbers: str
    inputs: tuple[InputLine, ...]
    parts: tuple[Part, ...]
    parts_head: str
    parts_total_fen: int | None
    entries: EntryPage
    adds_up: AddsUp | None


def permitted(request: FigureRequest, actor: Actor, *, catalogue: Catalogue | None = None) -> FigureRequest:
    """The request as the actor may see it: narrowed to their units where they see only some.

    :raises NotAllowed: no right to figures, units of others, or a figure whose books know no units.
    """
    if not actor.can(VIEW_PERMISSION):
        raise NotAllowed("您没有查看指标数字的权限。")
    if actor.unit_ids is None:
        return request
    if not is_by_unit(request, catalogue or catalogues.current()):
        raise NotAllowed("这个数字是全区口径，您的查看范围仅限本单位。")
    if request.unit_ids is None:
        return replace(request, unit_ids=tuple(actor.unit_ids))
    if not set(request.unit_ids) <= actor.unit_ids:
        raise NotAllowed("这个数字包含您无权查看的单位。")
    return request


def is_by_unit(request: FigureRequest, known: Catalogue) -> bool:
    """Whether all books below the figure carry budget units."""
    sources = [known.of(leaf).source for leaf in leaf_requests([request], known)]
    return all(
        source.by_unit if isinstance(source, Flow) else "unit_ids" in dict(getattr(source, "filters", ()))
        for source in sources
    )


def entries(figure: Figure, *, limit: int = 50, cursor: str = "") -> EntryPage:
    """The booked lines behind a figure read from the ledger, by date; a formula has none of its own."""
    source = figure.metric.source
    if isinstance(source, ViewCount):
        return _view_page(figure.request, source, limit=limit, offset=int(cursor or 0))
    found = reading(source, figure.request) if isinstance(source, Flow) else None
    if found is None:
        return EntryPage(rows=())
    postings = ledger.transfers_of(
        found.selection,
        period_from=found.first,
        period_to=found.last,
        as_known_on=figure.request.as_known_on,
        limit=limit + 1,
        cursor=_read_cursor(cursor),
    )
    page = postings[:limit]
    more = _write_cursor(page[-1]) if len(postings) > limit else ""
    return EntryPage(rows=_with_documents(page), next_cursor=more)


def _read_cursor(text: str) -> tuple[date, int, int, int] | None:
    if not text:
        return None
    day, *numbers = text.split("_")
    entry, line, account = (int(number) for number in numbers)
    return date.fromisoformat(day), entry, line, account


def _write_cursor(posting: Posting) -> str:
    day, *numbers = posting.cursor
    return "_".join([day.isoformat(), *map(str, numbers)])


def document_heads(ids: Iterable[int | None]) -> dict[int, tuple[str, str]]:
    """(number, title) of documents by id, in one query."""
    wanted = {number for number in ids if number is not None}
    if not wanted:
        return {}
    rows = Document.objects.filter(id__in=wanted).values_list("id", "number", "title")
    return {number: (head, title) for number, head, title in rows}


def _with_documents(postings: Sequence[Posting]) -> tuple[EntryRow, ...]:
    heads = document_heads(posting.document_id for posting in postings)
    rows = []
    for posting in postings:
        number, title = heads.get(posting.document_id or 0, ("", ""))
        rows.append(
            EntryRow(
                entry_id=posting.entry_id,
                voucher_no=posting.voucher_no,
                fiscal_year=posting.fiscal_year,
                effective_on=posting.effective_on,
                recorded_at=posting.recorded_at,
                memo=posting.memo,
                kind=posting.kind,
                amount_fen=posting.amount_fen,
                account=posting.account,
                document_id=posting.document_id,
                document_number=number,
                document_title=title,
                is_red=posting.reverses_id is not None,
            )
        )
    return tuple(rows)


def _view_page(request: FigureRequest, source: ViewCount, *, limit: int, offset: int) -> EntryPage:
    found = view_rows(request, source, limit=limit + 1, offset=offset)
    heads = document_heads(row.get(source.document or "") for row in found)
    rows = tuple(_view_row(row, source, heads) for row in found[:limit])
    return EntryPage(rows=rows, next_cursor=str(offset + limit) if len(found) > limit else "")


def _view_row(row: dict[str, Any], source: ViewCount, heads: dict[int, tuple[str, str]]) -> EntryRow:
    number, title = heads.get(row.get(source.document or "") or 0, ("", ""))
    counted = source.measure.removeprefix("sum:") if source.measure.startswith("sum:") else ""
    on = row[source.on]
    day = on.date() if isinstance(on, datetime) else on
    return EntryRow(
        entry_id=0,
        voucher_no=0,
        fiscal_year=day.year,
        effective_on=day,
        recorded_at=row.get(source.known) or END_OF_TIME,
        memo=str(row.get("label") or title),
        kind=source.view,
        amount_fen=row.get(counted) or 0,
        account=None,
        document_id=row.get(source.document or ""),
        document_number=number,
        document_title=title,
    )


def adds_up(figure: Figure) -> AddsUp | None:
    """This will add every single transfer of an amount and hold it against the figure; None for other figures.

    It reads all transfers of the figure: its time grows with them.
    """
    source = figure.metric.source
    found = reading(source, figure.request) if isinstance(source, Flow) else None
    if found is None:
        return None
    moment = figure.request.as_known_on
    ask = [(found.selection, found.first, found.last)]
    (transfers,) = ledger.sums(ask, as_known_on=moment or END_OF_TIME)
    shown = figure.value or 0
    return AddsUp(from_turnovers=int(shown), from_transfers=transfers.get((), 0))


def parts(figure: Figure) -> tuple[str, tuple[Part, ...]]:
    """A figure's parts one level down (类→款→项, then units): head of the column, parts by code."""
    source = figure.metric.source
    found = reading(source, figure.request) if isinstance(source, Flow) else None
    if found is None or not isinstance(source, Flow):
        return "", ()
    head, group, kind = _next_level(source, figure.request)
    (amounts,) = ledger.sums(
        [(found.selection, found.first, found.last)], as_known_on=figure.request.as_known_on, group_by=[group]
    )
    keys = sorted((key for (key,) in amounts), key=lambda key: (key is None, key))
    names = _names(kind, [key for key in keys if key is not None], figure.request)
    filter_key = {"function": "function", "revenue": "revenue", "unit": "unit_ids"}[kind]
    made = []
    for key in keys:
        value: Any = (key,) if kind == "unit" else key
        narrowed = figure.request if key is None else replace(figure.request, **{filter_key: value})
        made.append(
            Part(
                code="" if key is None or kind == "unit" else str(key),
                name="未列明" if key is None else names.get(key, str(key)),
                amount_fen=amounts[(key,)],
                figure_id=figure_ids.encode(narrowed),
            )
        )
    return head, tuple(made)


def _next_level(source: Flow, request: FigureRequest) -> tuple[str, str, str]:
    if source.book == "revenue" or source.revenues:
        return "收入科目", f"revenue_code:{_deeper(request.revenue)}", "revenue"
    if source.by_unit and request.function and len(request.function) >= 7:
        return "预算单位", "unit_id", "unit"
    return "支出功能科目", f"function_code:{_deeper(request.function)}", "function"


def _deeper(code: str | None) -> int:
    return 3 if not code else min(len(code) + 2, 9)


def _names(kind: str, keys: Sequence[Any], request: FigureRequest) -> dict[Any, str]:
    if kind == "unit":
        return dict(Unit.objects.filter(id__in=keys).values_list("id", "name"))
    return codes.names(kind=kind, codes=keys, year=request.year, fund=request.fund)


def explain(
    figure_id: str,
    *,
    actor: Actor,
    limit: int = 50,
    cursor: str = "",
    check: bool = False,
    catalogue: Catalogue | None = None,
) -> FigurePage:
    """This will gather all that the figure page shows; `check` adds every transfer up (slow for large figures).

    :raises BadFigureId: the address names no figure.
    :raises UnknownMetric: no such metric.
    :raises NotAllowed: not for this actor.
    """
    known = catalogue or catalogues.current()
    request = permitted(figure_ids.decode(figure_id), actor, catalogue=known)
    figure = figures([request], catalogue=known)[request]
    source = figure.metric.source
    lines = tuple(_input_line(item) for item in figure.inputs)
    parts_head, found = parts(figure)
    is_formula = not isinstance(source, Flow | ViewCount)
    formula = (
        ""
        if isinstance(source, Flow | ViewCount)
        else source.wording(tuple(f"{line.title}（{line.period}）" for line in lines))
    )
    return FigurePage(
        figure=figure,
        title=figure.metric.title,
        period=period_text(figure.metric, request),
        filters=filter_texts(request),
        definition=definition(figure.metric),
        formula=formula,
        formula_with_numbers=_with_numbers(figure, lines) if is_formula else "",
        inputs=lines,
        parts=found,
        parts_head=parts_head,
        parts_total_fen=sum(part.amount_fen for part in found) if found else None,
        entries=entries(figure, limit=limit, cursor=cursor),
        adds_up=adds_up(figure) if check else None,
    )


def _input_line(item: Figure) -> InputLine:
    unit = "yuan" if item.metric.unit == "fen" else "wan"
    return InputLine(
        title=item.metric.title,
        period=period_text(item.metric, item.request),
        text=item.text(unit=unit, places=2),  # type: ignore[arg-type]
        unit=item.unit_label(unit),  # type: ignore[arg-type]
        figure=item,
    )


def _with_numbers(figure: Figure, lines: Sequence[InputLine]) -> str:
    formula = figure.metric.source
    assert not isinstance(formula, Flow | ViewCount)
    written = formula.wording(tuple(line.text for line in lines))
    result = figure.text(unit="yuan", places=2 if figure.metric.unit == "fen" else 6)
    return f"{written} ＝ {result}{'' if result == NO_DATA else figure.unit_label('yuan')}"
