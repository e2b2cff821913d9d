"""The report's pages: list, report with links, comparison, files, verification, rights."""

from collections.abc import Callable
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from docx import Document as WordDocument

from fisc.domains.narrative import services
from fisc.domains.narrative.models import Report
from fisc.domains.narrative.tests import district, seed
from fisc.kernel.metrics import catalogue
from fisc.kernel.metrics.tests import books
from fisc.kernel.orgs.access import system_actor
from fisc.kernel.orgs.models import Grant, Role, Unit, User

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _district(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "_installed", books.metrics())
    district.open_district()
    district.book_seed()


@pytest.fixture
def client_of(client: Client) -> Callable[[str], Client]:
    def log_in(role: str) -> Client:
        user = User.objects.create(username=role, name=role, password="!", unit=Unit.objects.get(code="101"))
        found = Role.objects.get(code=role)
        Grant.objects.create(
            user=user,
            role=found,
            group=found.group,
            valid_from="2020-01-01",
            granted_by=User.objects.get(is_system=True),
        )
        client.force_login(user)
        return client

    return log_in


def written(*, masked: bool = False) -> services.Written:
    return services.write_report(
        template="half-year", year=2023, actor=system_actor(), at=books.AT, masked=masked
    )


class TestPages:
    """列表、报告、比较、文件"""

    def test_write_and_open(self, client_of: Callable[[str], Client]) -> None:
        client = client_of("budget_officer")

        listed = client.get("/narrative/")
        answer = client.post("/narrative/write/", {"template": "half-year", "year": "2023"}, follow=True)

        assert "还没有生成过工作报告" in listed.content.decode()
        page = answer.content.decode()
        assert "全区财政总收入实现" in page and "162000" in page
        assert 'href="/figures/revenue.total.growth~202306~k' in page
        assert Report.objects.count() == 1

    def test_every_number_is_a_link(self, client_of: Callable[[str], Client]) -> None:
        document_id = written().document_id

        page = client_of("leader").get(f"/narrative/{document_id}/?check=1").content.decode()

        assert page.count('class="fig"') == 18
        assert "18 个数字全部相符" in page

    def test_figure_page_opens(self, client_of: Callable[[str], Client]) -> None:
        proof = written().text.proofs[1]

        page = client_of("leader").get(f"/figures/{proof.figure_ids[0]}/")

        assert page.status_code == 200 and "财政总收入同比增长" in page.content.decode()

    def test_compare(self, client_of: Callable[[str], Client]) -> None:
        first = written().document_id
        books.book(books.receipt(500 * seed.WAN, on=district.SPRING[2023], code=district.TAX_ITEM))
        second = written().document_id

        page = client_of("leader").get(f"/narrative/{second}/compare/{first}/").content.decode()

        assert "52330万元" in page and "52830万元" in page and "192612万元" not in page

    @pytest.mark.parametrize(("suffix", "start"), [("docx", b"PK"), ("pdf", b"%PDF"), ("html", b"<!doctype")])
    def test_files(self, client_of: Callable[[str], Client], suffix: str, start: bytes) -> None:
        answer = client_of("leader").get(f"/narrative/{written().document_id}/file/{suffix}/")

        assert answer.status_code == 200 and answer.content.startswith(start)

    def test_verify_a_changed_file(self, client_of: Callable[[str], Client]) -> None:
        client = client_of("leader")
        content = client.get(f"/narrative/{written().document_id}/file/docx/").content
        document = WordDocument(BytesIO(content))
        for node in document.element.body.iter(
            "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}t"
        ):
            node.text = (node.text or "").replace("58.8", "68.8")
        changed = BytesIO()
        document.save(changed)

        page = client.post("/narrative/", {"file": SimpleUploadedFile("报告.docx", changed.getvalue())})

        assert "文中写“完成年度任务的68.8％”，应为“完成年度任务的58.8％”" in page.content.decode()

    def test_masked_page_prints_stars(self, client_of: Callable[[str], Client]) -> None:
        page = client_of("leader").get(f"/narrative/{written(masked=True).document_id}/").content.decode()

        assert ">*</a>万元" in page and "52330" not in page


class TestRights:
    """谁能看、谁能写"""

    def test_unit_people_see_nothing(self, client_of: Callable[[str], Client]) -> None:
        document_id = written().document_id
        client = client_of("unit_maker")

        for path in ("/narrative/", f"/narrative/{document_id}/", f"/narrative/{document_id}/file/docx/"):
            assert client.get(path).status_code in (403, 404)

    def test_readers_do_not_write(self, client_of: Callable[[str], Client]) -> None:
        answer = client_of("treasury_officer").post(
            "/narrative/write/", {"template": "half-year", "year": "2023"}
        )

        assert answer.status_code == 403 and Report.objects.count() == 0

    @pytest.mark.parametrize("given", [{"year": "20x3"}, {"year": "1023"}, {}])
    def test_bad_input(self, client_of: Callable[[str], Client], given: dict[str, str]) -> None:
        answer = client_of("budget_officer").post("/narrative/write/", {"template": "half-year", **given})

        assert answer.status_code in (400, 422) and Report.objects.count() == 0
