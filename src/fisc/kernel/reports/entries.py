"""The last levels of a drill-down: the documents (payments, receipts) behind one column of a row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from fisc.kernel.metrics.catalogue import Catalogue
from fisc.kernel.metrics.evidence import EntryRow, entries
from fisc.kernel.metrics.fetch import assemble, leaf_requests
from fisc.kernel.metrics.figure import Figure
from fisc.kernel.metrics.spec import FigureRequest, Flow
from fisc.kernel.reports.spec import DOCUMENT_PATH, ENTRY_PATH, Cell, Path, ReportLayout, Row, Step

ENTRY_LIMIT = 300


@dataclass
class _Document:
    """The lines of one document, added up. Amount in 分."""

    first: EntryRow
    amount_fen: int = 0
    days: list[str] = field(default_factory=list)


def entry_rows(
    layout: ReportLayout, path: Path, columns: Mapping[str, FigureRequest | None], known: Catalogue
) -> tuple[Row, ...]:
    """One row per document (or per voucher without one), by date; the last row says if there are more."""
    column = entry_column(layout, columns, known)
    request = columns.get(column)
    if request is None:
        return ()
    figure = _leaf(request, known)
    page = entries(figure, limit=ENTRY_LIMIT)
    documents: dict[tuple[str, int], _Document] = {}
    for entry in page.rows:
        key = ("document", entry.document_id) if entry.document_id else ("entry", entry.entry_id)
        found = documents.setdefault(key, _Document(first=entry))
        found.amount_fen += entry.amount_fen
        if (day := entry.effective_on.isoformat()) not in found.days:
            found.days.append(day)
    kind = layout.levels[len(path)].kind
    rows = [_row(layout, path, kind, column, key, document) for key, document in documents.items()]
    if page.next_cursor:
        rows.append(_more(layout, path, kind, figure))
    return tuple(rows)


def entry_column(layout: ReportLayout, columns: Mapping[str, FigureRequest | None], known: Catalogue) -> str:
    """The column whose lines are listed: the layout's choice, or the first that adds up from January."""
    if layout.entry_column:
        return layout.entry_column
    for column in layout.columns:
        request = columns[column.key]
        if request is None or column.last_year or column.only_month:
            continue
        source = known.of(request).source
        if isinstance(source, Flow) and source.period == "ytd":
            return column.key
    return ""


def _leaf(request: FigureRequest, known: Catalogue) -> Figure:
    (leaf,) = leaf_requests([request], known)
    assert isinstance(known.of(leaf).source, Flow), "an entry column is read from the ledger"
    return assemble(leaf, {leaf: None}, known)


def _row(
    layout: ReportLayout, path: Path, kind: str, entry_key: str, key: tuple[str, int], document: _Document
) -> Row:
    entry = document.first
    url = f"{DOCUMENT_PATH if key[0] == 'document' else ENTRY_PATH}{key[1]}/"
    return Row(
        path=(*path, Step(kind=kind, key=f"{key[0][0]}{key[1]}")),  # type: ignore[arg-type]
        depth=len(path),
        code=entry.document_number or f"凭证 {entry.fiscal_year}-{entry.voucher_no}",
        name=entry.document_title or entry.memo,
        cells=tuple(
            Cell(
                key=column.key,
                value=document.amount_fen if column.key == entry_key else None,
                kind=column.kind,
                url=url if column.key == entry_key else None,
            )
            for column in layout.columns
        ),
        has_children=False,
        url=url,
        detail="、".join(document.days[:3]) + ("（红字）" if entry.is_red else ""),
    )


def _more(layout: ReportLayout, path: Path, kind: str, figure: Figure) -> Row:
    return Row(
        path=(*path, Step(kind=kind, key="more")),  # type: ignore[arg-type]
        depth=len(path),
        code="",
        name=f"仅列前 {ENTRY_LIMIT} 笔，打开全部分录",
        cells=tuple(Cell(key=column.key, value=None, kind=column.kind) for column in layout.columns),
        has_children=False,
        url=figure.url,
    )
