"""Use cases of the work report: write a version, issue it, compare two versions."""

from __future__ import annotations

import secrets
from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from fisc.base.errors import NotFound, Refusal, Way
from fisc.domains.narrative import assembly
from fisc.domains.narrative import template as templates
from fisc.domains.narrative.models import BEIJING, Report, ReportFigure
from fisc.domains.narrative.template import Mask, Template
from fisc.domains.narrative.writer import Place, Text, proof_digest, requests_for, text_from_json, write
from fisc.kernel.documents.call import StepCall
from fisc.kernel.documents.create import create_many
from fisc.kernel.documents.spec import Draft
from fisc.kernel.metrics import figure_id
from fisc.kernel.metrics.catalogue import Catalogue
from fisc.kernel.metrics.fetch import figures
from fisc.kernel.orgs.actor import Actor
from fisc.kernel.orgs.models import Region, Unit

REPORT = "narrative.report"
MASK = "publication"
SALT_BYTES = 16


class PlaceUnknown(Refusal):
    """还没有登记{what}，无法写报告的标题和落款。"""

    code = "narrative.place_unknown"


class FiguresDisagree(Refusal):
    """报告{number}中有 {count} 个数字与账面不符（如“{phrase}”），不能印发，请重新生成。"""

    code = "narrative.figures_disagree"


@dataclass(frozen=True)
class Written:
    """A report that was written: its document and its text."""

    document_id: int
    number: str
    text: Text
    salt: str


@dataclass(frozen=True)
class Difference:
    """One figure that two versions print differently."""

    slot: str
    title: str
    before: str
    after: str
    before_figure: str
    after_figure: str


def place() -> Place:
    """Whose report it is. :raises PlaceUnknown: no region or no bureau is registered."""
    bureau = Unit.objects.filter(kind=Unit.Kind.BUREAU, is_active=True).order_by("code").first()
    if bureau is None:
        raise PlaceUnknown(what="财政局单位", ways=[Way("维护单位", "/admin/units/")])
    region = Region.objects.filter(level=Region.Level.DISTRICT).order_by("code").first()
    if region is None:
        raise PlaceUnknown(what="区划", ways=[Way("维护区划", "/admin/units/")])
    return Place(region=region.name, bureau=bureau.name)


def compose(
    item: Template,
    *,
    year: int,
    month: int,
    known_at: datetime,
    salt: str,
    mask: Mask | None,
    catalogue: Catalogue | None = None,
) -> Text:
    """This will compute all figures as known at that moment and write the text; nothing is stored."""
    requests = requests_for(item, year=year, month=month, known_at=known_at)
    found = figures(requests.values(), catalogue=catalogue)
    by_place = {key: found[request] for key, request in requests.items()}
    return write(
        item, by_place, year=year, month=month, place=place(), known_at=known_at, salt=salt, mask=mask
    )


def write_report(
    *,
    template: str,
    year: int,
    actor: Actor,
    at: datetime,
    masked: bool,
    catalogue: Catalogue | None = None,
) -> Written:
    """This will write a new version of a report as a draft document, its figures frozen with their proofs.

    :raises UnknownTemplate: there is no such report.
    :raises PlaceUnknown: region or bureau is not registered.
    :raises StepNotPermitted: the actor may not write reports.
    """
    item = assembly.template(template)
    mask = templates.masks()[MASK] if masked else None
    salt = secrets.token_hex(SALT_BYTES)
    text = compose(
        item,
        year=year,
        month=item.month,
        known_at=at,
        salt=salt,
        mask=mask,
        catalogue=catalogue,
    )
    with transaction.atomic():
        document_id = _store(text, salt=salt, actor=actor, at=at)
        report = Report.objects.select_related("document").get(pk=document_id)
        ReportFigure.objects.bulk_create(_figure_rows(document_id, text))
    return Written(document_id=document_id, number=report.document.number, text=text, salt=salt)


