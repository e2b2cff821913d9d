"""The writer: a template, its figures and a mask make a text of which every number carries its proof.

Pure: figures are fetched by the caller (`services.py`). The text is frozen as plain data (`Text.to_json`), so that
page, Word and PDF print the same characters.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from fisc.domains.narrative.template import Mask, Slot, Template
from fisc.domains.narrative.wording import Phrase, month_span, phrase
from fisc.kernel.metrics.figure import Figure, sm3
from fisc.kernel.metrics.spec import FigureRequest

PROOF_DIGITS = 12


@dataclass(frozen=True)
class Place:
    """Whose report it is: 云屿区, 云屿区财政局."""

    region: str
    bureau: str

    @property
    def level(self) -> str:
        """区, 县 or 市: the word the report uses for its own level."""
        return self.region[-1]


@dataclass(frozen=True)
class Run:
    """A stretch of text. With `slot`: a phrase with a number at [start, end) and its proof."""

    text: str
    slot: str = ""
    proof_id: str = ""
    start: int = 0
    end: int = 0

    @property
    def before(self) -> str:
        """The words before the number."""
        return self.text[: self.start]

    @property
    def number(self) -> str:
        """The number as printed (empty when there is none)."""
        return self.text[self.start : self.end]

    @property
    def after(self) -> str:
        """The words after the number."""
        return self.text[self.end :]


@dataclass(frozen=True)
class Paragraph:
    """One paragraph."""

    kind: str
    runs: tuple[Run, ...]

    @property
    def text(self) -> str:
        """The whole text."""
        return "".join(run.text for run in self.runs)


@dataclass(frozen=True)
class Proof:
    """What a printed figure claims: which figures, their exact values, and the digest that fixes them.

    The digest is salted with the report's secret, so that a covered number cannot be found by trying.
    """

    proof_id: str
    slot: str
    phrase: str
    number: str
    masked: bool
    figure_ids: tuple[str, ...]
    values: tuple[str | None, ...]
    unit: str
    title: str
    scope: str
    version: int
    formula_id: str
    digest: str

    def public(self) -> Proof:
        """The proof as it may stand in a file: no exact values (a growth's exact fraction betrays its base)."""
        return replace(self, values=tuple(None for _ in self.values))


@dataclass(frozen=True)
class Text:
    """A report's text with its proofs, frozen."""

    template: str
    template_version: int
    year: int
    month: int
    mask: str
    title: str
    signature: str
    known_at: datetime
    paragraphs: tuple[Paragraph, ...]
    proofs: tuple[Proof, ...]

    @property
    def set_digest(self) -> str:
        """SM3 over all proofs in order: one hash for the whole report's figures."""
        return proof_set_digest(self.proofs)

    @property
    def plain(self) -> str:
        """The text as a reader sees it, one paragraph a line."""
        return "\n".join(paragraph.text for paragraph in self.paragraphs)

    def to_json(self) -> dict:
        """The text as plain data."""
        return {**asdict(self), "known_at": self.known_at.isoformat()}


def text_from_json(data: Mapping) -> Text:
    """This will read a frozen text back."""
    paragraphs = tuple(
        Paragraph(kind=item["kind"], runs=tuple(Run(**run) for run in item["runs"]))
        for item in data["paragraphs"]
    )
    return Text(
        **{
            **data,
            "known_at": datetime.fromisoformat(data["known_at"]),
            "paragraphs": paragraphs,
            "proofs": tuple(proof_from_json(item) for item in data["proofs"]),
        }
    )


def proof_from_json(data: Mapping) -> Proof:
    """This will read a proof back from plain data."""
    return Proof(**{**data, "figure_ids": tuple(data["figure_ids"]), "values": tuple(data["values"])})


def proof_set_digest(proofs: tuple[Proof, ...]) -> str:
    """SM3 over the public form of the proofs, in order."""
    return sm3([asdict(proof.public()) for proof in proofs])


def proof_digest(
    *, template: str, version: int, slot: str, phrase: str, figures: Sequence[Figure], salt: str
) -> str:
    """SM3 over the secret salt, the place in the text, the printed words and the digests of the figures."""
    return sm3([salt, template, version, slot, phrase, [figure.digest for figure in figures]])


def requests_for(
    template: Template, *, year: int, month: int, known_at: datetime
) -> dict[tuple[str, int], FigureRequest]:
    """The figures a template needs, by metric code and years back: as known at the moment of writing."""
    return {
        (code, slot.years_back): FigureRequest(
            metric=code, year=year - slot.years_back, month=month, as_known_on=known_at
        )
        for slot in template.slots.values()
        for code in slot.metrics
    }


def write(
    template: Template,
    figures: Mapping[tuple[str, int], Figure],
    *,
    year: int,
    month: int,
    place: Place,
    known_at: datetime,
    salt: str,
    mask: Mask | None = None,
) -> Text:
    """This will write the report's text and the proof of every figure in it."""
    parameters = parameters_of(year=year, month=month, place=place)
    phrases = _phrases(template, figures, mask)
    proofs = {name: _proof(template, name, figures, written, mask, salt) for name, written in phrases.items()}
    paragraphs = tuple(
        Paragraph(
            kind=block.kind,
            runs=_joined(
                _run(part, parameters, phrases, proofs) if is_hole else Run(text=part)
                for is_hole, part in block.pieces()
            ),
        )
        for block in template.blocks
    )
    return Text(
        template=template.code,
        template_version=template.version,
        year=year,
        month=month,
        mask=mask.code if mask else "",
        title=template.title.format(**parameters),
        signature=place.bureau,
        known_at=known_at,
        paragraphs=paragraphs,
        proofs=tuple(proofs[name] for name in _in_text_order(template)),
    )


def parameters_of(*, year: int, month: int, place: Place) -> dict[str, str]:
    """The words of a template that are no figures."""
    return {
        "year": str(year),
        "last_year": str(year - 1),
        "month": str(month),
        "span": month_span(month),
        "level": place.level,
        "region": place.region,
        "bureau": place.bureau,
    }


def _is_masked(template: Template, name: str, mask: Mask | None) -> bool:
    slot = template.slots[name]
    return mask is not None and (slot.cover or any(mask.hides(metric) for metric in slot.metrics))


def _used(slot: Slot, figures: Mapping[tuple[str, int], Figure]) -> tuple[Figure, ...]:
    return tuple(figures[code, slot.years_back] for code in slot.metrics)


def _phrases(
    template: Template, figures: Mapping[tuple[str, int], Figure], mask: Mask | None
) -> dict[str, Phrase]:
    return {
        name: phrase(slot, _used(slot, figures), masked=_is_masked(template, name, mask))
        for name, slot in template.slots.items()
    }


def _in_text_order(template: Template) -> list[str]:
    names = [part for block in template.blocks for is_hole, part in block.pieces() if is_hole]
    return list(dict.fromkeys(name for name in names if name in template.slots))


def _run(part: str, parameters: dict[str, str], phrases: dict[str, Phrase], proofs: dict[str, Proof]) -> Run:
    if part in parameters:
        return Run(text=parameters[part])
    written = phrases[part]
    return Run(
        text=written.text, slot=part, proof_id=proofs[part].proof_id, start=written.start, end=written.end
    )


def _joined(runs: Iterable[Run]) -> tuple[Run, ...]:
    """Neighbouring plain runs as one."""
    done: list[Run] = []
    for run in runs:
        if done and not run.slot and not done[-1].slot:
            done[-1] = Run(text=done[-1].text + run.text)
        else:
            done.append(run)
    return tuple(done)


def _proof(
    template: Template,
    name: str,
    figures: Mapping[tuple[str, int], Figure],
    written: Phrase,
    mask: Mask | None,
    salt: str,
) -> Proof:
    used = _used(template.slots[name], figures)
    digest = proof_digest(
        template=template.code,
        version=template.version,
        slot=name,
        phrase=written.text,
        figures=used,
        salt=salt,
    )
    return Proof(
        proof_id=f"P{digest[:PROOF_DIGITS].upper()}",
        slot=name,
        phrase=written.text,
        number=written.number,
        masked=_is_masked(template, name, mask),
        figure_ids=tuple(figure.id for figure in used),
        values=tuple(None if figure.value is None else str(figure.value) for figure in used),
        unit=used[0].metric.unit,
        title="、".join(figure.metric.title for figure in used),
        scope="；".join(dict.fromkeys(figure.metric.scope for figure in used)),
        version=used[0].metric.version,
        formula_id=used[0].metric.formula_id,
        digest=digest,
    )
