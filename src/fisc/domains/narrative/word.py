"""The report as Word, laid out by GB/T 9704-2012; every figure sits in a content control that carries its proof's id.

The controls are open to editing (a human may polish the text); what was changed is found by `verify.py`.
"""

from __future__ import annotations

from datetime import date
from io import BytesIO
from math import floor
from typing import Any

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.part import Part
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt
from docx.text.paragraph import Paragraph as WordParagraph
from lxml import etree

from fisc.domains.narrative import layout
from fisc.domains.narrative.manifest import TAG, manifest_of
from fisc.domains.narrative.writer import Run, Text

W15 = "http://schemas.microsoft.com/office/word/2012/wordml"
MANIFEST_NS = "urn:fisc:narrative:manifest"
_TWIPS_PER_PT = 20
_BODY_SPACING_TWIPS = floor((layout.CHARACTER_PT - layout.BODY_PT) * _TWIPS_PER_PT)
_STORE_ID = "{6A1F2E53-2C4D-4B6E-9E0D-7A5C1F0B9D21}"
_PROPS_TYPE = "application/vnd.openxmlformats-officedocument.customXmlProperties+xml"
_PROPS_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/customXmlProps"


def to_word(text: Text, *, number: str, on: date) -> bytes:
    """This will write the report as a .docx; `number` is the report's document number, `on` the date under it."""
    document = Document()
    _page(document)
    _styles(document)
    _title(document, text.title)
    for paragraph in text.paragraphs:
        _paragraph(document, paragraph.kind, paragraph.runs)
    _signature(document, text.signature, on)
    _properties(document, text, number)
    _manifest_part(document, manifest_of(text, number=number).to_text())
    buffer = BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def _page(document: Any) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(layout.PAGE_WIDTH_MM), Mm(layout.PAGE_HEIGHT_MM)
    section.top_margin, section.bottom_margin = Mm(layout.MARGIN_TOP_MM), Mm(layout.MARGIN_BOTTOM_MM)
    section.left_margin, section.right_margin = Mm(layout.MARGIN_LEFT_MM), Mm(layout.MARGIN_RIGHT_MM)
    # the page number's line stands 7 mm below the type area
    section.footer_distance = Mm(layout.MARGIN_BOTTOM_MM - 7 - 5)
    grid = section._sectPr.find(qn("w:docGrid"))
    if grid is None:
        grid = OxmlElement("w:docGrid")
        section._sectPr.append(grid)
    # 28 characters a line come from the runs' spacing: programs disagree on what a character grid does
    grid.set(qn("w:type"), "lines")
    grid.set(qn("w:linePitch"), str(round(layout.LINE_PT * _TWIPS_PER_PT)))
    document.settings.odd_and_even_pages_header_footer = True
    _page_number(section.footer.paragraphs[0], align=WD_ALIGN_PARAGRAPH.RIGHT, side="right")
    _page_number(section.even_page_footer.paragraphs[0], align=WD_ALIGN_PARAGRAPH.LEFT, side="left")


def _page_number(paragraph: WordParagraph, *, align: WD_ALIGN_PARAGRAPH, side: str) -> None:
    """—1—: odd pages right, even pages left, one character in from the edge."""
    paragraph.alignment = align
    indent = paragraph._p.get_or_add_pPr().get_or_add_ind()
    indent.set(qn(f"w:{side}Chars"), "100")
    indent.set(qn(f"w:{side}"), str(layout.PAGE_NUMBER_PT * _TWIPS_PER_PT))
    for piece in ("—", None, "—"):
        run = paragraph.add_run(piece)
        _font(run, layout.PAGE_NUMBER_FONT, layout.PAGE_NUMBER_PT)
        if piece is None:
            _field(run._r, "PAGE")


def _field(run: Any, instruction: str) -> None:
    for kind, content in (
        ("begin", None),
        (None, instruction),
        ("separate", None),
        ("text", "1"),
        ("end", None),
    ):
        if kind in ("begin", "separate", "end"):
            element = OxmlElement("w:fldChar")
            element.set(qn("w:fldCharType"), kind)
        else:
            element = OxmlElement("w:t" if kind == "text" else "w:instrText")
            element.text = content
        run.append(element)


def _styles(document: Any) -> None:
    style = document.styles["Normal"]
    style.font.size = Pt(layout.BODY_PT)
    style.font.name = layout.BODY_FONT
    _east_asian(style.element.get_or_add_rPr(), layout.BODY_FONT)
    language = OxmlElement("w:lang")
    language.set(qn("w:val"), "en-US")
    language.set(qn("w:eastAsia"), "zh-CN")
    style.element.get_or_add_rPr().append(language)
    for control in document.settings.element.findall(qn("w:characterSpacingControl")):
        control.set(qn("w:val"), "compressPunctuation")
    style.paragraph_format.space_before = style.paragraph_format.space_after = Pt(0)
    style.paragraph_format.widow_control = False


def _east_asian(properties: Any, font: str) -> None:
    fonts = properties.get_or_add_rFonts()
    for attribute in ("w:eastAsia", "w:ascii", "w:hAnsi", "w:cs"):
        fonts.set(qn(attribute), font)
    fonts.set(qn("w:hint"), "eastAsia")


