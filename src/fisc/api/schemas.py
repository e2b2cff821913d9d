"""What goes over the wire. Amounts are whole 分 (integers), dates ISO 8601, ids positive integers."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

from ninja import Field, Schema
from pydantic import AfterValidator, ConfigDict

MAX_ID = 2**63 - 1
MAX_PAGE = 200


def _storable(value: Any) -> Any:
    """Text that the database cannot hold (NUL, half a surrogate pair) is refused at the door, however deep it is."""
    if isinstance(value, str):
        if "\x00" in value:
            raise ValueError("不能含有空字符")
        try:
            value.encode()
        except UnicodeEncodeError:
            raise ValueError("含有不完整的字符") from None
    elif isinstance(value, dict):
        for key, inner in value.items():
            _storable(key)
            _storable(inner)
    elif isinstance(value, list):
        for inner in value:
            _storable(inner)
    elif isinstance(value, float) and value in (float("inf"), float("-inf")):
        raise ValueError("数字过大")
    return value


Id = Annotated[int, Field(ge=1, le=MAX_ID)]
Fen = Annotated[int, Field(ge=-MAX_ID, le=MAX_ID, description="金额，单位：分")]
Year = Annotated[int, Field(ge=2000, le=2100)]
Text = Annotated[str, AfterValidator(_storable)]
Values = Annotated[dict[str, Any], AfterValidator(_storable)]


class Strict(Schema):
    """A request body: what it does not know it refuses."""

    model_config = ConfigDict(extra="forbid")


class WayOut(Schema):
    """A lawful way on."""

    label: str
    target: str
    params: dict[str, Any]


class ErrorOut(Schema):
    """Every answer that is not a success. `code` is stable; `message` is the Chinese sentence for people."""

    code: str
    message: str
    facts: dict[str, Any]
    ways: list[WayOut]


class HealthOut(Schema):
    status: str
    version: str
    business_date: dt.date


class LoginIn(Strict):
    username: Annotated[Text, Field(min_length=1, max_length=60)]
    password: Annotated[Text, Field(min_length=1, max_length=200)]
    totp: Annotated[Text, Field(max_length=12)] = ""
    name: Annotated[Text, Field(min_length=1, max_length=60, description="用途，便于日后辨认")] = "接口"
    days: Annotated[int, Field(ge=1, le=366)] = 30


class TokenOut(Schema):
    id: int
    name: str
    beginning: str
    created_at: dt.datetime
    expires_at: dt.datetime
    last_used_at: dt.datetime | None
    revoked_at: dt.datetime | None


class IssuedOut(Schema):
    token: Annotated[str, Field(description="只显示这一次；之后的请求放在 Authorization: Bearer 里")]
    about: TokenOut


class MeOut(Schema):
    username: str
    name: str
    roles: list[str]
    permissions: list[str]
    unit_id: int | None
    section_code: str | None
    sees_all_units: bool


class ChoiceOut(Schema):
    value: str
    label: str


class FieldOut(Schema):
    key: str
    label: str
    kind: str
    required: bool
    editable: bool
    code_kind: str | None
    choices: list[ChoiceOut]
    help: str


class StateOut(Schema):
    code: str
    label: str
    tone: str


class StepOut(Schema):
    name: str
    label: str
    from_states: list[str]
    needs_reason: bool


class KindOut(Schema):
    code: str
    title: str
    can_create: bool
    states: list[StateOut]
    steps: list[StepOut]
    fields: list[FieldOut]


class DocumentOut(Schema):
    id: int
    kind: str
    number: str
    fiscal_year: int
    unit_id: int
    unit: str
    section_code: str
    state: str
    state_label: str
    node: str
    title: str
    amount_fen: int
    fund: str
    counterparty: str
    maker: str
    business_on: dt.date
    created_at: dt.datetime
    updated_at: dt.datetime
    version: int
    source_id: int | None
    tags: list[str]


class DocumentPage(Schema):
    items: list[DocumentOut]
    total: int
    amount_fen: Annotated[int, Field(description="全部（不止本页）金额合计，单位：分")]
    page: int
    page_size: int


class AvailableStepOut(Schema):
    name: str
    label: str
    enabled: bool
    why_not: str
    needs_reason: bool


class AttachmentOut(Schema):
    id: int
    filename: str
    content_type: str
    size: int
    sha256: str
    sm3: str
    uploaded_at: dt.datetime


class DocumentDetail(DocumentOut):
    values: Annotated[dict[str, Any], Field(description="本类单据自有的栏目，键见 /kinds")]
    steps: list[AvailableStepOut]
    attachments: list[AttachmentOut]


class DraftIn(Strict):
    kind: Annotated[Text, Field(min_length=1, max_length=60)]
    values: Annotated[
        Values, Field(description="按栏目的键填写，键见 /kinds；金额为分，单位与单据为编号（id）")
    ]
    fiscal_year: Year | None = None
    source_id: Id | None = None


class ChangeIn(Strict):
    version: Annotated[int, Field(ge=1, le=2**31 - 1)]
    values: Values


class StepIn(Strict):
    comment: Annotated[Text, Field(max_length=500)] = ""
    data: Values = {}


class BatchStepIn(StepIn):
    kind: Annotated[Text, Field(min_length=1, max_length=60)]
    step: Annotated[Text, Field(min_length=1, max_length=40)]
    ids: Annotated[list[Id], Field(min_length=1, max_length=1000)]


class RefusedOut(Schema):
    id: int
    error: ErrorOut


class BatchStepOut(Schema):
    done: list[int]
    refused: list[RefusedOut]


class MomentOut(Schema):
    at: dt.datetime
    actor: str
    verb: str
    label: str
    comment: str


class MetricOut(Schema):
    code: str
    title: str
    unit: str
    scope: str
    formula_id: str


class FigureOut(Schema):
    id: str
    metric: str
    title: str
    period: str
    value: Annotated[str | None, Field(description="精确值：金额为分，比率为百分数；没有数据为 null，不是 0")]
    unit: str
    text: Annotated[str, Field(description="印出来的样子（金额为万元）")]
    unit_label: str
    note: str
    inputs: list[str]


class LabelOut(Schema):
    label: str
    text: str


class PartOut(Schema):
    code: str
    name: str
    amount_fen: int
    figure_id: str


class EntryOut(Schema):
    entry_id: int
    voucher_no: int
    fiscal_year: int
    effective_on: dt.date
    memo: str
    kind: str
    amount_fen: int
    document_id: int | None
    document_number: str
    is_red: bool


class EntryPageOut(Schema):
    items: list[EntryOut]
    next_cursor: str


class FigureDetail(Schema):
    figure: FigureOut
    filters: list[LabelOut]
    definition: list[LabelOut]
    formula: str
    formula_with_numbers: str
    inputs: list[FigureOut]
    parts_head: str
    parts: list[PartOut]
    entries: EntryPageOut
    digest: str
    adds_up: Annotated[bool | None, Field(description="逐笔相加是否等于本数；未核为 null")]


class CodeOut(Schema):
    kind: str
    fund: str
    code: str
    name: str
    level: int
    parent: str
    is_leaf: bool
    confidence: str


class UnitOut(Schema):
    id: int
    code: str
    name: str
    short_name: str
    kind: str
    parent_id: int | None


class ImportColumnOut(Schema):
    key: str
    head: str
    kind: str
    required: bool
    aliases: list[str]
    help: str


class ImportKindOut(Schema):
    code: str
    title: str
    description: str
    all_or_nothing: bool
    control_total_required: bool
    columns: list[ImportColumnOut]
    params: list[ImportColumnOut]


class BatchOut(Schema):
    id: int
    number: str
    kind: str
    title: str
    state: str
    state_label: str
    fiscal_year: int
    filename: str
    sheet: str
    rows: int
    good: int
    bad: int
    errors: int
    warns: int
    notes: int
    amount_fen: int | None
    good_amount_fen: int | None
    control: str
    control_total_fen: int | None
    file_total_fen: int | None
    missing: list[str]
    seen_before: str
    can_commit_all: bool
    can_commit_good: bool
    can_undo: bool
    made_by: str
    made_at: dt.datetime
    written_at: dt.datetime | None
    written_rows: int
    undone_at: dt.datetime | None
    message: str


class BatchListOut(Schema):
    items: list[BatchOut]
    total: int
    page: int
    page_size: int


class ProblemOut(Schema):
    row: Annotated[int, Field(description="Excel 行号；0 表示整个文件")]
    column: str
    head: str
    key: str
    severity: str
    code: str
    message: str
    sentence: str
    suggestion: str | None


class ProblemPage(Schema):
    items: list[ProblemOut]
    total: int
    page: int
    page_size: int


class FileColumnOut(Schema):
    index: int
    letter: str
    head: str
    samples: list[str]
    key: str
    by: str
    guess: str


class MappingIn(Strict):
    mapping: Annotated[
        dict[Text, Annotated[int, Field(ge=0, le=1000)] | None],
        Field(description="列的键 → 文件里的列（从 0 起）；null 表示不对应", max_length=200),
    ]


class CheckIn(Strict):
    control_total_fen: Fen | None = None


class AdoptIn(Strict):
    row: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = None
    key: Annotated[Text, Field(max_length=60)] | None = None
    code: Annotated[Text, Field(max_length=40)] | None = None


class CommitIn(Strict):
    only_good: bool = False
    confirm_seen: bool = False
    note: Annotated[Text, Field(max_length=500)] = ""


class UndoIn(Strict):
    reason: Annotated[Text, Field(min_length=1, max_length=500)]
