"""Documents: kinds, list, read, draft, change, steps, timeline, files."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from django.db import transaction
from django.db.models import Q, QuerySet, Sum
from django.http import FileResponse, HttpRequest
from ninja import Field, File, Path, Query, Router, Schema, Status, UploadedFile

from fisc.api import values
from fisc.api.access import actor_of, now
from fisc.api.errors import PROBLEMS, body_of, plain
from fisc.api.schemas import (
    MAX_PAGE,
    AttachmentOut,
    BatchStepIn,
    BatchStepOut,
    ChangeIn,
    DocumentDetail,
    DocumentOut,
    DocumentPage,
    DraftIn,
    ErrorOut,
    Fen,
    Id,
    KindOut,
    MomentOut,
    StepIn,
    Text,
    Year,
)
from fisc.base.errors import BadInput, FiscError, NotFound
from fisc.base.text import clean
from fisc.kernel import documents
from fisc.kernel.documents import kinds
from fisc.kernel.documents.files import MAX_BYTES
from fisc.kernel.documents.models import Attachment, Document
from fisc.kernel.documents.perform import perform, perform_many
from fisc.kernel.documents.spec import DocumentKind
from fisc.kernel.documents.spec import Field as SpecField
from fisc.kernel.orgs.actor import Actor

router = Router(tags=["单据"])
Sort = Literal["-id", "id", "-business_on", "business_on", "-amount_fen", "amount_fen", "number", "-number"]


def kind_of(code: str, actor: Actor, verb: str = "view") -> DocumentKind:
    """The kind, if the actor may at least look at it. :raises NotFound:"""
    try:
        spec = kinds.get(code)
    except KeyError:
        raise NotFound("没有这个单据种类，或您无权查看。") from None
    if not actor.can(spec.permission("view")) and not actor.can(spec.permission(verb)):
        raise NotFound("没有这个单据种类，或您无权查看。")
    return spec


@router.get(
    "/kinds",
    response={200: list[KindOut], PROBLEMS: ErrorOut},
    summary="我能看的单据种类及其栏目、状态、步骤",
)
def list_kinds(request: HttpRequest) -> list[dict[str, Any]]:
    actor = actor_of(request)
    return [_kind_out(spec, actor) for spec in kinds.installed() if actor.can(spec.permission("view"))]


def _kind_out(spec: DocumentKind, actor: Actor) -> dict[str, Any]:
    return {
        "code": spec.code,
        "title": spec.title,
        "can_create": spec.create is not None and actor.can(spec.permission("create")),
        "states": [{"code": state.code, "label": state.label, "tone": state.tone} for state in spec.states],
        "steps": [
            {
                "name": step.name,
                "label": step.label,
                "from_states": step.from_states,
                "needs_reason": step.reason,
            }
            for step in spec.steps
            if not step.auto
        ],
        "fields": [_field_out(field) for field in spec.fields],
    }


def _field_out(field: SpecField) -> dict[str, Any]:
    return {
        "key": field.key,
        "label": field.label,
        "kind": field.kind,
        "required": field.required,
        "editable": field.editable,
        "code_kind": field.code_kind,
        "choices": [{"value": str(value), "label": str(label)} for value, label in field.choices],
        "help": field.help,
    }


class ListQuery(Schema):
    """Filters of the list; all are optional and narrow it."""

    kind: Annotated[Text, Field(max_length=60)] | None = None
    state: Annotated[Text, Field(max_length=24)] | None = None
    unit_id: Id | None = None
    fiscal_year: Year | None = None
    number: Annotated[Text, Field(max_length=24)] | None = None
    q: Annotated[Text, Field(max_length=100, description="单号、摘要、对方或单位，或金额（元）")] | None = (
        None
    )
    amount_from_fen: Fen | None = None
    amount_to_fen: Fen | None = None
    date_from: dt.date | None = None
    date_to: dt.date | None = None
    sort: Sort = "-id"
    page: Annotated[int, Field(ge=1, le=100_000)] = 1
    page_size: Annotated[int, Field(ge=1, le=MAX_PAGE)] = 50


@router.get(
    "/documents", response={200: DocumentPage, PROBLEMS: ErrorOut}, summary="单据列表（只含我能看的）"
)
def list_documents(request: HttpRequest, query: Query[ListQuery]) -> dict[str, Any]:
    found = _filtered(actor_of(request), query)
    first = (query.page - 1) * query.page_size
    page = found.select_related("unit", "maker").order_by(query.sort, "-id")[first : first + query.page_size]
    return {
        "items": [document_out(document) for document in page],
        "total": found.count(),
        "amount_fen": found.aggregate(total=Sum("amount_fen"))["total"] or 0,
        "page": query.page,
        "page_size": query.page_size,
    }


def _filtered(actor: Actor, query: ListQuery) -> QuerySet[Document]:
    words = clean(query.q or "")
    found = documents.search(actor, words) if words else documents.visible(actor)
    conditions = {
        "kind": kind_of(query.kind, actor).code if query.kind else None,
        "state": query.state,
        "unit_id": query.unit_id,
        "fiscal_year": query.fiscal_year,
        "number": query.number,
        "amount_fen__gte": query.amount_from_fen,
        "amount_fen__lte": query.amount_to_fen,
        "business_on__gte": query.date_from,
        "business_on__lte": query.date_to,
    }
    return found.filter(Q(**{path: value for path, value in conditions.items() if value is not None}))


def document_out(document: Document) -> dict[str, Any]:
    """The header on the wire."""
    plain_names = set(DocumentOut.model_fields) - {"unit", "maker", "state_label"}
    return {
        **{name: getattr(document, name) for name in plain_names},
        "unit": str(document.unit),
        "maker": str(document.maker),
        "state_label": document.state_label,
    }


def detail_out(document: Document, actor: Actor) -> dict[str, Any]:
    """The whole document on the wire."""
    spec = document.spec
    return {
        **document_out(document),
        "values": values.of_document(spec, document),
        "steps": [
            {
                "name": choice.step.name,
                "label": choice.step.label,
                "enabled": choice.enabled,
                "why_not": choice.why_not,
                "needs_reason": choice.step.reason,
            }
            for choice in documents.available_steps(document, actor, now())
        ],
        "attachments": [
            attachment_out(held) for held in document.attachments.filter(removed_at=None).order_by("id")
        ],
    }


@router.post("/documents", response={201: DocumentDetail, PROBLEMS: ErrorOut}, summary="新建草稿")
def create_document(request: HttpRequest, body: DraftIn) -> Status[Any]:
    actor, at = actor_of(request), now()
    spec = kind_of(body.kind, actor, "create")
    if spec.create is None:
        raise BadInput.of("api.not_created_here", "{kind}不能直接新建，由其他业务生成。", kind=spec.title)
    year = body.fiscal_year or at.year
    draft = values.draft(spec, body.values, actor=actor, on=at.date(), year=year, source_id=body.source_id)
    with transaction.atomic():
        [document_id] = spec.create(drafts=[draft], actor=actor, at=at)
    return Status(201, detail_out(_own(actor, document_id), actor))


def _own(actor: Actor, document_id: int) -> Document:
    """A document just made or moved; somebody who may act but not look still gets his answer."""
    try:
        return documents.get_visible(actor, document_id)
    except NotFound:
        return Document.objects.select_related("unit", "maker").get(pk=document_id)


# before /documents/{document_id}, which would take the word for an id
@router.post("/documents/steps", response={200: BatchStepOut, PROBLEMS: ErrorOut}, summary="批量办理一步")
def take_steps(request: HttpRequest, body: BatchStepIn) -> dict[str, Any]:
    actor = actor_of(request)
    spec = kind_of(body.kind, actor, body.step)
    _known_step(spec, body.step)
    result = perform_many(
        kind=spec, ids=body.ids, step=body.step, actor=actor, at=now(), comment=body.comment, data=body.data
    )
    refused = [{"id": document_id, "error": body_of(error)} for document_id, error in result.refused.items()]
    return {"done": result.done, "refused": refused}


@router.get(
    "/documents/{document_id}", response={200: DocumentDetail, PROBLEMS: ErrorOut}, summary="一张单据"
)
def read_document(request: HttpRequest, document_id: Path[Id]) -> dict[str, Any]:
    actor = actor_of(request)
    return detail_out(documents.get_visible(actor, document_id), actor)


@router.patch(
    "/documents/{document_id}", response={200: DocumentDetail, PROBLEMS: ErrorOut}, summary="修改草稿"
)
def change_document(request: HttpRequest, document_id: Path[Id], body: ChangeIn) -> dict[str, Any]:
    actor = actor_of(request)
    document = documents.get_visible(actor, document_id)
    found = values.read(document.spec, body.values, actor=actor, year=document.fiscal_year, complete=False)
    with transaction.atomic():
        documents.update_draft(
            kind=document.kind, id=document_id, values=found, version=body.version, actor=actor, at=now()
        )
    return detail_out(documents.get_visible(actor, document_id), actor)


@router.post(
    "/documents/{document_id}/steps/{step}",
    response={200: DocumentDetail, PROBLEMS: ErrorOut},
    summary="办理一步",
)
def take_step(
    request: HttpRequest,
    document_id: Path[Id],
    step: Annotated[str, Path(max_length=40, pattern=r"^[a-z_]+$")],
    body: StepIn,
) -> dict[str, Any]:
    actor = actor_of(request)
    document = documents.get_visible(actor, document_id)
    _known_step(document.spec, step)
    perform(
        kind=document.kind,
        id=document_id,
        step=step,
        actor=actor,
        at=now(),
        comment=body.comment,
        data=body.data,
    )
    return detail_out(_own(actor, document_id), actor)


def _known_step(spec: DocumentKind, step: str) -> None:
    if not any(known.name == step and not known.auto for known in spec.steps):
        raise NotFound(f"{spec.title}没有“{step}”这一步。")


@router.get(
    "/documents/{document_id}/timeline",
    response={200: list[MomentOut], PROBLEMS: ErrorOut},
    summary="办理过程",
)
def timeline(request: HttpRequest, document_id: Path[Id]) -> list[dict[str, Any]]:
    moments = documents.timeline(documents.get_visible(actor_of(request), document_id))
    return [
        {
            "at": moment.at,
            "actor": moment.actor_name,
            "verb": moment.verb,
            "label": moment.label,
            "comment": str(plain(moment.comment) or ""),
        }
        for moment in moments
    ]


# --- files -------------------------------------------------------------------------------------------------------


def attachment_out(attachment: Attachment) -> dict[str, Any]:
    return {name: getattr(attachment, name) for name in AttachmentOut.model_fields}


@router.get(
    "/documents/{document_id}/attachments",
    response={200: list[AttachmentOut], PROBLEMS: ErrorOut},
    summary="附件",
)
def list_attachments(request: HttpRequest, document_id: Path[Id]) -> list[dict[str, Any]]:
    document = documents.get_visible(actor_of(request), document_id)
    return [attachment_out(held) for held in document.attachments.filter(removed_at=None).order_by("id")]


@router.post(
    "/documents/{document_id}/attachments",
    response={201: AttachmentOut, PROBLEMS: ErrorOut},
    summary="上传附件",
)
def attach(request: HttpRequest, document_id: Path[Id], file: File[UploadedFile]) -> Status[Any]:
    content = content_of(file, limit=MAX_BYTES)
    made = documents.attach(
        document_id=document_id, filename=file.name or "", content=content, actor=actor_of(request), at=now()
    )
    return Status(201, attachment_out(made))


def content_of(file: UploadedFile, *, limit: int) -> bytes:
    """The bytes of an uploaded file; a larger one is not read. :raises FiscError: too large"""
    if (file.size or 0) > limit:
        raise BadInput.of("api.too_large", "文件超过 {limit} MB。", limit=limit // 2**20)
    if not (file.name or "").strip() or "\x00" in (file.name or ""):
        raise FiscError("文件没有名称。", code="api.bad_request")
    return bytes(file.read())


BINARY = {
    "200": {
        "description": "文件内容",
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


@router.get(
    "/attachments/{attachment_id}",
    response={PROBLEMS: ErrorOut},
    openapi_extra={"responses": BINARY},
    summary="下载附件",
)
def download(request: HttpRequest, attachment_id: Path[Id]) -> FileResponse:
    attachment, stream = documents.open_attachment(actor=actor_of(request), id=attachment_id)
    # never shown in a browser's own page, whatever it claims to be
    return FileResponse(
        stream, as_attachment=True, filename=attachment.filename, content_type="application/octet-stream"
    )
