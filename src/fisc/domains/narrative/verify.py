"""Verification of a written report: every figure it names is computed again, every printed number compared.

Three questions per figure: does the file print what was proven (or did a hand change it)? Do the books, as known at
the report's moment, still give what was proven (or was a row changed)? And, for information, what do they give now?
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from fisc.base.errors import FiscError
from fisc.domains.narrative import assembly
from fisc.domains.narrative.claims import Claims, Frame, NotAReport, read_pdf, read_word
from fisc.domains.narrative.manifest import Manifest
from fisc.domains.narrative.models import Report, ReportFigure
from fisc.domains.narrative.services import place
from fisc.domains.narrative.template import Template
from fisc.domains.narrative.wording import phrase
from fisc.domains.narrative.writer import (
    Proof,
    parameters_of,
    proof_digest,
    proof_set_digest,
    text_from_json,
)
from fisc.kernel.metrics import figure_id
from fisc.kernel.metrics.catalogue import Catalogue
from fisc.kernel.metrics.fetch import figures
from fisc.kernel.metrics.figure import Figure
from fisc.kernel.metrics.spec import FigureRequest

Kind = Literal["edited", "missing", "unknown", "books", "definition", "set", "later"]
LABELS: dict[str, str] = {
    "edited": "文中数字被改动",
    "missing": "文中缺少数字",
    "unknown": "证明编号不属于这份报告",
    "books": "与账面不符",
    "definition": "口径已变",
    "set": "数据组摘要不符",
    "later": "报告之后账面有变化",
}


@dataclass(frozen=True)
class Problem:
    """One thing that differs. "later" is only information: the report was right at its moment."""

    kind: Kind
    proof_id: str
    title: str
    message: str
    figure_id: str = ""

    @property
    def is_fault(self) -> bool:
        """Whether the report must be called wrong for it."""
        return self.kind != "later"


@dataclass(frozen=True)
class Verification:
    """The result: how many figures were checked, and what differs."""

    filename: str
    number: str
    title: str
    checked: int
    problems: tuple[Problem, ...]
    is_stored: bool

    @property
    def ok(self) -> bool:
        """Whether the file prints what the books say, as known at its moment."""
        return not any(problem.is_fault for problem in self.problems)

    def lines(self) -> list[str]:
        """The result in words, for the command line."""
        head = f"{self.filename}：报告 {self.number} {self.title}，共核验 {self.checked} 个数字。"
        where = [] if self.is_stored else ["本库中没有这份报告的存档，按文件自带的证明重算。"]
        faults = [problem for problem in self.problems if problem.is_fault]
        later = [problem for problem in self.problems if not problem.is_fault]
        verdict = "全部相符。" if not faults else f"有 {len(faults)} 处不符："
        return [
            head,
            *where,
            verdict,
            *(f"  · {LABELS[item.kind]} [{item.proof_id}] {item.title}：{item.message}" for item in faults),
            *(
                f"  提示：{LABELS[item.kind]} [{item.proof_id}] {item.title}：{item.message}"
                for item in later
            ),
        ]


@dataclass(frozen=True)
class _Reference:
    """What the file is held against: the stored report, or the file's own manifest."""

    number: str
    title: str
    template: str
    version: int
    proofs: tuple[Proof, ...]
    salt: str | None
    set_digest: str


def verify_file(content: bytes, *, filename: str, catalogue: Catalogue | None = None) -> Verification:
    """This will verify a report file.

    :raises NotAReport: the file is none of ours.
    """
    if filename.lower().endswith(".pdf") or content[:5] == b"%PDF-":
        claims = read_pdf(content, filename=filename, frame_of=_frame)
    else:
        claims = read_word(content, filename=filename)
    reference = _reference(claims, filename)
    used = _figures(reference.proofs, catalogue)
    problems = [
        *_set_problems(claims, reference),
        *(problem for proof in reference.proofs for problem in _problems(proof, claims, reference, used)),
        *_unknown(claims, reference),
    ]
    return Verification(
        filename=filename,
        number=reference.number,
        title=reference.title,
        checked=len(reference.proofs),
        problems=tuple(problems),
        is_stored=reference.salt is not None,
    )


def _reference(claims: Claims, filename: str) -> _Reference:
    """The stored report named by the manifest, else found by a proof's id, else the manifest itself.

    :raises NotAReport: nothing to hold the file against.
    """
    stored = _stored(claims)
    if stored is not None:
        text = text_from_json(stored.text)
        return _Reference(
            number=stored.document.number,
            title=text.title,
            template=text.template,
            version=text.template_version,
            proofs=text.proofs,
            salt=stored.salt,
            set_digest=stored.set_digest,
        )
    if claims.manifest is None:
        raise NotAReport(filename=filename, why="数据证明已丢失，本库中也没有这份报告")
    found = claims.manifest
    return _Reference(
        number=found.number,
        title="",
        template=found.template,
        version=found.template_version,
        proofs=found.proofs,
        salt=None,
        set_digest=found.set_digest,
    )


