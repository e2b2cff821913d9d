"""What a written file says about itself: which report it is and the public proofs of its figures."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

from fisc.domains.narrative.writer import Proof, Text, proof_from_json

FORMAT = "fisc-report-1"
TAG = "fisc:"


@dataclass(frozen=True)
class Manifest:
    """The file's own account of its figures. `set_digest` fixes all proofs together."""

    number: str
    template: str
    template_version: int
    year: int
    month: int
    mask: str
    known_at: datetime
    set_digest: str
    proofs: tuple[Proof, ...]

    def to_text(self) -> str:
        """The manifest as canonical JSON."""
        data = {"format": FORMAT, **asdict(self), "known_at": self.known_at.isoformat()}
        return json.dumps(data, ensure_ascii=False, sort_keys=True)


def manifest_of(text: Text, *, number: str) -> Manifest:
    """The manifest of a report's text."""
    return Manifest(
        number=number,
        template=text.template,
        template_version=text.template_version,
        year=text.year,
        month=text.month,
        mask=text.mask,
        known_at=text.known_at,
        set_digest=text.set_digest,
        proofs=tuple(proof.public() for proof in text.proofs),
    )


def manifest_from_text(text: str) -> Manifest:
    """This will read a manifest back. :raises ValueError: it is not one."""
    data = json.loads(text)
    if not isinstance(data, Mapping) or data.get("format") != FORMAT:
        raise ValueError("not a manifest")
    fields = {key: value for key, value in data.items() if key != "format"}
    try:
        return Manifest(
            **{
                **fields,
                "known_at": datetime.fromisoformat(data["known_at"]),
                "proofs": tuple(proof_from_json(item) for item in data["proofs"]),
            }
        )
    except (KeyError, TypeError) as error:
        raise ValueError("not a manifest") from error
