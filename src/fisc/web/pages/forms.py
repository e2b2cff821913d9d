"""The form of a draft: the same field grid, editable; what is typed is read here and handed to the module."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_POST

from fisc.base.errors import BadInput, Conflict, FiscError, NotAllowed
from fisc.base.money import parse_yuan, plain_yuan
from fisc.base.text import clean
from fisc.kernel.documents import update_draft
from fisc.kernel.documents.models import Document
from fisc.kernel.documents.perform import perform
from fisc.kernel.documents.spec import HEADER_FIELDS, DocumentKind, Draft, Field
from fisc.kernel.orgs.actor import Actor
from fisc.kernel.orgs.models import Unit
from fisc.kernel.rules import check as rules
from fisc.web import ways
from fisc.web.components import FindingView, Option
from fisc.web.pages import values
from fisc.web.pages.document import FINDING_TONES, load, module_row, remember_refusal
from fisc.web.pages.lists import kind_of
from fisc.web.request import Request


@dataclass(frozen=True)
class Input:
    """One control: what it is, what it holds, what is wrong with it."""

    field: Field
    value: str
    label: str = ""
    """For codes, units and documents: the words beside the value."""
    options: tuple[Option, ...] = ()
    error: str = ""
    span: int = 2

    @property
    def key(self) -> str:
        """The name of the control."""
        return self.field.key

    @property
    def lookup(self) -> str:
        """Where its suggestions come from."""
        kind = self.field.kind
        what = {"unit": "unit", "code": "code", "document": "document", "project": "document"}[kind]
        target = (
            self.field.code_kind
            or self.field.document_kind
            or ("projects.project" if kind == "project" else "")
        )
        return f"/lookup/{what}/?name={self.key}&kind={target}"


@dataclass(frozen=True)
class Group:
    """Inputs under one heading."""

    title: str
    inputs: tuple[Input, ...]


def form_fields(spec: DocumentKind) -> list[Field]:
    """What is asked: the module's editable fields, and those header fields that it leaves to the form."""
    given = {field.key for field in spec.fields}
    asked = [field for field in spec.fields if field.editable]
    head = []
    if not given & {"unit", "unit_id"}:
        head.append(Field("unit_id", "单位", "unit", required=True))
    if "title" not in given:
        asked.append(Field("title", "摘要", "text", required=True))
    if "amount_fen" not in given and not any(field.kind == "amount" for field in spec.fields):
        asked.append(Field("amount_fen", "金额", "amount", required=True))
    if "business_on" not in given:
        head.append(Field("business_on", "业务日期", "date", required=True))
    return head + asked


def parse(field: Field, text: str) -> Any:
    """This will read one typed value. :raises BadInput: with the sentence shown at the field."""
    text = text.strip() if field.kind == "long" else clean(text)
    if not text:
        if field.required and field.kind != "bool":
            raise BadInput("必填。")
        return False if field.kind == "bool" else None
    try:
        match field.kind:
            case "amount":
                return parse_yuan(text)
            case "date":
                return date.fromisoformat(text)
            case "month":
                year, month = text.split("-")
                return int(year) * 100 + int(month)
            case "unit" | "document" | "project":
                return int(text)
            case "bool":
                return text in ("1", "on", "true")
            case "account":
                return text.replace(" ", "")
            case "choice":
                if text not in dict(field.choices):
                    raise BadInput("请从列表中选择。")
    except ValueError as error:
        raise BadInput(
            "格式不对，请重新填写。" if field.kind in ("date", "month") else "请从下拉结果中选择。"
        ) from error
    return text