def _font(run: Any, font: str, size_pt: float) -> None:
    run.font.size = Pt(size_pt)
    _east_asian(run._r.get_or_add_rPr(), font)


def _line_pitch(paragraph: WordParagraph, points: float) -> None:
    paragraph.paragraph_format.line_spacing_rule = WD_LINE_SPACING.EXACTLY
    paragraph.paragraph_format.line_spacing = Pt(points)


def _title(document: Any, title: str) -> None:
    paragraph = document.add_paragraph()
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _line_pitch(paragraph, layout.TITLE_LINE_PT)
    _font(paragraph.add_run(title), layout.TITLE_FONT, layout.TITLE_PT)
    _line_pitch(document.add_paragraph(), layout.LINE_PT)


def _paragraph(document: Any, kind: str, runs: tuple[Run, ...]) -> None:
    paragraph = document.add_paragraph()
    _line_pitch(paragraph, layout.LINE_PT)
    paragraph.alignment = WD_ALIGN_PARAGRAPH.JUSTIFY
    indent = paragraph._p.get_or_add_pPr().get_or_add_ind()
    indent.set(qn("w:firstLineChars"), "200")
    indent.set(qn("w:firstLine"), str(2 * layout.BODY_PT * _TWIPS_PER_PT))
    font = layout.HEADING_FONTS.get(kind, layout.BODY_FONT)
    if kind in layout.HEADING_FONTS:
        paragraph.paragraph_format.keep_with_next = True
        level = OxmlElement("w:outlineLvl")
        level.set(qn("w:val"), str(int(kind[-1]) - 1))
        paragraph._p.get_or_add_pPr().append(level)
    for run in runs:
        added = paragraph.add_run(run.text)
        _font(added, font, layout.BODY_PT)
        spacing = OxmlElement("w:spacing")
        spacing.set(qn("w:val"), str(_BODY_SPACING_TWIPS))
        added._r.get_or_add_rPr().find(qn("w:sz")).addprevious(spacing)
        if run.proof_id:
            _into_control(added._r, run)


def _into_control(element: Any, run: Run) -> None:
    """Put a run into a content control tagged with its proof."""
    control = parse_xml(
        f'<w:sdt {nsdecls("w")} xmlns:w15="{W15}"><w:sdtPr>'
        f'<w:alias w:val=""/><w:tag w:val=""/><w:id w:val="{int(run.proof_id[1:8], 16)}"/>'
        '<w15:appearance w15:val="hidden"/><w:text/>'
        "</w:sdtPr><w:sdtContent/></w:sdt>"
    )
    properties, content = control
    properties.find(qn("w:alias")).set(qn("w:val"), f"{run.slot} {run.proof_id}")
    properties.find(qn("w:tag")).set(qn("w:val"), TAG + run.proof_id)
    element.getparent().replace(element, control)
    content.append(element)


def _signature(document: Any, signature: str, on: date) -> None:
    """落款: the date four characters in from the right, the office centred above it."""
    _line_pitch(document.add_paragraph(), layout.LINE_PT)
    dated = f"{on.year}年{on.month}月{on.day}日"
    shift = max(0.0, (_width(dated) - _width(signature)) / 2)
    for line, characters in ((signature, 4 + shift), (dated, 4.0)):
        paragraph = document.add_paragraph()
        _line_pitch(paragraph, layout.LINE_PT)
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        indent = paragraph._p.get_or_add_pPr().get_or_add_ind()
        indent.set(qn("w:rightChars"), str(round(characters * 100)))
        indent.set(qn("w:right"), str(round(characters * layout.BODY_PT * _TWIPS_PER_PT)))
        _font(paragraph.add_run(line), layout.BODY_FONT, layout.BODY_PT)


def _width(text: str) -> float:
    """Width in full characters; digits are half."""
    return sum(0.5 if character.isascii() else 1 for character in text)


def _properties(document: Any, text: Text, number: str) -> None:
    core = document.core_properties
    core.title, core.author, core.identifier = text.title, text.signature, number
    core.subject = f"数据证明 {text.set_digest}"
    core.created = core.modified = text.known_at.replace(tzinfo=None)
    core.last_modified_by = text.signature
    core.comments = "文中数字均由财政一本账生成，可用 fisc report verify 核验。"


def _manifest_part(document: Any, manifest: str) -> None:
    root = etree.Element(f"{{{MANIFEST_NS}}}manifest", nsmap={None: MANIFEST_NS})
    root.text = manifest
    package = document.part.package
    item = Part(
        package.next_partname("/customXml/item%d.xml"),
        "application/xml",
        etree.tostring(root, encoding="utf-8"),
        package,
    )
    ds = "http://schemas.openxmlformats.org/officeDocument/2006/customXml"
    properties = (
        f'<?xml version="1.0" encoding="UTF-8" standalone="no"?><ds:datastoreItem ds:itemID="{_STORE_ID}" '
        f'xmlns:ds="{ds}"><ds:schemaRefs><ds:schemaRef ds:uri="{MANIFEST_NS}"/></ds:schemaRefs></ds:datastoreItem>'
    )
    props = Part(
        package.next_partname("/customXml/itemProps%d.xml"), _PROPS_TYPE, properties.encode(), package
    )
    item.relate_to(props, _PROPS_RELATION)
    document.part.relate_to(item, RELATIONSHIP_TYPE.CUSTOM_XML)
