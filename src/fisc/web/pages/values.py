"""Values of documents as they read on a page: names for codes, units and people, fetched once for all rows."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db.models import BooleanField, Model
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from fisc.base.money import Unit
from fisc.kernel import codes
from fisc.kernel.documents import kinds
from fisc.kernel.documents.models import Document
from fisc.kernel.documents.spec import Column, Field
from fisc.kernel.orgs.models import Section, User
from fisc.kernel.orgs.models import Unit as BudgetUnit
from fisc.web import formats
from fisc.web.components import link, state

FUND_NAMES = {
    "general": "一般公共预算", "govfund": "政府性基金预算", "statecapital": "国有资本经营预算",
    "socialinsurance": "社会保险基金预算", "unit": "单位资金",
}  # fmt: skip


@dataclass
class Names:
    """What ids and codes are called; each kind of name is read with one query."""

    year: int
    fund: str | None = None
    units: dict[int, str] = field(default_factory=dict)
    users: dict[int, str] = field(default_factory=dict)
    documents: dict[int, Document] = field(default_factory=dict)
    codes: dict[tuple[str, str], str] = field(default_factory=dict)

    def gather(
        self,
        *,
        units: Iterable[Any] = (),
        users: Iterable[Any] = (),
        documents: Iterable[Any] = (),
        by_code_kind: Mapping[str, Iterable[Any]] | None = None,
    ) -> Names:
        """This will read the names of these ids and codes."""
        if wanted := {value for value in units if value}:
            for pk, short, name in BudgetUnit.objects.filter(pk__in=wanted).values_list(
                "pk", "short_name", "name"
            ):
                self.units[pk] = short or name
        if wanted := {value for value in users if value}:
            self.users.update(User.objects.filter(pk__in=wanted).values_list("pk", "name"))
        if wanted := {value for value in documents if value}:
            self.documents.update(Document.objects.in_bulk(list(wanted)))
        for kind, values in (by_code_kind or {}).items():
            found = codes.names(
                kind=kind, codes=[str(v) for v in values if v], year=self.year, fund=self.fund
            )
            self.codes.update({(kind, code): name for code, name in found.items()})
        return self


def code_html(names: Names, kind: str | None, code: Any) -> SafeString:
    """A grey code with its name."""
    if not code:
        return mark_safe("")
    if kind == "fund":
        return mark_safe(FUND_NAMES.get(str(code), str(code)))
    return formats.code_name(str(code), names.codes.get((kind or "", str(code)), ""))


def document_link(document: Document) -> SafeString:
    """A document's number, leading to its page."""
    return link(document.number, f"/doc/{document.pk}/")


def shown(spec_field: Field, value: Any, names: Names) -> str | SafeString:
    """One field's value on the document page, where amounts are always in 元."""
    if value is None or value == "":
        return ""
    handler = _HANDLERS.get(spec_field.kind)
    return handler(spec_field, value, names) if handler else str(value)


def _choice(spec_field: Field, value: Any, names: Names) -> str:
    return dict(spec_field.choices).get(value, str(value))


def _unit(spec_field: Field, value: Any, names: Names) -> str:
    return names.units.get(value, "")


def _document(spec_field: Field, value: Any, names: Names) -> str | SafeString:
    document = names.documents.get(value)
    return format_html("{} {}", document_link(document), document.title) if document else ""


_HANDLERS: dict[str, Callable[[Field, Any, Names], str | SafeString]] = {
    "amount": lambda f, v, n: formats.amount(v, fixed=True),
    "date": lambda f, v, n: formats.date_text(v),
    "month": lambda f, v, n: formats.month_text(v),
    "code": lambda f, v, n: code_html(n, f.code_kind, v),
    "account": lambda f, v, n: formats.account_text(str(v)),
    "bool": lambda f, v, n: "是" if v else "否",
    "choice": _choice,
    "unit": _unit,
    "project": _document,
    "document": _document,
}


def raw(document: Document, row: Any, key: str) -> Any:
    """The raw value of a field: an attribute of the module row, else of the header. Foreign keys give the id."""
    for holder in (row, document):
        for name in (f"{key}_id", key):
            if holder is not None and hasattr(holder, name):
                value = getattr(holder, name)
                return value.pk if hasattr(value, "pk") else value
    return None


def names_for(fields: Sequence[Field], document: Document, row: Any) -> Names:
    """This will read all names that the fields of one document need."""
    names = Names(year=document.fiscal_year, fund=document.fund or None)
    by_kind: dict[str, list[Any]] = {}
    for spec_field in fields:
        if spec_field.kind == "code" and spec_field.code_kind:
            by_kind.setdefault(spec_field.code_kind, []).append(raw(document, row, spec_field.key))
    return names.gather(
        units=[raw(document, row, f.key) for f in fields if f.kind == "unit"],
        documents=[raw(document, row, f.key) for f in fields if f.kind in ("document", "project")],
        by_code_kind=by_kind,
    )


def state_html(kind_code: str, state_code: str, node: str) -> SafeString:
    """The state's mark and word; while in review the node whose turn it is."""
    spec_state = kinds.get(kind_code).state(state_code)
    return state(f"待{node}" if node else spec_state.label, spec_state.tone)


@functools.cache
def labels_at(model: type[Model], path: str) -> Mapping[Any, str]:
    """The words for the values of a column that has only some: choices, yes and no. Empty for any other."""
    found: Any = None
    for name in path.split("__"):
        try:
            found = model._meta.get_field(name)
        except FieldDoesNotExist:
            return {}
        model = found.related_model or model
    if isinstance(found, BooleanField):
        return {True: "是", False: "否"}
    return {value: str(label) for value, label in (getattr(found, "choices", None) or ()) if value}


def in_words(
    model: type[Model], columns: Iterable[Column], rows: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """The rows (by ORM path) with words in place of the codes of choices."""
    worded = {
        column.path: labels
        for column in columns
        if column.kind == "text" and (labels := labels_at(model, column.path))
    }
    for row in rows if worded else ():
        for path, labels in worded.items():
            row[path] = labels.get(row[path], row[path])
    return rows


def cell_value(kind: str, value: Any, *, unit: Unit, href: str = "") -> str | SafeString:
    """A list cell of a plain kind."""
    if value is None or value == "":
        return ""
    if kind == "amount":
        return formats.amount(value, unit=unit, href=href)
    if kind == "date" or isinstance(value, date | datetime):
        return formats.date_text(value)
    return str(value)


def section_names() -> dict[str, str]:
    """All 股室 by code."""
    return dict(Section.objects.values_list("code", "name"))
