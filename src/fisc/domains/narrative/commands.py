"""What the command line calls: write a report into files, verify a file."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from django.conf import settings

from fisc.base.errors import BadInput
from fisc.domains.narrative import services, verify
from fisc.domains.narrative.html import to_html
from fisc.domains.narrative.pdf import to_pdf
from fisc.domains.narrative.services import BEIJING, Written
from fisc.domains.narrative.word import to_word
from fisc.domains.narrative.writer import Text
from fisc.kernel.metrics.catalogue import Catalogue
from fisc.kernel.orgs.access import system_actor
from fisc.kernel.orgs.actor import Actor
from fisc.kernel.orgs.clock import business_now

DEFAULT_FORMATS = ("docx", "pdf")
BASE_URL = "http://127.0.0.1:8000"


class UnknownFormat(BadInput):
    """没有“{suffix}”这种格式，可选 docx、pdf、html。"""

    code = "narrative.unknown_format"


@dataclass(frozen=True)
class ReportFiles:
    """What was written: the document, its text and the files."""

    written: Written
    files: tuple[Path, ...]

    @property
    def ok(self) -> bool:
        """Always: what could not be written raised."""
        return True

    def lines(self) -> list[str]:
        """The result in words, with the report's text."""
        text = self.written.text
        missing = [proof for proof in text.proofs if None in proof.values]
        return [
            f"报告 {self.written.number}《{text.title}》已生成，共 {len(text.proofs)} 个数字，逐个带证明。",
            *(paragraph.text for paragraph in text.paragraphs),
            *(["提示：报告期间尚未结束，数字只到截取时刻。"] if services.is_early(text) else []),
            *(f"提示：{proof.title}：{proof.phrase}" for proof in missing),
            f"数据组摘要（SM3）：{text.set_digest}",
            *(f"文件：{path}" for path in self.files),
        ]


def base_url() -> str:
    """The product's own address, as links in files carry it."""
    return getattr(settings, "FISC_BASE_URL", BASE_URL).rstrip("/")


def render(text: Text, *, number: str, on: date, suffix: str) -> bytes:
    """This will write a report's text as a file. :raises UnknownFormat: not docx, pdf or html."""
    writers: dict[str, Callable[[], bytes]] = {
        "docx": lambda: to_word(text, number=number, on=on),
        "pdf": lambda: to_pdf(text, number=number, on=on, base_url=base_url()),
        "html": lambda: to_html(text, number=number, on=on, base_url=base_url()),
    }
    if suffix not in writers:
        raise UnknownFormat(suffix=suffix)
    return writers[suffix]()


def file_name(text: Text, number: str, suffix: str) -> str:
    """A name for the file: title, mask, number."""
    masked = "（对外稿）" if text.mask else ""
    return re.sub(r'[\\/:*?"<>|\s]+', "", f"{text.title}{masked}-{number}") + f".{suffix}"


def write_report(
    kind: str,
    *,
    year: int,
    out: Path,
    masked: bool = False,
    formats: Sequence[str] = DEFAULT_FORMATS,
    actor: Actor | None = None,
    at: datetime | None = None,
    catalogue: Catalogue | None = None,
) -> ReportFiles:
    """This will write a new version of a report (kind "half-year") and its files into a folder.

    :raises UnknownTemplate: there is no such report.
    :raises UnknownFormat: a format is not docx, pdf or html.
    """
    wanted = [suffix.strip().lower() for suffix in formats if suffix.strip()]
    for suffix in wanted:
        if suffix not in ("docx", "pdf", "html"):
            raise UnknownFormat(suffix=suffix)
    moment = at or business_now()
    written = services.write_report(
        template=kind,
        year=year,
        actor=actor or system_actor(),
        at=moment,
        masked=masked,
        catalogue=catalogue,
    )
    out.mkdir(parents=True, exist_ok=True)
    on = moment.astimezone(BEIJING).date()
    files = []
    for suffix in wanted:
        path = out / file_name(written.text, written.number, suffix)
        path.write_bytes(render(written.text, number=written.number, on=on, suffix=suffix))
        files.append(path)
    return ReportFiles(written=written, files=tuple(files))


def verify_report(path: Path, *, catalogue: Catalogue | None = None) -> verify.Verification:
    """This will compute every figure of a report file again and name those that differ.

    :raises NotAReport: the file is none of ours.
    """
    return verify.verify_file(path.read_bytes(), filename=path.name, catalogue=catalogue)