def _store(text: Text, *, salt: str, actor: Actor, at: datetime) -> int:
    bureau = (
        Unit.objects.filter(kind=Unit.Kind.BUREAU, is_active=True)
        .order_by("code")
        .values_list("id", flat=True)[0]
    )
    draft = Draft(
        unit_id=bureau,
        fiscal_year=text.year,
        business_on=at.astimezone(BEIJING).date(),
        title=text.title + ("（对外稿）" if text.mask else ""),
        amount_fen=0,
        source_id=_latest(text),
        tags=("对外稿",) if text.mask else (),
        row={
            "template": text.template,
            "template_version": text.template_version,
            "year": text.year,
            "month": text.month,
            "mask": text.mask,
            "known_at": text.known_at,
            "text": text.to_json(),
            "salt": salt,
            "set_digest": text.set_digest,
        },
    )
    (document_id,) = create_many(kind=REPORT, drafts=[draft], actor=actor, at=at)
    return document_id


def _latest(text: Text) -> int | None:
    """The version before, as the source of the new one."""
    versions = Report.objects.filter(template=text.template, year=text.year, month=text.month, mask=text.mask)
    return versions.order_by("-pk").values_list("pk", flat=True).first()


def _figure_rows(document_id: int, text: Text) -> list[ReportFigure]:
    return [
        ReportFigure(
            report_id=document_id,
            position=position,
            slot=proof.slot,
            proof_id=proof.proof_id,
            phrase=proof.phrase,
            figure_ids=list(proof.figure_ids),
            digest=proof.digest,
        )
        for position, proof in enumerate(text.proofs, start=1)
    ]


def read(document_id: int) -> tuple[Report, Text]:
    """A stored report and its text. :raises NotFound: there is none."""
    report = Report.objects.select_related("document").filter(pk=document_id).first()
    if report is None:
        raise NotFound("没有这份报告。")
    return report, text_from_json(report.text)


def differing(report: Report, text: Text, *, catalogue: Catalogue | None = None) -> list[str]:
    """Proof ids whose figures, computed again as known at the report's moment, are not what was frozen."""
    ids = [figure for proof in text.proofs for figure in proof.figure_ids]
    found = figures([figure_id.decode(name) for name in ids], catalogue=catalogue)
    wrong = []
    for proof in text.proofs:
        used = [found[figure_id.decode(name)] for name in proof.figure_ids]
        again = proof_digest(
            template=text.template,
            version=text.template_version,
            slot=proof.slot,
            phrase=proof.phrase,
            figures=used,
            salt=report.salt,
        )
        if again != proof.digest:
            wrong.append(proof.proof_id)
    return wrong


def issue(call: StepCall) -> None:
    """印发: a report leaves the house only while its figures agree with the books."""
    for document in call.documents:
        report, text = read(document.pk)
        wrong = differing(report, text)
        if wrong:
            phrase = next(proof.phrase for proof in text.proofs if proof.proof_id == wrong[0])
            call.refuse(document.pk, FiguresDisagree(number=document.number, count=len(wrong), phrase=phrase))


def compare(before: Text, after: Text) -> list[Difference]:
    """Figures that two versions of a report print differently, in text order."""
    old = {proof.slot: proof for proof in before.proofs}
    found = []
    for proof in after.proofs:
        earlier = old.get(proof.slot)
        if earlier is None or earlier.phrase != proof.phrase or earlier.values != proof.values:
            found.append(
                Difference(
                    slot=proof.slot,
                    title=proof.title,
                    before=earlier.phrase if earlier else "（无）",
                    after=proof.phrase,
                    before_figure=earlier.figure_ids[0] if earlier else "",
                    after_figure=proof.figure_ids[0],
                )
            )
    return found


def is_early(text: Text) -> bool:
    """Whether the report was written before its period was over, so that its figures will still grow."""
    end = date(text.year, text.month, monthrange(text.year, text.month)[1])
    return text.known_at.astimezone(BEIJING).date() <= end


def versions(*, template: str, year: int, month: int) -> Sequence[Report]:
    """All versions of a report, newest first, with their documents."""
    rows = Report.objects.filter(template=template, year=year, month=month)
    return list(rows.select_related("document", "document__maker").order_by("-pk"))
