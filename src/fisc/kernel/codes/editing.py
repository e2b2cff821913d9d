"""The doors by which people change code lists: a new version from a fiscal year on, an end, a better note.

A code's meaning is never overwritten: it ends with a fiscal year and a new version begins, so books of past years
keep reading as they were written. Permission ``codes.edit``; every act leaves an audit row.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from django.db import IntegrityError, transaction
from django.db.models import Q

from fisc.base.errors import BadInput, NotAllowed, Refusal, Way
from fisc.base.text import clean
from fisc.kernel.codes import models
from fisc.kernel.codes.catalogue import Code
from fisc.kernel.codes.kinds import KINDS
from fisc.kernel.codes.lookup import find
from fisc.kernel.events import audit

YEARS = range(2000, 2100)
_FIXED_WIDTHS = {
    "function": (3, 5, 7),
    "revenue": (3, 5, 7, 9),
    "economic_department": (3, 5),
    "economic_government": (3, 5),
}


class Editor(Protocol):
    """What editing needs to know of an actor (the class itself lives above this package)."""

    @property
    def user_id(self) -> int: ...
    @property
    def name(self) -> str: ...
    @property
    def ip(self) -> str: ...
    def can(self, permission: str) -> bool: ...


class CodeInUse(Refusal):
    """{shown} 在 {year} 年度已被使用，含义不能改变；请从下一年度起另立新版本。"""

    code = "codes.in_use"


class CodeOverlaps(Refusal):
    """{shown} 在这些年度已有定义；请先停用旧版本，再从之后的年度起启用新版本。"""

    code = "codes.overlaps"


@dataclass(frozen=True)
class CodeDraft:
    """A code as a person writes it; years are fiscal years, inclusive."""

    kind: str
    code: str
    name: str
    valid_from_year: int
    fund: str = ""
    parent: str = ""
    valid_to_year: int | None = None
    note: str = ""
    evidence: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)


def add_version(*, draft: CodeDraft, actor: Editor, at: datetime) -> models.Code:
    """This will put a code, or a new version of one, into force from a fiscal year on.

    A version in force that began earlier is ended with the year before, unless it is used in a later year.
    :raises NotAllowed, BadInput, CodeInUse, CodeOverlaps:
    """
    _require(actor)
    _check(draft)
    with transaction.atomic(), _constraints_as_refusals(draft.code, draft.kind, draft.fund):
        for held in _held(draft).filter(valid_from_year__lt=draft.valid_from_year):
            held.valid_to_year = draft.valid_from_year - 1
            held.save(update_fields=["valid_to_year"])
        row = models.Code.objects.create(
            kind=draft.kind,
            fund=draft.fund,
            code=clean(draft.code),
            name=clean(draft.name),
            level=_level(draft),
            parent=draft.parent,
            valid_from_year=draft.valid_from_year,
            valid_to_year=draft.valid_to_year,
            confidence=models.Confidence.LOCAL,
            evidence=draft.evidence,
            note=draft.note,
            attributes=dict(draft.attributes),
        )
        _audit(actor, at, "codes.add_version", row, {"from": draft.valid_from_year, "name": row.name})
    return row


def end_version(*, code_id: int, last_year: int, actor: Editor, at: datetime) -> models.Code:
    """This will end a code with a fiscal year. :raises CodeInUse: if a later year uses it already."""
    _require(actor)
    with transaction.atomic():
        row = models.Code.objects.select_for_update().get(id=code_id)
        if last_year < row.valid_from_year:
            raise BadInput(f"停用年度不能早于启用年度 {row.valid_from_year}。", code="codes.years")
        with _constraints_as_refusals(row.code, row.kind, row.fund):
            row.valid_to_year = last_year
            row.save(update_fields=["valid_to_year"])
        _audit(actor, at, "codes.end_version", row, {"last_year": last_year})
    return row


def rename(*, code_id: int, name: str, actor: Editor, at: datetime) -> models.Code:
    """This will mend the name of a code that no year has used yet. :raises CodeInUse: if one has."""
    _require(actor)
    if not clean(name):
        raise BadInput("名称不能为空。", code="codes.name_empty")
    with transaction.atomic():
        row = models.Code.objects.select_for_update().get(id=code_id)
        before = row.name
        with _constraints_as_refusals(row.code, row.kind, row.fund):
            row.name = clean(name)
            row.save(update_fields=["name"])
        _audit(actor, at, "codes.rename", row, {"before": before, "after": row.name})
    return row


def annotate(
    *, code_id: int, note: str, evidence: str, confidence: str, actor: Editor, at: datetime
) -> models.Code:
    """This will better what is known about a code (note, evidence, confidence), which its meaning does not touch."""
    _require(actor)
    if confidence not in models.Confidence.values:
        raise BadInput("可信度只能是已核对、待核对、本地维护。", code="codes.confidence")
    with transaction.atomic():
        row = models.Code.objects.select_for_update().get(id=code_id)
        row.note, row.evidence, row.confidence = clean(note)[:400], clean(evidence)[:120], confidence
        row.save(update_fields=["note", "evidence", "confidence"])
        _audit(actor, at, "codes.annotate", row, {"confidence": confidence})
    return row


def map_code(
    *,
    kind: str,
    old_code: str,
    new_code: str,
    from_year: int,
    actor: Editor,
    at: datetime,
    fund: str = "",
    note: str = "",
) -> models.Mapping:
    """This will say that an old code goes over into a new one from a fiscal year on (年度结转对照).

    :raises BadInput: if the year before does not know the old code or the year itself the new one.
    """
    _require(actor)
    for code, year in ((old_code, from_year - 1), (new_code, from_year)):
        if find(kind=kind, code=code, year=year, fund=fund or None) is None:
            raise BadInput(f"{KINDS[kind].title}在{year}年度没有编码 {code}。", code="codes.unknown")
    with transaction.atomic():
        row, _ = models.Mapping.objects.update_or_create(
            kind=kind,
            fund=fund,
            old_code=old_code,
            from_year=from_year,
            defaults={"new_code": new_code, "note": note},
        )
        detail = {"kind": kind, "old": old_code, "new": new_code, "from_year": from_year}
        _record(actor, at, "codes.map", row.pk, "codes.mapping", detail)
    return row


def _require(actor: Editor) -> None:
    if not actor.can("codes.edit"):
        raise NotAllowed("维护代码需要“codes.edit”权限，请联系预算股审核岗。")


def _check(draft: CodeDraft) -> None:
    kind = KINDS.get(draft.kind)
    if kind is None:
        raise BadInput("没有这张代码表。", code="codes.kind")
    if not clean(draft.code) or not clean(draft.name):
        raise BadInput("编码和名称都不能为空。", code="codes.name_empty")
    if kind.by_fund and not draft.fund:
        raise BadInput(f"{kind.title}要写明资金性质。", code="codes.fund_missing")
    if (
        draft.valid_from_year not in YEARS
        or (draft.valid_to_year or draft.valid_from_year) < draft.valid_from_year
    ):
        raise BadInput("启用、停用年度有误。", code="codes.years")
    if draft.parent and _parent(draft) is None:
        raise BadInput(
            f"上级编码 {draft.parent} 在 {draft.valid_from_year} 年度不存在。", code="codes.parent"
        )
    widths = _FIXED_WIDTHS.get(draft.kind)
    if widths and len(clean(draft.code)) not in widths:
        raise BadInput(f"{kind.title}的编码应为 {'、'.join(map(str, widths))} 位数字。", code="codes.width")
    if widths and draft.parent and not clean(draft.code).startswith(draft.parent):
        raise BadInput(f"编码应以上级编码 {draft.parent} 开头。", code="codes.width")


def _level(draft: CodeDraft) -> int:
    if not draft.parent:
        return 1
    parent = _parent(draft)
    return (parent.level if parent else 0) + 1


def _parent(draft: CodeDraft) -> Code | None:
    return find(kind=draft.kind, code=draft.parent, year=draft.valid_from_year, fund=draft.fund or None)


def _held(draft: CodeDraft) -> Any:
    rows = models.Code.objects.select_for_update().filter(
        kind=draft.kind, fund=draft.fund, code=clean(draft.code)
    )
    return rows.filter(Q(valid_to_year__isnull=True) | Q(valid_to_year__gte=draft.valid_from_year))


@contextmanager
def _constraints_as_refusals(code: str, kind: str, fund: str) -> Iterator[None]:
    """The database's named refusals, said in Chinese with the way on."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", "")
        if name in ("codes_code_in_use_keeps_meaning", "codes_code_used_leaf_stays_leaf"):
            years = models.Usage.objects.filter(kind=kind, fund=fund, code=code).order_by("-fiscal_year")
            year = years.values_list("fiscal_year", flat=True).first() or "本"
            ways = [Way("查看代码", "page", {"path": f"/codes/{kind}/?q={code}"})]
            raise CodeInUse(shown=code, year=year, ways=ways) from error
        if name == "codes_code_one_meaning_a_year":
            raise CodeOverlaps(shown=code) from error
        raise


def _audit(actor: Editor, at: datetime, action: str, row: models.Code, detail: dict[str, Any]) -> None:
    _record(actor, at, action, row.pk, f"codes.{row.kind}", {"code": row.code, **detail})


def _record(
    actor: Editor, at: datetime, action: str, object_id: int, kind: str, detail: dict[str, Any]
) -> None:
    audit.record_many(
        [
            audit.AuditRow(
                at=at,
                actor_id=actor.user_id,
                actor_name=actor.name,
                action=action,
                object_kind=kind,
                object_id=str(object_id),
                ip=actor.ip or None,
                detail=detail,
            )
        ]
    )
