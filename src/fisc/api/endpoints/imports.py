"""Imports: upload, match columns, check, mend, write, undo."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Field, File, Form, Path, Query, Router, Schema, Status, UploadedFile

from fisc.api.access import actor_of, now
from fisc.api.endpoints.documents import BINARY, content_of
from fisc.api.errors import PROBLEMS, readable
from fisc.api.schemas import (
    MAX_PAGE,
    AdoptIn,
    BatchListOut,
    BatchOut,
    CheckIn,
    CommitIn,
    ErrorOut,
    FileColumnOut,
    Id,
    ImportKindOut,
    MappingIn,
    ProblemPage,
    Text,
    UndoIn,
    Values,
    Year,
)
from fisc.base.errors import BadInput
from fisc.base.money import parse_yuan
from fisc.kernel import exchange
from fisc.kernel.exchange import browse
from fisc.kernel.exchange.batches import allowed_spec
from fisc.kernel.exchange.browse import BatchView
from fisc.kernel.exchange.errors import MissingColumns
from fisc.kernel.exchange.files import MAX_FILE_BYTES
from fisc.kernel.exchange.models import Batch
from fisc.kernel.exchange.spec import ImportColumn, ImportSpec
from fisc.kernel.orgs.actor import Actor

router = Router(tags=["导入"])
KindCode = Annotated[str, Path(max_length=60, pattern=r"^[a-z0-9_.]+$")]


class PageQuery(Schema):
    """Which page."""

    page: Annotated[int, Field(ge=1, le=100_000)] = 1
    page_size: Annotated[int, Field(ge=1, le=MAX_PAGE)] = 50

    @property
    def offset(self) -> int:
        return (self.page - 1) * self.page_size


class BatchQuery(PageQuery):
    """Filters of the batch list."""

    kind: Annotated[Text, Field(max_length=60)] | None = None
    state: Annotated[Text, Field(max_length=12)] | None = None


class ProblemQuery(PageQuery):
    """Filters of the problems."""

    severity: Annotated[Text, Field(pattern="^(error|warn|note)$")] | None = None


class UploadForm(Schema):
    """What is asked with the file."""

    fiscal_year: Year | None = None
    control_total: Annotated[Text, Field(max_length=40, description="控制总额，单位：元")] = ""
    params: Annotated[Text, Field(max_length=4000, description="本类导入的参数，JSON 对象")] = ""
    confirm_seen: bool = False


@router.get("/imports/kinds", response={200: list[ImportKindOut], PROBLEMS: ErrorOut}, summary="我能做的导入")
def list_import_kinds(request: HttpRequest) -> list[dict[str, Any]]:
    return [_spec_out(spec) for spec in browse.specs_for(actor_of(request))]


def _spec_out(spec: ImportSpec) -> dict[str, Any]:
    names = ("code", "title", "description", "all_or_nothing", "control_total_required")
    return {
        **{name: getattr(spec, name) for name in names},
        "columns": [_column_out(column) for column in spec.columns],
        "params": [_column_out(column) for column in spec.params],
    }


def _column_out(column: ImportColumn) -> dict[str, Any]:
    names = ("key", "head", "kind", "required", "aliases", "help")
    return {name: getattr(column, name) for name in names}


@router.get(
    "/imports/kinds/{kind}/template",
    response={PROBLEMS: ErrorOut},
    openapi_extra={"responses": BINARY},
    summary="下载导入模板",
)
def template(request: HttpRequest, kind: KindCode, year: Year | None = None) -> HttpResponse:
    actor = actor_of(request)
    spec = allowed_spec(kind, actor=actor)
    return _workbook(exchange.template(spec, year=year or now().year, actor=actor), f"{spec.code}.xlsx")


def _workbook(content: bytes, filename: str) -> HttpResponse:
    response = HttpResponse(content, content_type="application/octet-stream")
    response["Content-Disposition"] = f'attachment; filename="{filename}"'
    return response


@router.get("/imports", response={200: BatchListOut, PROBLEMS: ErrorOut}, summary="导入批次")
def list_batches(request: HttpRequest, query: Query[BatchQuery]) -> dict[str, Any]:
    found, total = browse.batches(
        actor=actor_of(request),
        spec_code=query.kind,
        state=query.state,
        offset=query.offset,
        limit=query.page_size,
    )
    items = [batch_out(view) for view in found]
    return {"items": items, "total": total, "page": query.page, "page_size": query.page_size}


def batch_out(view: BatchView) -> dict[str, Any]:
    """A batch on the wire."""
    return {
        **{name: getattr(view, name) for name in BatchOut.model_fields if name != "kind"},
        "kind": view.spec_code,
    }


def _shown(batch: Batch, actor: Actor) -> dict[str, Any]:
    return batch_out(browse.view(batch.pk, actor=actor))


@router.post("/imports/kinds/{kind}", response={201: BatchOut, PROBLEMS: ErrorOut}, summary="上传文件并校验")
def upload(
    request: HttpRequest, kind: KindCode, file: File[UploadedFile], form: Form[UploadForm]
) -> Status[Any]:
    actor, at = actor_of(request), now()
    batch = exchange.start(
        spec=kind,
        content=content_of(file, limit=MAX_FILE_BYTES),
        filename=file.name or "",
        actor=actor,
        at=at,
        fiscal_year=form.fiscal_year,
        params=_params(form.params),
        control_total_fen=parse_yuan(form.control_total) if form.control_total.strip() else None,
        confirm_seen=form.confirm_seen,
    )
    try:
        exchange.validate(batch.pk, actor=actor, at=at)
    except MissingColumns:
        # the batch stays: its columns are matched by the next call
        return Status(201, _shown(batch, actor))
    return Status(201, _shown(batch, actor))


class ParamsIn(Schema):
    """Parameters, checked like any other body."""

    values: Values


def _params(text: str) -> dict[str, Any]:
    found = readable(text) if text.strip() else {}
    if not isinstance(found, dict):
        raise BadInput("params 应为 JSON 对象。", code="api.bad_request")
    try:
        return ParamsIn(values=found).values
    except ValueError as error:
        raise BadInput("params 含有不能保存的字符。", code="api.bad_request") from error


@router.get("/imports/{batch_id}", response={200: BatchOut, PROBLEMS: ErrorOut}, summary="一个批次的状态")
def read_batch(request: HttpRequest, batch_id: Path[Id]) -> dict[str, Any]:
    return batch_out(browse.view(batch_id, actor=actor_of(request)))


@router.get(
    "/imports/{batch_id}/problems", response={200: ProblemPage, PROBLEMS: ErrorOut}, summary="问题与改法"
)
def list_problems(request: HttpRequest, batch_id: Path[Id], query: Query[ProblemQuery]) -> dict[str, Any]:
    found, total = browse.problems(
        batch_id, actor=actor_of(request), severity=query.severity, offset=query.offset, limit=query.page_size
    )
    items = [
        {
            "row": problem.number,
            "column": problem.letter,
            **{
                name: getattr(problem, name)
                for name in ("head", "key", "severity", "code", "message", "sentence", "suggestion")
            },
        }
        for problem in found
    ]
    return {"items": items, "total": total, "page": query.page, "page_size": query.page_size}


@router.get(
    "/imports/{batch_id}/columns",
    response={200: list[FileColumnOut], PROBLEMS: ErrorOut},
    summary="文件的列及对应",
)
def list_columns(request: HttpRequest, batch_id: Path[Id]) -> list[dict[str, Any]]:
    return [vars(column) for column in browse.columns(batch_id, actor=actor_of(request))]


@router.put(
    "/imports/{batch_id}/columns", response={200: BatchOut, PROBLEMS: ErrorOut}, summary="指定列的对应"
)
def match_columns(request: HttpRequest, batch_id: Path[Id], body: MappingIn) -> dict[str, Any]:
    actor = actor_of(request)
    return _shown(exchange.match(batch_id, mapping=body.mapping, actor=actor), actor)


@router.post("/imports/{batch_id}/validate", response={200: BatchOut, PROBLEMS: ErrorOut}, summary="重新校验")
def validate(request: HttpRequest, batch_id: Path[Id], body: CheckIn) -> dict[str, Any]:
    actor = actor_of(request)
    batch = exchange.validate(batch_id, actor=actor, at=now(), control_total_fen=body.control_total_fen)
    return _shown(batch, actor)


@router.post(
    "/imports/{batch_id}/adopt", response={200: BatchOut, PROBLEMS: ErrorOut}, summary="采用建议并重新校验"
)
def adopt(request: HttpRequest, batch_id: Path[Id], body: AdoptIn) -> dict[str, Any]:
    actor, at = actor_of(request), now()
    if body.row is not None and body.key is not None:
        exchange.adopt(batch_id, number=body.row, key=body.key, actor=actor, at=at)
    else:
        exchange.adopt_all(batch_id, code=body.code, key=body.key, actor=actor, at=at)
    return _shown(exchange.validate(batch_id, actor=actor, at=at), actor)


@router.get(
    "/imports/{batch_id}/error-rows",
    response={PROBLEMS: ErrorOut},
    openapi_extra={"responses": BINARY},
    summary="下载错误行",
)
def error_rows(request: HttpRequest, batch_id: Path[Id]) -> HttpResponse:
    return _workbook(exchange.error_rows(batch_id, actor=actor_of(request)), f"errors-{batch_id}.xlsx")


@router.post("/imports/{batch_id}/commit", response={200: BatchOut, PROBLEMS: ErrorOut}, summary="写入")
def commit(request: HttpRequest, batch_id: Path[Id], body: CommitIn) -> dict[str, Any]:
    actor = actor_of(request)
    return _shown(exchange.commit(batch_id, actor=actor, at=now(), **body.dict()), actor)


@router.post("/imports/{batch_id}/undo", response={200: BatchOut, PROBLEMS: ErrorOut}, summary="撤销本批")
def undo(request: HttpRequest, batch_id: Path[Id], body: UndoIn) -> dict[str, Any]:
    actor = actor_of(request)
    return _shown(exchange.undo(batch_id, actor=actor, at=now(), reason=body.reason), actor)


@router.post(
    "/imports/{batch_id}/cancel", response={200: BatchOut, PROBLEMS: ErrorOut}, summary="放弃未写入的批次"
)
def cancel(request: HttpRequest, batch_id: Path[Id]) -> dict[str, Any]:
    actor = actor_of(request)
    return _shown(exchange.cancel(batch_id, actor=actor, at=now()), actor)
