"""The quota bar of an allotment: 已支付 / 在途 / 本笔 / 余额, read from the ledger."""

from __future__ import annotations

from typing import Any

from fisc.kernel.documents.models import Document
from fisc.kernel.orgs.actor import Actor
from fisc.web import charts, formats
from fisc.web.pages import vouchers

PAID, READY, FROZEN, PLANNED = ("661",), ("635", "651"), ("636",), ("650", "631")


def bar(allotment_id: int, *, this_fen: int, actor: Actor) -> dict[str, Any] | None:
    """This will draw what an allotment holds and what this amount would leave of it."""
    document = Document.objects.filter(pk=allotment_id).first()
    if document is None or not actor.sees(document.unit_id):
        return None
    sums = vouchers.allotment_sums(allotment_id)
    held = sum(sums.get(code, (0, 0))[1] for code in READY)
    free = sum(sums.get(code, (0, 0))[0] for code in READY) - held
    rest = free - this_fen
    parts = [
        charts.Part("已支付", _posted(sums, PAID), "d1"),
        charts.Part("在途", held, "d2"),
        charts.Part("本笔", min(this_fen, max(free, 0)), "now" if rest >= 0 else "over"),
        charts.Part("冻结", _posted(sums, FROZEN), "frozen"),
        charts.Part("余额", max(rest, 0), "rest"),
    ]
    shown = [part for part in parts if part.fen or part.label in ("已支付", "本笔", "余额")]
    return {
        "title": f"指标额度 {document.number}",
        "kind": "bar",
        "bar": charts.stacked_bar(shown, label="指标额度"),
        "legend": [(part.tone, part.label, formats.amount(part.fen, fixed=True)) for part in shown],
        "total": formats.amount_text(_posted(sums, PAID + READY + FROZEN + PLANNED)),
        "text": "" if rest >= 0 else f"超出可用余额 {formats.amount_text(-rest)} 元，提交时会被拒绝。",
    }


def _posted(sums: dict[str, tuple[int, int]], codes: tuple[str, ...]) -> int:
    return sum(sums.get(code, (0, 0))[0] for code in codes)
