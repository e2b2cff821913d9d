"""Values of a document's fields as they come over the wire, typed for the module; and back."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from django.db.models import Model

from fisc.api.schemas import MAX_ID
from fisc.base.errors import BadInput
from fisc.base.text import clean
from fisc.kernel import codes, documents
from fisc.kernel.documents.models import Document
from fisc.kernel.documents.spec import HEADER_FIELDS, DocumentKind, Draft, Field
from fisc.kernel.orgs.actor import Actor
from fisc.kernel.orgs.models import Unit

_HEADER: tuple[Field, ...] = (
    Field("title", "摘要"),
    Field("amount_fen", "金额", "amount"),
    Field("unit_id", "单位", "unit"),
    Field("business_on", "业务日期", "date"),
    Field("fund", "资金性质", "code", code_kind="fund"),
    Field("counterparty", "对方"),
)
"""What every kind takes, whether its form shows it or not."""
_TEXT_LENGTH = 4_000


def fields_of(spec: DocumentKind) -> dict[str, Field]:
    """The fields that may be written, by key."""
    return {field.key: field for field in (*_HEADER, *spec.fields) if field.editable}


def read(
    spec: DocumentKind, given: Mapping[str, Any], *, actor: Actor, year: int, complete: bool
) -> dict[str, Any]:
    """This will type the values; `complete`: required ones must be there.

    :raises BadInput: a key or value is wrong. :raises DocumentNotFound: a document named is not there for the actor.
    """
    fields = fields_of(spec)
    found: dict[str, Any] = {}
    for key, value in given.items():
        if key not in fields:
            known = "、".join(fields)
            raise BadInput.of(
                "api.unknown_field",
                "{kind}没有栏目“{key}”；可填：{known}。",
                kind=spec.title,
                key=key[:60],
                known=known,
            )
        found[key] = _typed(fields[key], value, actor=actor, year=year)
    absent = [
        field.label for field in fields.values() if field.required and found.get(field.key) in (None, "")
    ]
    if absent and complete:
        raise BadInput.of("api.required", "缺少必填栏目：{labels}。", labels="、".join(absent))
    return found


def draft(
    spec: DocumentKind,
    given: Mapping[str, Any],
    *,
    actor: Actor,
    on: dt.date,
    year: int,
    source_id: int | None,
) -> Draft:
    """This will make a draft of the values, like the form does."""
    found = read(spec, given, actor=actor, year=year, complete=True)
    unit_id = found.get("unit_id") or found.get("unit") or actor.unit_id
    if unit_id is None:
        raise BadInput.of("api.required", "缺少必填栏目：{labels}。", labels="单位")
    amount = found.get("amount_fen")
    if amount is None:
        amounts = (found.get(field.key) for field in spec.fields if field.kind == "amount")
        amount = next((value for value in amounts if value is not None), 0)
    if source_id is not None:
        documents.get_visible(actor, source_id)
    return Draft(
        unit_id=unit_id,
        fiscal_year=year,
        business_on=found.get("business_on") or on,
        title=found.get("title") or spec.title,
        amount_fen=amount,
        fund=found.get("fund") or "",
        counterparty=found.get("counterparty") or "",
        source_id=source_id,
        row={key: value for key, value in found.items() if key not in HEADER_FIELDS - {"tags"}},
    )


def _typed(field: Field, value: Any, *, actor: Actor, year: int) -> Any:
    if value is None or value == "":
        return None if field.kind not in ("text", "long", "account", "code", "choice") else ""
    try:
        typed = _READERS[field.kind](field, value)
    except (TypeError, ValueError, OverflowError) as error:
        raise _wrong(field, _WORDS[field.kind]) from error
    if field.kind == "unit" and not (actor.sees(typed) and Unit.objects.filter(pk=typed).exists()):
        raise _wrong(field, "没有这个单位，或您无权为它办理")
    if field.kind in ("document", "project"):
        documents.get_visible(actor, typed)
    if (
        field.kind == "code"
        and field.code_kind
        and not codes.names(kind=field.code_kind, codes=[typed], year=year)
    ):
        raise _wrong(field, f"{year}年度没有编码 {typed[:30]}")
    return typed


def _wrong(field: Field, why: str) -> BadInput:
    return BadInput.of("api.bad_value", "“{label}”：{why}。", label=field.label, why=why, field=field.key)


def _text(field: Field, value: Any) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        # years and other small numbers are declared as texts by some forms
        value = str(value)
    if not isinstance(value, str) or len(value) > _TEXT_LENGTH:
        raise ValueError(field.key)
    return value.strip() if field.kind == "long" else clean(value)


def _whole(field: Field, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > MAX_ID:
        raise ValueError(field.key)
    return value


def _id(field: Field, value: Any) -> int:
    if _whole(field, value) < 1:
        raise ValueError(field.key)
    return int(value)


def _date(field: Field, value: Any) -> dt.date:
    if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value, re.ASCII):
        raise ValueError(field.key)
    return dt.date.fromisoformat(value)


def _month(field: Field, value: Any) -> int:
    if not 190001 <= _whole(field, value) <= 210012 or not 1 <= value % 100 <= 12:
        raise ValueError(field.key)
    return int(value)


def _choice(field: Field, value: Any) -> str:
    if not isinstance(value, str) or (field.choices and value not in dict(field.choices)):
        raise ValueError(field.key)
    return value


def _bool(field: Field, value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError(field.key)
    return value


_READERS: dict[str, Callable[[Field, Any], Any]] = {
    "text": _text, "long": _text, "account": _text, "code": _text, "amount": _whole, "date": _date, "month": _month,
    "unit": _id, "project": _id, "document": _id, "choice": _choice, "bool": _bool,
}  # fmt: skip
_WORDS = {
    "text": f"应为不超过 {_TEXT_LENGTH} 字的文字", "long": f"应为不超过 {_TEXT_LENGTH} 字的文字", "account": "应为文字",
    "code": "应为编码文字", "amount": "应为整数，单位：分", "date": "应为 2023-06-30 这样的日期",
    "month": "应为 202306 这样的整数", "unit": "应为单位编号（id）", "project": "应为单据编号（id）",
    "document": "应为单据编号（id）", "choice": "不在可选值中", "bool": "应为 true 或 false",
}  # fmt: skip


def of_document(spec: DocumentKind, document: Document) -> dict[str, Any]:
    """The fields of a document that are its kind's own, ready for the wire."""
    row = spec.model._default_manager.filter(pk=document.pk).first()
    return {field.key: _plain(row, field.key) for field in spec.fields if field.key not in HEADER_FIELDS}


def _plain(row: Model | None, key: str) -> Any:
    """A foreign key gives the id."""
    value = getattr(row, f"{key}_id", getattr(row, key, None))
    if isinstance(value, Model):
        return value.pk
    if isinstance(value, dt.date | dt.datetime):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value
