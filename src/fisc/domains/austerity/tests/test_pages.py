"""页面：三公控制表、一般性支出，导出，表单，从浏览器的角度走一遍。"""

import json

import pytest
from django.test import Client

from fisc.domains.austerity import services
from fisc.domains.austerity.items import RECEPTION, THREE_PUBLIC_CODES
from fisc.domains.austerity.services import CeilingRow
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


class TestSheet:
    """额度表：像 Excel 一样填；总额随分项，填了就按填的；总额大于分项之和不保存。"""

    @pytest.fixture
    def draft(self, district):
        return services.draft_ceilings(
            year=2023,
            rows=[CeilingRow(district.units["121001"].pk, reception_fen=300_00)],
            actor=district.people["budget_officer"],
            at=district.at,
        )

    def save(self, client, draft, *cells, version=1):
        body = json.dumps({"version": version, "changes": [[*cell, ""] for cell in cells]})
        return client.post(f"/austerity/ceilings/{draft}/save/", body, content_type="application/json")

    def test_it_opens_from_the_document(self, browse, draft):
        assert "填写额度表" in browse().get(f"/doc/{draft}/").content.decode()
        page = browse().get(f"/austerity/ceilings/{draft}/").content.decode()

        assert "云屿区第一中学" in page and "300.00" in page

    def test_items_carry_the_total_along(self, district, browse, draft):
        one, two = (str(district.units[code].pk) for code in ("121001", "121002"))
        answer = self.save(
            browse(), draft, (one, RECEPTION, "250"), (two, "30231", "80"), (two, "total", "60")
        )

        assert answer.status_code == 200, answer.content
        rows = services.ceiling_rows(draft)
        assert (rows[int(one)].reception_fen, rows[int(one)].whole_fen) == (250_00, 250_00)
        assert (rows[int(two)].running_fen, rows[int(two)].whole_fen) == (80_00, 60_00)
        assert Document.objects.get(pk=draft).amount_fen == 310_00

    def test_a_total_one_fen_above_its_items_is_marked(self, district, browse, draft):
        unit = str(district.units["121001"].pk)
        answer = self.save(browse(), draft, (unit, "total", "300.01"))

        assert answer.status_code == 422 and "大于分项之和" in answer.json()["problems"][0][2]
        assert services.ceiling_rows(draft)[int(unit)].whole_fen == 300_00

    def test_an_emptied_unit_leaves_the_document(self, district, browse, draft):
        unit, other = (str(district.units[code].pk) for code in ("121001", "121002"))
        emptied = [(unit, column, "") for column in (*THREE_PUBLIC_CODES, "total")]
        answer = self.save(browse(), draft, (other, RECEPTION, "0"), *emptied)

        assert answer.status_code == 200, answer.content
        assert list(services.ceiling_rows(draft)) == [int(other)]

    def test_an_older_version_is_not_saved(self, district, browse, draft):
        unit = str(district.units["121001"].pk)
        self.save(browse(), draft, (unit, RECEPTION, "1"))

        assert self.save(browse(), draft, (unit, RECEPTION, "2")).status_code == 409

    def test_units_do_not_write_it(self, browse, draft):
        assert browse("maker").get(f"/austerity/ceilings/{draft}/").status_code == 403
