"""Files: judged by content, hashed twice, kept outside the web root, seen with their document only."""

from __future__ import annotations

import hashlib
import io
import zipfile

import pytest

from fisc.kernel.documents.attachments import SealBroken, attach, open_attachment, remove
from fisc.kernel.documents.errors import DocumentNotFound, StepNotPermitted
from fisc.kernel.documents.files import MAX_BYTES, FileRefused, check_file, safe_name
from fisc.kernel.documents.models import Attachment
from fisc.kernel.documents.perform import perform
from fisc.kernel.documents.tests.kit import AT, make_actor, make_slips

PDF = b"%PDF-1.7\n" + b"x" * 40
PNG = b"\x89PNG\r\n\x1a\n" + b"x" * 40
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600


def archive(**members: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members.items():
            file.writestr(name.replace("__", "/").replace("_dot_", "."), content)
    return buffer.getvalue()


DOCX = archive(**{"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w/>"})


class TestWhatIsAccepted:
    """可上传：版式文件、图片、Office 文档、文本、压缩包。"""

    @pytest.mark.parametrize(
        ("name", "content"),
        [
            ("合同.pdf", PDF),
            ("发票.PNG", PNG),
            ("请示.docx", DOCX),
            ("明细.csv", "单位,金额\n教育局,1".encode("gb18030")),
            ("旧表.xls", OLE),
            ("凭证.ofd", archive(**{"OFD.xml": b"<ofd/>"})),
            ("资料.zip", archive(**{"a.pdf": PDF})),
        ],
    )
    def test_it(self, name, content):
        assert check_file(name, content)[0] == name


BOMB = archive(**{"[Content_Types].xml": b"x", "big.xml": b"\x00" * 30_000_000})
REFUSED = [
    ("空.pdf", b"", "空的"),
    ("大.pdf", b"%PDF-" + b"x" * MAX_BYTES, "超过 20 MB"),
    ("病毒.exe", b"MZ...", "程序"),
    ("改名.pdf", b"MZ\x90\x00", "程序"),
    ("脚本.txt", b"#!/bin/sh\nrm", "程序或脚本"),
    ("网页.html", b"<html>", "程序、脚本、网页"),
    ("图.svg", b"<svg onload='x'>", "程序、脚本、网页"),
    ("文.txt", b"<script>alert(1)</script>", "不是文字"),
    ("乱.txt", b"\x00\x01\x02", "不是文字"),
    ("无名", PDF, "不接受"),
    ("片.mp4", b"x", "不接受"),
    ("假.pdf", PNG, "不是 pdf"),
    ("假.docx", archive(**{"a.txt": b"x"}), "不是 docx"),
    ("宏.xlsm", DOCX, "带宏"),
    ("宏.xlsx", archive(**{"[Content_Types].xml": b"x", "xl/vbaProject.bin": b"x"}), "宏"),
    ("宏.doc", OLE + "_VBA_PROJECT".encode("utf-16-le"), "宏"),
    ("动作.pdf", PDF + b"/OpenAction << /S /JavaScript /JS (x) >>", "脚本"),
    ("炸弹.xlsx", BOMB, "压缩炸弹"),
    ("套.zip", archive(**{"inner.zip": b"PK"}), "压缩文件里还有压缩文件"),
    ("毒.zip", archive(**{"run.exe": b"MZ"}), "程序"),
    ("毒.zip", archive(**{"photo.jpg": b"MZ\x90"}), "程序"),
    ("越.zip", archive(**{"../../etc/passwd": b"x"}), "越出目录"),
    ("坏.zip", b"PK\x03\x04broken", "损坏"),
]


class TestWhatIsRefused:
    """不接受：程序、脚本、宏、压缩炸弹、名实不符的文件。"""

    @pytest.mark.parametrize(("name", "content", "said"), REFUSED, ids=[f"{n}-{s}" for n, _, s in REFUSED])
    def test_it(self, name, content, said):
        with pytest.raises(FileRefused, match=said):
            check_file(name, content)

    def test_a_size_that_lies_is_found_out(self):
        """压缩包声明的大小不可信，按实际解出的计。"""
        content = bytearray(archive(**{"a.txt": b"\x00" * 30_000_000}))
        real = (30_000_000).to_bytes(4, "little")
        small = bytes(content).replace(real, (10).to_bytes(4, "little"))

        with pytest.raises(FileRefused):
            check_file("谎.zip", small)

    @pytest.mark.parametrize(
        ("given", "kept"),
        [
            ("../../etc/passwd.pdf", "passwd.pdf"),
            ("C:\\用户\\合同.pdf", "合同.pdf"),
            ("a\x00b\r\n.pdf", "ab.pdf"),
            ("fdp.\u202eexe.pdf", "fdp.exe.pdf"),
            ("...", "附件"),
            ("长" * 300 + ".pdf", "长" * 196 + ".pdf"),
        ],
    )
    def test_names_are_made_harmless(self, given, kept):
        assert safe_name(given) == kept


@pytest.fixture
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.mark.django_db
class TestKeeping:
    """附件随单据可见，双摘要留存，内容被换即停止下载。"""

    def test_the_hashes_and_the_place(self, slip, unit, maker, media):
        (doc_id,) = make_slips(slip, unit, maker, 1)

        file = attach(document_id=doc_id, filename="合同.pdf", content=PDF, actor=maker, at=AT)

        assert file.sha256 == hashlib.sha256(PDF).hexdigest()
        assert file.sm3 == hashlib.new("sm3", PDF).hexdigest()
        stored = media / "attachments" / file.stored_as
        assert stored.read_bytes() == PDF
        assert stored.stat().st_mode & 0o077 == 0
        found, stream = open_attachment(actor=maker, id=file.pk)
        with stream:
            assert stream.read() == PDF
        assert found.content_type == "application/pdf"

    def test_the_same_file_elsewhere_is_told(self, slip, unit, maker, media):
        first, second = make_slips(slip, unit, maker, 1, 2)
        attach(document_id=first, filename="发票.pdf", content=PDF, actor=maker, at=AT)

        again = attach(document_id=second, filename="另名.pdf", content=PDF, actor=maker, at=AT)

        assert again.also_on == ["BT2023-000001"]
        with pytest.raises(FileRefused, match="已在本单据中"):
            attach(document_id=second, filename="再传.pdf", content=PDF, actor=maker, at=AT)

    def test_who_may(self, slip, unit, maker, media):
        (doc_id,) = make_slips(slip, unit, maker, 1)
        file = attach(document_id=doc_id, filename="合同.pdf", content=PDF, actor=maker, at=AT)
        reader = make_actor("reader", can=("testkit.slip.view",))
        stranger = make_actor("stranger", sees=[])

        open_attachment(actor=reader, id=file.pk)[1].close()
        with pytest.raises(StepNotPermitted):
            attach(document_id=doc_id, filename="x.pdf", content=PDF + b"1", actor=reader, at=AT)
        for act in (
            lambda: open_attachment(actor=stranger, id=file.pk),
            lambda: open_attachment(actor=maker, id=10**9),
            lambda: attach(document_id=doc_id, filename="x.pdf", content=PDF + b"1", actor=stranger, at=AT),
        ):
            with pytest.raises(DocumentNotFound):
                act()

    def test_a_changed_file_is_not_handed_out(self, slip, unit, maker, media):
        (doc_id,) = make_slips(slip, unit, maker, 1)
        file = attach(document_id=doc_id, filename="合同.pdf", content=PDF, actor=maker, at=AT)
        stored = media / "attachments" / file.stored_as

        stored.write_bytes(PDF + b"!")
        with pytest.raises(SealBroken, match="摘要不符"):
            open_attachment(actor=maker, id=file.pk)
        stored.unlink()
        with pytest.raises(SealBroken, match="不在了"):
            open_attachment(actor=maker, id=file.pk)

    def test_removing_only_from_a_draft(self, slip, unit, maker, other, media):
        (doc_id,) = make_slips(slip, unit, maker, 1)
        file = attach(document_id=doc_id, filename="合同.pdf", content=PDF, actor=maker, at=AT)
        with pytest.raises(StepNotPermitted):
            remove(id=file.pk, actor=other, at=AT)

        remove(id=file.pk, actor=maker, at=AT)
        assert Attachment.objects.get(pk=file.pk).removed_by_id == maker.user_id

        again = attach(document_id=doc_id, filename="合同.pdf", content=PDF, actor=maker, at=AT)
        perform(kind=slip, id=doc_id, step="submit", actor=maker, at=AT)
        with pytest.raises(StepNotPermitted):
            remove(id=again.pk, actor=maker, at=AT)
