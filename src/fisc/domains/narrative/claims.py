"""What a written file claims: which report it is, and what it prints for each proof. Reads Word and PDF; pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from io import BytesIO
from zipfile import BadZipFile, ZipFile

from lxml import etree
from pypdf import PdfReader
from pypdf.errors import PyPdfError

from fisc.base.errors import BadInput
from fisc.domains.narrative.manifest import TAG, Manifest, manifest_from_text
from fisc.domains.narrative.pdf import MANIFEST_KEYWORD
from fisc.domains.narrative.word import MANIFEST_NS

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
MAXIMUM_BYTES = 50 * 2**20
_PAGE_NUMBER = re.compile(r"—\s*\d+\s*—")
_SECURE = {"resolve_entities": False, "no_network": True, "huge_tree": False}


class NotAReport(BadInput):
    """“{filename}”不是由本系统生成的工作报告（{why}），无法核验。"""

    code = "narrative.not_a_report"


@dataclass(frozen=True)
class Claims:
    """A file's manifest, and per proof id what it prints now (a proof that occurs twice: all its texts)."""

    manifest: Manifest | None
    printed: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Frame:
    """The fixed words of a report's text and the proofs between them, paragraph by paragraph."""

    paragraphs: tuple[tuple[tuple[str, str], ...], ...]
    """Per paragraph (proof id or "", text) in order."""


def read_word(content: bytes, *, filename: str) -> Claims:
    """This will read the controls and the manifest of a .docx.

    :raises NotAReport: no Word file, or nothing of ours in it.
    """
    try:
        with ZipFile(BytesIO(content)) as archive:
            if sum(item.file_size for item in archive.infolist()) > MAXIMUM_BYTES:
                raise NotAReport(filename=filename, why="文件过大")
            body = archive.read("word/document.xml")
            items = [
                archive.read(name)
                for name in archive.namelist()
                if re.fullmatch(r"customXml/item\d+\.xml", name)
            ]
    except (BadZipFile, KeyError) as error:
        raise NotAReport(filename=filename, why="文件已损坏或不是 Word 文件") from error
    printed = _controls(_parse(body, filename))
    manifest = next((found for item in items if (found := _manifest(_parse(item, filename)))), None)
    if manifest is None and not printed:
        raise NotAReport(filename=filename, why="文中没有数据证明")
    return Claims(manifest=manifest, printed=printed)


def _parse(content: bytes, filename: str) -> etree._Element:
    try:
        return etree.fromstring(content, etree.XMLParser(**_SECURE))  # type: ignore[arg-type]
    except etree.XMLSyntaxError as error:
        raise NotAReport(filename=filename, why="文件内部已损坏") from error


def _controls(root: etree._Element) -> dict[str, tuple[str, ...]]:
    """Proof id → what stands in its content controls; text that is marked as deleted does not count."""
    found: dict[str, tuple[str, ...]] = {}
    for control in root.iter(f"{{{W}}}sdt"):
        tag = control.find(f"{{{W}}}sdtPr/{{{W}}}tag")
        name = "" if tag is None else str(tag.get(f"{{{W}}}val", ""))
        if name.startswith(TAG):
            text = "".join(node.text or "" for node in control.iter(f"{{{W}}}t"))
            proof = name.removeprefix(TAG)
            found[proof] = (*found.get(proof, ()), text)
    return found


def _manifest(root: etree._Element) -> Manifest | None:
    if root.tag != f"{{{MANIFEST_NS}}}manifest":
        return None
    try:
        return manifest_from_text(root.text or "")
    except ValueError:
        return None


def read_pdf(content: bytes, *, filename: str, frame_of: Callable[[Manifest], Frame]) -> Claims:
    """This will read manifest and text of a PDF; `frame_of` gives the fixed words of a manifest's report.

    :raises NotAReport: no PDF, or nothing of ours in it.
    """
    try:
        reader = PdfReader(BytesIO(content))
        keywords = str(reader.metadata.get("/Keywords", "")) if reader.metadata else ""
        pages = [page.extract_text() for page in reader.pages]
    except (PyPdfError, ValueError) as error:
        raise NotAReport(filename=filename, why="文件已损坏或不是 PDF 文件") from error
    start = keywords.find(MANIFEST_KEYWORD)
    if start < 0:
        raise NotAReport(filename=filename, why="文中没有数据证明")
    try:
        manifest = manifest_from_text(keywords[start + len(MANIFEST_KEYWORD) :])
    except ValueError as error:
        raise NotAReport(filename=filename, why="数据证明已损坏") from error
    return Claims(manifest=manifest, printed=printed_between(frame_of(manifest), "\n".join(pages)))


def printed_between(frame: Frame, text: str) -> dict[str, tuple[str, ...]]:
    """Proof id → what the text prints between the fixed words; a paragraph that was reworded gives nothing."""
    plain = re.sub(r"\s+", "", _PAGE_NUMBER.sub("", text))
    found: dict[str, tuple[str, ...]] = {}
    for paragraph in frame.paragraphs:
        proofs = [proof for proof, _ in paragraph if proof]
        if not proofs:
            continue
        pattern = "".join(
            "(.{0,60}?)" if proof else re.escape(re.sub(r"\s+", "", words)) for proof, words in paragraph
        )
        match = re.search(pattern, plain)
        if match:
            for proof, words in zip(proofs, match.groups(), strict=True):
                found[proof] = (*found.get(proof, ()), words)
    return found
