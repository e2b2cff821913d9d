"""What the pages of the budget share."""

from __future__ import annotations

from datetime import date

from django.http import HttpRequest

from fisc.base.errors import BadInput
from fisc.kernel.orgs.actor import Actor
from fisc.kernel.orgs.models import Unit
from fisc.web import formats
from fisc.web.components import Cell


def today(request: HttpRequest) -> date:
    """The business day of the request."""
    day: date = request.now.date()  # type: ignore[attr-defined]
    return day


def year_of(request: HttpRequest, default: int | None = None) -> int:
    """The year in the address, else the shell's. :raises BadInput: it is no year."""
    text = request.GET.get("year", "")
    if not text:
        return default if default is not None else int(request.look.year)  # type: ignore[attr-defined]
    if not (text.isdigit() and len(text) == 4):
        raise BadInput("年度应为四位数字。", code="budget.year")
    return int(text)


def money(fen: int | None, href: str = "") -> Cell:
    """An amount cell; no data is a dash."""
    return Cell(formats.NO_DATA if fen is None else formats.amount(fen, href=href), "amount")


def bureau_of(actor: Actor) -> int:
    """The bureau's own unit, for documents about the whole district. :raises BadInput: there is none."""
    bureau = Unit.objects.filter(kind="bureau").values_list("pk", flat=True).first()
    unit_id = bureau if bureau is not None else actor.unit_id
    if unit_id is None:
        raise BadInput("请先登记财政局单位。", code="budget.no_bureau")
    return unit_id
