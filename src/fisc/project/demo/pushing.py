"""Plays how the bureau pushes spending: targets split to sections and units, a bulletin, letters to those behind."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from fisc.domains.progress import bulletins, services
from fisc.kernel.documents.models import Document
from fisc.kernel.documents.perform import perform_many
from fisc.kernel.documents.spec import Draft
from fisc.project.demo.cast import Cast, approve, moment, whole

LETTER = "progress.letter"
# What the district wants paid of the year's budget at every month's end, in percent.
_PATH = tuple(map(Decimal, ("6", "13", "21", "30", "39", "50", "58", "66", "75", "83", "91", "98")))
_REPLY = "已倒排工期，本月底前完成前期手续，六月份集中支付。"


def set_targets(*, year: int, cast: Cast, on: date) -> None:
    """This function will split the year's target over all sections and units."""
    officer = cast.treasury_officer
    draft = Draft(
        0, year, on, "", 0, row={"year": year, "basis": f"区府办抄告单〔{year}〕5号", "months": _PATH}
    )
    ids = services.create_targets(drafts=[draft], actor=officer, at=moment(on, 9))
    approve(kind=services.KIND, ids=ids, maker=officer, cast=cast, on=on, hour=10)


def tell_who_is_behind(*, cast: Cast, as_of: date, on: date) -> None:
    """This function will issue the month's bulletin; every second unit that got a letter answers it."""
    officer = cast.treasury_officer
    ids = _draft(cast, as_of, on)
    approve(kind=bulletins.KIND, ids=ids, maker=officer, cast=cast, on=on, hour=10)
    letters = Document.objects.filter(kind=LETTER, state="sent").order_by("id").values_list("id", flat=True)
    answered = list(letters)[::2]
    if answered:
        at = moment(date(on.year, on.month, on.day + 2), 15)
        whole(perform_many(kind=LETTER, ids=answered, step="reply", actor=cast.maker, at=at, comment=_REPLY))


def leave_bulletin_to_the_leader(*, cast: Cast, as_of: date, on: date) -> None:
    """This function will send the last month's bulletin as far as the head of the bureau, who finds it in the inbox."""
    ids = _draft(cast, as_of, on)
    kind, reviewer = bulletins.KIND, cast.reviewers["treasury_reviewer"]
    whole(perform_many(kind=kind, ids=ids, step="submit", actor=cast.treasury_officer, at=moment(on, 9, 20)))
    whole(perform_many(kind=kind, ids=ids, step="approve", actor=reviewer, at=moment(on, 9, 40)))


def _draft(cast: Cast, as_of: date, on: date) -> list[int]:
    draft = Draft(
        0, on.year, on, "", 0,
        row={"as_of": as_of, "rhythm": "monthly", "opinion": "请进度滞后单位倒排工期、加快支付。"},
    )  # fmt: skip
    return bulletins.create_bulletins(drafts=[draft], actor=cast.treasury_officer, at=moment(on, 9))
