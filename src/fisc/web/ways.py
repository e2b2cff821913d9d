"""Refusals made readable: facts with labels, lawful ways on as links."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fisc.base.errors import FiscError, Way
from fisc.base.money import format_fen
from fisc.web.components import RefusalView, WayView, encode

FACT_LABELS = {
    "approved_fen": "指标总额", "paid_fen": "已支付", "held_fen": "在途", "frozen_fen": "已冻结", "planned_fen": "未到期计划",
    "available_fen": "可用余额", "amount_fen": "本次金额", "shortfall_fen": "差额", "posted_fen": "余额", "floor_fen": "下限",
    "allotment": "指标", "number": "单号", "account": "账户", "rule": "规则", "basis": "依据", "held_by": "占用单据",
    "needed_fen": "需要", "limit_fen": "限额", "balance_fen": "余额",
}  # fmt: skip


def refusal_view(error: FiscError, *, who: str = "") -> RefusalView:
    """This will set out an error for the page."""
    return RefusalView(
        title="操作没有完成",
        text=error.message,
        facts=tuple(_facts(error.facts)),
        ways=tuple(WayView(way.label, href) for way in getattr(error, "ways", ()) if (href := way_href(way))),
        who=who,
    )


def _facts(facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    shown = []
    for key, value in facts.items():
        label = FACT_LABELS.get(key)
        if label is None or value in (None, "", [], ()):
            continue
        if key.endswith("_fen") and isinstance(value, int):
            shown.append((label, f"{format_fen(value)} 元"))
        elif isinstance(value, list | tuple):
            shown.append((label, "、".join(str(item) for item in value)))
        elif isinstance(value, str | int):
            shown.append((label, str(value)))
    return shown


def way_href(way: Way) -> str:
    """This will give the address of a way: a path, a new document, a document, a list or a figure."""
    target, params = way.target, dict(way.params)
    if target.startswith("/"):
        return target + (f"?{encode(params)}" if params else "")
    match target:
        case "new_document":
            return f"/d/{params.pop('kind', '')}/new/?{encode(params.pop('initial', None) or params)}"
        case "document":
            return f"/doc/{params.get('id', '')}/"
        case "list":
            return f"/d/{params.pop('kind', '')}/?{encode(params.pop('query', None) or params)}"
        case "figure":
            return f"/figures/{params.get('id', '')}/"
        case "page":
            return str(params.get("path", ""))
    kind, _, verb = target.rpartition(".")
    if verb in ("create", "new"):
        return f"/d/{kind}/new/?{encode(params)}"
    if verb == "list":
        return f"/d/{kind}/?{encode(params)}"
    return f"/go/{target}/?{encode(params)}" if target else ""
