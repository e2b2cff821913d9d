"""What the preparation refuses, in the words of the field, with the numbers and the lawful way on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import IntegrityError

from fisc.base.errors import BadInput, NotAllowed, Refusal, Way
from fisc.base.money import format_fen
from fisc.kernel import codes, lean

SHOWN = 3
SECOND_WITHIN_CONTROL = "preparation_ceiling_second_within_control"
REPLY_WITHIN = "preparation_approved_reply_within"
PROTECTED_UNCUT = "preparation_line_protected_uncut"
STAGE_CLOSED = "preparation_line_stage_closed"
HAS_REASON = "preparation_line_change_has_reason"
NAMES = """
SELECT u.id, u.name, p.id, p.title
FROM unnest(%s::bigint[], %s::bigint[]) AS d (unit_id, project_id)
JOIN orgs_unit AS u ON u.id = d.unit_id
JOIN documents_document AS p ON p.id = d.project_id
"""


class NoRound(BadInput):
    """{fiscal_year}年的预算编制还没有启动，请先由预算股启动编制年度。"""

    code = "preparation.no_round"


class WrongStage(Refusal):
    """{fiscal_year}年预算编制现为“{state}”，不能{act}。"""

    code = "preparation.stage"


class BadLines(BadInput):
    """编报明细有 {count} 处问题：{shown}"""

    code = "preparation.lines"


class NothingAsked(Refusal):
    """{unit}的{stage}申报没有金额，请先填报明细再送审。"""

    code = "preparation.empty"


class OverControl(Refusal):
    """{unit}“{project}”二上合计 {second} 元，超过下达的控制数 {control} 元，超出 {over} 元{more}。请压到控制数以内；确需增加的，由预算股另行下达控制数。"""

    code = "preparation.over_control"


class ProtectedUncut(Refusal):
    """{unit}“{project}”{economic_code} 属于三保或刚性支出，一上 {first} 元，不得压减为 {reviewed} 元{more}。申报有误的，请退回单位更正一上数。"""

    code = "preparation.protected"


class CutNeedsReason(Refusal):
    """审定数与一上数不同的，须逐条写明理由。"""

    code = "preparation.reason"


class StageClosed(Refusal):
    """这一阶段已经结束，数字已冻结成版本，不能再改；确有错误的，由预算股退回上一阶段。"""

    code = "preparation.closed"


class NotReviewed(Refusal):
    """还有 {count} 行没有审定，不能下达控制数；可先把其余各行按申报数审定。"""

    code = "preparation.not_reviewed"


class NoCeiling(Refusal):
    """还有 {count} 个单位项目没有控制数，如{shown}；请先生成并审批控制数下达单。"""

    code = "preparation.no_ceiling"


class Unreported(Refusal):
    """还有 {count} 个单位的{stage}没有审核完毕：{shown}。可继续催报；确需按现状结束的，请写明理由。"""

    code = "preparation.unreported"


class NotApproved(Refusal):
    """{fiscal_year}年预算尚未经人民代表大会批准，不得批复。"""

    code = "preparation.not_approved"


class OverApproved(Refusal):
    """{fund}“{function}”批复合计 {replied} 元，超过人大批准数 {approved} 元，超出 {over} 元。请调减批复数，或按法定程序调整预算。"""

    code = "preparation.over_approved"


class BelowSecond(Refusal):
    """{unit}“{project}”新的控制数 {control} 元低于已编报的二上 {second} 元{more}。请先由单位调减二上，再下达控制数。"""

    code = "preparation.below_second"


class SamePlace(Refusal):
    """有两行的项目、科目将会相同；两行互换科目的，请分两次保存。"""

    code = "preparation.same_place"


def need(actor: Any, permission: str) -> None:
    """:raises NotAllowed: the actor lacks the permission."""
    if not actor.can(permission):
        raise NotAllowed


@contextmanager
def as_refusals() -> Iterator[None]:
    """This will turn what the database's own guards refuse into refusals with names and amounts.

    The block must be a transaction (or savepoint) of its own: the names are read after it was undone.
    """
    try:
        yield
    except IntegrityError as error:
        if refusal := _of(error):
            raise refusal from error
        raise


def _of(error: IntegrityError) -> Refusal | None:
    diagnosis = getattr(error.__cause__, "diag", None)
    name, detail = getattr(diagnosis, "constraint_name", ""), getattr(diagnosis, "message_detail", "") or ""
    if name == SECOND_WITHIN_CONTROL:
        return over_control(json.loads(detail)) if detail.startswith("[") else _below()
    if name == REPLY_WITHIN and detail.startswith("["):
        return _over_approved(json.loads(detail)[0])
    plain: dict[str, type[Refusal]] = {
        STAGE_CLOSED: StageClosed,
        HAS_REASON: CutNeedsReason,
        "preparation_line_once": SamePlace,
    }
    if name == PROTECTED_UNCUT:
        return Refusal("三保或刚性支出不得压减。", code=ProtectedUncut.code)
    return plain[name]() if name in plain else None


def _below() -> Refusal:
    return Refusal("新的控制数低于已编报的二上数，请先由单位调减二上。", code=BelowSecond.code)


def names_of(places: list[tuple[int, int]]) -> dict[tuple[int, int], tuple[str, str]]:
    """(unit, project) → their names; one query."""
    rows = lean.fetch(NAMES, ([unit for unit, _ in places], [project for _, project in places]))
    return {(row[0], row[2]): (row[1], row[3]) for row in rows}


def over_control(found: list[dict[str, int]]) -> OverControl:
    """The refusal for the projects that would pass their control figure; the first is named."""
    first = found[0]
    place = (first["unit_id"], first["project_id"])
    unit, project = names_of([place]).get(place, ("", ""))
    return OverControl(
        unit=unit,
        project=project,
        second=format_fen(first["second_fen"]),
        control=format_fen(first["control_fen"]),
        over=format_fen(first["second_fen"] - first["control_fen"]),
        more=f"；另有 {len(found) - 1} 个项目超过" if len(found) > 1 else "",
        second_fen=first["second_fen"],
        control_fen=first["control_fen"],
        over_fen=first["second_fen"] - first["control_fen"],
        places=[(one["unit_id"], one["project_id"]) for one in found],
        ways=[
            Way("查看本单位控制数", "/preparation/"),
            Way("申请另行下达控制数", "list", {"kind": "preparation.control"}),
        ],
    )


def _over_approved(found: dict[str, Any]) -> OverApproved:
    fund, function = found["fund"], found["function_code"]
    return OverApproved(
        fund=codes.names(kind="fund", codes=[fund], year=2023).get(fund, fund),
        function=function,
        replied=format_fen(found["replied_fen"]),
        approved=format_fen(found["approved_fen"]),
        over=format_fen(found["replied_fen"] - found["approved_fen"]),
        replied_fen=found["replied_fen"],
        approved_fen=found["approved_fen"],
        over_fen=found["replied_fen"] - found["approved_fen"],
    )
