"""From the ledger to the issued report and back: written, read again, verified, found out when changed."""

from dataclasses import replace
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from django.db import IntegrityError, transaction
from docx import Document as WordDocument
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from pypdf import PdfReader

from fisc.domains.narrative import commands, services, verify
from fisc.domains.narrative.claims import NotAReport, printed_between
from fisc.domains.narrative.kinds import REPORT
from fisc.domains.narrative.manifest import manifest_of
from fisc.domains.narrative.models import Report, ReportFigure
from fisc.domains.narrative.services import FiguresDisagree, PlaceUnknown
from fisc.domains.narrative.template import UnknownTemplate
from fisc.domains.narrative.tests import district, seed
from fisc.kernel.documents import kinds
from fisc.kernel.documents.models import Document
from fisc.kernel.documents.perform import perform
from fisc.kernel.metrics import catalogue
from fisc.kernel.metrics.tests import books
from fisc.kernel.orgs.access import system_actor
from fisc.kernel.orgs.models import Unit, User

pytestmark = pytest.mark.django_db

KNOWN = books.metrics()
AT = books.AT + timedelta(hours=1)


@pytest.fixture(autouse=True)
def _district(monkeypatch: pytest.MonkeyPatch) -> None:
    kinds.install([REPORT])
    monkeypatch.setattr(catalogue, "_installed", KNOWN)
    district.open_district()


def write(
    tmp_path: Path, *, masked: bool = False, formats: tuple[str, ...] = ("docx",), **more: object
) -> commands.ReportFiles:
    return commands.write_report(
        "half-year", year=2023, out=tmp_path, masked=masked, formats=formats, at=AT, **more
    )


class TestSeed:
    """账面数据写出的两段话，与发布稿逐字一致"""

    def test_masked_paragraphs_to_the_character(self, tmp_path: Path) -> None:
        district.book_seed()

        written = write(tmp_path, masked=True)

        assert [p.text for p in written.written.text.paragraphs[2:4]] == list(seed.PARAGRAPHS)

    def test_one_more_receipt_changes_the_report(self, tmp_path: Path) -> None:
        district.book_seed()
        before = write(tmp_path).written.text.plain
        books.book(books.receipt(500 * seed.WAN, on=date(2023, 6, 30), code=district.TAX_ITEM))

        after = write(tmp_path).written.text.plain

        assert "税收收入52330万元" in before and "税收收入52830万元" in after

    def test_later_months_do_not_count(self, tmp_path: Path) -> None:
        district.book_seed()
        books.book(books.receipt(seed.WAN, on=date(2023, 7, 1), code=district.TAX_ITEM))

        assert "税收收入52330万元" in write(tmp_path).written.text.plain

    def test_empty_books_say_so(self, tmp_path: Path) -> None:
        text = write(tmp_path).written.text.plain

        assert "财政总收入暂无数据，上年同期无可比数据，年度任务尚未录入" in text


