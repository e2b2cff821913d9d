"""页面：三公控制表、一般性支出，导出，表单，从浏览器的角度走一遍。"""

import pytest
from django.test import Client

from fisc.domains.austerity.items import RECEPTION
from fisc.domains.austerity.tests.test_ceilings import approved, hold
from fisc.domains.austerity.tests.test_watch import caps
from fisc.kernel.documents.models import Document
from fisc.kernel.orgs import clock
from fisc.kernel.orgs.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def browse(district):
    """Log somebody in without the form."""
    clock.set_business_date(district.at.date())

    def client(who="budget_officer"):
        session = Client()
        session.force_login(User.objects.get(pk=district.people[who].user_id))
        return session

    return client


class TestThreePublic:
    """三公控制表：额度、预算、已付、在途、可用；九成以上为红。"""

    @pytest.fixture
    def used(self, district):
        approved(district, ("121001", 100, 800, None), ("121002", 50, 50, None))
        hold(district, "121001", RECEPTION, 90_00)

    def test_who_is_red(self, browse, used):
        page = browse().get("/austerity/three-public/?year=2023").content.decode()

        assert "已用九成以上 1 个单位" in page
        assert "公务接待" in page and "90.0%" in page and "云屿区第二中学" in page

    def test_only_the_red_ones(self, browse, used):
        page = browse().get("/austerity/three-public/?year=2023&red=1").content.decode()

        assert "云屿区第一中学" in page and "云屿区第二中学" not in page

    def test_the_sheet(self, browse, used):
        answer = browse().get("/austerity/three-public/export.xlsx?year=2023")

        assert answer.status_code == 200 and answer.content[:2] == b"PK"

    def test_without_ceilings(self, browse):
        assert "先下达三公额度" in browse().get("/austerity/three-public/").content.decode()

    @pytest.mark.parametrize("path", ["/austerity/three-public/", "/austerity/general/"])
    def test_units_do_not_see_the_district(self, browse, path):
        assert browse("maker").get(path).status_code == 403
        assert browse("leader").get(path).status_code == 200


class TestGeneral:
    """一般性支出页：上年预算、限额、年初预算、压减率、按类别。"""

    def test_by_unit_and_kind(self, district, browse):
        project = district.project(category="public")
        district.appropriate([{"project_id": project, "yuan": 900, "economic_code": "30215"}])
        caps(district, 1_000)

        page = browse().get("/austerity/general/?year=2023").content.decode()

        assert "会议费" in page and "云屿区第一中学" in page and "90.0%" in page


class TestForms:
    """在浏览器里制单。"""

    @pytest.mark.parametrize("kind", ["ceiling", "ceiling_change", "cap"])
    def test_forms_open(self, browse, kind):
        assert browse().get(f"/d/austerity.{kind}/new/").status_code == 200

    def test_a_change_is_typed_and_mended(self, district, browse):
        approved(district, ("121001", 300, 0, None))
        given = {
            "unit_id": str(district.units["121001"].pk),
            "economic_code": RECEPTION,
            "change_fen": "-50",
            "reason": "压减",
            "business_on": "2023-03-01",
        }
        page = browse().post("/d/austerity.ceiling_change/new/", given, follow=True)

        assert page.status_code == 200
        document = Document.objects.get(kind="austerity.ceiling_change")
        assert document.amount_fen == -50_00
        assert "额度现状" in page.content.decode()

    def test_a_reception_is_typed(self, district, browse):
        given = {
            "unit_id": str(district.units["121001"].pk),
            "business_on": "2023-03-01",
            "letter_no": "海财函〔2023〕5号",
            "letter_from": "市财政局",
            "batches": "1",
            "guests": "5",
            "escorts": "3",
            "amount_fen": "500",
        }
        page = browse("maker").post("/d/austerity.reception/new/", given, follow=True)

        assert page.status_code == 200
        assert Document.objects.get(kind="austerity.reception").title == "接待 市财政局"