def _stored(claims: Claims) -> Report | None:
    reports = Report.objects.select_related("document")
    if claims.manifest is not None:
        named = reports.filter(document__number=claims.manifest.number).first()
        ids = {proof.proof_id for proof in claims.manifest.proofs}
        if named is not None and ids & {proof["proof_id"] for proof in named.text["proofs"]}:
            return named
    holder = ReportFigure.objects.filter(proof_id__in=list(claims.printed)).order_by("-report_id").first()
    return None if holder is None else reports.get(pk=holder.report_id)


def _frame(manifest: Manifest) -> Frame:
    """The fixed words around the proofs, from the stored report or the template."""
    stored = Report.objects.filter(document__number=manifest.number).first()
    if stored is not None:
        text = text_from_json(stored.text)
        return Frame(tuple(tuple((run.proof_id, run.text) for run in p.runs) for p in text.paragraphs))
    item = assembly.template(manifest.template)
    words = parameters_of(year=manifest.year, month=manifest.month, place=place())
    ids = {proof.slot: proof.proof_id for proof in manifest.proofs}
    return Frame(
        tuple(
            tuple(
                (ids.get(part, "") if hole else "", words.get(part, part) if hole else part)
                for hole, part in block.pieces()
            )
            for block in item.blocks
        )
    )


Used = Mapping[FigureRequest, Figure | None]


def _figures(proofs: Iterable[Proof], catalogue: Catalogue | None) -> Used:
    """All figures of the proofs, as known at the report's moment and as known now."""
    then = [figure_id.decode(name) for proof in proofs for name in proof.figure_ids]
    now = [replace(request, as_known_on=None) for request in then]
    try:
        return dict(figures([*then, *now], catalogue=catalogue))
    except FiscError:
        # a metric that is gone: then one by one, so that the others are still checked
        return {request: _one(request, catalogue) for request in [*then, *now]}


def _one(request: FigureRequest, catalogue: Catalogue | None) -> Figure | None:
    try:
        return figures([request], catalogue=catalogue)[request]
    except FiscError:
        return None


def _set_problems(claims: Claims, reference: _Reference) -> list[Problem]:
    manifest = claims.manifest
    if manifest is None:
        return []
    if proof_set_digest(manifest.proofs) == manifest.set_digest == reference.set_digest:
        return []
    return [
        Problem(
            kind="set", proof_id="—", title="全部数字", message="文件自带的证明与存档不一致，证明被改动过。"
        )
    ]


def _problems(proof: Proof, claims: Claims, reference: _Reference, used: Used) -> list[Problem]:
    """What differs for one figure."""
    then = [used[figure_id.decode(name)] for name in proof.figure_ids]
    now = [used[replace(figure_id.decode(name), as_known_on=None)] for name in proof.figure_ids]
    found = list(_printed_problems(proof, claims))
    if any(item is None for item in [*then, *now]):
        return [*found, _problem("definition", proof, "指标定义已不存在，无法重算。")]
    known = [item for item in then if item is not None]
    again = _phrase(proof, reference, known)
    if not _agrees(proof, reference, known, again):
        shown = again or "、".join(item.text(unit="yuan") for item in known)
        found.append(_problem("books", proof, f"报告印作“{proof.phrase}”，按账重算为“{shown}”。"))
    elif (latest := _phrase(proof, reference, [item for item in now if item is not None])) not in (
        None,
        again,
    ):
        found.append(_problem("later", proof, f"报告印作“{proof.phrase}”，现在账上为“{latest}”。"))
    return found


def _problem(kind: Kind, proof: Proof, message: str) -> Problem:
    return Problem(
        kind=kind, proof_id=proof.proof_id, title=proof.title, message=message, figure_id=proof.figure_ids[0]
    )


def _printed_problems(proof: Proof, claims: Claims) -> Iterable[Problem]:
    texts = claims.printed.get(proof.proof_id)
    if texts is None:
        yield _problem("missing", proof, f"应印“{proof.phrase}”，文中没有找到（内容控件或句子被删改）。")
        return
    for text in texts:
        if text != proof.phrase:
            yield _problem("edited", proof, f"文中写“{text}”，应为“{proof.phrase}”。")


def _phrase(proof: Proof, reference: _Reference, used: list[Figure]) -> str | None:
    """The words the template gives for these figures; None when the template is another by now."""
    item = _template(reference)
    if item is None or proof.slot not in item.slots:
        return None
    return phrase(item.slots[proof.slot], tuple(used), masked=proof.masked).text


def _template(reference: _Reference) -> Template | None:
    item = assembly.templates().get(reference.template)
    return item if item is not None and item.version == reference.version else None


def _agrees(proof: Proof, reference: _Reference, used: list[Figure], again: str | None) -> bool:
    """With the stored salt the digest decides, to the 分; without it the printed words do."""
    if reference.salt is None:
        return again is None or again == proof.phrase
    digest = proof_digest(
        template=reference.template,
        version=reference.version,
        slot=proof.slot,
        phrase=proof.phrase,
        figures=used,
        salt=reference.salt,
    )
    return digest == proof.digest


def _unknown(claims: Claims, reference: _Reference) -> list[Problem]:
    known = {proof.proof_id for proof in reference.proofs}
    return [
        Problem(kind="unknown", proof_id=proof_id, title="", message=f"文中写“{'、'.join(texts)}”。")
        for proof_id, texts in claims.printed.items()
        if proof_id not in known
    ]