class TestWord:
    """公文格式 GB/T 9704-2012"""

    @pytest.fixture
    def document(self, tmp_path: Path) -> object:
        district.book_seed()
        return WordDocument(str(write(tmp_path, masked=True).files[0]))

    def test_page(self, document: object) -> None:
        section = document.sections[0]

        sizes = [section.page_width, section.page_height, section.top_margin, section.bottom_margin]
        sides = [section.left_margin, section.right_margin]
        assert [round(size.mm) for size in sizes] == [210, 297, 37, 35]
        assert [round(size.mm) for size in sides] == [28, 26]
        assert document.settings.odd_and_even_pages_header_footer

    def test_fonts_and_pitch(self, document: object) -> None:
        title, _, body, heading = document.paragraphs[:4]

        def font(paragraph: object) -> tuple[str, float]:
            run = paragraph.runs[0]
            return run._r.rPr.rFonts.get(qn("w:eastAsia")), run.font.size.pt

        assert font(title) == ("方正小标宋简体", 22)
        assert font(body) == ("仿宋_GB2312", 16)
        assert font(heading) == ("黑体", 16)
        assert 28 <= body.paragraph_format.line_spacing.pt <= 29
        # 22 lines fit the type area, 23 do not
        area = Pt(0) + Mm(297 - 37 - 35)
        assert 22 * body.paragraph_format.line_spacing <= area < 23 * body.paragraph_format.line_spacing

    def test_page_number(self, document: object) -> None:
        odd = "".join(
            node.text or "" for node in document.sections[0].footer.paragraphs[0]._p.iter(qn("w:t"))
        )

        assert odd == "—1—"

    def test_text_read_back(self, document: object) -> None:
        texts = ["".join(node.text or "" for node in p._p.iter(qn("w:t"))) for p in document.paragraphs]

        assert texts[4:6] == list(seed.PARAGRAPHS)
        assert texts[-2:] == ["区财政局", "2023年7月3日"]

    def test_masked_file_betrays_nothing(self, tmp_path: Path) -> None:
        """遮盖稿的文件里没有任何准确值"""
        district.book_seed()
        (path,) = write(tmp_path, masked=True, formats=("docx",)).files

        with ZipFile(path) as archive:
            inside = b"".join(archive.read(name) for name in archive.namelist()).decode("utf-8", "ignore")
        for amount in (seed.TAX, seed.NONTAX, seed.TAX_BEFORE, seed.EXPENDITURE):
            assert str(amount) not in inside and str(amount // seed.WAN) not in inside


class TestVerify:
    """逐个数字重新计算"""

    @pytest.mark.parametrize("suffix", ["docx", "pdf"])
    @pytest.mark.parametrize("masked", [True, False])
    def test_untouched_file(self, tmp_path: Path, suffix: str, masked: bool) -> None:
        district.book_seed()
        (path,) = write(tmp_path, masked=masked, formats=(suffix,)).files

        result = commands.verify_report(path)

        assert result.ok and result.problems == () and result.checked == 18
        assert "全部相符" in "".join(result.lines())

    def test_number_edited_by_hand(self, tmp_path: Path) -> None:
        district.book_seed()
        (path,) = write(tmp_path).files
        _edit(path, "22.5", "25.2")

        result = commands.verify_report(path)

        assert not result.ok
        assert [(item.kind, item.title) for item in result.problems] == [("edited", "财政总收入同比增长")]
        assert "文中写“同比增长25.2％”，应为“同比增长22.5％”" in "".join(result.lines())

    def test_word_turned_by_hand(self, tmp_path: Path) -> None:
        """把“下降”改成“增长”也查得出"""
        district.book_seed()
        (path,) = write(tmp_path).files
        _edit(path, "同比下降7.8", "同比增长7.8")

        assert [item.kind for item in commands.verify_report(path).problems] == ["edited"]

    def test_control_removed(self, tmp_path: Path) -> None:
        district.book_seed()
        (path,) = write(tmp_path).files
        document = WordDocument(str(path))
        control = next(document.element.body.iter(qn("w:sdt")))
        control.getparent().remove(control)
        document.save(str(path))

        assert [item.kind for item in commands.verify_report(path).problems] == ["missing"]

    def test_books_changed_behind_the_report(self, tmp_path: Path) -> None:
        """补记一笔“早已入账”的收入：同一时点重算不同"""
        district.book_seed()
        (path,) = write(tmp_path).files
        books.book(books.receipt(1, on=date(2023, 6, 30), code=district.TAX_ITEM), at=books.AT)

        result = commands.verify_report(path)

        titles = {item.title for item in result.problems if item.kind == "books"}
        assert not result.ok
        assert {"税收收入", "一般公共预算收入", "财政总收入", "税收占比"} <= titles
        assert "一般公共预算支出" not in titles

    def test_later_postings_are_told_but_no_fault(self, tmp_path: Path) -> None:
        district.book_seed()
        (path,) = write(tmp_path).files
        books.book(
            books.receipt(seed.WAN, on=date(2023, 6, 30), code=district.TAX_ITEM), at=AT + timedelta(days=1)
        )

        result = commands.verify_report(path)

        assert result.ok
        assert {item.kind for item in result.problems} == {"later"}
        assert "现在账上为“52331万元”" in "".join(result.lines())

    def test_manifest_tampered_with(self, tmp_path: Path) -> None:
        district.book_seed()
        (path,) = write(tmp_path).files
        _edit(path, "22.5", "25.2", part="customXml/item2.xml")

        assert "set" in {item.kind for item in commands.verify_report(path).problems}

    def test_lost_manifest_is_found_by_the_proofs(self, tmp_path: Path) -> None:
        """另存过的文件丢了证明清单，凭证明编号仍能找到存档"""
        district.book_seed()
        (path,) = write(tmp_path).files
        _edit(path, "fisc-report-1", "other-format", part="customXml/item2.xml")
        _edit(path, "22.5", "25.2")

        assert [item.kind for item in commands.verify_report(path).problems] == ["edited"]

    def test_report_of_another_database(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        district.book_seed()
        (path,) = write(tmp_path).files
        monkeypatch.setattr(verify, "_stored", lambda claims: None)

        result = commands.verify_report(path)

        assert result.ok and not result.is_stored

    @pytest.mark.parametrize("content", [b"", b"PK\x03\x04rubbish", b"%PDF-1.7 rubbish", b"hello"])
    def test_no_report(self, tmp_path: Path, content: bytes) -> None:
        path = tmp_path / "x.docx"
        path.write_bytes(content)

        with pytest.raises(NotAReport):
            commands.verify_report(path)

    def test_other_word_file(self, tmp_path: Path) -> None:
        path = tmp_path / "x.docx"
        WordDocument().save(str(path))

        with pytest.raises(NotAReport, match="没有数据证明"):
            commands.verify_report(path)

    def test_pdf_text_changed(self, tmp_path: Path) -> None:
        """PDF 里改了数：按句子位置找到"""
        district.book_seed()
        (path,) = write(tmp_path, formats=("pdf",)).files
        text = "\n".join(page.extract_text() for page in PdfReader(BytesIO(path.read_bytes())).pages)
        report = Report.objects.get()
        frame = verify._frame(_manifest(report))
        printed = printed_between(frame, text.replace("22.5％", "25.2％"))
        assert "同比增长25.2％" in {words for texts in printed.values() for words in texts}
        assert len(printed) == 18


class TestDocument:
    """报告是单据：草稿、印发、作废；写成不改"""

    def test_draft_with_frozen_figures(self, tmp_path: Path) -> None:
        district.book_seed()
        written = write(tmp_path).written

        report, text = services.read(written.document_id)

        assert report.document.state == "draft" and report.document.number == written.number
        assert text == written.text and report.set_digest == text.set_digest
        assert ReportFigure.objects.filter(report=report).count() == 18

    def test_never_changed(self, tmp_path: Path) -> None:
        document_id = write(tmp_path).written.document_id

        for change in (
            lambda: Report.objects.filter(pk=document_id).update(set_digest="x"),
            lambda: ReportFigure.objects.filter(report_id=document_id).delete(),
        ):
            with pytest.raises(IntegrityError), transaction.atomic():
                change()

    def test_issued_by_somebody_else(self, tmp_path: Path) -> None:
        district.book_seed()
        document_id = write(tmp_path).written.document_id
        boss = User.objects.create(username="boss", name="局长", password="!")
        actor = replace(system_actor(), user_id=boss.pk)

        perform(kind=REPORT, id=document_id, step="issue", actor=actor, at=AT)

        assert Document.objects.get(pk=document_id).state == "issued"

    def test_not_issued_when_the_books_disagree(self, tmp_path: Path) -> None:
        district.book_seed()
        document_id = write(tmp_path).written.document_id
        books.book(books.receipt(1, on=date(2023, 6, 30), code=district.TAX_ITEM), at=books.AT)
        boss = User.objects.create(username="boss", name="局长", password="!")

        with pytest.raises(FiguresDisagree):
            perform(
                kind=REPORT,
                id=document_id,
                step="issue",
                actor=replace(system_actor(), user_id=boss.pk),
                at=AT,
            )

    def test_versions_and_comparison(self, tmp_path: Path) -> None:
        district.book_seed()
        first = write(tmp_path).written
        books.book(books.receipt(500 * seed.WAN, on=date(2023, 6, 30), code=district.NONTAX_ITEM))
        second = write(tmp_path).written

        changed = services.compare(first.text, second.text)
        listed = services.versions(template="half-year", year=2023, month=6)

        assert [report.pk for report in listed] == [second.document_id, first.document_id]
        assert Document.objects.get(pk=second.document_id).source_id == first.document_id
        assert ("非税收入", "47670万元", "48170万元") in [(d.title, d.before, d.after) for d in changed]
        assert "税收收入" not in [d.title for d in changed]

    def test_unknown_report_and_format(self, tmp_path: Path) -> None:
        with pytest.raises(UnknownTemplate, match="上半年工作报告"):
            commands.write_report("year", year=2023, out=tmp_path, at=AT)
        with pytest.raises(commands.UnknownFormat):
            write(tmp_path, formats=("exe",))

    def test_without_a_bureau(self, tmp_path: Path) -> None:
        Unit.objects.all().delete()

        with pytest.raises(PlaceUnknown):
            write(tmp_path)

    def test_written_too_early(self, tmp_path: Path) -> None:
        at = books.AT - timedelta(days=40)
        files = commands.write_report("half-year", year=2023, out=tmp_path, formats=(), at=at)

        assert "报告期间尚未结束" in "".join(files.lines())
        assert "报告期间尚未结束" not in "".join(write(tmp_path).lines())

    def test_html(self, tmp_path: Path) -> None:
        district.book_seed()
        (path,) = write(tmp_path, formats=("html",)).files

        page = path.read_text(encoding="utf-8")

        assert 'href="http://127.0.0.1:8000/figures/revenue.total.growth~202306~k' in page
        assert "<script" not in page


def _manifest(report: Report) -> object:
    return manifest_of(services.text_from_json(report.text), number=report.document.number)


def _edit(path: Path, old: str, new: str, *, part: str = "word/document.xml") -> None:
    """Change a text inside a .docx as a person would."""
    with ZipFile(path) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    assert old.encode() in files[part]
    files[part] = files[part].replace(old.encode(), new.encode(), 1)
    with ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
