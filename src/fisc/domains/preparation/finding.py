"""Finding rounds and the bureau: what every file of the module begins with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fisc.base.errors import BadInput
from fisc.domains.preparation.models import Round
from fisc.domains.preparation.refusals import NoRound
from fisc.kernel.orgs.models import Unit

if TYPE_CHECKING:
    from fisc.kernel.orgs.actor import Actor


def bureau_unit_id(actor: Actor) -> int:
    """The unit the bureau's own papers belong to. :raises BadInput: there is no bureau."""
    if actor.unit_id is not None and Unit.objects.filter(pk=actor.unit_id, kind="bureau").exists():
        return actor.unit_id
    found = Unit.objects.filter(kind="bureau").order_by("code").values_list("pk", flat=True).first()
    if found is None:
        raise BadInput("单位名录中没有财政局，请先登记。", code="preparation.no_bureau")
    return int(found)


def current_round(fiscal_year: int) -> Round:
    """The open round of a fiscal year, with its header. :raises NoRound: there is none."""
    found = Round.objects.select_related("document").filter(fiscal_year=fiscal_year, is_open=True).first()
    if found is None:
        raise NoRound(fiscal_year=fiscal_year)
    return found


def get_round(round_id: int) -> Round:
    """The round with its header. :raises NoRound: there is none."""
    found = Round.objects.select_related("document").filter(pk=round_id).first()
    if found is None:
        raise NoRound(fiscal_year="")
    return found