def read_form(fields: list[Field], posted: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    """This will read all fields: values by key, sentences by key of those that are wrong."""
    found: dict[str, Any] = {}
    wrong: dict[str, str] = {}
    for field in fields:
        try:
            found[field.key] = parse(field, posted.get(field.key, ""))
            if field.required and found[field.key] is None:
                wrong[field.key] = "必填。"
        except BadInput as error:
            wrong[field.key] = error.message
            typed = posted.get(f"{field.key}__shown", "")
            if typed and not posted.get(field.key):
                wrong[field.key] = f"“{typed}”没有选定，请从下拉结果中点选。"
    return found, wrong


def typed_text(field: Field, value: Any) -> str:
    """A stored value as it stands in its control."""
    if value is None:
        return ""
    if field.kind == "amount":
        return plain_yuan(value)
    if field.kind == "month":
        return f"{value // 100}-{value % 100:02d}"
    return ("1" if value else "") if field.kind == "bool" else str(value)


def inputs_of(
    fields: list[Field], texts: Mapping[str, str], wrong: Mapping[str, str], *, year: int, actor: Actor
) -> list[Group]:
    """The controls, group by group."""
    labels = _labels(fields, texts, year)
    groups: dict[str, list[Input]] = {}
    for field in fields:
        text = texts.get(field.key, "")
        options = (
            tuple(Option(v, label, v == text) for v, label in (("", "请选择"), *field.choices))
            if field.choices
            else ()
        )
        wide = field.kind == "long" or field.key == "title"
        made = Input(
            field,
            text,
            labels.get(field.key, texts.get(f"{field.key}__shown", "")),
            options,
            wrong.get(field.key, ""),
            6 if wide else 2,
        )
        groups.setdefault(field.group or "单据内容", []).append(made)
    return [Group(title, _filled(inputs)) for title, inputs in groups.items()]


def _filled(inputs: list[Input]) -> tuple[Input, ...]:
    """This will stretch the controls so that every row of the grid is full."""
    out: list[Input] = []
    line: list[Input] = []
    for one in [*inputs, None]:
        if one is None or one.span == 6 or len(line) == 3:
            out += [Input(i.field, i.value, i.label, i.options, i.error, 6 // len(line)) for i in line]
            line = []
        if one is not None:
            (out if one.span == 6 else line).append(one)
    return tuple(out)


def _labels(fields: list[Field], texts: Mapping[str, str], year: int) -> dict[str, str]:
    by_kind = {f.code_kind: [texts.get(f.key, "")] for f in fields if f.kind == "code" and f.code_kind}
    ids = {
        f.key: int(texts[f.key])
        for f in fields
        if f.kind in ("unit", "document", "project") and texts.get(f.key, "").isdigit()
    }
    names = values.Names(year=year).gather(
        units=[ids[f.key] for f in fields if f.kind == "unit" and f.key in ids],
        documents=[ids[f.key] for f in fields if f.kind != "unit" and f.key in ids],
        by_code_kind=by_kind,
    )
    labels = {}
    for field in fields:
        text = texts.get(field.key, "")
        if field.kind == "code" and text:
            name = (
                values.FUND_NAMES.get(text)
                if field.code_kind == "fund"
                else names.codes.get((field.code_kind or "", text))
            )
            labels[field.key] = f"{text} {name}" if name and field.code_kind != "fund" else name or text
        elif field.key in ids and field.kind == "unit":
            labels[field.key] = names.units.get(ids[field.key], "")
        elif field.key in ids and (document := names.documents.get(ids[field.key])):
            labels[field.key] = f"{document.number} {document.title}"
    return labels


def new_page(request: Request, kind: str) -> HttpResponse:
    """Make a draft, and submit it at once when asked."""
    spec, actor = kind_of(kind), request.actor
    if spec.create is None or not actor.can(spec.permission("create")):
        raise NotAllowed()
    fields = form_fields(spec)
    if request.method != "POST":
        today = request.now.date().isoformat()
        texts = {field.key: today for field in fields if field.kind == "date" and field.required}
        texts |= request.GET.dict()
        if actor.unit_id:
            texts.setdefault(
                "unit_id" if any(f.key == "unit_id" for f in fields) else "unit", str(actor.unit_id)
            )
        return _form(request, spec, fields, texts, {})
    found, wrong = read_form(fields, request.POST)
    if not wrong:
        try:
            [pk] = spec.create(drafts=[draft_of(spec, found, actor, request)], actor=actor, at=request.now)
            return _saved(request, spec, pk, made=True)
        except FiscError as error:
            return _form(
                request, spec, fields, request.POST.dict(), _at_field(error, fields), error=error, status=409
            )
    return _form(request, spec, fields, request.POST.dict(), wrong, status=400)


def draft_of(spec: DocumentKind, found: Mapping[str, Any], actor: Actor, request: Request) -> Draft:
    """The typed values as a draft: header fields apart, the rest for the module's row."""
    now = request.now
    unit_id = found.get("unit_id") or found.get("unit") or actor.unit_id
    if unit_id is None:
        unit_id = Unit.objects.filter(kind=Unit.Kind.BUREAU).values_list("pk", flat=True).first()
    amount = found.get("amount_fen")
    if amount is None:
        amount = next(
            (found[f.key] for f in spec.fields if f.kind == "amount" and found.get(f.key) is not None), 0
        )
    source = request.POST.get("source_id", "") or request.GET.get("source_id", "")
    header = HEADER_FIELDS - {"tags"}
    return Draft(
        unit_id=unit_id or 0,
        fiscal_year=request.look.year or now.year,
        business_on=found.get("business_on") or now.date(),
        title=found.get("title") or spec.title,
        amount_fen=amount,
        fund=found.get("fund") or "",
        counterparty=found.get("counterparty") or "",
        source_id=int(source) if source.isdigit() else None,
        row={key: value for key, value in found.items() if key not in header},
    )


def _at_field(error: FiscError, fields: list[Field]) -> dict[str, str]:
    key = error.facts.get("field") or error.facts.get("key")
    return {str(key): error.message} if key in {field.key for field in fields} else {}


def _saved(request: Request, spec: DocumentKind, pk: int, *, made: bool) -> HttpResponse:
    """After saving: submit when that button was pressed; a refusal leaves the draft and says why."""
    step = next((s for s in spec.steps if s.name == request.POST.get("then")), None)
    if step is None:
        messages.success(request, "已暂存。")
        return HttpResponseRedirect(f"/doc/{pk}/")
    try:
        perform(kind=spec, id=pk, step=step.name, actor=request.actor, at=request.now)
    except FiscError as error:
        # kept for the page it leads to: reloading that page must not save the form again
        remember_refusal(request, pk, step, error)
        return HttpResponseRedirect(f"/doc/{pk}/")
    messages.success(request, f"已{step.label}。", extra_tags=f"/doc/{pk}/")
    return HttpResponseRedirect(f"/doc/{pk}/")


def edit_page(request: Request, pk: int) -> HttpResponse:
    """Change a draft; somebody else's change in between is shown, not overwritten."""
    spec, document = load(request, pk)
    actor: Actor = request.actor
    if document.state not in spec.editable_states or not actor.can(spec.permission("edit")):
        raise NotAllowed("此单现在不能修改。")
    held = {field.key for field in spec.fields}
    fields = [
        f for f in form_fields(spec) if f.key in held or f.key in ("title", "business_on", "amount_fen")
    ]
    row = module_row(spec, document)
    stored = {field.key: typed_text(field, values.raw(document, row, field.key)) for field in fields}
    if request.method != "POST":
        return _form(request, spec, fields, stored, {}, document=document)
    found, wrong = read_form(fields, request.POST)
    if wrong:
        return _form(request, spec, fields, request.POST.dict(), wrong, document=document, status=400)
    changed = {
        key: value for key, value in found.items() if typed_text(_by_key(fields, key), value) != stored[key]
    }
    version = int(request.POST.get("version") or 0)
    try:
        if changed:
            update_draft(kind=spec, id=pk, values=changed, version=version, actor=actor, at=request.now)
    except Conflict as error:
        mine = [
            (f.label, stored[f.key], request.POST.get(f.key, ""))
            for f in fields
            if stored[f.key] != typed_text(f, found[f.key])
        ]
        return _form(
            request,
            spec,
            fields,
            request.POST.dict(),
            {},
            document=document,
            error=error,
            compare=mine,
            status=409,
        )
    except FiscError as error:
        return _form(
            request,
            spec,
            fields,
            request.POST.dict(),
            _at_field(error, fields),
            document=document,
            error=error,
            status=409,
        )
    return _saved(request, spec, pk, made=False)


def _by_key(fields: list[Field], key: str) -> Field:
    return next(field for field in fields if field.key == key)


def _form(
    request: Request,
    spec: DocumentKind,
    fields: list[Field],
    texts: Mapping[str, str],
    wrong: Mapping[str, str],
    *,
    document: Document | None = None,
    error: FiscError | None = None,
    compare: list[tuple[str, str, str]] | None = None,
    status: int = 200,
) -> HttpResponse:
    actor: Actor = request.actor
    year = document.fiscal_year if document else request.look.year or request.now.year
    submit = next(
        (s for s in spec.steps if s.name == "submit" and actor.can(spec.permission("submit"))), None
    )
    context = {
        "title": f"修改{spec.title}" if document else f"新增{spec.title}",
        "kind": spec,
        "doc": document,
        "groups": inputs_of(fields, texts, wrong, year=year, actor=actor),
        "wrong": [(key, _by_key(fields, key).label, text) for key, text in wrong.items()],
        "refusal": ways.refusal_view(error) if error else None,
        "compare": compare,
        "version": texts.get("version") or (document.version if document else ""),
        "submit": submit,
        "source_id": texts.get("source_id", ""),
        "check_url": f"/d/{spec.code}/check/",
    }
    return render(request, "web/form.html", context, status=status)


@require_POST
def check_live(request: Request, kind: str) -> HttpResponse:
    """Balance and rules while typing: the rules of the saved draft, and whether what is typed is whole."""
    spec = kind_of(kind)
    fields = form_fields(spec)
    found, wrong = read_form(fields, request.POST)
    pk = request.POST.get("id", "")
    findings: list[FindingView] = []
    if pk.isdigit() and spec.fact_view:
        _, document = load(request, int(pk))
        checked = rules.check(view=spec.fact_view, ids=[document.pk], stage="before", at=request.now.date())
        findings = [FindingView(FINDING_TONES[f.severity], f.rule.title, f.message) for f in checked]
    missing = [_by_key(fields, key).label for key, text in wrong.items() if text == "必填。"]
    bad = [(_by_key(fields, key).label, text) for key, text in wrong.items() if text != "必填。"]
    panel = _live_balance(spec, found, request)
    return render(
        request,
        "web/parts/check.html",
        {"findings": findings, "missing": missing, "bad": bad, "panel": panel},
    )


def _live_balance(spec: DocumentKind, found: Mapping[str, Any], request: Request) -> dict[str, Any] | None:
    """已支付/在途/本笔/余额 of the allotment that the form names, when it names one."""
    from fisc.web.pages import quota

    field = next(
        (
            f
            for f in spec.fields
            if f.kind == "document" and (f.document_kind or "").startswith("budget.allotment")
        ),
        None,
    )
    allotment_id = found.get(field.key) if field else None
    if allotment_id is None:
        return None
    amount = (
        found.get("amount_fen") or next((found.get(f.key) for f in spec.fields if f.kind == "amount"), 0) or 0
    )
    return quota.bar(int(allotment_id), this_fen=amount, actor=request.actor)


def required_kind(kind: str) -> DocumentKind:
    """The kind in the address that can be made by hand. :raises Http404:"""
    spec = kind_of(kind)
    if spec.create is None:
        raise Http404
    return spec
